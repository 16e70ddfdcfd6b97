"""What the table editor sends, read: steps on rows and columns, whole rows, whole columns."""

from collections.abc import Mapping
from typing import Any

import orjson

from cec.dmn.sheets import Asked, Line
from cec.rulebook.steps import BadChange, ColumnAdded, ColumnRemoved, Splice, Step

_ASKED = {"label", "expression", "type", "allowed"}
_LINE = {"id": str, "on": bool, "cells": list, "reason": str, "comment": str}


def read(text: str) -> list[Step]:
    """Read steps: {at, removed, rows}, {column, asked, cells} or {column}.

    :raises BadChange: when it is anything else.
    """
    return [_step(one) for one in _listed(text)]


def read_lines(text: str) -> tuple[Line, ...]:
    """Read whole rows.

    :raises BadChange: when it is anything else.
    """
    return tuple(map(_line, _listed(text)))


def read_columns(text: str) -> tuple[Asked, ...]:
    """Read all columns that are asked.

    :raises BadChange: when it is anything else, or none.
    """
    found = tuple(map(_asked, _listed(text)))
    if not found:
        raise BadChange
    return found


def _listed(text: str) -> list[Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadChange from None
    if not isinstance(found, list):
        raise BadChange
    return found


def _step(facts: Any) -> Step:
    if not isinstance(facts, Mapping):
        raise BadChange
    if "column" not in facts:
        return _splice(facts)
    at = _number(facts["column"])
    if "asked" not in facts:
        return ColumnRemoved(at)
    return ColumnAdded(at, _asked(facts["asked"]), _texts(facts.get("cells")))


def _splice(facts: Mapping[str, Any]) -> Splice:
    rows = facts.get("rows")
    if not isinstance(rows, list):
        raise BadChange
    return Splice(_number(facts.get("at")), _number(facts.get("removed")), tuple(map(_line, rows)))


def _number(found: Any) -> int:
    if type(found) is not int:
        raise BadChange
    return found


def _texts(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise BadChange
    return tuple(found)


def _line(facts: Any) -> Line:
    if not isinstance(facts, Mapping) or any(type(facts.get(name)) is not kind for name, kind in _LINE.items()):
        raise BadChange
    return Line(facts["id"], _texts(facts["cells"]), facts["reason"], facts["comment"], facts["on"])


def _asked(facts: Any) -> Asked:
    if not isinstance(facts, Mapping) or {*facts} != _ASKED or not all(isinstance(one, str) for one in facts.values()):
        raise BadChange
    return Asked(**facts)
