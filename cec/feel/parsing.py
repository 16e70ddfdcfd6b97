"""A text of FEEL as a tree; every error names line, column and what was expected."""

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer

from cec.feel import words
from cec.feel.refusals import FeelSyntaxError
from cec.platform.i18n import gettext as _

MAX_LENGTH = 10_000
EXPECTED_SHOWN = 6
_SIGNS = {kind: sign for sign, kind in words.SYMBOLS.items() if kind != "CMP"}
_OPERATORS = frozenset({"ADD", "SUB", "MUL", "DIV", "POW", "CMP", "AND", "OR", "IN", "BETWEEN", "DOTS"})
_BEGINNINGS = frozenset({"NUMBER", "STRING", "NAME", "TRUE", "FALSE", "NULL", "AT", "NOT", "QUESTION"})
_UNSAID = frozenset({"$END", "NAME", "OUT_OPEN", "OUT_CLOSE", "LPAR", "LSQ", "DOT"})

Node = Tree[Token]


class _Words(Lexer):
    """Words are fed one by one; Lark cuts nothing itself."""

    def __init__(self, conf: Any) -> None:
        """Take what Lark hands to every lexer."""

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:  # noqa: ARG002 - Lark's names
        """Give nothing: parse() feeds."""
        return iter(())


@cache
def _grammar() -> Lark:
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer=_Words,
        start=["expression", "unary_tests"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def parse(
    text: str, *, start: str, spaced: Collection[str] = (), functions: Collection[str] = (), where: str = ""
) -> Node:
    """Read a text into a tree.

    :raises FeelSyntaxError: when it is too long or not FEEL.
    """
    if len(text) > MAX_LENGTH:
        raise _too_long(text, where)
    feeding = _grammar().parse_interactive("", start=start)
    end = Token("$END", "", len(text), *words.position(text, len(text)))
    try:
        for word in words.cut(text, spaced=spaced, functions=functions, where=where):
            feeding.feed_token(word)
        tree: Node = feeding.feed_eof(end)  # type: ignore[no-untyped-call]
    except UnexpectedToken as stop:
        accepted = feeding.accepts()  # type: ignore[no-untyped-call]
        raise _refused(stop.token, accepted, where) from None
    return tree


def _too_long(text: str, where: str) -> FeelSyntaxError:
    found = _("{count} characters").format(count=len(text))
    expected = _("at most {count} characters").format(count=MAX_LENGTH)
    return FeelSyntaxError(where=where, line=1, column=MAX_LENGTH, found=found, expected=expected)


def _refused(word: Token, accepted: set[str], where: str) -> FeelSyntaxError:
    found = f"“{word}”" if word.type != "$END" else _("the end")
    return FeelSyntaxError(
        where=where, line=word.line or 1, column=word.column or 1, found=found, expected=_expected(accepted)
    )


def _expected(kinds: set[str]) -> str:
    """Say in a few words what may stand here; a dozen of operators is one idea."""
    said: list[str] = []
    if kinds >= _BEGINNINGS:
        said.append(_("a value"))
    elif "NAME" in kinds:
        said.append(_("a name"))
    if len(_OPERATORS & kinds) > 1 and not kinds >= _BEGINNINGS:
        said.append(_("an operator"))
        kinds = kinds - _OPERATORS
    if "$END" in kinds:
        said.append(_("the end"))
    if not kinds >= _BEGINNINGS:
        said += sorted(f"“{_SIGNS.get(kind, kind.lower())}”" for kind in kinds - _UNSAID)
    return ", ".join(said[:EXPECTED_SHOWN])
