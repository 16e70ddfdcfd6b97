"""How things stand with a table: what judges, is planned, is offered by the product, is being written (guide 5.2)."""

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import defer

from cec.dmn import reading
from cec.platform.db import db
from cec.rulebook import files
from cec.rulebook.files import PUBLISHED, SHIPPED
from cec.rulebook.models import RulesDraft, RulesVersion


@dataclass(frozen=True)
class Standing:
    """How things stand with one table."""

    name: str
    # As its file calls it, in English if it is shipped.
    title: str
    current: RulesVersion
    # The next first.
    planned: list[RulesVersion]
    # Those whose moment came and whom the checks refused, since the current one began to judge.
    refused: list[RulesVersion]
    # A newer version of the product that waits beside what an administrator has published.
    offered: RulesVersion | None
    # Who began the draft, who changed it last, without its rows.
    draft: RulesDraft | None

    def actors(self) -> set[str]:
        """Name everybody who had a hand in it."""
        found = {self.current.created_by, *(version.created_by for version in self.planned)}
        return found | ({self.draft.changed_by} if self.draft else set())


def overview() -> list[Standing]:
    """Tell how things stand with every table, by name."""
    return [of(name) for name in sorted(files.current_stamps())]


def of(name: str) -> Standing:
    """Tell how things stand with one table.

    :raises NoSuchRules: when there is none of that name.
    """
    stamp = files.current_stamp(name)
    found = list_all(name)
    current = next(version for version in found if version.version == stamp.version)
    planned = [version for version in found if version.planned_at]
    return Standing(
        name,
        title(name, stamp.sha256),
        current,
        sorted(planned, key=lambda version: (version.planned_at, version.id)),
        [one for one in found if one.refused_at and current.in_force_at and one.refused_at > current.in_force_at],
        _offered(current, found),
        db.session.scalar(select(RulesDraft).where(RulesDraft.name == name).options(defer(RulesDraft.rows))),
    )


def list_all(name: str) -> list[RulesVersion]:
    """List the versions, newest first, without their texts."""
    wanted = select(RulesVersion).where(RulesVersion.name == name).options(defer(RulesVersion.text))
    return list(db.session.scalars(wanted.order_by(RulesVersion.version.desc())))


@lru_cache(maxsize=64)
def title(name: str, sha256: str) -> str:
    """Give the title of a version as its file has it."""
    rules = reading.read(files.text_of(name, sha256))
    return rules.main(name).name or rules.drawn.name or name


def _offered(current: RulesVersion, found: list[RulesVersion]) -> RulesVersion | None:
    if current.origin != PUBLISHED:
        return None
    newer = [one for one in found if one.origin == SHIPPED and one.version > current.version]
    return newer[0] if newer else None
