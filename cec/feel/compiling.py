"""Text to a checked, compiled function; every error names line and column."""

from collections.abc import Callable, Collection
from typing import Any

from cec.feel import closures, quick, values
from cec.feel.branches import told
from cec.feel.building import Builder
from cec.feel.closures import Context, Run, Test
from cec.feel.parsing import Node, parse
from cec.feel.refusals import FeelError, FeelSyntaxError, Mismatch
from cec.feel.surroundings import Surroundings
from cec.platform.i18n import gettext as _

__all__ = ["Expression", "FeelError", "FeelSyntaxError", "compile_expression", "compile_unary_tests"]


class Expression:
    """A text of FEEL, ready to be worked out as often as wanted."""

    __slots__ = ("asks_more", "names", "run", "test", "text", "where")

    def __init__(
        self,
        text: str,
        where: str,
        run: Run,
        names: frozenset[str],
        test: Test | None = None,
        *,
        asks_more: bool = False,
    ) -> None:
        self.text, self.where, self.run = text, where, run
        # The names it takes from the context; and whether it depends on more than these, as on the clock.
        self.names, self.asks_more = names, asks_more
        # A cell asks a value: the context, then the value, which the context has under “?” too.
        self.test: Test = test or (lambda context, _value: run(context))

    def __call__(self, context: Context) -> Any:
        """Work it out.

        :raises FeelError: when it cannot be worked out with these values.
        """
        return self.run(context)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(
    text: str, *, where: str = "", spaced: Collection[str] = (), around: Surroundings | None = None
) -> Expression:
    """Compile an expression; `spaced` are names of the context that hold spaces or signs.

    :raises FeelSyntaxError: when the text is not FEEL, or larger or deeper than anything a person writes.
    """
    if plain := quick.constant_of(text):
        value = plain[0]
        return Expression(text, where, lambda _context: value, frozenset())
    return _compiled(text, "expression", where, around or Surroundings(frozenset(spaced)), Builder.choice)


def compile_unary_tests(
    text: str, *, where: str = "", spaced: Collection[str] = (), around: Surroundings | None = None
) -> Expression:
    """Compile a cell of a decision table: it asks the value under “?” and answers true, false or null.

    :raises FeelSyntaxError: when the text is not FEEL, or larger or deeper than anything a person writes.
    """
    around = around or Surroundings(frozenset(spaced))
    test = _quick_test(text, where, is_strict=around.is_strict)
    if test is not None:
        asked = test
        return Expression(text, where, lambda context: asked(context, context["?"]), frozenset(), test)
    return _compiled(text, "unary_tests", where, around, Builder.unary_tests)


def _quick_test(text: str, where: str, *, is_strict: bool) -> Test | None:
    """Make the test of a cell that needs no grammar."""
    column = len(text) - len(text.lstrip()) + 1
    if constants := quick.constants_of(text):
        slow = told(values.holds, where, 1, column, is_strict=is_strict)
        return closures.one_of([closures.equals(wanted, slow) for wanted in constants])
    if stretch := quick.stretch_of(text):
        return closures.lies_in(stretch, told(values.holds, where, 1, column, is_strict=is_strict))
    if side := quick.side_of(text):
        sign, limit = side
        slow = told(closures.comparison(sign), where, 1, column, is_strict=is_strict)
        return closures.sided(sign, limit, slow)
    return None


def _compiled(
    text: str, start: str, where: str, around: Surroundings, build: Callable[[Builder, Node], Run]
) -> Expression:
    builder = Builder(where, around)
    tree = parse(text, start=start, spaced=around.spaced, functions=builder.spaced_functions, where=where)
    run = build(builder, tree)
    if builder.is_heavy:
        run = _limited(run, where)
    return Expression(text, where, run, frozenset(builder.names), asks_more=builder.asks_more)


def _limited(run: Run, where: str) -> Run:
    def limited(context: Any) -> Any:
        with values.limited():
            try:
                return values.weigh(run(context))
            except Mismatch as why:
                raise FeelError(where=where, line=1, column=1, reason=str(why)) from None
            except RecursionError:
                reason = _("functions call each other too deeply")
                raise FeelError(where=where, line=1, column=1, reason=reason) from None

    return limited
