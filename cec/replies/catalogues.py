"""Catalogues of templates: a tree of at most five levels that all share, one of three for each person (5.3, 3.3.4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cec.platform import changes, clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.replies.models import ReplyCatalogue, ReplyTemplate
from cec.staff.models import Employee

DEEPEST_SHARED, DEEPEST_OWN = 5, 3
LONGEST_NAME = 80
BETWEEN = " › "


class CatalogueNameMissing(Invalid):
    """Give the catalogue a name of at most 80 characters."""

    field = "name"


class CatalogueNameTaken(Invalid):
    """There is a catalogue with this name beside it already."""

    field = "name"


class TooDeep(Invalid):
    """Catalogues lie in each other at most {most} deep: choose a higher one."""

    field = "parent_id"


class InsideItself(Invalid):
    """A catalogue cannot lie in itself or in what lies in it."""

    field = "parent_id"


class CatalogueGone(Invalid):
    """This catalogue is gone: choose another one."""

    field = "parent_id"


class PathUnfit(Invalid):
    """At most three catalogues lie in each other, each with a name of at most 80 characters."""

    field = "path"


class CatalogueHolds(Refusal):
    """In this catalogue lie templates ({templates}) and catalogues ({catalogues}): move or remove them first."""


class Branch(NamedTuple):
    """A catalogue in its tree."""

    catalogue: ReplyCatalogue
    depth: int
    path: str


@dataclass(frozen=True)
class Place:
    """What a catalogue is called, where it lies and whose appeals it is for."""

    name: str
    parent_id: int | None = None
    queue_id: int | None = None


def tree(owner: Employee | None) -> list[Branch]:
    """List the catalogues of a person, or those of all, each after the one it lies in."""
    of = ReplyCatalogue.owner_id
    wanted = db.select(ReplyCatalogue).where(of.is_(None) if owner is None else of == owner.id)
    found = db.session.scalars(wanted.where(ReplyCatalogue.removed_at.is_(None)).order_by(ReplyCatalogue.name))
    inside: dict[int | None, list[ReplyCatalogue]] = {}
    for catalogue in found:
        inside.setdefault(catalogue.parent_id, []).append(catalogue)
    return list(_walk(inside, None, 1, ""))


def _walk(
    inside: dict[int | None, list[ReplyCatalogue]], parent: int | None, depth: int, above: str
) -> Iterator[Branch]:
    for catalogue in inside.get(parent, []):
        path = above + catalogue.name
        yield Branch(catalogue, depth, path)
        yield from _walk(inside, catalogue.id, depth + 1, path + BETWEEN)


def get(catalogue_id: int, owner: Employee | None = None) -> ReplyCatalogue:
    """Get a catalogue of a person, or one of all.

    :raises NotFound: for others' catalogues as for none.
    """
    catalogue = db.session.get(ReplyCatalogue, catalogue_id)
    if catalogue is None or catalogue.removed_at or catalogue.owner_id != (owner.id if owner else None):
        raise NotFound
    return catalogue


def values(catalogue: ReplyCatalogue) -> dict[str, Any]:
    """Give what is said of a catalogue, to compare and to write down."""
    return {"name": catalogue.name, "parent_id": catalogue.parent_id, "queue_id": catalogue.queue_id}


def create(place: Place, *, by: str) -> ReplyCatalogue:
    """Add a catalogue for all.

    :raises Invalid: when it cannot be called so or lie there.
    """
    place = _settled(place, None)
    catalogue = ReplyCatalogue(name=place.name, parent_id=place.parent_id, queue_id=place.queue_id)
    db.session.add(catalogue)
    db.session.flush()
    _record(catalogue, {}, by)
    return catalogue


def change(catalogue: ReplyCatalogue, place: Place, *, by: str, seen: str = "") -> None:
    """Rename a catalogue of all, move it with what lies in it, or give it to a queue.

    :raises Invalid: when it cannot be called so or lie there.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(catalogue, with_for_update=True)
    before = values(catalogue)
    changes.check(before, seen)
    place = _settled(place, catalogue)
    catalogue.name, catalogue.parent_id, catalogue.queue_id = place.name, place.parent_id, place.queue_id
    db.session.flush()
    _hand_down(catalogue)
    _record(catalogue, before, by)


