"""The decisions of a file and what they need, compiled piece by piece; those of imported files as well."""

from collections.abc import Callable, Mapping
from typing import Any

from cec.dmn import itemtypes
from cec.dmn.boxes import Decision, Service, Table
from cec.dmn.building import Boxes
from cec.dmn.outcomes import Outcome
from cec.dmn.reading import Rules, UnreadableRules
from cec.dmn.tabling import CompiledTable
from cec.feel.closures import Run
from cec.feel.compiling import FeelError
from cec.feel.refusals import Mismatch, Misread
from cec.feel.surroundings import Surroundings
from cec.feel.typing import ANY, Type, bring
from cec.feel.values import Invocable
from cec.platform.i18n import gettext as _

MAX_CHAIN = 100


class Graph:
    """One file compiled, piece by piece as it is needed, and those that it imports."""

    def __init__(self, rules: Rules, *, is_strict: bool) -> None:
        self._rules, self._is_strict = rules, is_strict
        types = itemtypes.types_of(rules)
        self._around = Surroundings(rules.spaced, rules.names, types, is_strict)
        self._boxes = Boxes(self._around)
        self.imported = {space: Graph(inner, is_strict=is_strict) for space, inner in rules.imported.items()}
        self._prefixes = {one.namespace: one.name for one in rules.drawn.imports}
        self._inputs = {one.id: one for one in rules.drawn.inputs}
        self.decisions = {one.id: one for one in rules.drawn.decisions}
        self._knowledge = {one.id: one for one in rules.drawn.knowledge}
        self._services = {one.id: one for one in rules.drawn.services}
        self._blank: dict[str, Any] = dict.fromkeys(rules.inputs)
        self._tables: dict[str, CompiledTable] = {}
        self._runs: dict[str, Run] = {}
        self._functions: dict[str, Invocable] = {}
        self._checked = self._checks(types)

    def _checks(self, types: Mapping[str, Type]) -> list[tuple[str, Type]]:
        """List the inputs that have to be of a type: strictly those alone whose type the file defines."""
        inputs = [one for one in self._rules.drawn.inputs if one.type]
        return [(one.name, self._boxes.type(one.type)) for one in inputs if not self._is_strict or one.type in types]

    def given(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Give all inputs: those not given, or not of their type, are null."""
        known = {**self._blank, **facts}
        for name, wanted in self._checked:
            known[name] = self._boxes.brought(known[name], wanted, name)
        return known

    def table_alone(self, decision: Decision) -> CompiledTable | None:
        """Give the table of a decision, compiled, if that table asks the facts as they are given and nothing else."""
        needs = decision.needs
        is_alone = not (needs.decisions or needs.knowledge or any("#" in one for one in needs.inputs))
        is_as_given = self._is_strict and not self._checked and decision.type not in self._around.types
        return self._tables.get(decision.id) if is_alone and is_as_given else None

    def function(self, name: str) -> Invocable | None:
        """Give a service or a function by its name."""
        services = [one.id for one in self._services.values() if name in {one.name, one.id}]
        found = services or [one.id for one in self._knowledge.values() if name in {one.name, one.id}]
        return self.invocable(found[0]) if found else None

    def named(self, name: str) -> Decision:
        """Give the decision of this name or id, compiled.

        :raises UnreadableRules: when there is none.
        """
        found = [one for one in self.decisions.values() if name in {one.name, one.id}]
        if not found:
            raise UnreadableRules(reason=_("it holds no decision “{name}”").format(name=name))
        self.compile(found[0])
        return found[0]

    def compile(self, decision: Decision, depth: int = 0) -> None:
        """Compile a decision and all that it needs.

        :raises UnreadableRules: when decisions need each other too deeply.
        """
        if decision.id in self._tables or decision.id in self._runs:
            return
        if depth > MAX_CHAIN:
            raise UnreadableRules(reason=_("its decisions need each other too deeply"))
        for needed in decision.needs.decisions:
            self._at(needed, lambda file, name: file.compile_one(name, depth + 1))
        for needed in decision.needs.knowledge:
            self._at(needed, lambda file, name: file.invocable(name))
        if isinstance(decision.box, Table):
            self._tables[decision.id] = CompiledTable(decision.box, decision.name, self._around)
        else:
            self._runs[decision.id] = self._boxes.build(decision.box, decision.name)

    def compile_one(self, name: str, depth: int = 0) -> None:
        """Compile the decision of this id, if it is one."""
        if name in self.decisions:
            self.compile(self.decisions[name], depth)

    def _at(self, reference: str, act: Callable[["Graph", str], Any]) -> Any:
        """Do something with an element, in the file that holds it."""
        space, sign, name = reference.rpartition("#")
        if not sign:
            return act(self, reference)
        return act(self.imported[space], name) if space in self.imported else None

    def decide(self, decision: Decision, facts: dict[str, Any], known: dict[str, Any]) -> Outcome:
        """Decide; `known` holds what is decided already, by id."""
        context = dict(facts)
        errors: list[str] = []
        for needed in decision.needs.decisions:
            self._put_decision(needed, context, facts, known, errors)
        for needed in decision.needs.inputs:
            if "#" in needed:
                self._put(needed, context, self._imported_input(needed, facts))
        for needed in decision.needs.knowledge:
            self._put(needed, context, self._at(needed, lambda file, name: file.invocable(name)))
        outcome = self._decided(decision, context)
        outcome.errors[:0] = errors
        return outcome

    def _decided(self, decision: Decision, context: dict[str, Any]) -> Outcome:
        table = self._tables.get(decision.id)
        outcome = table.decide(context) if table else self._worked_out(decision, context)
        if decision.type and outcome.value is not None:
            self._bring(decision, outcome)
        return outcome

    def _bring(self, decision: Decision, outcome: Outcome) -> None:
        wanted = self._boxes.type(decision.type)
        if self._is_strict and decision.type not in self._around.types:
            return
        try:
            outcome.value = bring(outcome.value, wanted)
        except Mismatch as why:
            outcome.value, outcome.outputs = None, {}
            outcome.errors.append(f"{decision.name}: {why}")

    def _worked_out(self, decision: Decision, context: dict[str, Any]) -> Outcome:
        outcome = Outcome()
        try:
            outcome.value = self._runs[decision.id](context)
        except FeelError as why:
            outcome.tell(0, why)
        outcome.outputs = {decision.name: outcome.value}
        return outcome

    def _put_decision(
        self, needed: str, context: dict[str, Any], facts: dict[str, Any], known: dict[str, Any], errors: list[str]
    ) -> None:
        space, _sign, name = needed.rpartition("#")
        file = self.imported.get(space, self) if space else self
        decision = file.decisions.get(name)
        if decision is None:
            return
        key = f"{space}#{name}"
        if key not in known:
            inner = facts if file is self else file.given(_without(facts, self._prefixes.get(space, "")))
            if file is self and decision.name in facts and decision.name not in self._rules.inputs:
                # Somebody says what it is: nothing to decide.
                known[key] = facts[decision.name]
            else:
                found = file.decide(decision, inner, known if file is self else {})
                known[key] = found.value
                errors += found.errors
        self._put(needed, context, known[key])

    def _put(self, reference: str, context: dict[str, Any], value: Any) -> None:
        """Put a value under the name of its element, that of an imported one inside the name of the import."""
        space, sign, name = reference.rpartition("#")
        file = self.imported.get(space) if sign else self
        if file is None:
            return
        own = file.name_of(name)
        prefix = self._prefixes.get(space, "") if sign else ""
        if not prefix:
            context[own] = value
            return
        inside = context.get(prefix)
        context[prefix] = {**(inside if isinstance(inside, dict) else {}), own: value}

    def name_of(self, name: str) -> str:
        """Give the name of the element of this id."""
        found = (
            self._inputs.get(name) or self.decisions.get(name) or self._knowledge.get(name) or self._services.get(name)
        )
        return found.name if found else name

    def type_of(self, name: str) -> Type:
        """Give the type of the element of this id."""
        found = self._inputs.get(name) or self.decisions.get(name) or self._services.get(name)
        return self._boxes.type(found.type) if found else ANY

    def _imported_input(self, reference: str, facts: dict[str, Any]) -> Any:
        space, _sign, name = reference.rpartition("#")
        file = self.imported.get(space)
        if file is None:
            return None
        inner = _without(facts, self._prefixes.get(space, ""))
        return file.given(inner).get(file.name_of(name))

    def invocable(self, name: str) -> Invocable | None:
        """Give a business knowledge model or a service as a function."""
        if name in self._functions:
            return self._functions[name]
        if name in self._services:
            self._functions[name] = _ServiceFunction(self, self._services[name])
        elif name in self._knowledge:
            self._functions[name] = self._model(name)
        return self._functions.get(name)

    def _model(self, name: str) -> Invocable:
        model = self._knowledge[name]
        said = self._boxes.type(model.type)
        gives = (said.gives or self._boxes.type("")) if said.kind == "function" else said
        around: dict[str, Any] = {}
        function = self._boxes.function(model.definition, model.name, around, gives)
        # Before what it needs is made: functions may need each other.
        self._functions[name] = around[model.name] = function
        for needed in model.needs.knowledge:
            self._put(needed, around, self._at(needed, lambda file, one: file.invocable(one)))
        return function


class _ServiceFunction(Invocable):
    """A decision service as a function: of its inputs, then of the decisions that it is told."""

    def __init__(self, file: Graph, service: Service) -> None:
        self._file, self._service = file, service
        self.names = tuple(file.name_of(one) for one in (*service.inputs, *service.given))
        self.types = tuple(file.type_of(one) for one in (*service.inputs, *service.given))
        said = file.type_of(service.id)
        self.gives = said.gives if said.kind == "function" else said
        for one in service.outputs:
            file.compile_one(one)

    def __call__(self, *given: Any) -> Any:
        """Decide its outputs: one is the value itself, several are a context.

        :raises Mismatch: when the arguments are of another number or type.
        """
        if len(given) != len(self.names):
            raise Misread(_("{count} arguments").format(count=len(given)), ", ".join(self.names))
        brought = list(map(bring, given, self.types))
        count = len(self._service.inputs)
        facts = self._file.given(dict(zip(self.names[:count], brought[:count], strict=True)))
        known = {f"#{one}": value for one, value in zip(self._service.given, brought[count:], strict=True)}
        found = {}
        for one in self._service.outputs:
            decision = self._file.decisions.get(one)
            if decision is not None:
                found[decision.name] = self._file.decide(decision, facts, known).value
        return bring(next(iter(found.values())) if len(found) == 1 else found, self.gives)


def _without(facts: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Give the facts for an imported file: those named import.name, or inside the name of the import."""
    if not prefix:
        return dict(facts)
    dotted = {name[len(prefix) + 1 :]: value for name, value in facts.items() if name.startswith(f"{prefix}.")}
    inside = facts.get(prefix)
    return {**facts, **dotted, **(inside if isinstance(inside, dict) else {})}
