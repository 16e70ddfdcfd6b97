"""Scenarios of a decision table: facts given, answers expected; all are run before a text is published (guide 5.2)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from cec.platform import changes, clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.platform.i18n import gettext as _
from cec.rulebook import files, inputs
from cec.rulebook.models import RulesScenario
from cec.rulebook.trying import Tried, try_out

FILE = "scenarios.json"
LONGEST_TITLE = 120
# A publishing runs them all: 500 of a table of 2,000 rows take a second.
MOST = 500
SYSTEM = "system"


class TitleMissing(Invalid):
    """Say in up to 120 characters what the case is."""

    field = "title"


class NothingExpected(Invalid):
    """Say at least one answer that is expected."""

    field = "expected"


class TooManyScenarios(Invalid):
    """A table has 500 scenarios at most: remove some first."""

    field = "title"


@dataclass(frozen=True)
class Wanted:
    """A scenario as a person wants it: title, facts by name, answers by name."""

    title: str
    given: Mapping[str, Any]
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a text made of a scenario."""

    scenario_id: int
    title: str
    is_red: bool
    # What was expected and what came; empty when it is green.
    told: str
    tried: Tried


def run(name: str, text: str) -> list[Outcome]:
    """Run all scenarios of a table on a text of it, in their order.

    A red one answers otherwise than expected, or has a row that cannot be worked out.

    :raises UnreadableRules: when the text is no table.
    """
    return [run_one(scenario, text) for scenario in list_all(name)]


def run_one(scenario: RulesScenario, text: str) -> Outcome:
    """Run one scenario on a text of its table."""
    tried = try_out(scenario.name, text, scenario.given)
    told = "; ".join([*_differences(scenario, tried), *tried.errors])
    return Outcome(scenario.id, title_of(scenario), bool(told), told, tried)


def title_of(scenario: RulesScenario) -> str:
    """Give the title as people read it: those that came with the product speak the reader's language."""
    return _(scenario.title) if scenario.changed_by == SYSTEM else scenario.title


def list_all(name: str) -> list[RulesScenario]:
    """List the scenarios of a table in their order, without those that were removed."""
    there = select(RulesScenario).where(RulesScenario.name == name, RulesScenario.removed_at.is_(None))
    return list(db.session.scalars(there.order_by(RulesScenario.place, RulesScenario.id)))


def get(name: str, scenario_id: int, *, removed: bool = False) -> RulesScenario:
    """Get a scenario of a table.

    :raises NotFound: when it has none of that number.
    """
    scenario = db.session.get(RulesScenario, scenario_id)
    if scenario is None or scenario.name != name or bool(scenario.removed_at) != removed:
        raise NotFound
    return scenario


def find_removed(name: str, scenario_id: int | None) -> RulesScenario | None:
    """Find a removed scenario of a table: it can be brought back."""
    scenario = db.session.get(RulesScenario, scenario_id) if scenario_id else None
    return scenario if scenario and scenario.name == name and scenario.removed_at else None


def values(scenario: RulesScenario) -> dict[str, Any]:
    """Give what a scenario says, to compare and to write down."""
    return {"title": scenario.title, "given": scenario.given, "expected": scenario.expected}


def create(name: str, wanted: Wanted, *, by: str) -> RulesScenario:
    """Add a scenario at the end of the list.

    :raises Invalid: when something cannot be so.
    :raises NothingDeclared: when there is no table of that name.
    """
    terms = inputs.of(name)
    there = select(func.count(), func.max(RulesScenario.place)).where(RulesScenario.name == name)
    count, last = db.session.execute(there.where(RulesScenario.removed_at.is_(None))).one()
    if count >= MOST:
        raise TooManyScenarios
    scenario = RulesScenario(name=name, place=(last or 0) + 1, **_checked(terms, wanted), changed_by=by)
    db.session.add(scenario)
    db.session.flush()
    journal.record("rules.scenario_added", f"rules:{name}", by=by, scenario=scenario.id, title=scenario.title)
    return scenario


