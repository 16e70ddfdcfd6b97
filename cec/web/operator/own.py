"""Operator: the appeal that he opens or acts on; of one that left him it is said when and why."""

from collections.abc import Callable
from http import HTTPStatus

from cec.appeals import opening, queries
from cec.appeals.models import Appeal
from cec.appeals.opening import Opened
from cec.platform import i18n, journal
from cec.platform.errors import NotFound
from cec.platform.i18n import gettext as _
from cec.staff.readers import Person
from cec.web.operator import feed

TAKEN = "appeal.accepted"
# How an appeal leaves whoever had it.
LEFT = ("appeal.returned", "appeal.transferred", "appeal.closed", "appeal.spam", "appeal.resumed")


class NotYoursNow(NotFound):
    """This appeal is not with you any more since {when}. {what}. What you typed stays on this computer."""

    status = HTTPStatus.GONE

    def __init__(self, *, when: str, what: str, way_on: tuple[str, str]) -> None:
        super().__init__(when=when, what=what)
        self.way_on = way_on


def get(appeal_id: int, *, of: Person) -> Appeal:
    """Get an appeal that an operator holds.

    :raises NotYoursNow: when he held it, and it went on.
    :raises NotFound: for others' appeals as for none.
    """
    return _his(queries.get_own, appeal_id, of)


def take(appeal_id: int, *, of: Person) -> Appeal:
    """Get an appeal and take it for this transaction, where little else of it is asked; refuses as `get`."""
    return _his(queries.take_own, appeal_id, of)


def _his(get: Callable[..., Appeal], appeal_id: int, of: Person) -> Appeal:
    try:
        return get(appeal_id, of=of)
    except NotFound:
        told = journal.history(f"appeal:{appeal_id}", names=(TAKEN, *LEFT))
        if not any(entry.name == TAKEN and entry.by == of.key for entry in told) or told[-1].name == TAKEN:
            raise
    left = told[-1]
    raise NotYoursNow(when=i18n.time(left.at), what=feed.told(left, reader=of), way_on=_way_on(of))


def opened(appeal_id: int, *, of: Person) -> Opened:
    """Read an appeal that an operator holds, to show it; of one that left him it is said as by `get`."""
    try:
        return opening.opened(appeal_id, by=of)
    except NotFound:
        get(appeal_id, of=of)
        raise


def _way_on(employee: Person) -> tuple[str, str]:
    held = queries.worklist(employee).in_work
    return (f"/operator/appeals/{held[0].id}", _("Open the next one")) if held else ("/operator", _("To the list"))
