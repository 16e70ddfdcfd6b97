"""Text to a checked, compiled function; every error names line and column."""

from collections.abc import Callable, Collection
from typing import Any

from cec.feel import values
from cec.feel.building import Builder
from cec.feel.closures import Context, Run
from cec.feel.parsing import Node, parse
from cec.feel.refusals import FeelError, FeelSyntaxError, Mismatch

__all__ = ["Expression", "FeelError", "FeelSyntaxError", "compile_expression", "compile_unary_tests"]


class Expression:
    """A text of FEEL, ready to be worked out as often as wanted."""

    __slots__ = ("_run", "names", "text", "where")

    def __init__(self, text: str, where: str, run: Run, names: frozenset[str]) -> None:
        self.text, self.where, self._run = text, where, run
        # The names it takes from the context.
        self.names = names

    def __call__(self, context: Context) -> Any:
        """Work it out.

        :raises FeelError: when it cannot be worked out with these values.
        """
        return self._run(context)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(text: str, *, where: str = "", spaced: Collection[str] = ()) -> Expression:
    """Compile an expression; `spaced` are names of the context that hold spaces or signs.

    :raises FeelSyntaxError: when the text is not FEEL, or larger or deeper than anything a person writes.
    """
    return _compiled(text, "expression", where, spaced, Builder.choice)


def compile_unary_tests(text: str, *, where: str = "", spaced: Collection[str] = ()) -> Expression:
    """Compile a cell of a decision table: it asks the value under “?” and answers true, false or null.

    :raises FeelSyntaxError: when the text is not FEEL, or larger or deeper than anything a person writes.
    """
    return _compiled(text, "unary_tests", where, spaced, Builder.unary_tests)


def _compiled(
    text: str, start: str, where: str, spaced: Collection[str], build: Callable[[Builder, Node], Run]
) -> Expression:
    builder = Builder(where)
    tree = parse(text, start=start, spaced=spaced, functions=builder.spaced_functions, where=where)
    run = build(builder, tree)
    if builder.is_heavy:
        run = _limited(run, where)
    return Expression(text, where, run, frozenset(builder.names))


def _limited(run: Run, where: str) -> Run:
    def limited(context: Any) -> Any:
        with values.limited():
            try:
                return values.weigh(run(context))
            except Mismatch as why:
                raise FeelError(where=where, line=1, column=1, reason=str(why)) from None

    return limited
