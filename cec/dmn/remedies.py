"""What a cell that cannot be read was probably meant to be: offered only if it is sound."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from cec.dmn import checking
from cec.dmn.boxes import Row, Table
from cec.dmn.checking import Directories

_SIGNS = re.compile(r"([<>!])\s+=")
_TURNED = re.compile(r"=\s*([<>])")
_QUOTES = re.compile(r"[«“”„‟‘’]\s*([^«»“”„‟‘’\"]*?)\s*[»“”‘’]")
_DIGITS = re.compile(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}\b)")
_BARE_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:\.\.+|…|–|—)\s*(-?\d+(?:\.\d+)?)\s*")
_WORDS = {"да": "true", "yes": "true", "истина": "true", "нет": "false", "no": "false", "ложь": "false"}


def remedy(table: Table, cell: int, text: str, *, inputs: Collection[str], directories: Directories) -> str | None:
    """Give what a cell (counted from 0, inputs first) of this table was probably meant to hold, if it then is sound."""
    kinds = [*(one.type for one in table.inputs), *(one.type for one in table.outputs)]
    for meant in _guesses(text, kinds[cell]):
        if meant != text and not _is_wrong(table, cell, meant, inputs, directories):
            return meant
    return None


def _guesses(text: str, kind: str) -> Iterator[str]:
    written = _QUOTES.sub(r'"\1"', text)
    written = _TURNED.sub(r"\1=", _SIGNS.sub(r"\1=", written)) if '"' not in written else written
    yield written
    yield from _BY_KIND.get(kind, _as_is)(written)


def _as_text(text: str) -> Iterator[str]:
    """Put quotation marks: leaving them out is the commonest slip."""
    bare = text.replace('"', "")
    yield ", ".join(f'"{part.strip()}"' for part in bare.split(",") if part.strip())
    yield f'"{bare.strip()}"'


def _as_number(text: str) -> Iterator[str]:
    tidy = _DIGITS.sub("", text.replace('"', ""))
    yield tidy
    if found := _BARE_RANGE.fullmatch(tidy):
        yield f"[{found[1]}..{found[2]}]"
    # A comma where the standard has a point.
    yield re.sub(r"(?<=\d),(?=\d)", ".", tidy)


def _as_flag(text: str) -> Iterator[str]:
    bare = text.replace('"', "").strip().lower()
    yield _WORDS.get(bare, bare)


def _as_is(text: str) -> Iterator[str]:
    yield text


_BY_KIND: dict[str, Callable[[str], Iterator[str]]] = {"string": _as_text, "number": _as_number, "boolean": _as_flag}


def _is_wrong(table: Table, cell: int, text: str, inputs: Collection[str], directories: Directories) -> bool:
    count = len(table.inputs)
    cells = ["-"] * count + ["null"] * len(table.outputs)
    cells[cell] = text
    tried = replace(table, rows=(Row("tried", tuple(cells[:count]), tuple(cells[count:]), ""),))
    return bool(checking.check_rows(tried, [1], inputs=inputs, directories=directories))
