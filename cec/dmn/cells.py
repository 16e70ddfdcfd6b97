"""Texts of a file compiled: strictly, or as the standard has it: what is no FEEL is null and is noted."""

from typing import Any

from cec.feel.compiling import Expression, FeelSyntaxError, compile_expression, compile_unary_tests
from cec.feel.surroundings import Surroundings, note


def expression(text: str, *, where: str, around: Surroundings) -> Expression:
    """Compile an expression.

    :raises FeelSyntaxError: when it is no FEEL and errors stop.
    """
    try:
        return compile_expression(text, where=where, around=around)
    except FeelSyntaxError as why:
        return _null(text, where, around, why)


def unary_tests(text: str, *, where: str, around: Surroundings) -> Expression:
    """Compile a cell that asks.

    :raises FeelSyntaxError: when it is no FEEL and errors stop.
    """
    try:
        return compile_unary_tests(text, where=where, around=around)
    except FeelSyntaxError as why:
        return _null(text, where, around, why)


def _null(text: str, where: str, around: Surroundings, why: FeelSyntaxError) -> Expression:
    if around.is_strict:
        raise why
    error = why.as_error()

    def run(_context: Any) -> None:
        note(error)

    return Expression(text, where, run, frozenset())
