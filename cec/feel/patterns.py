"""Regular expressions of XPath, as FEEL has them, run by RE2: the time is linear in the text, whatever the pattern.

What RE2 cannot do in linear time - a pattern that refers back to what it found - is refused.
"""

import re
from functools import lru_cache
from typing import Any

import re2

from cec.feel.functions import function, text
from cec.feel.refusals import Mismatch
from cec.feel.translating import translated
from cec.feel.values import MAX_ITEMS, MAX_TEXT
from cec.platform.i18n import gettext as _

MAX_PATTERN = 1_000
MAX_MEMORY = 8_000_000
_REPLACED = re.compile(r"\\([\\$])|\$([0-9]+)|[\\$]|[^\\$]+")


def _options() -> Any:
    options = re2.Options()
    options.log_errors, options.max_mem = False, MAX_MEMORY
    return options


@lru_cache(maxsize=1_000)
def _compiled(pattern: str, flags: str) -> Any:
    if len(pattern) > MAX_PATTERN:
        raise Mismatch(_("the pattern is too long"))
    try:
        return re2.compile(translated(pattern, flags), _options())
    except (re2.error, UnicodeError):
        raise _wrong(pattern) from None


def _wrong(pattern: str) -> Mismatch:
    return Mismatch(_("“{pattern}” is no regular expression").format(pattern=pattern[:40]))


def _that_finds_something(pattern: str, flags: str) -> Any:
    found = _compiled(pattern, flags)
    if found.search(""):
        raise Mismatch(_("the pattern “{pattern}” also finds nothing at all").format(pattern=pattern[:40]))
    return found


def _searched(value: Any) -> str:
    found = text(value)
    if len(found) > MAX_TEXT:
        raise Mismatch(_("the text is too long"))
    # Half a pair of surrogates is no character.
    return found.encode("utf-8", "replace").decode()


@function("matches", "input, pattern, flags?", sees_null=True, is_test=True)
def _matches(value: Any, pattern: Any, flags: Any = None) -> bool | None:
    if value is None or pattern is None:
        raise Mismatch(_("expected {expected}, got {found}").format(expected="string", found="null"))
    return _compiled(text(pattern), "" if flags is None else text(flags)).search(_searched(value)) is not None


@function("replace", "input, pattern, replacement, flags?", sees_null=True, is_heavy=True)
def _replace(value: Any, pattern: Any, replacement: Any, flags: Any = None) -> str | None:
    if value is None or pattern is None or replacement is None:
        return None
    found = _that_finds_something(text(pattern), "" if flags is None else text(flags))
    parts = _parts(text(replacement), found.groups)
    searched, made, at, size = _searched(value), list[str](), 0, 0
    for hit in found.finditer(searched):
        new = "".join(part if isinstance(part, str) else hit.group(part) or "" for part in parts)
        made += [searched[at : hit.start()], new]
        size, at = size + len(new), hit.end()
        if size > MAX_TEXT:
            raise Mismatch(_("the text is too long"))
    return "".join([*made, searched[at:]])


def _parts(replacement: str, groups: int) -> list[str | int]:
    """Cut a replacement into texts and numbers of groups."""
    parts: list[str | int] = []
    for found in _REPLACED.finditer(replacement):
        if found[1]:
            parts.append(found[1])
        elif found[2]:
            parts += _group(found[2], groups)
        elif found[0] in "\\$":
            raise Mismatch(_("in a replacement “$” names a group and “\\” stands before “$” and “\\”"))
        else:
            parts.append(found[0])
    return parts


def _group(digits: str, groups: int) -> list[str | int]:
    """Read $12 as group 12 if there are so many, else as group 1 and a 2; a group that is not there is empty."""
    length = len(digits)
    while length > 1 and int(digits[:length]) > groups:
        length -= 1
    number = int(digits[:length])
    return [number if number <= groups else "", digits[length:]]


@function("split", "string, delimiter", is_heavy=True)
def _split(value: Any, delimiter: Any) -> list[str]:
    found, searched = _that_finds_something(text(delimiter), ""), _searched(value)
    pieces, at = list[str](), 0
    for hit in found.finditer(searched):
        pieces.append(searched[at : hit.start()])
        at = hit.end()
        if len(pieces) > MAX_ITEMS:
            raise Mismatch(_("the list is too long"))
    return [*pieces, searched[at:]]
