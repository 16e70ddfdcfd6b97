"""The functions of FEEL about lists."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from cec.feel.arithmetic import add, divide, multiply, subtract
from cec.feel.closures import invoke
from cec.feel.functions import as_list, function, listed, place, taken
from cec.feel.refusals import Mismatch
from cec.feel.values import EXACT, MAX_ITEMS, Invocable, Room, kind_of, number, ordered, room, same, tidy
from cec.platform.i18n import gettext as _


def _kept(values: list[Any]) -> list[Any]:
    if len(values) > MAX_ITEMS:
        raise Mismatch(_("the list is too long"))
    return values


def _index(values: list[Any], position: Any) -> int:
    at = place(position)
    if at == 0 or abs(at) > len(values):
        raise Mismatch(_("there is no place {position} in the list").format(position=at))
    return at - 1 if at > 0 else len(values) + at


def _has(values: list[Any], element: Any, shared: Room) -> bool:
    return any(same(value, element, shared) is True for value in values)


@function("list contains", "list, element", sees_null=True, is_test=True)
def _list_contains(values: Any, element: Any) -> bool | None:
    return None if values is None else _has(as_list(values), element, room())


@function("count", "list")
def _count(values: Any) -> int:
    return len(as_list(values))


def _best(name: str, *, last: bool) -> None:
    def best(*values: Any) -> Any:
        ranked = _ranked(listed(values))
        return (ranked[-1] if last else ranked[0]) if ranked else None

    function(name, "list", "c1, …")(best)


def _ranked(values: list[Any]) -> list[Any]:
    def compare(left: Any, right: Any) -> int:
        pair = ordered(left, right)
        if pair is None:
            raise Mismatch(_("null has no place in an order"))
        return int(pair[0] > pair[1]) - int(pair[0] < pair[1])

    if len(values) == 1:
        ordered(values[0], values[0])
    return sorted(values, key=cmp_to_key(compare))


def _over_numbers(name: str, act: Callable[[list[Any]], Any], empty: Any = None) -> None:
    def worked_out(*values: Any) -> Any:
        counted = listed(values)
        if any(value is None for value in counted):
            return None
        if not counted:
            return list(empty) if isinstance(empty, list) else empty
        return act([value if kind_of(value).endswith("duration") else number(value) for value in counted])

    function(name, "list", "n1, …")(worked_out)


def _sum(values: list[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = add(total, value)
    return total


def _product(values: list[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = multiply(total, value)
    return total


def _mean(values: list[Any]) -> Any:
    return divide(_sum(values), len(values))


def _median(values: list[Any]) -> Any:
    ranked, half = _ranked(values), len(values) // 2
    return ranked[half] if len(values) % 2 else divide(add(ranked[half - 1], ranked[half]), 2)


def _stddev(values: list[Any]) -> Any:
    if len(values) == 1:
        return None
    mean = _mean(values)
    squares = _sum([multiply(rest, rest) for rest in (subtract(value, mean) for value in values)])
    return tidy(EXACT.sqrt(Decimal(divide(squares, len(values) - 1))))


def _mode(values: list[Any]) -> list[Any]:
    counts = Counter(values)
    most = max(counts.values())
    return _ranked([value for value, count in counts.items() if count == most])


for _name, _act in (("sum", _sum), ("product", _product), ("mean", _mean), ("median", _median), ("stddev", _stddev)):
    _over_numbers(_name, _act)
_over_numbers("mode", _mode, [])
_best("min", last=False)
_best("max", last=True)


@function("all", "list", "b1, …", sees_null=True, is_test=True)
def _all(*values: Any) -> bool | None:
    return _logic(listed(values), decisive=False)


@function("any", "list", "b1, …", sees_null=True, is_test=True)
def _any(*values: Any) -> bool | None:
    return _logic(listed(values), decisive=True)


def _logic(values: list[Any], *, decisive: bool) -> bool | None:
    if any(value is decisive for value in values):
        return decisive
    return None if any(value is not (not decisive) for value in values) else not decisive


@function("sublist", "list, start position, length?")
def _sublist(values: Any, start: Any, length: Any = None) -> list[Any]:
    begin = _index(as_list(values), start)
    if length is None:
        return as_list(values)[begin:]
    if place(length) < 0 or begin + place(length) > len(as_list(values)):
        raise Mismatch(_("there is no place {position} in the list").format(position=begin + place(length)))
    return as_list(values)[begin : begin + place(length)]


@function("append", "list, …", sees_null=True)
def _append(values: Any, *items: Any) -> list[Any] | None:
    return None if values is None else _kept([*(values if isinstance(values, list) else [values]), *items])


@function("concatenate", "…")
def _concatenate(*lists: Any) -> list[Any]:
    return _kept([value for values in lists for value in as_list(values)])


@function("insert before", "list, position, newItem", sees_null=True)
def _insert_before(values: Any, position: Any, item: Any) -> list[Any] | None:
    if values is None:
        return None
    changed = as_list(values)
    changed.insert(_index(changed, position), item)
    return _kept(changed)


@function("remove", "list, position")
def _remove(values: Any, position: Any) -> list[Any]:
    changed = as_list(values)
    del changed[_index(changed, position)]
    return changed


@function("reverse", "list")
def _reverse(values: Any) -> list[Any]:
    return as_list(values)[::-1]


@function("index of", "list, match", sees_null=True)
def _index_of(values: Any, match: Any) -> list[int] | None:
    shared = room()
    if values is None:
        return None
    return [at for at, value in enumerate(as_list(values), 1) if same(value, match, shared) is True]


@function("distinct values", "list")
def _distinct(values: Any) -> list[Any]:
    shared, kept = room(), list[Any]()
    for value in as_list(values):
        shared.take(1 + len(kept))
        if not _has(kept, value, shared):
            kept.append(value)
    return kept


@function("union", "…")
def _union(*lists: Any) -> list[Any]:
    kept: list[Any] = _distinct(_concatenate(*lists))
    return kept


@function("flatten", "list")
def _flatten(values: Any) -> list[Any]:
    flat, waiting, shared = list[Any](), [as_list(values)[::-1]], room()
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            continue
        shared.take()
        value = waiting[-1].pop()
        if isinstance(value, list):
            waiting.append(value[::-1])
        else:
            flat.append(value)
    return _kept(flat)


@function("list replace", "list, position, newItem", "list, match, newItem", sees_null=True, is_heavy=True)
def _list_replace(values: Any, where: Any, item: Any) -> list[Any]:
    changed = as_list(values)
    if isinstance(where, Invocable):
        return [item if _says_so(where, value, item) else value for value in changed]
    changed[_index(changed, where)] = item
    return changed


def _says_so(function: Invocable, *values: Any) -> bool:
    answer = invoke(function, values, ())
    if not isinstance(answer, bool):
        raise Mismatch(_("expected {expected}, got {found}").format(expected="boolean", found=kind_of(answer)))
    return answer


@function("sort", "list, precedes?", sees_null=True, is_heavy=True)
def _sort(values: Any, precedes: Any = None) -> list[Any] | None:
    if values is None:
        return None
    if precedes is None:
        return _ranked(as_list(values))
    ordering = taken(precedes, "function")

    def compare(left: Any, right: Any) -> int:
        if _says_so(ordering, left, right):
            return -1
        return int(_says_so(ordering, right, left))

    return sorted(as_list(values), key=cmp_to_key(compare))
