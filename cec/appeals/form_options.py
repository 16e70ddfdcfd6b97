"""What the selects of the forms offer: topics, resolutions, queues, operators, groups, reasons."""

from collections.abc import Iterator, Mapping

from cec.appeals.models import Appeal, Resolution
from cec.platform.db import db
from cec.platform.i18n import gettext, mark
from cec.queues import queries as queues
from cec.queues.models import Queue, queue_group
from cec.staff import presence
from cec.staff.models import Employee, OperatorGroup
from cec.topics import queries as topics
from cec.workflow.fields import Option

REASONS = {
    "client_asked": mark("The client asked for it"),
    "colleagues": mark("Waiting for colleagues"),
    "partner": mark("Waiting for a partner or the warehouse"),
    "other": mark("Other"),
}


class Lists(Mapping[str, list[Option]]):
    """The choices of the lists that a form may name; each is collected when it is asked first."""

    def __init__(self, appeal: Appeal, by: Employee) -> None:
        self._about = appeal, by
        self._collected: dict[str, list[Option]] = {}

    def __getitem__(self, name: str) -> list[Option]:
        if name not in self._collected:
            self._collected[name] = _LISTS[name](*self._about)
        return self._collected[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_LISTS)

    def __len__(self) -> int:
        return len(_LISTS)


def _topics(_appeal: Appeal, _by: Employee) -> list[Option]:
    return [Option(str(topic.id), topic.path) for topic in topics.list_leaves()]


def _resolutions(_appeal: Appeal, _by: Employee) -> list[Option]:
    active = db.select(Resolution).where(Resolution.is_active).order_by(Resolution.id)
    return [Option(str(resolution.id), resolution.name) for resolution in db.session.scalars(active)]


def _queues(appeal: Appeal, _by: Employee) -> list[Option]:
    return [Option(str(queue.id), queue.name) for queue in queues.list_open() if queue.id != appeal.queue_id]


def _operators(_appeal: Appeal, by: Employee) -> list[Option]:
    return [
        Option(str(number), f"{name} · {presence.name(status)}")
        for number, name, status in presence.list_operators()
        if number != by.id
    ]


def _groups(_appeal: Appeal, _by: Employee) -> list[Option]:
    return groups()


def _reasons(_appeal: Appeal, _by: Employee) -> list[Option]:
    return [Option(code, gettext(name)) for code, name in REASONS.items()]


_LISTS = {
    "topics": _topics,
    "resolutions": _resolutions,
    "queues": _queues,
    "operators": _operators,
    "groups": _groups,
    "reasons": _reasons,
}


def groups() -> list[Option]:
    """List the groups that serve an open queue."""
    serving = (
        db.select(OperatorGroup)
        .where(OperatorGroup.id.in_(db.select(queue_group.c.group_id).join(Queue).where(Queue.is_active)))
        .order_by(OperatorGroup.name)
    )
    return [Option(str(group.id), group.name) for group in db.session.scalars(serving)]
