"""Hit policies: what the rows that hit answer together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cec.feel import values
from cec.feel.arithmetic import add
from cec.feel.refusals import Mismatch
from cec.platform.i18n import gettext as _

Answer = dict[str, Any]
# By output: the allowed values, the most important first.
Ranks = dict[str, list[Any]]
AGGREGATIONS = frozenset({"", "SUM", "COUNT", "MIN", "MAX"})


class Contradiction(Exception):
    """Several rows hit where the policy allows one answer."""


@dataclass(frozen=True)
class Policy:
    """How the answers of rows become one."""

    join: Callable[[Sequence[Answer], Ranks], Any]
    # It stops at the first row that hits.
    takes_first: bool = False
    # It answers with a list.
    is_list: bool = False
    # What it answers when no row hits.
    empty: Any = field(default=None)


def _only(answers: Sequence[Answer], _ranks: Ranks) -> Answer:
    if len(answers) > 1:
        raise Contradiction(_("more than one row hits a table that allows one"))
    return answers[0]


def _alike(answers: Sequence[Answer], _ranks: Ranks) -> Answer:
    if any(values.same(answers[0], other) is not True for other in answers[1:]):
        raise Contradiction(_("rows that hit give different answers"))
    return answers[0]


def _listed(answers: Sequence[Answer], _ranks: Ranks) -> list[Answer]:
    return list(answers)


def _ranked(answers: Sequence[Answer], ranks: Ranks) -> list[Answer]:
    def rank(answer: Answer) -> list[int]:
        return [order.index(answer[name]) if answer[name] in order else len(order) for name, order in ranks.items()]

    return sorted(answers, key=rank)


def _summed(column: list[Any]) -> Any:
    total = column[0]
    for value in column[1:]:
        total = add(total, value)
    return total


def _least(column: list[Any], *, turned: bool = False) -> Any:
    best = column[0]
    for value in column[1:]:
        pair = values.ordered(value, best)
        if pair and (pair[0] > pair[1] if turned else pair[0] < pair[1]):
            best = value
    return best


def _columns(act: Callable[[list[Any]], Any]) -> Callable[[Sequence[Answer], Ranks], Answer]:
    def join(answers: Sequence[Answer], _ranks: Ranks) -> Answer:
        try:
            return {name: act([answer[name] for answer in answers]) for name in answers[0]}
        except Mismatch as why:
            raise Contradiction(str(why)) from None

    return join


_POLICIES: dict[tuple[str, str], Policy] = {
    ("UNIQUE", ""): Policy(_only),
    ("FIRST", ""): Policy(_only, takes_first=True),
    ("ANY", ""): Policy(_alike),
    ("PRIORITY", ""): Policy(lambda answers, ranks: _ranked(answers, ranks)[0]),
    ("RULE ORDER", ""): Policy(_listed, is_list=True),
    ("OUTPUT ORDER", ""): Policy(_ranked, is_list=True),
    ("COLLECT", ""): Policy(_listed, is_list=True),
    # Nothing collected is no points; a least or a greatest of nothing there is not.
    ("COLLECT", "SUM"): Policy(_columns(_summed), empty=0),
    ("COLLECT", "COUNT"): Policy(_columns(len), empty=0),
    ("COLLECT", "MIN"): Policy(_columns(_least)),
    ("COLLECT", "MAX"): Policy(_columns(lambda column: _least(column, turned=True))),
}
HIT_POLICIES = tuple(dict.fromkeys(policy for policy, _aggregation in _POLICIES))


def find(hit_policy: str, aggregation: str) -> Policy | None:
    """Give the policy of that name; an aggregation counts for COLLECT only."""
    return _POLICIES.get((hit_policy, aggregation if hit_policy == "COLLECT" else ""))
