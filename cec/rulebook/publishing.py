"""A draft becomes a version, now or at a moment; an old version comes back; what is in force changes in one step."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from cec.dmn import checking, writing
from cec.dmn.problems import Problem
from cec.dmn.sheets import Sheet
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal
from cec.rulebook import asking, drafts, files, inputs, scenarios
from cec.rulebook.files import PUBLISHED, FaultyRules
from cec.rulebook.inputs import Kind
from cec.rulebook.models import RulesDraft, RulesVersion

# A table may be planned so far ahead.
FARTHEST = dt.timedelta(days=366)
LONGEST_COMMENT = 500


class CommentMissing(Invalid):
    """Say what is new: up to 500 signs."""

    field = "comment"


class WrongMoment(Invalid):
    """Choose a moment within the next 366 days."""

    field = "at"


class InForceChanged(Refusal):
    """Another version is in force by now: look at the comparison again, then publish."""


class NothingChanged(Refusal):
    """The draft says the same as the version in force."""


class RedScenarios(Refusal):
    """Scenarios do not come out as expected: {scenarios}. Change the table, or what is expected of it."""


class NotPlanned(Refusal):
    """This version is not planned any more."""


class InForceAlready(Refusal):
    """This version is in force already."""


def taken_in(name: str) -> tuple[str, ...]:
    """Name the facts that a table is given: as the area that asks it declares, else as the shipped file does.

    :raises NoSuchRules: when the product asks for no table of that name.
    """
    if name in inputs.tables():
        return tuple(term.name for term in inputs.of(name).takes)
    return files.known_inputs(name)


def directories(name: str, only: Collection[str] | None = None) -> dict[str, list[Any]]:
    """Give the values that the centre knows now of each fact and answer, or of those alone that are asked for."""
    if name not in inputs.tables():
        return {}
    terms = inputs.of(name)
    wanted = [term for term in (*terms.takes, *terms.gives) if term.kind == Kind.TEXT]
    found = {term.name: term for term in wanted if only is None or term.name in only}
    known = {term: [choice.value for choice in one.choices()] for term, one in found.items()}
    return {term: values for term, values in known.items() if values}


def examine(name: str, text: str) -> list[Problem]:
    """Find the faults of a text as a table of this centre."""
    found = checking.check(text, inputs=taken_in(name), directories=directories(name))
    return [*asking.answers_of(name, text), *found]


def examine_sheet(name: str, sheet: Sheet) -> list[Problem]:
    """Find the faults of a table that is being written."""
    found = checking.check_table(sheet.table(), inputs=taken_in(name), directories=directories(name))
    return [*asking.answers(name, [output.name for output in sheet.head.outputs]), *found]


def text_of(draft: RulesDraft) -> str:
    """Write a draft as the file that it will be."""
    base = select(RulesVersion.text).where(RulesVersion.name == draft.name, RulesVersion.version == draft.base_version)
    return writing.write(db.session.scalars(base).one(), drafts.sheet_of(draft))


def publish(
    name: str, *, revision: int, instead_of: int, comment: str, by: str, at: dt.datetime | None = None
) -> RulesVersion:
    """Make the draft of this revision a version: it judges from now on, or from a moment to come.

    `instead_of` is the version in force that the publisher has compared it with.

    :raises Invalid: when the comment is missing, the moment is past, or the checks find errors.
    :raises Refusal: when somebody was faster: the draft or what is in force is not what the publisher saw.
    """
    comment = _comment(comment)
    if at is not None and not clock.now() < at <= clock.now() + FARTHEST:
        raise WrongMoment
    draft = drafts.get(name, revision=revision)
    _compared(name, instead_of)
    text = text_of(draft)
    _refuse_faults(name, text)
    version = files.find_text(name, text)
    if version is not None and version.is_current:
        raise NothingChanged
    version = version or files.add(name, text, PUBLISHED, by=by)
    version.comment = version.comment or comment
    db.session.delete(draft)
    if at is None:
        _put_in_force(version, "rules.published", comment=comment, by=by)
    else:
        version.planned_at, version.planned_by, version.refused_at = at, by, None
        journal.record("rules.planned", f"rules:{name}", by=by, version=version.version, at=at, comment=comment)
    db.session.flush()
    return version


def bring_back(name: str, number: int, *, instead_of: int, comment: str, by: str) -> RulesVersion:
    """Let an earlier version, or a shipped one that is offered, judge again; the draft stays as it is.

    :raises Refusal: when somebody was faster, or it is in force already.
    :raises FaultyRules: when it does not fit this centre any more.
    """
    files.lock(name)
    _compared(name, instead_of)
    version = files.get_version(name, number)
    if version.is_current:
        raise InForceAlready
    _refuse_faults(name, version.text)
    _put_in_force(version, "rules.brought_back", comment=comment.strip()[:LONGEST_COMMENT], by=by)
    return version


def withdraw(name: str, number: int, *, by: str) -> None:
    """Let a planned version not come.

    :raises NotPlanned: when its moment has come, or it was withdrawn before.
    """
    files.lock(name)
    version = files.get_version(name, number)
    if version.planned_at is None:
        raise NotPlanned
    version.planned_at = None
    journal.record("rules.withdrawn", f"rules:{name}", by=by, version=number)


def due() -> list[int]:
    """List the planned versions whose moment has come, in their order."""
    wanted = select(RulesVersion.id).where(RulesVersion.planned_at <= clock.now())
    return list(db.session.scalars(wanted.order_by(RulesVersion.planned_at, RulesVersion.id)))


def put_planned_in_force(version_id: int) -> bool:
    """Let a planned version judge, if it still fits; if not, that is kept with it and told. Tells whether it judges."""
    version = db.session.get_one(RulesVersion, version_id)
    files.lock(version.name)
    db.session.refresh(version)
    if version.planned_at is None or version.planned_at > clock.now():
        return False
    try:
        _refuse_faults(version.name, version.text)
    except Refusal:
        version.planned_at, version.refused_at = None, clock.now()
        facts = {"version": version.version, "planned_by": version.planned_by or version.created_by}
        journal.record("rules.not_published", f"rules:{version.name}", by="timer", **facts)
        return False
    _put_in_force(version, "rules.published", comment=version.comment, by=version.planned_by or version.created_by)
    return True


def _put_in_force(version: RulesVersion, fact: str, *, comment: str, by: str) -> None:
    before = files.find_current(version.name)
    files.make_current(version)
    facts = {"version": version.version, "before": before.version if before else None, "comment": comment}
    journal.record(fact, f"rules:{version.name}", by=by, **facts)


def _compared(name: str, instead_of: int) -> None:
    if files.current(name).version != instead_of:
        raise InForceChanged


def _refuse_faults(name: str, text: str) -> None:
    """Refuse a text with errors, and one that answers its scenarios otherwise than expected."""
    errors = [problem for problem in examine(name, text) if problem.is_error]
    if errors:
        raise FaultyRules(errors)
    red = [f"«{outcome.title}» ({outcome.told})" for outcome in scenarios.run(name, text) if outcome.is_red]
    if red:
        raise RedScenarios(scenarios="; ".join(red[:5]))


def _comment(comment: str) -> str:
    comment = comment.strip()
    if not comment or len(comment) > LONGEST_COMMENT:
        raise CommentMissing
    return comment
