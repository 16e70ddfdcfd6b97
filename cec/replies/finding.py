"""Finding templates: those an operator may use in an appeal, and all shared ones for who keeps them (3.3.1, 5.3.1)."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, literal_column, text
from sqlalchemy.orm import joinedload

from cec.platform import clock
from cec.platform.db import db
from cec.replies.models import WORDS, ReplyCatalogue, ReplyFavourite, ReplyTemplate, ReplyUse
from cec.staff.models import Employee

MOST = 40
UNUSED = dt.timedelta(days=90)
LATELY = dt.timedelta(days=30)
# Where a template is looked for: everywhere, among the starred, those of all, of the appeal's queue, one's own.
PLACES = ("all", "favourite", "shared", "queue", "own")


class Offered(NamedTuple):
    """A template that can be used here."""

    template: ReplyTemplate
    is_favourite: bool
    last_used: dt.datetime | None


@dataclass(frozen=True)
class Filters:
    """What the list of shared templates is narrowed to."""

    words: str = ""
    catalogue_id: int | None = None
    # active | inactive | unused: in no answer for 90 days.
    state: str = ""


def usable(words: str, place: str, *, queue_id: int | None, of: Employee) -> list[Offered]:
    """List the templates that a person may use in an appeal of a queue: starred ones first, then those used lately."""
    is_favourite = db.exists().where(
        ReplyFavourite.template_id == ReplyTemplate.id, ReplyFavourite.employee_id == of.id
    )
    last_used = (
        db.select(db.func.max(ReplyUse.at))
        .where(ReplyUse.template_id == ReplyTemplate.id, ReplyUse.employee_id == of.id)
        .scalar_subquery()
    )
    wanted = (
        db.select(ReplyTemplate, is_favourite.label("favourite"), last_used.label("used"))
        .outerjoin(ReplyTemplate.catalogue)
        .where(*_visible(queue_id, of), *_in_place(place, queue_id, of, is_favourite), *_saying(words))
        .options(joinedload(ReplyTemplate.catalogue))
        .order_by(
            *_best(words),
            literal_column("favourite").desc(),
            literal_column("used").desc().nulls_last(),
            db.func.lower(ReplyTemplate.name),
            ReplyTemplate.id,
        )
    )
    return [Offered(*row) for row in db.session.execute(wanted.limit(MOST + 1))]


def get_usable(template_ids: list[int], *, queue_id: int | None, of: Employee) -> list[ReplyTemplate]:
    """List those of some templates that a person may use in an appeal of a queue."""
    if not template_ids:
        return []
    wanted = db.select(ReplyTemplate).outerjoin(ReplyTemplate.catalogue)
    visible = wanted.where(ReplyTemplate.id.in_(template_ids), *_visible(queue_id, of))
    return list(db.session.scalars(visible.order_by(ReplyTemplate.id)))


def _visible(queue_id: int | None, of: Employee) -> list[ColumnElement[bool]]:
    """Tell which templates a person may use: of all or his own, of every queue or this one."""
    return [
        ReplyTemplate.is_active,
        ReplyTemplate.removed_at.is_(None),
        db.or_(ReplyTemplate.owner_id.is_(None), ReplyTemplate.owner_id == of.id),
        db.or_(ReplyCatalogue.queue_id.is_(None), ReplyCatalogue.queue_id == queue_id),
    ]


def _in_place(place: str, queue_id: int | None, of: Employee, is_favourite: Any) -> list[ColumnElement[bool]]:
    return {
        "favourite": [is_favourite],
        "shared": [ReplyTemplate.owner_id.is_(None), ReplyCatalogue.queue_id.is_(None)],
        "queue": [ReplyCatalogue.queue_id == queue_id],
        "own": [ReplyTemplate.owner_id == of.id],
    }.get(place, [])


def _saying(words: str) -> list[ColumnElement[bool]]:
    """Find by name, text and tags: each word in any form of it, or as it begins."""
    conditions: list[ColumnElement[bool]] = []
    for number, word in enumerate(_words(words)):
        asked = f"(to_tsquery('russian', :w{number}) || to_tsquery('simple', :w{number}))"
        found = text(f"{_QUALIFIED} @@ {asked}").bindparams(**{f"w{number}": f"'{word}':*"})
        conditions.append(found)  # type: ignore[arg-type]  # a condition as text
    return conditions


# The words of the index, with columns that no other table of the statement can claim.
_QUALIFIED = re.sub(r"\b(name|tags|text)\b(?=[ ,)])", r"reply_template.\1", WORDS)


def _words(words: str) -> list[str]:
    return re.findall(r"\w+", words.lower().replace("ё", "е"))[:12]


def _best(words: str) -> list[Any]:
    """Put those first whose name begins as the words do."""
    first = " ".join(words.lower().split())
    return [db.func.starts_with(db.func.lower(ReplyTemplate.name), first).desc()] if first else []


def shared(filters: Filters) -> list[tuple[ReplyTemplate, int]]:
    """List the templates of all, by name, with how often each was used in 30 days."""
    now = clock.now()
    uses = (
        db.select(db.func.count())
        .select_from(ReplyUse)
        .where(ReplyUse.template_id == ReplyTemplate.id, ReplyUse.at > now - LATELY)
        .scalar_subquery()
    )
    wanted = (
        db.select(ReplyTemplate, uses)
        .where(ReplyTemplate.owner_id.is_(None), ReplyTemplate.removed_at.is_(None), *_saying(filters.words))
        .options(joinedload(ReplyTemplate.catalogue).joinedload(ReplyCatalogue.queue))
        .order_by(db.func.lower(ReplyTemplate.name), ReplyTemplate.id)
    )
    return [(template, count) for template, count in db.session.execute(_narrowed(wanted, filters, now))]


def _narrowed(wanted: "Select[Any]", filters: Filters, now: dt.datetime) -> "Select[Any]":
    if filters.catalogue_id is not None:
        wanted = wanted.where(ReplyTemplate.catalogue_id.in_(_inside(filters.catalogue_id)))
    if filters.state in {"active", "inactive"}:
        wanted = wanted.where(ReplyTemplate.is_active.is_(filters.state == "active"))
    if filters.state == "unused":
        used = db.exists().where(ReplyUse.template_id == ReplyTemplate.id, ReplyUse.at > now - UNUSED)
        wanted = wanted.where(~used)
    return wanted


def _inside(catalogue_id: int) -> "Select[Any]":
    """List a catalogue and all that lie in it."""
    inside = db.select(ReplyCatalogue.id).where(ReplyCatalogue.id == catalogue_id).cte("inside", recursive=True)
    deeper = db.select(ReplyCatalogue.id).join(inside, ReplyCatalogue.parent_id == inside.c.id)
    found: Select[Any] = db.select(inside.union(deeper).c.id)
    return found


def count_uses(template: ReplyTemplate) -> int:
    """Count the answers of 30 days that were written with a template."""
    used = db.select(db.func.count()).where(ReplyUse.template_id == template.id, ReplyUse.at > clock.now() - LATELY)
    return db.session.scalar(used) or 0


def count_by_catalogue() -> dict[int, int]:
    """Count the templates of all that lie in each catalogue itself."""
    lying = (
        db.select(ReplyTemplate.catalogue_id, db.func.count())
        .where(ReplyTemplate.owner_id.is_(None), ReplyTemplate.removed_at.is_(None))
        .where(ReplyTemplate.catalogue_id.is_not(None))
        .group_by(ReplyTemplate.catalogue_id)
    )
    return {catalogue_id: count for catalogue_id, count in db.session.execute(lying) if catalogue_id is not None}
