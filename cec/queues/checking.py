"""The check of all queues: who serves them, what leads to them, where they lead; each finding with its remedy (5.1).

A queue is reached if appeals can come to it without anybody's hand: it is the default one, or a row of the table
`routing` that can be met answers it, or the overflow or the closing hours of a queue that is reached lead to it. People
can transfer appeals to every open queue; that is no reason to believe that anything arrives.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import selectinload

from cec.platform.db import db
from cec.platform.i18n import gettext as _
from cec.queues import editing
from cec.queues.calendars import has_hours
from cec.queues.models import Lane, Queue
from cec.rulebook import answers
from cec.staff import skills
from cec.staff.models import Employee, EmployeeSkill
from cec.staff.roles import Role

_NEED = re.compile(r"(.+?)(?:>=(\d+))?")


@dataclass(frozen=True)
class Finding:
    """What is wrong with a queue (none: with the table `routing`), in a sentence, and what to do about it."""

    queue: Queue | None
    sentence: str
    remedy: str
    # What keeps appeals from being served; the rest is worth a look.
    is_error: bool = True


@dataclass(frozen=True)
class Operator:
    """What an operator brings to a queue."""

    groups: frozenset[str]
    group_ids: frozenset[int]
    levels: dict[str, int]
    channel_units: dict[str, Any]

    def fulfils(self, need: str) -> bool:
        """Tell whether he has a required skill: "english", "english>=5", "group:CODE"."""
        kind, _colon, code = need.partition(":")
        if kind == "group" and code:
            return code in self.groups
        found = _NEED.fullmatch(need)
        return found is not None and self.levels.get(found[1], 0) >= int(found[2] or skills.LOWEST)


def check(waiting_lanes: Collection[int] = ()) -> list[Finding]:
    """Check all open queues, and the lanes in which appeals wait just now; what is worse comes first."""
    queues = [queue for queue in editing.list_all() if queue.is_active]
    operators = _operators()
    found = [finding for queue in queues for finding in _served(queue, operators)]
    found += _lanes(waiting_lanes, operators)
    found += _routing(queues, operators)
    found += [finding for queue in queues for finding in _hours(queue)]
    found += _ways(queues)
    return sorted(found, key=lambda finding: not finding.is_error)


def _operators() -> list[Operator]:
    working = (
        db.select(Employee)
        .where(Employee.is_active, Employee.roles.contains([Role.OPERATOR.value]))
        .options(selectinload(Employee.groups), selectinload(Employee.skills).selectinload(EmployeeSkill.skill))
    )
    return [
        Operator(
            frozenset(group.code for group in employee.groups),
            frozenset(group.id for group in employee.groups),
            {had.skill.code: had.level for had in employee.skills},
            employee.channel_units,
        )
        for employee in db.session.scalars(working)
    ]


def _served(queue: Queue, operators: list[Operator]) -> Iterator[Finding]:
    levels = editing.levels_of(queue)
    if not any(operator.group_ids & levels.keys() for operator in operators):
        yield Finding(
            queue,
            _("Nobody serves it: its groups have no operator who works here."),
            _("Put operators into its groups, or choose other groups."),
        )
    elif not any(
        operator.group_ids & {group for group, level in levels.items() if level == 1} for operator in operators
    ):
        yield Finding(
            queue,
            _("Nobody serves it at once: the groups of level 1 have no operator who works here."),
            _("Give level 1 to a group with operators."),
        )
    yield from _never_added(queue, levels)


def _never_added(queue: Queue, levels: dict[int, int]) -> Iterator[Finding]:
    reached = max([1, *(step["level"] for step in queue.widening if "level" in step)])
    for group in queue.groups:
        if levels[group.id] > reached:
            yield Finding(
                queue,
                _("Group “{group}” never serves it: no step adds level {level}.").format(
                    group=group.name, level=levels[group.id]
                ),
                _("Add a step of that level, or give the group a lower one."),
                is_error=False,
            )


def _lanes(waiting: Collection[int], operators: list[Operator]) -> Iterator[Finding]:
    lanes = db.select(Lane).where(Lane.id.in_(waiting)).order_by(Lane.queue_id, Lane.id)
    for lane in db.session.scalars(lanes):
        if lane.queue.is_active and not _anybody(lane.queue, lane.channel, lane.skills, operators):
            yield _without_skill(
                lane.queue, lane.skills, _("Appeals wait here that need {skills}: nobody who serves the queue has it.")
            )


def _without_skill(queue: Queue, needs: list[str], sentence: str) -> Finding:
    return Finding(
        queue,
        sentence.format(skills=", ".join(needs)),
        _("Give the skill to an operator of its groups, at that level."),
    )


def _anybody(queue: Queue, channel: str, needs: list[str], operators: list[Operator]) -> bool:
    """Tell whether any operator could ever take such an appeal; for a group its members can."""
    serving = {group.id for group in queue.groups}
    for_a_group = any(need.startswith("group:") for need in needs)
    return any(
        (for_a_group or operator.group_ids & serving)
        and operator.channel_units.get(channel, 1) != 0
        and all(map(operator.fulfils, needs))
        for operator in operators
    )


def _routing(queues: list[Queue], operators: list[Operator]) -> Iterator[Finding]:
    by_code = {queue.code: queue for queue in queues}
    for answer in answers.possible("routing"):
        code, wanted = answer.get("queue"), answer.get("skills")
        if code is answers.ANYTHING or code is None:
            continue
        queue = by_code.get(code)
        if queue is None:
            yield Finding(
                None,
                _("The table “routing” sends appeals to “{code}”, which is not there or takes none.").format(code=code),
                _("They go to the default queue: make or open such a queue, or change the row."),
                is_error=False,
            )
            continue
        needs = [need for need in wanted if not need.endswith("?")] if isinstance(wanted, list) else []
        if needs and not any(
            all(map(operator.fulfils, needs)) for operator in operators if _in(operator, queue, needs)
        ):
            yield _without_skill(
                queue, needs, _("The table “routing” asks here for {skills}: nobody who serves the queue has it.")
            )


def _in(operator: Operator, queue: Queue, needs: list[str]) -> bool:
    for_a_group = any(need.startswith("group:") for need in needs)
    return for_a_group or bool(operator.group_ids & {group.id for group in queue.groups})


def _hours(queue: Queue) -> Iterator[Finding]:
    if queue.calendar and not has_hours(queue.calendar):
        yield Finding(
            queue,
            _("Its calendar “{calendar}” has no hours: nothing is ever due.").format(calendar=queue.calendar.name),
            _("Give the calendar hours, or choose another one."),
        )


def _ways(queues: list[Queue]) -> Iterator[Finding]:
    open_ = {queue.id: queue for queue in queues}
    for queue in queues:
        for target in filter(None, _leads_to(queue)):
            if target not in open_:
                yield Finding(
                    queue,
                    _("It sends appeals on to “{queue}”, which takes none.").format(queue=editing.get(target).name),
                    _("Choose a queue that takes appeals."),
                )
    yield from _loops(queues, lambda queue: queue.overflow_queue_id, _("Overflow goes round in a circle: {way}."))
    yield from _loops(
        queues, lambda queue: queue.closed_queue_id, _("Outside hours appeals go round in a circle: {way}.")
    )
    reached = _reached(open_)
    for queue in queues:
        if queue.id not in reached:
            yield Finding(
                queue,
                _("Nothing leads here by itself: no row of the table “routing”, no overflow, no closing hours."),
                _("Add a row to the table, or close the queue; people can still transfer appeals to it."),
                is_error=False,
            )


def _leads_to(queue: Queue) -> tuple[int | None, int | None]:
    return queue.overflow_queue_id, queue.closed_queue_id


def _loops(queues: list[Queue], leads: Callable[[Queue], int | None], sentence: str) -> Iterator[Finding]:
    """Find the circles of one kind of way; each is told once, at its queue with the lowest number."""
    open_ = {queue.id: queue for queue in queues}
    for start in queues:
        way, at = [start], leads(start)
        while at in open_ and open_[at] not in way:
            way.append(open_[at])
            at = leads(way[-1])
        if at == start.id and start.id == min(queue.id for queue in way):
            names = " → ".join(f"“{queue.name}”" for queue in [*way, start])
            yield Finding(start, sentence.format(way=names), _("Let one of them lead elsewhere, or nowhere."))


def _reached(open_: dict[int, Queue]) -> set[int]:
    answered = [answer.get("queue") for answer in answers.possible("routing")]
    if answers.ANYTHING in answered:
        return set(open_)
    reached: set[int] = set()
    new = {queue.id for queue in open_.values() if queue.is_default or queue.code in answered}
    while new:
        reached |= new
        new = {
            target for queue in map(open_.get, new) if queue for target in _leads_to(queue) if target in open_
        } - reached
    return reached
