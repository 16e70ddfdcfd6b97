"""What changed in an entry of a directory: old and new values for the journal, and whether somebody was faster."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from cec.platform.errors import Refusal

Values = Mapping[str, Any]


class ChangedMeanwhile(Refusal):
    """Somebody changed this while you were typing. What you typed is still here: compare, then save once more."""


def plain(values: Values) -> dict[str, Any]:
    """Give values as the journal keeps them."""
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.timedelta):
        return str(value)
    return value.isoformat() if isinstance(value, dt.datetime) else value


def difference(before: Values, after: Values) -> dict[str, list[Any]]:
    """Tell the old and the new value of each field that is not what it was."""
    old, new = plain(before), plain(after)
    return {key: [old.get(key), value] for key, value in new.items() if old.get(key) != value}


def mark_of(values: Values) -> str:
    """Give a short mark that is another one once any of the values is."""
    return hashlib.sha256(orjson.dumps(plain(values), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def check(values: Values, seen: str) -> None:
    """Refuse when the values are not those that the person has seen.

    :raises ChangedMeanwhile: then; nothing seen, nothing refused.
    """
    if seen and seen != mark_of(values):
        raise ChangedMeanwhile