def change(scenario: RulesScenario, wanted: Wanted, *, by: str, seen: str = "") -> None:
    """Change a scenario.

    :raises Invalid: when something cannot be so.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(scenario, with_for_update=True)
    before = values(scenario)
    changes.check(before, seen)
    for part, value in _checked(inputs.of(scenario.name), wanted).items():
        setattr(scenario, part, value)
    changed = changes.difference(before, values(scenario))
    if changed:
        scenario.changed_at, scenario.changed_by = clock.now(), by
        journal.record("rules.scenario_changed", f"rules:{scenario.name}", by=by, scenario=scenario.id, changed=changed)


def remove(scenario: RulesScenario, *, by: str) -> None:
    """Remove a scenario; it can be brought back."""
    scenario.removed_at = clock.now()
    journal.record("rules.scenario_removed", f"rules:{scenario.name}", by=by, scenario=scenario.id)


def bring_back(scenario: RulesScenario, *, by: str) -> None:
    """Bring a removed scenario back to its place."""
    scenario.removed_at = None
    journal.record("rules.scenario_returned", f"rules:{scenario.name}", by=by, scenario=scenario.id)


def ship(folder: Path) -> None:
    """Take in the scenarios that come with the product, each once: what people changed or removed stays so.

    Whoever has published a table of his own keeps the scenarios that he has.
    """
    for name, shipped in read(folder).items():
        current = files.find_current(name)
        if current is None or current.origin == files.SHIPPED:
            _take_in(name, shipped)


def read(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Read the scenarios of a folder of rules: key, title, given, expected; by table."""
    places = sorted(folder.glob(f"*/{FILE}"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in places}


def of_file(name: str, one: Mapping[str, Any]) -> RulesScenario:
    """Make a scenario of what stands in a file."""
    told = {part: one[part] for part in ("key", "title", "given", "expected")}
    return RulesScenario(name=name, **told, changed_by=SYSTEM)


def _take_in(name: str, shipped: list[dict[str, Any]]) -> None:
    known = {
        scenario.key: scenario
        for scenario in db.session.scalars(select(RulesScenario).where(RulesScenario.name == name))
        if scenario.key
    }
    wanted = {one["key"]: (place, one) for place, one in enumerate(shipped, 1)}
    for key, (place, one) in wanted.items():
        scenario = known.get(key)
        if scenario is None:
            scenario = of_file(name, one)
            db.session.add(scenario)
        if scenario.changed_by == SYSTEM:
            scenario.place, scenario.title = place, one["title"]
            scenario.given, scenario.expected = one["given"], one["expected"]
    for key, scenario in known.items():
        if key not in wanted and scenario.changed_by == SYSTEM:
            db.session.delete(scenario)
    db.session.flush()


def _checked(terms: inputs.Terms, wanted: Wanted) -> dict[str, Any]:
    title = " ".join(wanted.title.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise TitleMissing
    given = {term.name: wanted.given[term.name] for term in terms.takes if wanted.given.get(term.name) is not None}
    expected = {term.name: wanted.expected[term.name] for term in terms.gives if term.name in wanted.expected}
    if not expected:
        raise NothingExpected
    return {"title": title, "given": given, "expected": expected}


def _differences(scenario: RulesScenario, tried: Tried) -> Iterator[str]:
    for name, expected in scenario.expected.items():
        came = tried.outputs.get(name)
        if came != expected or isinstance(came, bool) != isinstance(expected, bool):
            term = inputs.of(scenario.name).given(name)
            yield _("{answer}: expected {expected}, came {came}").format(
                answer=term.word if term else name, expected=shown(expected), came=shown(came)
            )


def shown(value: Any) -> str:
    """Write a plain value as people read it."""
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or _("none of them")
    if isinstance(value, int | float):
        return str(value).removesuffix(".0").replace("-", "\u2212")
    return str(value)
