"""What the branches of a text share while they become functions: depth, names, loops, and how errors are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from lark import Token

from cec.feel.closures import Run
from cec.feel.parsing import Node
from cec.feel.refusals import FeelError, FeelSyntaxError, Mismatch, Misread, TooMuch
from cec.feel.surroundings import Surroundings, note, noting
from cec.feel.typing import Type, read_type
from cec.feel.words import tidied, unquoted
from cec.platform.i18n import gettext as _

MAX_DEPTH = 50


class Part(NamedTuple):
    """A branch, compiled: what it runs, whether it is constant, whether it answers yes or no."""

    run: Run
    is_fixed: bool = False
    is_test: bool = False


class Branch:
    """What every branch of a text shares: where it stands, the names it needs from outside, how errors are told."""

    def __init__(self, where: str, around: Surroundings) -> None:
        self._where, self._around = where, around
        self._depth = 0
        self._own: list[set[str]] = []
        # Inside a filter any name may be an entry of the item.
        self._filters = 0
        self._repeats = 0
        self._asks = False
        # Inside the arguments of a call functions of the standard may be handed on.
        self._is_argument = False
        self._partial = False
        self._is_unary = False
        self.names: set[str] = set()
        # It depends on more than these names: on the clock, or on names that may be an entry of an item.
        self.asks_more = False
        self.is_heavy = False

    def _part(self, tree: Node) -> Part:
        if self._depth >= MAX_DEPTH:
            raise self._wrong(tree, _("deeper nesting"), _("at most {count} levels").format(count=MAX_DEPTH))
        self._depth += 1
        build: Callable[[Node], Part] = getattr(self, f"_on_{tree.data}")
        part = build(tree)
        self._depth -= 1
        return part

    def _parts(self, tree: Node) -> list[Part]:
        return [self._part(branch) for branch in branches(tree)]

    @contextmanager
    def _naming(self) -> Iterator[set[str]]:
        own: set[str] = set()
        self._own.append(own)
        yield own
        self._own.pop()

    @contextmanager
    def _repeating(self) -> Iterator[None]:
        self._repeats += 1
        yield
        self._repeats -= 1

    def _told(self, tree: Node, act: Callable[..., Any]) -> Callable[..., Any]:
        """Let an error say where it happened; unless that stops, it is noted and null."""
        return told(act, self._where, tree.meta.line, tree.meta.column, is_strict=self._around.is_strict)

    def _failing(self, why: FeelSyntaxError) -> Part:
        """Refuse a part that can never be worked out; as the standard has it, it is null and noted."""
        if self._around.is_strict:
            raise why
        error = why.as_error()

        def run(_context: Any) -> None:
            note(error)

        return Part(run)

    def _is_own(self, name: str) -> bool:
        return any(name in own for own in self._own)

    def _type(self, word: Any) -> Type:
        """Read the type that a word holds."""
        try:
            return read_type(str(word), spaced=[name for name in self._around.types if " " in name],
                             types=self._around.types, where=self._where)[0]  # fmt: skip
        except FeelSyntaxError as why:
            raise FeelSyntaxError(where=self._where, line=word.line, column=word.column, found=f"“{word}”",
                                  expected=why.expected) from None  # fmt: skip

    def _check(self, tree: Node, run: Run) -> None:
        """Refuse now a constant that could never be worked out."""
        try:
            run({})
        except FeelError as why:
            if isinstance(why.__cause__, Misread):
                raise self._wrong(tree, why.__cause__.found, why.__cause__.expected) from None
            raise self._wrong(tree, _("a value that is no use here"), why.reason) from None

    def _folded(self, part: Part) -> Part:
        """Work a constant out once; lists stay fresh, somebody may change them."""
        if not part.is_fixed:
            return part
        try:
            # What is noted here is noted again whenever it is worked out.
            with noting():
                value = part.run({})
        except FeelError:
            return part._replace(is_fixed=False)
        # What became null is noted each time it is worked out.
        if isinstance(value, list | dict) or value is None:
            return part
        return constant(value)._replace(is_test=part.is_test)

    def _wrong(self, tree: Node, found: str, expected: str) -> FeelSyntaxError:
        return FeelSyntaxError(
            where=self._where, line=tree.meta.line, column=tree.meta.column, found=found, expected=expected
        )


def told(act: Callable[..., Any], where: str, line: int, column: int, *, is_strict: bool) -> Callable[..., Any]:
    """Let an error of an act say where it happened; unless that stops, it is noted and null."""

    def telling(*given: Any) -> Any:
        try:
            return act(*given)
        except Mismatch as why:
            error = FeelError(where=where, line=line, column=column, reason=str(why))
            if is_strict or isinstance(why, TooMuch):
                raise error from why
            note(error)
            return None

    return telling


def constant(value: Any) -> Part:
    """Make a branch that is always this value."""
    return Part(lambda _context: value, is_fixed=True)


def branches(tree: Node) -> list[Node]:
    """Give the branches of a branch, without the words between them."""
    return [child for child in tree.children if not isinstance(child, Token)]


def key_of(entry: Node) -> str:
    """Give the name before the colon."""
    words = [str(word) for word in entry.children if isinstance(word, Token) and word.type in {"NAME", "STRING"}]
    return unquoted(words[0]) if words[0].startswith('"') else tidied(" ".join(words))
