"""A text cut into the words of FEEL, each with its line and column."""

import re
import sys
from collections.abc import Collection, Iterator

from lark import Token

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
_NEXT = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*|/\*(?:(?!\*/).)*\*/)+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<name>[^\W\d]\w*)
      | (?P<symbol>"""
    + "|".join(map(re.escape, SYMBOLS))
    + ")",
    re.VERBOSE | re.DOTALL,
)
# After these a value is complete: a bracket that follows closes or filters, it does not open.
_ENDS = frozenset(
    {"NAME", "NUMBER", "STRING", "RPAR", "RSQ", "RBRACE", "OUT_CLOSE", "TRUE", "FALSE", "NULL", "QUESTION"}
)
_OPENING = frozenset({"LPAR", "LSQ", "LBRACE", "OUT_OPEN"})
_CLOSING = frozenset({"RPAR", "RSQ", "RBRACE", "OUT_CLOSE"})


def cut(text: str, *, spaced: Collection[str], functions: Collection[str], where: str) -> Iterator[Token]:
    """Cut a text into words; names with spaces are known beforehand, of functions only before a bracket.

    :raises FeelSyntaxError: at a character that begins no word.
    """
    longest = sorted(spaced, key=len, reverse=True)
    called = sorted(functions, key=len, reverse=True)
    at, before = 0, ""
    brackets: list[str] = []
    while at < len(text):
        kind, end = _known(text, at, longest, called) or _next(text, at, where)
        word = text[at:end]
        if kind != "space":
            kind = _bracket(_type(kind, word), before, brackets)
            yield Token(kind, word, at, *position(text, at), end_pos=end)
            before = kind
        at = end


def position(text: str, at: int) -> tuple[int, int]:
    """Tell line and column, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _next(text: str, at: int, where: str) -> tuple[str, int]:
    found = _NEXT.match(text, at)
    if found and found.lastgroup:
        return found.lastgroup, found.end()
    line, column = position(text, at)
    expected = _("a closing quotation mark") if text[at] == '"' else _("a name, a value or an operator")
    raise FeelSyntaxError(where=where, line=line, column=column, found=text[at : at + 20], expected=expected)


def _known(text: str, at: int, spaced: list[str], functions: list[str]) -> tuple[str, int] | None:
    if at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        return None
    for name in spaced:
        end = at + len(name)
        if text.startswith(name, at) and not (text[end : end + 1].isalnum() or text[end : end + 1] == "_"):
            return "spaced", end
    for name in functions:
        end = at + len(name)
        if text.startswith(name, at) and text[end:].lstrip()[:1] == "(":
            return "spaced", end
    return None


def _type(kind: str, word: str) -> str:
    if kind == "symbol":
        return SYMBOLS[word]
    if kind == "name" and word in KEYWORDS:
        return word.upper()
    return "NAME" if kind == "spaced" else kind.upper()


def _bracket(kind: str, before: str, brackets: list[str]) -> str:
    """Tell ]1..5[ from the brackets of lists and filters."""
    if kind == "RSQ" and before not in _ENDS and before != "LSQ":
        kind = "OUT_OPEN"
    elif kind == "LSQ" and before in _ENDS and brackets and brackets[-1] == "DOTS":
        kind = "OUT_CLOSE"
    if kind in _OPENING:
        brackets.append(kind)
    elif kind in _CLOSING and brackets:
        brackets.pop()
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
