"""Boxes turned into functions: what is drawn becomes a closure that takes the context and gives the value."""

from collections.abc import Callable, Mapping
from typing import Any

from cec.dmn import boxes, cells, itemtypes
from cec.dmn.boxes import Box, Definition
from cec.dmn.outcomes import Outcome
from cec.dmn.tabling import CompiledTable
from cec.feel import closures, values
from cec.feel.closures import Run, Scope
from cec.feel.compiling import FeelError
from cec.feel.definitions import Defined
from cec.feel.refusals import Mismatch
from cec.feel.surroundings import Surroundings, note
from cec.feel.typing import ANY, Type, bring
from cec.platform.i18n import gettext as _

# Told of the outcome of a table inside a box.
Listener = Callable[[Outcome], None]


class Boxes:
    """Builds the boxes of one file."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def build(self, box: Box, where: str) -> Run:
        """Build a box and bring what it gives to its type."""
        run: Run = getattr(self, f"_{type(box).__name__.lower()}")(box, where)
        return self.typed(run, box.type, where)

    def typed(self, run: Run, name: str, where: str) -> Run:
        """Bring a value to the type of this name; what is of another type is null and noted, or stops."""
        wanted = self.type(name)
        if wanted == ANY and wanted.allowed is None:
            return run
        told = self._told(bring, where)
        return lambda context: told(run(context), wanted)

    def brought(self, value: Any, wanted: Type, where: str) -> Any:
        """Bring one value to a type, in the same way."""
        return self._told(bring, where)(value, wanted)

    def type(self, name: str) -> Type:
        """Give the type of a name; none is any."""
        return itemtypes.find(name, self._around.types) if name else ANY

    def function(self, definition: Definition, where: str, around: Mapping[str, Any], gives: Type) -> Defined:
        """Make a function of a definition, with the names that it sees."""
        names, types, body = self._parts(definition, where)
        return Defined(names, types, body, around, gives)

    def _parts(self, definition: Definition, where: str) -> tuple[tuple[str, ...], tuple[Type, ...], Run]:
        names = tuple(one.name for one in definition.parameters)
        types = tuple(self.type(one.type) for one in definition.parameters)
        if definition.kind != "FEEL":
            return names, types, self._foreign(where)
        return names, types, self.build(definition.body, where)

    def _foreign(self, where: str) -> Run:
        def refuse() -> Any:
            raise Mismatch(_("only functions written in FEEL are run"))

        told = self._told(refuse, where)
        return lambda _context: told()

    def _told(self, act: Callable[..., Any], where: str) -> Callable[..., Any]:
        is_strict = self._around.is_strict

        def telling(*given: Any) -> Any:
            with values.limited():
                try:
                    return act(*given)
                except Mismatch as why:
                    error = FeelError(where=where, line=1, column=1, reason=str(why))
                if is_strict:
                    raise error
                note(error)
                return None

        return telling

    def _literal(self, box: boxes.Literal, where: str) -> Run:
        if not box.text:
            return lambda _context: None
        return cells.expression(box.text, where=where, around=self._around).run

    def _nothing(self, _box: boxes.Nothing, _where: str) -> Run:
        return lambda _context: None

    def _entries(self, box: boxes.Entries, where: str) -> Run:
        entries = [
            (one.name, self.typed(self.build(one.box, where), one.type, f"{where}, {one.name}")) for one in box.entries
        ]
        ending = entries[-1][1] if entries and not entries[-1][0] else None
        named = [(name, run) for name, run in entries if name]

        def run(context: Any) -> Any:
            scope = Scope(context, {})
            for name, entry in named:
                scope[name] = entry(scope)
            return dict(scope) if ending is None else ending(scope)

        return run

    def _listed(self, box: boxes.Listed, where: str) -> Run:
        runs = [self.build(item, where) for item in box.items]
        return lambda context: [run(context) for run in runs]

    def _relation(self, box: boxes.Relation, where: str) -> Run:
        rows = [[self.build(cell, where) for cell in row] for row in box.rows]
        names = box.columns
        return lambda context: [dict(zip(names, [cell(context) for cell in row], strict=True)) for row in rows]

    def _call(self, box: boxes.Call, where: str) -> Run:
        callee = self.build(box.callee, where)
        names = [one.name for one in box.bindings]
        runs = [self.typed(self.build(one.box, where), one.type, where) for one in box.bindings]
        told = self._told(_invoked, where)
        return lambda context: told(callee(context), [run(context) for run in runs], names)

    def _definition(self, box: Definition, where: str) -> Run:
        names, types, body = self._parts(box, where)
        return lambda context: Defined(names, types, body, context)

    def _choice(self, box: boxes.Choice, where: str) -> Run:
        condition, then, other = (self.build(one, where) for one in (box.condition, box.then, box.other))
        return lambda context: then(context) if condition(context) is True else other(context)

    def _loop(self, box: boxes.Loop, where: str) -> Run:
        source, body = self.build(box.source, where), self.build(box.body, where)
        names = [box.variable]

        def go(context: Any) -> Any:
            scopes = closures.turns(context, names, [lambda outer: closures.looped(source(outer))])
            if box.kind == "for":
                return closures.gathered(scopes, body, with_partial=True)
            return closures.decided(scopes, body, decisive=box.kind == "some")

        return self._told(go, where)

    def _filter(self, box: boxes.Filter, where: str) -> Run:
        source, condition = self.build(box.source, where), self.build(box.condition, where)
        return self._told(lambda context: closures.filtered(source(context), condition, context), where)

    def _table(self, box: boxes.Table, where: str) -> Run:
        table = CompiledTable(box, where, self._around)

        def run(context: Any) -> Any:
            outcome = table.decide(context)
            for error in outcome.errors:
                note(FeelError(where=where, line=1, column=1, reason=error))
            return outcome.value

        return run


def _invoked(callee: Any, given: list[Any], names: list[str]) -> Any:
    return closures.invoke(callee, given, names)
