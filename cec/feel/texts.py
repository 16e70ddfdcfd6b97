"""The functions of FEEL about texts, without patterns."""

from typing import Any

from cec.feel.functions import as_list, function, place, text
from cec.feel.refusals import Mismatch
from cec.feel.values import MAX_TEXT
from cec.platform.i18n import gettext as _


@function("string length", "string")
def _string_length(value: Any) -> int:
    return len(text(value))


@function("substring", "string, start position, length?")
def _substring(value: Any, start: Any, length: Any = None) -> str | None:
    value, start = text(value), place(start)
    if start == 0 or abs(start) > len(value):
        raise Mismatch(_("there is no place {position} in the text").format(position=start))
    begin = start - 1 if start > 0 else len(value) + start
    if length is not None and place(length) < 1:
        raise Mismatch(_("a text has at least one sign"))
    return str(value[begin:] if length is None else value[begin : begin + place(length)])


@function("upper case", "string")
def _upper_case(value: Any) -> str:
    return text(value).upper()


@function("lower case", "string")
def _lower_case(value: Any) -> str:
    return text(value).lower()


@function("trim", "string")
def _trim(value: Any) -> str:
    return text(value).strip()


@function("substring before", "string, match")
def _substring_before(value: Any, match: Any) -> str:
    before, found, _rest = text(value).partition(text(match) or "\0")
    return before if found else ""


@function("substring after", "string, match")
def _substring_after(value: Any, match: Any) -> str:
    if not text(match):
        return text(value)
    return text(value).partition(text(match))[2]


@function("contains", "string, match", is_test=True)
def _contains(value: Any, match: Any) -> bool:
    return text(match) in text(value)


@function("starts with", "string, match", is_test=True)
def _starts_with(value: Any, match: Any) -> bool:
    return text(value).startswith(text(match))


@function("ends with", "string, match", is_test=True)
def _ends_with(value: Any, match: Any) -> bool:
    return text(value).endswith(text(match))


@function("string join", "list, delimiter?", sees_null=True)
def _string_join(parts: Any, delimiter: Any = None) -> str | None:
    if parts is None:
        return None
    between = "" if delimiter is None else text(delimiter)
    texts = [text(part) for part in as_list(parts) if part is not None]
    if sum(map(len, texts)) + len(texts) * len(between) > MAX_TEXT:
        raise Mismatch(_("the text is too long"))
    return between.join(texts)
