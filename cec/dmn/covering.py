"""What a cell lets through, as far as that can be said without running it: values and stretches of values."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Token

from cec.feel import quick
from cec.feel.compiling import compile_expression
from cec.feel.far import FAR
from cec.feel.parsing import Node, parse
from cec.feel.refusals import FeelError, FeelSyntaxError, Mismatch
from cec.feel.values import Range, kind_of, ordered, same

_LIMITS = {
    "<": (False, True, False),
    "<=": (False, True, True),
    ">": (True, False, False),
    ">=": (True, False, True),
}
# A large table has so many different cells that only the grammar reads.
REMEMBERED = 8_192
_LITERALS = frozenset({"number", "string", "word", "at", "call", "negative", "group"})


@dataclass(frozen=True)
class Stretch:
    """The values from low to high; an open side is None. One value is a stretch from itself to itself."""

    kind: str
    low: Any
    high: Any
    with_low: bool = True
    with_high: bool = True


# None: everything. Else the stretches; a cell that cannot be told has its text instead.
Cell = tuple[Stretch, ...] | str | None


def cell_of(text: str) -> Cell:
    """Say what a cell lets through."""
    if text in {"", "-"}:
        return None
    plain = _plain(text)
    return _read(text) if plain is None else plain


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> Cell:
    """Read a cell by the grammar: slow, and asked again with every check of a table."""
    try:
        tree = parse(text, start="unary_tests")
        tests = tree.children[0].children  # type: ignore[union-attr]
        stretches = tuple(_stretch(test, text) for test in tests if isinstance(test, type(tree)))
    except (FeelSyntaxError, FeelError, Mismatch, _Unsure):
        return " ".join(text.split())
    return stretches


def _plain(text: str) -> tuple[Stretch, ...] | None:
    """Read the commonest cells without the grammar."""
    if constants := quick.constants_of(text):
        return tuple(Stretch(kind_of(value), value, value) for value in constants)
    if limits := quick.stretch_of(text):
        return (Stretch("number", limits.start, limits.end, limits.with_start, limits.with_end),)
    side = quick.side_of(text)
    return (_side(*side),) if side else None


class _Unsure(Exception):
    """Only running the cell would tell."""


def _stretch(test: Node, text: str) -> Stretch:
    if test.data == "test_compare":
        return _side(str(test.children[0]), _value(test.children[1], text))  # type: ignore[arg-type]
    value = _value(test, text)
    if isinstance(value, Range):
        if (value.start is None and value.end is None) or isinstance(value.start, FAR) or isinstance(value.end, FAR):
            raise _Unsure
        kind = kind_of(value.start if value.start is not None else value.end)
        return Stretch(kind, value.start, value.end, value.with_start, value.with_end)
    if isinstance(value, (list, dict, *FAR)):
        raise _Unsure
    return Stretch(kind_of(value), value, value)


def _side(sign: str, value: Any) -> Stretch:
    if sign == "=":
        return Stretch(kind_of(value), value, value)
    if sign not in _LIMITS or value is None or isinstance(value, FAR):
        raise _Unsure
    is_low, is_high, inclusive = _LIMITS[sign]
    return Stretch(kind_of(value), value if is_low else None, value if is_high else None, inclusive, inclusive)


def _value(node: Node, text: str) -> Any:
    is_literal = node.data in _LITERALS | {"range", "half_range"}
    if not is_literal or any(isinstance(word, Token) and word.type == "QUESTION" for word in node.scan_values(bool)):
        raise _Unsure
    compiled = compile_expression(text[node.meta.start_pos : node.meta.end_pos])
    if compiled.names:
        raise _Unsure
    return compiled({})


def literals(text: str) -> Iterator[Any]:
    """Give the single values that a cell names."""
    cell = cell_of(text)
    for stretch in cell if isinstance(cell, tuple) else ():
        if stretch.low is not None and same(stretch.low, stretch.high) is True:
            yield stretch.low


def covers(wide: Cell, narrow: Cell) -> bool:
    """Say whether one cell surely lets through all that the other does."""
    if wide is None or wide == narrow:
        return True
    if not isinstance(wide, tuple) or not isinstance(narrow, tuple):
        return False
    return all(any(_contains(outer, inner) for outer in wide) for inner in narrow)


def _contains(outer: Stretch, inner: Stretch) -> bool:
    if outer.kind != inner.kind:
        return False
    if same(outer.low, outer.high) is True and outer.kind in {"boolean", "null", "string"}:
        return same(outer.low, inner.low) is True and same(outer.low, inner.high) is True
    low = _reaches(outer.low, inner.low, is_strict=inner.with_low and not outer.with_low, is_low=True)
    high = _reaches(outer.high, inner.high, is_strict=inner.with_high and not outer.with_high, is_low=False)
    return low and high


def _reaches(outer: Any, inner: Any, *, is_strict: bool, is_low: bool) -> bool:
    if outer is None:
        return True
    if inner is None:
        return False
    if same(outer, inner) is True:
        return not is_strict
    first, second = ordered(outer, inner) or (0, 0)
    return bool(first < second) if is_low else bool(first > second)
