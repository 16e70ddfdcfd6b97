"""Functions and calls in a text: those of the standard by a fixed table, those that the text or its context defines."""

from collections.abc import Sequence
from typing import Any

from cec.feel import closures, definitions, library, typing, values
from cec.feel.branches import Branch, Part, branches, key_of
from cec.feel.closures import Run
from cec.feel.functions import Function
from cec.feel.parsing import Node
from cec.feel.refusals import FeelSyntaxError
from cec.platform.i18n import gettext as _

# Texts in these that are no date, time or duration are told when the text is written, not when it runs.
_READERS = frozenset({"date", "time", "date and time", "duration"})


class Calls(Branch):
    """Builds definitions and calls."""

    def _on_definition(self, tree: Node) -> Part:
        *parameters, body = branches(tree)
        names = [str(one.children[0]) for one in parameters]
        types = [self._type(one.children[-1]) if len(one.children) > 1 else typing.ANY for one in parameters]
        self.is_heavy = True
        with self._naming() as own, self._repeating():
            own.update(names)
            filters, self._filters = self._filters, 0
            part = self._part(body)
            self._filters = filters
        return Part(definitions.defined(tuple(names), tuple(types), part.run))

    def _on_external(self, tree: Node) -> Part:
        return self._failing(self._wrong(tree, _("a function from outside"), _("a function written in FEEL")))

    def _on_call(self, tree: Node) -> Part:
        callee, *_rest = branches(tree)
        name = str(callee.children[0]) if callee.data == "name" else ""
        function = library.TABLE.get(name)
        is_known = not name or self._is_own(name) or name in self._around.callables or name == "?"
        if function is None:
            if not is_known and self._around.is_strict and not self._filters:
                raise self._wrong(callee, f"“{name}”", _("a known function"))
            return self._invocation(tree)
        try:
            arguments, order = self._arguments(tree, function)
        except FeelSyntaxError as why:
            return self._invocation(tree) if is_known else self._failing(why)
        standard = self._standard(tree, function, arguments, order)
        return self._either(self._invocation(tree).run, standard.run, name) if is_known else standard

    def _either(self, own: Run, standard: Run, name: str) -> Part:
        """Call what the context has under the name of a standard function if that is a function, else the latter."""

        def run(context: Any) -> Any:
            return (own if isinstance(closures.found(context, name), values.Invocable) else standard)(context)

        return Part(run)

    def _standard(self, tree: Node, function: Function, arguments: list[Part], order: list[int] | None) -> Part:
        act, runs = self._told(tree, function), [part.run for part in arguments]
        self.is_heavy = self.is_heavy or function.is_heavy
        self.asks_more = self.asks_more or not function.is_pure
        if self._repeats:
            act = closures.counted_call(act)
        is_fixed = function.is_pure and all(part.is_fixed for part in arguments)
        part = self._folded(Part(closures.call(act, runs, order), is_fixed, function.is_test))
        if is_fixed and function.name in _READERS and self._around.is_strict:
            self._check(tree, part.run)
        return part

    def _invocation(self, tree: Node) -> Part:
        callee, *given = branches(tree)
        run = self._part(callee).run
        self.is_heavy = True
        names, runs = self._given(given)
        act = self._told(tree, closures.invoke)
        return Part(lambda context: act(run(context), [one(context) for one in runs], names))

    def _given(self, given: Sequence[Node]) -> tuple[list[str], list[Run]]:
        names = [key_of(one) for one in given if one.data == "named"]
        inner = [branches(one)[0] if one.data == "named" else one for one in given]
        if names and len(names) != len(given):
            raise self._wrong(given[0], ", ".join(names), _("names for all arguments or for none"))
        asked, self._is_argument = self._is_argument, True
        runs = [self._part(branch).run for branch in inner]
        self._is_argument = asked
        return names, runs

    def _arguments(self, tree: Node, function: Function) -> tuple[list[Part], list[int] | None]:
        _callee, *given = branches(tree)
        names = [key_of(one) for one in given if one.data == "named"]
        inner = [branches(one)[0] if one.data == "named" else one for one in given]
        order = function.places(names) if names else None
        if names and (order is None or len(names) != len(given) or len(set(names)) != len(names)):
            raise self._wrong(tree, ", ".join(names), " / ".join(", ".join(way) for way in function.ways))
        missing = function.missing(names) if names else not function.takes(len(given))
        if missing:
            expected = _("{name} with: {ways}").format(
                name=function.name, ways=" / ".join(", ".join(way) for way in function.ways)
            )
            raise self._wrong(tree, _("{count} arguments").format(count=len(given)), expected)
        asked, self._is_argument = self._is_argument, True
        parts = [self._part(branch) for branch in inner]
        self._is_argument = asked
        return parts, order
