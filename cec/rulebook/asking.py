"""Whether a table answers what its asker waits for: the columns that nobody asks for, and those that are missing."""

from collections.abc import Collection

from cec.dmn import reading
from cec.dmn.problems import Problem
from cec.platform.i18n import gettext as _
from cec.rulebook import inputs


def answers_of(name: str, text: str) -> list[Problem]:
    """Set the answers of a file beside those that are asked of it; what is no table, or cannot be read, has none."""
    try:
        table = reading.read(text).main(name).table
    except reading.UnreadableRules:
        return []
    return [] if table is None else answers(name, [output.name for output in table.outputs])


def answers(name: str, given: Collection[str]) -> list[Problem]:
    """Find the answers that nobody asks the table of this name for, and miss those that its area declares."""
    if name not in inputs.tables():
        return []
    asked = [term.name for term in inputs.of(name).gives]
    told = _("nobody asks this table for it; asked are: {names}").format(names=", ".join(asked))
    found = [Problem(0, one, "", told) for one in given if one not in asked]
    if not {*asked} & {*given}:
        found.append(Problem(0, "", "", _("no column answers what is asked: {names}").format(names=", ".join(asked))))
    return found
