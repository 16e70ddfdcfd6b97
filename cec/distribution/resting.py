"""The next status: a break that begins by itself when the last appeal has left its operator (guide 2.2.2)."""

from cec.distribution import guarding, returning
from cec.platform import work
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.platform.i18n import ngettext
from cec.staff import presence
from cec.staff.models import Employee, Presence
from cec.staff.presence import Choice


class WouldReturn(Refusal):
    """This status returns appeals to their queues: say so, or let it begin when they are done."""

    def __init__(self, held: int) -> None:
        super().__init__()
        self.held = held

    def sentence(self) -> str:
        """Say it with the number."""
        how_many = ngettext(
            "This status returns %(n)d appeal to its queue.", "This status returns %(n)d appeals to their queues.",
            self.held,
        ) % {"n": self.held}  # fmt: skip
        return f"{how_many} {super().sentence()}"


class NotHere(Refusal):
    """{name} has not signed in: there is no status to change."""


def turn_another(employee: Employee, choice: Choice, *, by: Employee, confirmed: int = 0) -> None:
    """Change the status of somebody who is signed in, as his supervisor; he is told (guide 4.3).

    :raises NotHere: when he is not signed in, or his link is lost.
    :raises BreakLeavesTooFew: when a queue would be left with fewer active operators than it needs.
    :raises WouldReturn: when more would go back than the supervisor has confirmed.
    """
    presence.lock(employee.id)
    running = presence.current(employee.id)
    if running is None or not presence.FLAGS[Presence(running.status)].online:
        raise NotHere(name=employee.name)
    _turn(employee, choice, confirmed=confirmed, by=by.key, source="supervisor")


def turn(employee: Employee, choice: Choice, *, confirmed: int = 0) -> None:
    """Change one's own status; what would go back to the queues has to be known.

    :raises BreakLeavesTooFew: when a queue would be left with fewer active operators than it needs.
    :raises WouldReturn: when more would go back than the person has confirmed.
    """
    presence.lock(employee.id)
    _turn(employee, choice, confirmed=confirmed, by=employee.key, source="self")


def _turn(employee: Employee, choice: Choice, *, confirmed: int, by: str, source: str) -> None:
    guarding.check(employee, choice.status)
    held = 0 if presence.FLAGS[choice.status].keeps_appeals else returning.count_held(employee)
    if held > confirmed:
        raise WouldReturn(held)
    presence.set_status(employee, choice.status, reason_id=choice.reason_id, by=by, source=source)


def turn_when_done(employee: Employee, choice: Choice) -> None:
    """Let a status follow when the last appeal has left; at once if nothing is held.

    :raises BreakLeavesTooFew: when a queue would be left with fewer active operators than it needs.
    """
    presence.lock(employee.id)
    guarding.check(employee, choice.status)
    presence.choose_next(employee, choice, by=employee.key)
    if not returning.count_held(employee):
        presence.set_status(employee, choice.status, reason_id=choice.reason_id, by=employee.key, source="self")


@work.handler("distribution.next_status")
def follow(employee_id: int) -> None:
    """Begin what was to follow, if it still is and nothing is held; in a transaction of its own (CORE 3)."""
    presence.lock(employee_id)
    employee = db.session.get_one(Employee, employee_id)
    choice = presence.next_of(employee_id)
    if choice is not None and not returning.count_held(employee):
        presence.set_status(employee, choice.status, reason_id=choice.reason_id, by=employee.key, source="self")
