"""Try any text of a table on facts, without keeping anything: what it answers, by which rows, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cec.dmn.deciding import CompiledRules, Hit, Many
from cec.dmn.plainness import plain
from cec.feel.compiling import FeelSyntaxError
from cec.rulebook import inputs, verdicts
from cec.rulebook.verdicts import Verdict


@dataclass(frozen=True)
class Tried:
    """What a text says of the facts, in plain values; errors are sentences in the reader's language."""

    outputs: dict[str, Any]
    hits: list[Hit]
    # Rows that failed on these facts, and cells that are no FEEL yet: both were skipped.
    errors: list[str]


def try_out(name: str, text: str, facts: Mapping[str, Any]) -> Tried:
    """Judge the facts by a text; a cell that is no FEEL skips its row, so that a draft can be tried half way.

    :raises UnreadableRules: when the text is no table at all.
    """
    outcome = _compiled(name, text).decide(facts)
    hits = [Hit(hit.row, hit.id, hit.reason, plain(hit.outputs), plain(hit.inputs)) for hit in outcome.hits]
    outputs, faults = inputs.fitted(name, plain(outcome.outputs))
    return Tried(outputs, hits, [*outcome.errors, *faults])


def try_many(name: str, text: str) -> Many[Verdict]:
    """Give who judges many by a text that is no version yet.

    :raises UnreadableRules: when the text is no table at all.
    """
    return _compiled(name, text).many(lambda outcome: verdicts.of(name, 0, outcome))


@lru_cache(maxsize=16)
def _compiled(name: str, text: str) -> CompiledRules:
    try:
        return CompiledRules(text, name)
    except FeelSyntaxError:
        return CompiledRules(text, name, is_strict=False)
