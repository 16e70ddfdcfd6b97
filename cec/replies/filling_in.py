"""Placeholders of a template: `{{client.first_name|default:"клиент"}}`, from a fixed list, filled from an appeal.

What has no value and no default stays visible, and is never sent (guide 3.3.1).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from cec.platform.errors import Invalid
from cec.platform.i18n import mark

# Name: what it says.
PLACEHOLDERS = {
    "client.first_name": mark("The client’s first name"),
    "operator.first_name": mark("Your first name"),
    "appeal.number": mark("The number of the appeal"),
    "appeal.subject": mark("The subject of the appeal"),
    "date": mark("The day of the answer"),
}
_BRACES = re.compile(r"\{\{|\}\}")
_INSIDE = re.compile(r'\s*([\w.]+)\s*(?:\|\s*default\s*:\s*["“”«»]([^"“”«»]*)["“”«»]\s*)?')
_OURS = re.compile(r"\{\{\s*(?:" + "|".join(map(re.escape, PLACEHOLDERS)) + r")\b(?:[^{}\n]*\}\})?")


class BracesUnbalanced(Invalid):
    """Line {line}, sign {sign}: these braces stand alone; a placeholder has two before and two behind."""

    field = "text"


class PlaceholderUnknown(Invalid):
    """Line {line}, sign {sign}: there is no placeholder “{words}”; choose one from the list."""

    field = "text"


class PlaceholderLeft(Invalid):
    """“{words}” still stands in the answer: write what belongs there."""

    field = "text"


class Piece(NamedTuple):
    """A piece of a template: words, or a placeholder with its name and what stands for it when nothing is known."""

    words: str
    name: str = ""
    default: str = ""


class Filled(NamedTuple):
    """A template filled in: pieces of words, and whether each is a placeholder that nothing is known for."""

    pieces: list[tuple[str, bool]]

    @property
    def text(self) -> str:
        """Give the words as they go into an answer."""
        return "".join(words for words, _is_left in self.pieces)


def read(text: str, known: Collection[str] = PLACEHOLDERS) -> list[Piece]:
    """Take a template apart, in which these placeholders may stand.

    :raises Invalid: names the line and the sign of a placeholder that is unknown or not closed.
    """
    return list(_pieces(text, known))


def _pieces(text: str, known: Collection[str]) -> Iterator[Piece]:
    done, opened = 0, None
    for found in _BRACES.finditer(text):
        if (found[0] == "{{") == (opened is not None):
            raise BracesUnbalanced(**_place(text, found.start() if opened is None else opened))
        if opened is None:
            yield Piece(text[done : found.start()])
            opened = found.start()
        else:
            yield _placeholder(text, opened, found.end(), known)
            done, opened = found.end(), None
    if opened is not None:
        raise BracesUnbalanced(**_place(text, opened))
    yield Piece(text[done:])


def _placeholder(text: str, start: int, end: int, known: Collection[str]) -> Piece:
    found = _INSIDE.fullmatch(text, start + 2, end - 2)
    if found is None or found[1] not in known:
        raise PlaceholderUnknown(words=text[start + 2 : end - 2].strip(), **_place(text, start))
    return Piece(text[start:end], found[1], found[2] or "")


def _place(text: str, at: int) -> dict[str, int]:
    return {"line": text.count("\n", 0, at) + 1, "sign": at - text.rfind("\n", 0, at)}


def fill(text: str, values: Mapping[str, str], known: Collection[str] = PLACEHOLDERS) -> Filled:
    """Fill in what is known; else its default; else it stays as it is written."""
    pieces = []
    for piece in read(text, known):
        words = (values.get(piece.name) or piece.default) if piece.name else piece.words
        if piece.words:
            pieces.append((words, False) if words else (piece.words, True))
    return Filled(pieces)


def put(text: str, name: str, words: str) -> str:
    """Put what has become known in the place of one placeholder, in plain words or in HTML; `words` are plain signs."""
    return re.sub(r"\{\{\s*" + re.escape(name) + r"\s*(?:\|[^{}\n]*)?\}\}", lambda _found: words, text)


def must_be_filled(text: str) -> None:
    """Refuse an answer in which a placeholder of ours is left.

    :raises PlaceholderLeft: names it.
    """
    left = _OURS.search(text)
    if left:
        raise PlaceholderLeft(words=left[0])
