"""The names with spaces that a text itself brings in: keys, parameters, what loops call their items."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# A name has no more words and signs than this.
MAX_WORDS = 20
# Signs that may stand inside a key.
_INSIDE = frozenset("+-*/'")
_LOOPS = frozenset({"for", "some", "every"})
_WORDS = re.compile(r"[^\W\d]\w*(?: \w+)+")
_ENDS = {"{": frozenset({":"}), "(": frozenset({":", ",", ")"}), ",": frozenset({":"})}


class _Word(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def declared(text: str, pattern: re.Pattern[str]) -> frozenset[str]:
    """List the names of more than one word that are declared in a text; `pattern` finds the next word."""
    if "{" not in text and not any(word in text for word in (*_LOOPS, "function")):
        return frozenset()
    return frozenset(_declared(text, list(_words(text, pattern))))


def _words(text: str, pattern: re.Pattern[str]) -> Iterator[_Word]:
    at = 0
    while at < len(text):
        found = pattern.match(text, at)
        if not found or not found.lastgroup:
            return
        if found.lastgroup != "space":
            yield _Word(found.lastgroup, found[0], at, found.end())
        at = found.end()


def _declared(text: str, words: list[_Word]) -> Iterator[str]:
    for at, word in enumerate(words):
        if word.text in _LOOPS or word.text == ",":
            yield from _run(text, words, at + 1, frozenset({"in"}), signs=False)
        if word.text in {"{", ","} or (word.text == "(" and at and words[at - 1].text == "function"):
            yield from _run(text, words, at + 1, _ENDS[word.text], signs=word.text != "(")
            yield from _quoted(words, at + 1)


def _quoted(words: list[_Word], at: int) -> Iterator[str]:
    """Find a key in quotation marks that could be written without them."""
    if at + 1 < len(words) and words[at].kind == "string" and words[at + 1].text == ":":
        name = words[at].text[1:-1]
        if " " in name and _WORDS.fullmatch(name):
            yield name


def _run(text: str, words: list[_Word], first: int, ends: frozenset[str], *, signs: bool) -> Iterator[str]:
    at, last = first, min(first + MAX_WORDS, len(words))
    while at < last and words[at].text not in ends:
        word = words[at]
        if word.kind not in {"name", "number"} and not (signs and word.text in _INSIDE):
            return
        at += 1
    if first + 1 < at < last and words[first].kind == "name":
        yield " ".join(text[words[first].start : words[at - 1].end].split())