def remove(catalogue: ReplyCatalogue, *, by: str) -> None:
    """Remove an empty catalogue.

    :raises CatalogueHolds: tells how much lies in it.
    """
    db.session.refresh(catalogue, with_for_update=True)
    templates, catalogues = (
        db.session.scalar(
            db.select(db.func.count()).select_from(table).where(column == catalogue.id, table.removed_at.is_(None))
        )
        for table, column in ((ReplyTemplate, ReplyTemplate.catalogue_id), (ReplyCatalogue, ReplyCatalogue.parent_id))
    )
    if templates or catalogues:
        raise CatalogueHolds(templates=templates, catalogues=catalogues)
    catalogue.removed_at = clock.now()
    journal.record("reply_catalogue.removed", f"reply_catalogue:{catalogue.id}", by=by, called=catalogue.name)


def at_path(path: str, owner: Employee) -> ReplyCatalogue | None:
    """Find a person's own catalogue by its path, “Delivery › Delays”, or make it; no path is no catalogue.

    :raises PathUnfit: when it is too deep or a name too long.
    """
    names = [name for part in path.replace("/", "›").split("›") if (name := " ".join(part.split()))]
    if len(names) > DEEPEST_OWN or any(len(name) > LONGEST_NAME for name in names):
        raise PathUnfit
    known = {branch.path.lower(): branch.catalogue for branch in tree(owner)}
    parent: ReplyCatalogue | None = None
    for upto in range(1, len(names) + 1):
        found = known.get(BETWEEN.join(names[:upto]).lower())
        if found is None:
            found = ReplyCatalogue(name=names[upto - 1], parent_id=parent.id if parent else None, owner_id=owner.id)
            db.session.add(found)
            db.session.flush()
        parent = found
    return parent


def tidy(owner: Employee) -> None:
    """Let a person's own catalogues go in which nothing is left."""
    used = set(
        db.session.scalars(
            db.select(ReplyTemplate.catalogue_id)
            .where(ReplyTemplate.owner_id == owner.id, ReplyTemplate.removed_at.is_(None))
            .distinct()
        )
    )
    for branch in reversed(tree(owner)):
        if branch.catalogue.id in used:
            used.add(branch.catalogue.parent_id)
        else:
            branch.catalogue.removed_at = clock.now()


def _settled(place: Place, catalogue: ReplyCatalogue | None) -> Place:
    """Look whether it can lie there; in a catalogue of a queue everything is of that queue."""
    name, known = _checked_name(place.name), tree(None)
    above = _above(place.parent_id, {branch.catalogue.id: branch.catalogue for branch in known})
    if catalogue and catalogue in above:
        raise InsideItself
    if len(above) + (_height(catalogue, known) if catalogue else 1) > DEEPEST_SHARED:
        raise TooDeep(most=DEEPEST_SHARED)
    beside = [each.catalogue for each in known if each.catalogue.parent_id == place.parent_id]
    if any(each is not catalogue and each.name.lower() == name.lower() for each in beside):
        raise CatalogueNameTaken
    return Place(name, place.parent_id, (above[0].queue_id if above else None) or place.queue_id)


def _above(parent_id: int | None, known: Mapping[int, ReplyCatalogue]) -> list[ReplyCatalogue]:
    """List the catalogues above, the nearest first."""
    above: list[ReplyCatalogue] = []
    while parent_id is not None:
        if parent_id not in known:
            raise CatalogueGone
        above.append(known[parent_id])
        parent_id = known[parent_id].parent_id
    return above


def _height(catalogue: ReplyCatalogue, known: Iterable[Branch]) -> int:
    inside = [branch.catalogue for branch in known if branch.catalogue.parent_id == catalogue.id]
    return 1 + max((_height(each, known) for each in inside), default=0)


def _hand_down(catalogue: ReplyCatalogue) -> None:
    """Give what lies in a catalogue of a queue to that queue."""
    if catalogue.queue_id is None:
        return
    for branch in tree(None):
        if branch.catalogue.parent_id == catalogue.id:
            branch.catalogue.queue_id = catalogue.queue_id
            db.session.flush()
            _hand_down(branch.catalogue)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise CatalogueNameMissing
    return name


def _record(catalogue: ReplyCatalogue, before: dict[str, Any], by: str) -> None:
    changed = changes.difference(before, values(catalogue))
    if changed:
        journal.record(
            "reply_catalogue.changed", f"reply_catalogue:{catalogue.id}", by=by, called=catalogue.name, changed=changed
        )
