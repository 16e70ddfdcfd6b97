"""The appeals of a client as those who serve him may read them (guide 3.5; CORE 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from cec.appeals.lifecycle import ENDED
from cec.appeals.models import Appeal, Message
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.staff.models import Employee

PAGE = 30


def get_readable(appeal_id: int, *, of: Employee) -> Appeal:
    """Get an appeal that an operator may read: his own, or one of a client whom he serves or has served.

    :raises NotFound: for others' appeals as for none.
    """
    wanted = [Appeal.address, Appeal.account, Appeal.client, Appeal.queue, Appeal.topic, Appeal.operator]
    appeal = db.session.get(Appeal, appeal_id, options=[joinedload(each) for each in wanted])
    if appeal is None or not (appeal.operator_id == of.id or _serves(of, appeal)):
        raise NotFound
    return appeal


def _serves(employee: Employee, appeal: Appeal) -> bool:
    mine = db.select(Appeal.id).where(_of_client(appeal), Appeal.operator_id == employee.id).limit(1)
    return db.session.scalar(mine) is not None


def _of_client(appeal: Appeal) -> ColumnElement[bool]:
    """Narrow to the appeals of the same client; without a client to those of the same address."""
    return Appeal.client_id == appeal.client_id if appeal.client_id else Appeal.address_id == appeal.address_id


@dataclass(frozen=True)
class Filters:
    """What a history is narrowed to."""

    words: str = ""
    # open | ended
    state: str = ""
    # Keyset paging: only appeals older than this one.
    before: int | None = None


def list_of(appeal: Appeal, filters: Filters) -> list[Appeal]:
    """List the appeals of a client, newest first: one page and one more row."""
    wanted = [Appeal.topic, Appeal.operator, Appeal.queue, Appeal.resolution]
    mine = db.select(Appeal).where(_of_client(appeal)).options(*(joinedload(each) for each in wanted))
    if filters.state:
        mine = mine.where(Appeal.status.in_(ENDED) if filters.state == "ended" else Appeal.status.not_in(ENDED))
    if filters.before:
        mine = mine.where(Appeal.id < filters.before)
    if filters.words:
        mine = mine.where(_says(filters.words))
    return list(db.session.scalars(mine.order_by(Appeal.id.desc()).limit(PAGE + 1)))


def list_newest(appeal_ids: Sequence[int]) -> list[Appeal]:
    """List the newest of some appeals: one page."""
    wanted = [Appeal.topic, Appeal.operator, Appeal.queue]
    some = db.select(Appeal).where(Appeal.id.in_(sorted(appeal_ids)[-PAGE:]))
    return list(db.session.scalars(some.options(*(joinedload(each) for each in wanted)).order_by(Appeal.id.desc())))


def _says(words: str) -> ColumnElement[bool]:
    """Find words in the conversation, its subject or its number."""
    like = containing(words)
    said = db.select(Message.id).where(Message.appeal_id == Appeal.id, Message.text.ilike(like))
    found: ColumnElement[bool] = db.or_(Appeal.number.ilike(like), Appeal.subject.ilike(like), said.exists())
    return found


def containing(words: str) -> str:
    """Write a pattern that finds words anywhere, whatever signs they have."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
