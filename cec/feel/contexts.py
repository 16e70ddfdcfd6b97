"""The functions of FEEL about contexts, and of values as such."""

from typing import Any

from cec.feel.functions import as_list, function, taken, text
from cec.feel.refusals import Mismatch, TooMuch
from cec.feel.values import MAX_NESTING, kind_of, same
from cec.platform.i18n import gettext as _


@function("get value", "m, key", "context, key", "context, keys")
def _get_value(context: Any, key: Any) -> Any:
    found = taken(context, "context")
    if not isinstance(key, list):
        return found.get(text(key))
    for one in key:
        found = taken(found, "context").get(text(one)) if found is not None else None
    return found


@function("get entries", "m", "context")
def _get_entries(context: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in taken(context, "context").items()]


@function("context", "entries")
def _context(entries: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for entry in as_list(entries):
        one = taken(entry, "context")
        if "key" not in one or "value" not in one:
            raise Mismatch(_("an entry has a key and a value"))
        key = text(one["key"])
        if key in made:
            raise Mismatch(_("the key “{key}” is there twice").format(key=key))
        made[key] = one["value"]
    return made


@function("context put", "context, key, value", "context, keys, value", sees_null=True)
def _context_put(context: Any, key: Any, value: Any) -> dict[str, Any]:
    keys = key if isinstance(key, list) else [key]
    if len(keys) > MAX_NESTING:
        raise TooMuch(_("the value is too large"))
    if not keys:
        raise Mismatch(_("expected {expected}, got {found}").format(expected=_("a name"), found="[]"))
    name, *rest = keys
    name, old = text(name), taken(context, "context")
    return {**old, name: _context_put(old.get(name), rest, value) if rest else value}


@function("context merge", "contexts")
def _context_merge(contexts: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for context in as_list(contexts):
        merged.update(taken(context, "context"))
    return merged


@function("is defined", "value", sees_null=True, is_test=True)
def _is_defined(value: Any) -> bool:
    return value is not None


@function("is", "value1, value2", sees_null=True, is_test=True)
def _is(left: Any, right: Any) -> bool:
    if (left is None) != (right is None) or kind_of(left) != kind_of(right):
        return False
    zones = [getattr(value, "tzinfo", None) is None for value in (left, right)]
    return zones[0] == zones[1] and same(left, right) is True
