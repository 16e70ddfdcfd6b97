"""A range read from text, as in range("[1..10]"): its ends are plain values, nothing is worked out."""

from typing import Any

from lark import Token

from cec.feel import moments
from cec.feel.parsing import Node, parse
from cec.feel.refusals import FeelSyntaxError, Mismatch, Misread
from cec.feel.values import EXACT, Range, ordered, tidy
from cec.feel.words import unquoted
from cec.platform.i18n import gettext as _

_READERS = {
    "date": moments.read_date,
    "time": moments.read_time,
    "date and time": moments.read_moment,
    "duration": moments.read_duration,
}


def read_range(text: str) -> Range:
    """Read a range.

    :raises Mismatch: when it is none or its ends are no plain values.
    """
    try:
        tree = parse(_with_both_ends(text.strip()), start="expression", functions=("date and time",)).children[0]
    except FeelSyntaxError:
        raise _no(text) from None
    if isinstance(tree, Token) or tree.data != "range":
        raise _no(text)
    start, end = (_value(child, text) for child in tree.children if not isinstance(child, Token))
    with_start, with_end = tree.children[0].type == "LSQ", tree.children[-1].type == "RSQ"  # type: ignore[union-attr]
    if (start is None and with_start) or (end is None and with_end) or (start is None and end is None):
        raise _no(text)
    pair = ordered(start, end)
    if pair and pair[0] > pair[1]:
        raise _no(text)
    if start is None or end is None:
        sign = ("<" if start is None else ">") + ("=" if with_start or with_end else "")
        return Range(start, end, with_start, with_end, sign)
    return Range(start, end, with_start, with_end)


def _with_both_ends(text: str) -> str:
    """Write null for an end that is left out."""
    inner = text[1:-1].strip()
    if inner.startswith(".."):
        return f"{text[:1]}null{inner}{text[-1:]}"
    return f"{text[:1]}{inner}null{text[-1:]}" if inner.endswith("..") else text


def _value(node: Node, text: str) -> Any:
    if node.data == "number":
        return tidy(EXACT.create_decimal(str(node.children[0])))
    if node.data == "negative":
        return -_number(node, text)
    if node.data == "string":
        return unquoted(str(node.children[0]))
    if node.data == "at":
        return moments.read_any(unquoted(str(node.children[1])))
    if node.data == "word" and str(node.children[0]) == "null":
        return None
    if node.data == "call":
        callee, *given = [child for child in node.children if not isinstance(child, Token)]
        read = _READERS.get(str(callee.children[0])) if callee.data == "name" else None
        if read and len(given) == 1 and given[0].data == "string":
            return read(unquoted(str(given[0].children[0])))
    raise _no(text)


def _number(node: Node, text: str) -> Any:
    inner = node.children[-1]
    if isinstance(inner, Token) or inner.data != "number":
        raise _no(text)
    return _value(inner, text)


def _no(text: str) -> Mismatch:
    return Misread(f"“{text[:40]}”", _("a range like [1..10]"))
