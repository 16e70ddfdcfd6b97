"""Import, publish and find versions of rules files; a version never changes."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Table, func, select, update

from cec.dmn import checking, reading
from cec.dmn.checking import Problem
from cec.platform import clock, journal
from cec.platform.db import db, unit
from cec.platform.errors import Invalid, NotFound
from cec.rulebook.models import RulesVersion

SHIPPED, PUBLISHED = "shipped", "published"
_STAMPS = "current rules"
_VERSION_FILE = re.compile(r"v([0-9]+)\.dmn")


class NoSuchRules(NotFound):
    """There are no rules called {name}."""


class NoSuchVersion(NotFound):
    """The rules {name} have no version {number}."""


class FaultyRules(Invalid):
    """The rules cannot be published: {problems}."""

    field = "text"

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        super().__init__(problems="; ".join(str(problem) for problem in found))


class Stamp(NamedTuple):
    """What tells one version from another."""

    version: int
    sha256: str


_TABLE: Table = RulesVersion.__table__  # type: ignore[assignment]
_CURRENT = select(_TABLE.c.name, _TABLE.c.version, _TABLE.c.sha256).where(_TABLE.c.is_current)


def ship(folder: Path) -> list[RulesVersion]:
    """Take in the rules files that come with the product; the newest is current unless somebody published his own.

    :raises FaultyRules: when a file has faults.
    """
    taken = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        texts = [path.read_text(encoding="utf-8") for path in _versions(place)]
        if not texts:
            continue
        lock(place.name)
        rows = [find_text(place.name, text) or add(place.name, text, SHIPPED, by="system") for text in texts]
        before = find_current(place.name)
        if before is not rows[-1] and (before is None or before.origin == SHIPPED):
            make_current(rows[-1])
        taken += rows
    return taken


def publish(name: str, text: str, *, by: str) -> RulesVersion:
    """Make a text the current version; the same text as an earlier version is that version again.

    :raises FaultyRules: when the checks find an error.
    :raises NoSuchRules: when the product asks for no rules of that name.
    """
    errors = [problem for problem in checking.check(text, inputs=known_inputs(name)) if problem.is_error]
    if errors:
        raise FaultyRules(errors)
    lock(name)
    version = find_text(name, text) or add(name, text, PUBLISHED, by=by)
    make_current(version)
    journal.record("rules.published", f"rules:{name}", by=by, version=version.version)
    return version


def current(name: str) -> RulesVersion:
    """Give the version that judges now.

    :raises NoSuchRules: when there is none.
    """
    found = find_current(name)
    if found is None:
        raise NoSuchRules(name=name)
    return found


def find_current(name: str) -> RulesVersion | None:
    """Give the version that judges now, if there is one."""
    return db.session.scalars(
        select(RulesVersion).where(RulesVersion.name == name, RulesVersion.is_current)
    ).one_or_none()


def list_versions(name: str) -> list[RulesVersion]:
    """List the versions, newest first."""
    rows = select(RulesVersion).where(RulesVersion.name == name).order_by(RulesVersion.version.desc())
    return list(db.session.scalars(rows))


def get_version(name: str, number: int) -> RulesVersion:
    """Give a version by its number.

    :raises NoSuchVersion: when there is none.
    """
    wanted = select(RulesVersion).where(RulesVersion.name == name, RulesVersion.version == number)
    found = db.session.scalars(wanted).one_or_none()
    if found is None:
        raise NoSuchVersion(name=name, number=number)
    return found


def current_stamp(name: str) -> Stamp:
    """Give number and hash of the current version, without its text; all decisions of a transaction see one version.

    :raises NoSuchRules: when there is none.
    """
    stamps: dict[str, Stamp] | None = unit().get(_STAMPS)
    if stamps is None:
        stamps = unit()[_STAMPS] = current_stamps()
    if name not in stamps:
        raise NoSuchRules(name=name)
    return stamps[name]


def current_stamps() -> dict[str, Stamp]:
    """Give number and hash of all versions that judge now, by name."""
    rows = db.session.connection().execute(_CURRENT)
    return {row.name: Stamp(row.version, row.sha256) for row in rows}


def text_of(name: str, sha256: str) -> str:
    """Give the text of a version."""
    wanted = select(RulesVersion.text).where(RulesVersion.name == name, RulesVersion.sha256 == sha256)
    return str(db.session.scalars(wanted).one())


def known_inputs(name: str) -> tuple[str, ...]:
    """Give the facts that the product hands to these rules: what the newest shipped version declares.

    :raises NoSuchRules: when the product ships no rules of that name.
    """
    shipped = select(RulesVersion).where(RulesVersion.name == name, RulesVersion.origin == SHIPPED)
    newest = db.session.scalars(shipped.order_by(RulesVersion.version.desc()).limit(1)).one_or_none()
    if newest is None:
        raise NoSuchRules(name=name)
    return reading.read(newest.text).inputs


def _versions(place: Path) -> list[Path]:
    found = [(int(match[1]), path) for path in place.iterdir() if (match := _VERSION_FILE.fullmatch(path.name))]
    return [path for _number, path in sorted(found)]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lock(name: str) -> None:
    """Let two who change the same rules wait for each other: versions are counted, drafts begun once."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"rules:{name}"))))


def find_text(name: str, text: str) -> RulesVersion | None:
    """Give the version that has just this text, if there is one."""
    wanted = select(RulesVersion).where(RulesVersion.name == name, RulesVersion.sha256 == _hash(text))
    return db.session.scalars(wanted).one_or_none()


def add(name: str, text: str, origin: str, *, by: str, comment: str = "") -> RulesVersion:
    """Add a version, counted on; whoever adds holds the lock of the name.

    :raises FaultyRules: when what is shipped has faults.
    """
    if origin == SHIPPED and (errors := [*_errors(text)]):
        raise FaultyRules(errors)
    last = db.session.scalar(select(func.max(RulesVersion.version)).where(RulesVersion.name == name)) or 0
    version = RulesVersion(name=name, version=last + 1, sha256=_hash(text), text=text, origin=origin, is_current=False,
                           created_at=clock.now(), created_by=by, comment=comment)  # fmt: skip
    db.session.add(version)
    db.session.flush()
    return version


@lru_cache(maxsize=32)
def _errors(text: str) -> tuple[Problem, ...]:
    """Find what is wrong with a shipped text; it is the same in every centre."""
    return tuple(problem for problem in checking.check(text) if problem.is_error)


def make_current(version: RulesVersion) -> None:
    """Let a version judge from this transaction on."""
    others = update(RulesVersion).where(
        RulesVersion.name == version.name, RulesVersion.is_current, RulesVersion.id != version.id
    )
    db.session.execute(others.values(is_current=False))
    version.is_current, version.planned_at, version.refused_at = True, None, None
    version.in_force_at = clock.now()
    db.session.flush()
    unit().pop(_STAMPS, None)
