"""A text cut into the words of FEEL, each with its line and column."""

import re
import sys
from collections.abc import Collection, Iterator
from functools import lru_cache

from lark import Token

from cec.feel import naming, typing
from cec.feel.refusals import FeelSyntaxError
from cec.platform.i18n import gettext as _

KEYWORDS = frozenset(
    {
        "if", "then", "else", "for", "return", "some", "every", "satisfies",
        "and", "or", "not", "between", "in", "true", "false", "null",
    }
)  # fmt: skip
SYMBOLS = {
    "**": "POW", "<=": "CMP", ">=": "CMP", "!=": "CMP", "..": "DOTS", "<": "CMP", ">": "CMP", "=": "CMP",
    "+": "ADD", "-": "SUB", "*": "MUL", "/": "DIV", "(": "LPAR", ")": "RPAR", "[": "LSQ", "]": "RSQ",
    "{": "LBRACE", "}": "RBRACE", ",": "COMMA", ":": "COLON", ".": "DOT", "@": "AT", "?": "QUESTION",
}  # fmt: skip
_SPACE = r"[\s\u180e\u200b\ufeff]"
_LETTER = r"[^\W\d]|[\U00010000-\U000effff]"
_NEXT = re.compile(
    rf"""(?P<space>(?:{_SPACE}|//[^\n]*|/\*(?:(?!\*/).)*\*/)+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,4}})?)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<instance>instance\s+of\b)
      | (?P<name>(?:{_LETTER})(?:{_LETTER}|\d)*)
      | (?P<symbol>"""
    + "|".join(map(re.escape, SYMBOLS))
    + ")",
    re.VERBOSE | re.DOTALL,
)
# Parts of times and ranges whose names hold a space: they are read after a dot.
_SPACED_PART = re.compile(r"(?:time\s+offset|start\s+included|end\s+included)\b")
# After these a value is complete: a bracket that follows closes or filters, it does not open.
_ENDS = frozenset(
    {"NAME", "NUMBER", "STRING", "RPAR", "RSQ", "RBRACE", "OUT_CLOSE", "TRUE", "FALSE", "NULL", "QUESTION", "TYPE"}
)
_OPENING = frozenset({"LPAR", "LSQ", "LBRACE", "OUT_OPEN"})
_CLOSING = frozenset({"RPAR", "RSQ", "RBRACE", "OUT_CLOSE"})


def cut(text: str, *, spaced: Collection[str], functions: Collection[str], where: str) -> Iterator[Token]:
    """Cut a text into words; names with spaces are known beforehand, of functions only before a bracket.

    :raises FeelSyntaxError: at a character that begins no word.
    """
    names = _pattern(frozenset(spaced) | naming.declared(text, _NEXT), "")
    called = _pattern(frozenset(functions), r"(?=\s*\()")
    at, before = 0, ""
    brackets: list[str] = []
    while at < len(text):
        kind, end = (
            _typed(text, at, before, brackets, spaced, where)
            or _known(text, at, before, names, called)
            or _next(text, at, before, where)
        )
        word = text[at:end]
        if kind != "space":
            kind = _bracket(_type(kind, word, before, text[end : end + 40]), before, brackets)
            yield Token(kind, tidied(word) if kind == "NAME" else word, at, *position(text, at), end_pos=end)
            before = kind
        at = end


def tidied(name: str) -> str:
    """Write a name with one space between its words."""
    return " ".join(name.split())


@lru_cache(maxsize=256)
def _pattern(names: frozenset[str], before: str) -> re.Pattern[str] | None:
    """Find any of the names, the longest first, with as much space between their words as somebody liked."""
    written = [r"\s+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True)]
    return re.compile(f"(?:{'|'.join(written)})(?![^\\W]){before}") if written else None


def position(text: str, at: int) -> tuple[int, int]:
    """Tell line and column, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _next(text: str, at: int, before: str, where: str) -> tuple[str, int]:
    found = _NEXT.match(text, at)
    if found and found.lastgroup:
        kind = found.lastgroup
        if kind == "instance" and before not in _ENDS:
            return "name", at + len("instance")
        return kind, found.end()
    line, column = position(text, at)
    expected = _("a closing quotation mark") if text[at] == '"' else _("a name, a value or an operator")
    raise FeelSyntaxError(where=where, line=line, column=column, found=text[at : at + 20], expected=expected)


def _known(
    text: str, at: int, before: str, names: re.Pattern[str] | None, called: re.Pattern[str] | None
) -> tuple[str, int] | None:
    if at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        return None
    if not (text[at].isalpha() or text[at] == "_" or ord(text[at]) > sys.maxunicode >> 5):
        return None
    patterns = (_SPACED_PART, names) if before == "DOT" else (names, called)
    found = next(filter(None, (pattern.match(text, at) for pattern in patterns if pattern)), None)
    return ("spaced", found.end()) if found else None


def _typed(
    text: str, at: int, before: str, brackets: list[str], spaced: Collection[str], where: str
) -> tuple[str, int] | None:
    """Read a whole type after “instance of” and after the colon of a parameter."""
    if before != "INSTANCE" and not (before == "COLON" and brackets and brackets[-1] == "FUNCTION"):
        return None
    if text[at].isspace():
        return None
    return "type", typing.read_type(text, at, spaced=spaced, where=where)[1]


def _type(kind: str, word: str, before: str, rest: str) -> str:
    if kind == "symbol":
        return SYMBOLS[word]
    if kind == "name":
        if word in KEYWORDS:
            return word.upper()
        if word == "function" and rest.lstrip()[:1] == "(":
            return "FUNCTION"
        if word == "external" and before == "FUNCTION_END":
            return "EXTERNAL"
    return "NAME" if kind in {"spaced", "name"} else kind.upper()


def _bracket(kind: str, before: str, brackets: list[str]) -> str:
    """Tell ]1..5[ from the brackets of lists and filters, and the bracket that ends the parameters of a function."""
    if kind == "RSQ" and before not in _ENDS and before != "LSQ":
        kind = "OUT_OPEN"
    elif kind == "LSQ" and before in _ENDS and brackets and brackets[-1] == "DOTS":
        kind = "OUT_CLOSE"
    if kind in _OPENING:
        brackets.append("FUNCTION" if before == "FUNCTION" else kind)
    elif kind in _CLOSING and brackets:
        if brackets.pop() == "FUNCTION":
            kind = "FUNCTION_END"
    elif kind == "DOTS" and brackets:
        brackets[-1] = "DOTS"
    return kind


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)


def unquoted(word: str) -> str:
    """Give the text inside quotation marks."""

    def meant(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        if not code:
            # What is no escape stands for itself, as in "\s".
            return _ESCAPES.get(found[3], found[0])
        return chr(int(code, 16)) if int(code, 16) <= sys.maxunicode else "\ufffd"

    # A pair of \u halves is one character; a half alone is none.
    return _ESCAPE.sub(meant, word[1:-1]).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
