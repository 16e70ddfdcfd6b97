"""The tree of a text turned into one function, branch by branch; what is constant is worked out once.

Nothing here runs Python text: a branch becomes a closure from a fixed list.
"""

from collections.abc import Callable, Collection
from typing import Any

from lark import Token

from cec.feel import arithmetic, closures, definitions, library, moments, typing, values
from cec.feel.branches import Part, branches, constant, key_of
from cec.feel.calls import Calls
from cec.feel.closures import Run, Test
from cec.feel.parsing import Node
from cec.feel.refusals import Misread
from cec.feel.words import unquoted
from cec.platform.i18n import gettext as _

MAX_TURNS = 5
_PARTIAL = "partial"
_WORDS = {"true": True, "false": False, "null": None}
_SUMS = {"+": arithmetic.add, "-": arithmetic.subtract, "*": arithmetic.multiply, "/": arithmetic.divide,
         "**": arithmetic.power}  # fmt: skip


class Builder(Calls):
    """Builds one text."""

    spaced_functions: Collection[str] = frozenset(name for name in library.TABLE if " " in name)

    # What the outside asks for.

    def choice(self, tree: Node) -> Run:
        """Build an expression."""
        return self._part(branches(tree)[0]).run

    def unary_tests(self, tree: Node) -> Run:
        """Build a cell: a test of the value under “?”."""
        self._is_unary = True
        if tree.data == "anything":
            return lambda _context: True
        test = self._tests(branches(tree)[0])
        return lambda context: test(context, context["?"])

    # Tests.

    def _tests(self, tree: Node) -> Test:
        tests = branches(tree)
        if len(tests) == 1 and tests[0].data == "negation":
            inner = branches(branches(tests[0])[0])
            return closures.one_of([self._test(branch) for branch in inner], negated=True)
        return closures.one_of([self._test(branch) for branch in tests])

    def _test(self, tree: Node) -> Test:
        if tree.data == "test_compare":
            return self._test_compare(tree)
        asked, self._asks = self._asks, False
        part = self._part(tree)
        asks, self._asks = self._asks, asked
        slow = self._told(tree, values.holds)
        if part.is_fixed:
            wanted = part.run({})
            return closures.lies_in(wanted, slow) if isinstance(wanted, values.Range) else closures.equals(wanted, slow)
        if asks or part.is_test:
            run = part.run
            return lambda context, _value: run(context)
        return closures.answered(part.run, slow)

    def _test_compare(self, tree: Node) -> Test:
        sign, limit = str(tree.children[0]), self._part(branches(tree)[0]).run
        act, types = closures.quick(sign)
        slow = self._told(tree, closures.comparison(sign))

        def test(context: Any, value: Any) -> bool | None:
            other = limit(context)
            if value.__class__ is other.__class__ and value.__class__ in types:
                return act(value, other)
            answer: bool | None = slow(value, other)
            return answer

        return test

    # Expressions.

    def _on_number(self, tree: Node) -> Part:
        return self._read(tree, lambda text: values.tidy(values.EXACT.create_decimal(text)), str(tree.children[0]))

    def _on_string(self, tree: Node) -> Part:
        return constant(unquoted(str(tree.children[0])))

    def _on_word(self, tree: Node) -> Part:
        return constant(_WORDS[str(tree.children[0])])

    def _on_at(self, tree: Node) -> Part:
        return self._read(tree, moments.read_any, unquoted(str(tree.children[1])))

    def _read(self, tree: Node, read: Callable[[str], Any], text: str) -> Part:
        try:
            return constant(read(text))
        except Misread as why:
            raise self._wrong(tree, why.found, why.expected) from None
        except ArithmeticError:
            raise self._wrong(tree, f"“{text[:40]}”", _("a smaller number")) from None

    def _on_name(self, tree: Node) -> Part:
        name = str(tree.children[0])
        if name == "?":
            return self._question(tree)
        if not self._filters and not self._is_own(name):
            if name in library.TABLE and name not in self._around.callables:
                return self._named_function(tree, name)
            self.names.add(name)
        self.asks_more = self.asks_more or (bool(self._filters) and not self._is_own(name))
        self._partial = self._partial or name == _PARTIAL
        fail = self._told(tree, closures.unknown)

        def run(context: Any) -> Any:
            try:
                return context[name]
            except KeyError:
                return fail(name)

        return Part(run)

    def _named_function(self, tree: Node, name: str) -> Part:
        """Take what the context has under the name of a standard function, else hand that function on."""
        standard = definitions.Standard(library.TABLE[name])
        is_handed_on = self._is_argument or not self._around.is_strict
        self.asks_more = True
        if not is_handed_on:
            self.names.add(name)
        fail = self._told(tree, closures.unknown)

        def run(context: Any) -> Any:
            try:
                return context[name]
            except KeyError:
                return standard if is_handed_on else fail(name)

        return Part(run)

    def _question(self, tree: Node) -> Part:
        if not self._is_unary:
            raise self._wrong(tree, "“?”", _("a name; “?” is for cells of a table"))
        self._asks = True
        return Part(lambda context: context["?"])

    def _on_group(self, tree: Node) -> Part:
        return self._parts(tree)[0]

    def _on_path(self, tree: Node) -> Part:
        value, *_rest = self._parts(tree)
        names = [str(word) for word in tree.children[1:] if isinstance(word, Token) and word.type == "NAME"]
        take, run = self._told(tree, closures.part_of), value.run
        if len(names) == 1:
            only = names[0]
            return Part(lambda context: take(run(context), only), is_fixed=value.is_fixed)

        def walk(context: Any) -> Any:
            found = run(context)
            for name in names:
                found = take(found, name)
            return found

        return Part(walk, is_fixed=value.is_fixed)

    def _on_negative(self, tree: Node) -> Part:
        (value,) = self._parts(tree)
        act, run = self._told(tree, arithmetic.negate), value.run
        return self._folded(Part(lambda context: act(run(context)), value.is_fixed))

    def _on_additive(self, tree: Node) -> Part:
        first, *rest = self._parts(tree)
        signs = [str(word) for word in tree.children if isinstance(word, Token)]
        steps = [(self._told(tree, _SUMS[sign]), part.run) for sign, part in zip(signs, rest, strict=True)]
        is_fixed = first.is_fixed and all(part.is_fixed for part in rest)
        return self._folded(Part(closures.chained(first.run, steps), is_fixed))

    _on_term = _on_power = _on_additive

    def _on_instance_of(self, tree: Node) -> Part:
        (value,) = self._parts(tree)
        wanted, run = self._type(tree.children[-1]), value.run
        return self._folded(
            Part(lambda context: typing.is_instance(run(context), wanted), value.is_fixed, is_test=True)
        )

    def _on_compare(self, tree: Node) -> Part:
        left, right = self._parts(tree)
        sign = str(tree.children[1])
        slow = self._told(tree, closures.comparison(sign))
        run = closures.compared(sign, left.run, right.run, slow)
        return self._folded(Part(run, left.is_fixed and right.is_fixed, is_test=True))

    def _on_between(self, tree: Node) -> Part:
        value, low, high = (part.run for part in self._parts(tree))
        lies = self._told(tree, closures.between)
        return Part(lambda context: lies(value(context), low(context), high(context)), is_test=True)

    def _on_is_in(self, tree: Node) -> Part:
        left, right = branches(tree)
        value = self._part(left).run
        test = (
            closures.one_of([self._test(one) for one in branches(right)])
            if right.data == "any_of"
            else self._test(right)
        )
        return Part(lambda context: test(context, value(context)), is_test=True)

    def _on_negation(self, tree: Node) -> Part:
        tests = branches(branches(tree)[0])
        if len(tests) != 1 or tests[0].data == "test_compare":
            return self._failing(self._wrong(tests[-1], _("several tests"), _("one condition")))
        run = self._part(tests[0]).run

        def turned(context: Any) -> bool | None:
            value = run(context)
            return not value if isinstance(value, bool) else None

        return Part(turned, is_test=True)

    def _on_conjunction(self, tree: Node) -> Part:
        return Part(closures.both([part.run for part in self._parts(tree)], decisive=False), is_test=True)

    def _on_disjunction(self, tree: Node) -> Part:
        return Part(closures.both([part.run for part in self._parts(tree)], decisive=True), is_test=True)

    def _on_conditional(self, tree: Node) -> Part:
        condition, then, other = (part.run for part in self._parts(tree))
        return Part(lambda context: then(context) if condition(context) is True else other(context))

    def _on_range(self, tree: Node) -> Part:
        start, end = self._parts(tree)
        with_start = tree.children[0].type == "LSQ"  # type: ignore[union-attr]
        with_end = tree.children[-1].type == "RSQ"  # type: ignore[union-attr]
        low, high = start.run, end.run
        make = self._told(tree, closures.limits)
        run: Run = lambda context: make(low(context), high(context), with_start, with_end)  # noqa: E731
        return self._folded(Part(run, start.is_fixed and end.is_fixed))

    def _on_half_range(self, tree: Node) -> Part:
        (limit,) = self._parts(tree)
        make, sign = closures.half(str(tree.children[1])), limit.run
        return self._folded(Part(lambda context: make(sign(context)), limit.is_fixed))

    def _on_list(self, tree: Node) -> Part:
        parts = self._parts(tree)
        runs = [part.run for part in parts]
        self.is_heavy = self.is_heavy or any(branch.data in {"name", "list"} for branch in branches(tree))
        return Part(lambda context: [run(context) for run in runs], all(part.is_fixed for part in parts))

    def _on_context(self, tree: Node) -> Part:
        entries: list[tuple[str, Run]] = []
        self.is_heavy = True
        with self._naming() as own:
            for entry in branches(tree):
                key = key_of(entry)
                if key in dict(entries):
                    return self._failing(self._wrong(entry, f"“{key}”", _("another name")))
                if branches(entry)[0].data == "definition":
                    # A function may call itself.
                    own.add(key)
                entries.append((key, self._part(branches(entry)[0]).run))
                own.add(key)
        return Part(closures.context(entries))

    # Loops and filters.

    def _on_filter(self, tree: Node) -> Part:
        source, condition = branches(tree)
        value = self._part(source).run
        self.is_heavy = True
        self._filters += 1
        with self._repeating():
            part = self._part(condition)
        self._filters -= 1
        if condition.data in {"number", "negative"} and part.is_fixed:
            pick, at = self._told(tree, closures.picked), part.run
            return Part(lambda context: pick(value(context), at(context)))
        pick = self._told(tree, closures.filtered)
        return Part(lambda context: pick(value(context), part.run, context))

    def _on_for_each(self, tree: Node) -> Part:
        partial, self._partial = self._partial, False
        names, sources, body = self._loop(tree)
        with_partial, self._partial = self._partial, partial
        collect = self._told(tree, closures.gathered)
        return Part(lambda context: collect(closures.turns(context, names, sources), body, with_partial))

    def _on_quantified(self, tree: Node) -> Part:
        names, sources, body = self._loop(tree)
        decisive = tree.children[0].type == "SOME"  # type: ignore[union-attr]
        decide = self._told(tree, closures.decided)
        return Part(lambda context: decide(closures.turns(context, names, sources), body, decisive), is_test=True)

    def _loop(self, tree: Node) -> tuple[list[str], list[Callable[[Any], Any]], Run]:
        *turns, body = branches(tree)
        if len(turns) > MAX_TURNS:
            raise self._wrong(turns[-1], _("more loops"), _("at most {count}").format(count=MAX_TURNS))
        self.is_heavy = True
        names, sources = list[str](), list[Callable[[Any], Any]]()
        with self._naming() as own, self._repeating():
            for turn in turns:
                sources.append(self._source(turn))
                names.append(str(turn.children[0]))
                own.add(names[-1])
            if tree.data == "for_each":
                own.add(_PARTIAL)
            return names, sources, self._part(body).run

    def _source(self, turn: Node) -> Callable[[Any], Any]:
        parts = self._parts(turn)
        # An error in here is one of the loop: it cannot go on with null.
        if len(parts) == 1:
            run = parts[0].run
            source: Callable[[Any], Any] = lambda context: closures.looped(run(context))  # noqa: E731
        else:
            low, high = parts[0].run, parts[1].run
            source = lambda context: closures.counted(low(context), high(context))  # noqa: E731
        if all(part.is_fixed for part in parts) and self._around.is_strict:
            self._check(turn, self._told(turn, source))
        return source
