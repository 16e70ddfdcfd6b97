"""Types of FEEL: read from text, asked of values, values brought to them as the standard has it."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cec.feel.refusals import FeelSyntaxError, Mismatch
from cec.feel.values import kind_of
from cec.platform.i18n import gettext as _

MAX_DEPTH = 20
_NAME = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
_SPACED = ("date and time", "days and time duration", "years and months duration")
_PLAIN = frozenset({"number", "string", "boolean", "date", "time", "list", "context", "function", "range"}) | {*_SPACED}
# As old models write them.
_ALSO = {"dateTime": "date and time", "dayTimeDuration": "days and time duration",
         "yearMonthDuration": "years and months duration", "any": "Any", "null": "Null"}  # fmt: skip


@dataclass(frozen=True)
class Type:
    """What a value may be. `kind` is the name of a kind of values, Any, Null, or union."""

    kind: str
    # Of what a list is made, or a range; None: of anything.
    item: "Type | None" = None
    entries: tuple[tuple[str, "Type"], ...] = ()
    # Of a function: what it takes and gives; None: it is not said.
    takes: "tuple[Type, ...] | None" = None
    gives: "Type | None" = None
    # What the values have to pass besides: true lets them through.
    allowed: Callable[[Any], Any] | None = field(default=None, compare=False)


ANY = Type("Any")
Types = Mapping[str, Type]


def plain(name: str) -> Type | None:
    """Give the type of the standard that has this name."""
    name = _ALSO.get(name, name)
    if name in {"Any", "Null"} or name in _PLAIN:
        return ANY if name == "Any" else Type(name)
    return None


def read_type(
    text: str, at: int = 0, *, spaced: Collection[str] = (), types: Types | None = None, where: str = ""
) -> tuple[Type, int]:
    """Read a type that begins at a place; gives it and where it ends. Without `types` any name counts as one.

    :raises FeelSyntaxError: when no type stands there.
    """
    return _Reader(text, (*_SPACED, *spaced), types, where).read(at, 0)


class _Reader:
    def __init__(self, text: str, spaced: Sequence[str], types: Types | None, where: str) -> None:
        self._text, self._types, self._where = text, types, where
        self._spaced = sorted(spaced, key=len, reverse=True)

    def read(self, at: int, depth: int) -> tuple[Type, int]:
        name, end = self._name(at)
        if depth > MAX_DEPTH:
            raise self._wrong(at, _("a simpler type"))
        after = self._skip(end)
        if self._text[after : after + 1] == "<" and name in {"list", "range", "context", "function"}:
            return self._inside(name, after + 1, depth + 1)
        known = plain(name) or (ANY if self._types is None else self._types.get(name))
        if known is None:
            raise self._wrong(at, _("a known type"))
        return known, end

    def _inside(self, name: str, at: int, depth: int) -> tuple[Type, int]:
        if name in {"list", "range"}:
            item, end = self.read(at, depth)
            return Type(name, item=item), self._sign(end, ">")
        if name == "context":
            entries: list[tuple[str, Type]] = []
            end = at
            while not entries or self._text[self._skip(end) : self._skip(end) + 1] == ",":
                key, colon = self._key(self._skip(end) + 1 if entries else end)
                kind, end = self.read(self._sign(colon, ":"), depth)
                entries.append((key, kind))
            return Type(name, entries=tuple(entries)), self._sign(end, ">")
        takes: list[Type] = []
        end = at
        while self._text[self._skip(end) : self._skip(end) + 1] != ">":
            kind, end = self.read(self._sign(end, ",") if takes else end, depth)
            takes.append(kind)
        gives, end = self.read(self._sign(self._sign(end, ">"), "->"), depth)
        return Type(name, takes=tuple(takes), gives=gives), end

    def _name(self, at: int) -> tuple[str, int]:
        at = self._skip(at)
        for name in self._spaced:
            found = re.compile(r"\s+".join(map(re.escape, name.split())) + r"(?!\w)").match(self._text, at)
            if found:
                return name, found.end()
        found = _NAME.match(self._text, at)
        if not found:
            raise self._wrong(at, _("a type"))
        return "".join(found[0].split()), found.end()

    def _key(self, at: int) -> tuple[str, int]:
        end = self._text.find(":", at)
        if end < 0 or not self._text[at:end].strip():
            raise self._wrong(at, _("a name"))
        return " ".join(self._text[at:end].split()), end

    def _sign(self, at: int, sign: str) -> int:
        at = self._skip(at)
        if not self._text.startswith(sign, at):
            raise self._wrong(at, f"“{sign}”")
        return at + len(sign)

    def _skip(self, at: int) -> int:
        while self._text[at : at + 1].isspace():
            at += 1
        return at

    def _wrong(self, at: int, expected: str) -> FeelSyntaxError:
        line, column = self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)
        found = f"“{self._text[at : at + 20]}”" if self._text[at:] else _("the end")
        return FeelSyntaxError(where=self._where, line=line, column=column, found=found, expected=expected)


def conforms(value: Any, wanted: Type) -> bool:
    """Say whether a value is of a type; null is of every type, as what is missing."""
    if value is None or wanted.kind == "Any":
        return True
    if kind_of(value) != wanted.kind:
        return False
    if wanted.kind == "list":
        return wanted.item is None or all(conforms(one, wanted.item) for one in value)
    if wanted.kind == "range":
        return wanted.item is None or (conforms(value.start, wanted.item) and conforms(value.end, wanted.item))
    if wanted.kind == "context":
        return all(name in value and conforms(value[name], kind) for name, kind in wanted.entries)
    return wanted.kind != "function" or _function_conforms(value, wanted)


def _function_conforms(value: Any, wanted: Type) -> bool:
    """Say whether a function takes at least what is asked for and gives no more than that."""
    if wanted.takes is None:
        return True
    takes = value.types
    if len(takes) != len(wanted.takes):
        return False
    return all(_fits(asked, own) for asked, own in zip(wanted.takes, takes, strict=True)) and _fits(
        value.gives, wanted.gives or ANY
    )


def _fits(narrow: Type, wide: Type) -> bool:
    """Say whether every value of one type is of the other."""
    if wide.kind == "Any" or narrow == wide:
        return True
    if narrow.kind != wide.kind:
        return False
    if wide.kind in {"list", "range"}:
        return wide.item is None or _fits(narrow.item or ANY, wide.item)
    if wide.kind == "context":
        own = dict(narrow.entries)
        return all(name in own and _fits(own[name], kind) for name, kind in wide.entries)
    return wide.kind != "function" or wide.takes is None


def is_instance(value: Any, wanted: Type) -> bool:
    """Say whether a value is an instance of a type; null is one of Null alone."""
    if value is None or wanted.kind == "Null":
        return value is None and wanted.kind == "Null"
    return conforms(value, wanted)


def bring(value: Any, wanted: Type) -> Any:
    """Give a value of the type: as it is, out of a list of one, as a list of one, a date as its midnight.

    :raises Mismatch: when the value is of another type or not among those allowed.
    """
    if value is None:
        return None
    if wanted.kind == "Any":
        return _let_through(value, wanted)
    found = _brought(value, wanted)
    if found is None:
        shown = wanted.kind
        raise Mismatch(_("expected {expected}, got {found}").format(expected=shown, found=kind_of(value)))
    return _let_through(found, wanted)


def _brought(value: Any, wanted: Type) -> Any:
    if isinstance(value, list) and wanted.kind != "list":
        return value[0] if len(value) == 1 and conforms(value[0], wanted) else None
    if wanted.kind == "list" and not isinstance(value, list):
        return [value] if wanted.item is None or conforms(value, wanted.item) else None
    if wanted.kind == "date and time" and type(value) is dt.date:
        return dt.datetime.combine(value, dt.time(0), tzinfo=dt.UTC)
    return value if conforms(value, wanted) else None


def _let_through(value: Any, wanted: Type) -> Any:
    """Ask what is allowed of the value and of its parts."""
    if wanted.allowed is not None and wanted.allowed(value) is not True:
        raise Mismatch(_("this value is not among those allowed"))
    if isinstance(value, list) and wanted.kind == "list" and wanted.item is not None:
        for one in value:
            if one is not None:
                _let_through(one, wanted.item)
    if isinstance(value, dict):
        for name, kind in wanted.entries:
            if value.get(name) is not None:
                _let_through(value[name], kind)
    return value
