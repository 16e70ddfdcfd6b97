"""The commonest cells read without the grammar: plain values, one side of a number, a stretch of numbers.

Whatever is not surely one of these goes the long way; both ways mean the same.
"""

import re
from decimal import Decimal
from typing import Any

from cec.feel.values import EXACT, Range, tidy

MAX_CELL = 1_000
_NUMBER = r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?"
_STRING = r'"[^"\\]*"'
_ONE = rf"(?:{_STRING}|{_NUMBER}|true|false)"
_SEVERAL = re.compile(rf"\s*{_ONE}(?:\s*,\s*{_ONE})*\s*")
_EACH = re.compile(_ONE)
_SIDE = re.compile(rf"\s*(<=|>=|<|>)\s*({_NUMBER})\s*")
_STRETCH = re.compile(rf"\s*([\[(\]])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\])\[])\s*")


def constants_of(text: str) -> tuple[Any, ...] | None:
    """Give the values that a cell names, if it is nothing but plain values."""
    if len(text) > MAX_CELL or not _SEVERAL.fullmatch(text):
        return None
    return tuple(_value(one) for one in _EACH.findall(text))


def constant_of(text: str) -> tuple[Any] | None:
    """Give the one value that an expression is, in a tuple, if it is plain."""
    values = constants_of(text)
    return (values[0],) if values is not None and len(values) == 1 else None


def side_of(text: str) -> tuple[str, int | Decimal] | None:
    """Give sign and limit of a cell like < 5."""
    found = _SIDE.fullmatch(text) if len(text) <= MAX_CELL else None
    return (found[1], _number(found[2])) if found else None


def stretch_of(text: str) -> Range | None:
    """Give the range of a cell like [1..5)."""
    found = _STRETCH.fullmatch(text) if len(text) <= MAX_CELL else None
    return Range(_number(found[2]), _number(found[3]), found[1] == "[", found[4] == "]") if found else None


def _value(text: str) -> Any:
    if text[0] == '"':
        return text[1:-1]
    return text == "true" if text[0] in "tf" else _number(text)


def _number(text: str) -> int | Decimal:
    return tidy(EXACT.create_decimal(text))
