"""Judge facts by the current version of a decision table: what is answered, by which rows, and why."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cec.dmn.deciding import CompiledRules, Many
from cec.rulebook import files, verdicts
from cec.rulebook.verdicts import Verdict

__all__ = ["Verdict", "judge", "judge_many", "warm_up"]


def judge(name: str, facts: Mapping[str, Any]) -> Verdict:
    """Judge the facts by the current version of a table; a row that fails is skipped and told.

    :raises NoSuchRules: when there is no table of that name.
    """
    current = files.current_stamp(name)
    return verdicts.of(name, current.version, _compiled(name, current.sha256).decide(facts))


def judge_many(name: str) -> Many[Verdict]:
    """Give who judges many by the current version of a table: as `judge`, without what the columns of a row were.

    :raises NoSuchRules: when there is no table of that name.
    """
    current = files.current_stamp(name)
    return _compiled(name, current.sha256).many(lambda outcome: verdicts.of(name, current.version, outcome))


def warm_up() -> None:
    """Read the tables that judge now, so that the first appeal need not wait for it."""
    for name, stamp in files.current_stamps().items():
        _compiled(name, stamp.sha256)


@lru_cache(maxsize=128)
def _compiled(name: str, sha256: str) -> CompiledRules:
    return CompiledRules(files.text_of(name, sha256), name)
