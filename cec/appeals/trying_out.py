"""Try a table on an appeal, typed or real: what a text of it answers beside the published one, and its place."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cec.appeals import facts, lining_up
from cec.appeals.lining_up import Place
from cec.appeals.models import Appeal
from cec.dmn import reading
from cec.feel.compiling import FeelSyntaxError, compile_expression
from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.rulebook import files
from cec.rulebook.trying import Tried, try_out

NEWEST = 12


class NoSuchNumber(Invalid):
    """There is no appeal with this number."""

    field = "number"


@dataclass(frozen=True)
class Result:
    """What came of a try: by the text, by the published version if that is another text, and the place by the text."""

    tried: Tried
    published: Tried | None
    # The number of the version that judges now.
    version: int
    place: Place | None


@dataclass(frozen=True)
class Picked:
    """A real appeal: its facts as they were when it last entered a queue."""

    appeal: Appeal
    given: dict[str, Any]

    @property
    def arrived_at(self) -> dt.datetime:
        """Give the moment from which its place counts."""
        return self.appeal.enqueued_at or self.appeal.created_at


def pick(table: str, number: str) -> Picked:
    """Take a real appeal by its number.

    :raises NoSuchNumber: when there is none.
    """
    appeal = db.session.scalars(db.select(Appeal).where(Appeal.number == _plain(number))).one_or_none()
    if appeal is None:
        raise NoSuchNumber
    return Picked(appeal, facts.kept(appeal, table))


def _plain(number: str) -> str:
    return number.replace("\x00", "").strip()


def newest() -> list[Appeal]:
    """List the newest appeals, to pick one."""
    return list(db.session.scalars(db.select(Appeal).order_by(Appeal.id.desc()).limit(NEWEST)))


def try_on(table: str, text: str, given: dict[str, Any], picked: Picked | None = None) -> Result:
    """Judge facts by a text of a table; of a picked appeal the place is that of its own arrival.

    :raises UnreadableRules: when the text is no table.
    :raises NoSuchRules: when there is no such table.
    """
    tried, current = try_out(table, text, given), files.current(table)
    place = lining_up.find(
        table,
        given,
        tried.outputs,
        arrived_at=picked.arrived_at if picked else None,
        itself=picked.appeal.id if picked else 0,
    )
    return Result(tried, None if current.text == text else try_out(table, current.text, given), current.version, place)


def asked(text: str) -> frozenset[str]:
    """Give the names of the facts that the columns of a text ask about, and the queue: it says where a place is.

    :raises UnreadableRules: when the text is no table.
    """
    table = reading.read(text).main("").table
    columns = table.inputs if table else ()
    return frozenset({"queue", *(name for column in columns for name in _names(column.expression))})


def _names(expression: str) -> frozenset[str]:
    try:
        return compile_expression(expression).names
    except FeelSyntaxError:
        return frozenset()
