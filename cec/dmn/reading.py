"""A DMN file read: what it takes in, what it decides, and how, as it is written."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from cec.dmn.boxes import (
    Decision,
    Drawn,
    Import,
    Input,
    InputData,
    Item,
    Knowledge,
    Needs,
    Output,
    Row,
    Service,
    Table,
)
from cec.dmn.drawing import box_in, definition, type_of
from cec.dmn.parsing import MAX_SIZE, Node, UnreadableRules, attribute, child, children, kind, root_of, text_at
from cec.platform.i18n import gettext as _

__all__ = ["MAX_SIZE", "Decision", "Input", "Output", "Row", "Rules", "Table", "UnreadableRules", "read"]

MAX_IMPORTS = 20
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
# Of another file by its namespace: its text, or nothing.
Fetch = Callable[[str], str | None]


@dataclass(frozen=True)
class Rules:
    """A file with those that it imports; elements of these are known as namespace#id."""

    drawn: Drawn
    imported: Mapping[str, "Rules"] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what it takes in."""
        return tuple(one.name for one in self.drawn.inputs)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What it decides."""
        return self.drawn.decisions

    def main(self, name: str = "") -> Decision:
        """Give the decision that the file is about: the one of that name, else the one that no other needs."""
        needed = {one for decision in self.decisions for one in decision.requires}
        named = [decision for decision in self.decisions if name and name in {decision.id, decision.name}]
        return (named or [one for one in self.decisions if one.id not in needed] or list(self.decisions))[0]

    def get(self, decision_id: str) -> Decision | None:
        """Give a decision by its id."""
        return next((decision for decision in self.decisions if decision.id == decision_id), None)

    @property
    def names(self) -> frozenset[str]:
        """Every name that stands in the file or in those that it imports."""
        inside = [rules.names for rules in self.imported.values()]
        return frozenset({*self.drawn.names, *(one.name for one in self.drawn.imports)}.union(*inside)) - {""}

    @property
    def spaced(self) -> frozenset[str]:
        """Give the names that hold spaces or signs: only who knows them can tell them from operators."""
        return frozenset(name for name in self.names if not _PLAIN_NAME.fullmatch(name))


def read(text: str, fetch: Fetch = lambda _namespace: None) -> Rules:
    """Read a DMN file; `fetch` gives the files that it imports, by their namespace.

    :raises UnreadableRules: when it is no DMN, too large, or holds what is dangerous to read.
    """
    rules = _read(text, fetch, ())
    if not rules.decisions:
        raise UnreadableRules(reason=_("it holds no decision"))
    return rules


def _read(text: str, fetch: Fetch, seen: tuple[str, ...]) -> Rules:
    root = root_of(text)
    drawn = _drawn(root)
    _refuse_doubles(drawn)
    _refuse_circles(drawn.decisions)
    if len(seen) > MAX_IMPORTS:
        raise UnreadableRules(reason=_("it imports too many files"))
    imported = {}
    for one in drawn.imports:
        if one.namespace in seen:
            raise UnreadableRules(reason=_("files import each other in a circle"))
        found = fetch(one.namespace)
        if found is None:
            raise UnreadableRules(
                reason=_("the file {namespace} that it imports is not here").format(namespace=one.namespace)
            )
        imported[one.namespace] = _read(found, fetch, (*seen, one.namespace))
    return Rules(drawn, imported)


def _drawn(root: Node) -> Drawn:
    namespace = attribute(root, "namespace")
    imports = [Import(attribute(one, "name"), attribute(one, "namespace")) for one in children(root, "import")]
    return Drawn(
        namespace=namespace,
        name=attribute(root, "name"),
        inputs=tuple(_input(node) for node in children(root, "inputData")),
        decisions=tuple(_decision(node, namespace) for node in children(root, "decision")),
        knowledge=tuple(_knowledge(node, namespace) for node in children(root, "businessKnowledgeModel")),
        services=tuple(_service(node, namespace) for node in children(root, "decisionService")),
        items=tuple(_item(node) for node in children(root, "itemDefinition")),
        # Types of PMML or Java say nothing to FEEL.
        imports=tuple(one for one in imports if one.namespace),
        names=frozenset(_names(root)),
    )


def _names(root: Node) -> Iterator[str]:
    for node in root.iter():
        if isinstance(node.tag, str) and kind(node) in _NAMED:
            yield attribute(node, "name") or attribute(node, "iteratorVariable")


_NAMED = frozenset(
    {
        "inputData", "decision", "businessKnowledgeModel", "decisionService", "variable", "formalParameter",
        "parameter", "itemDefinition", "itemComponent", "column", "output", "for", "some", "every",
    }
)  # fmt: skip


def _variable(node: Node) -> str:
    return attribute(child(node, "variable"), "name") or attribute(node, "name") or attribute(node, "id")


def _id(node: Node) -> str:
    found = attribute(node, "id") or attribute(node, "name")
    if not found:
        raise UnreadableRules(reason=_("a {element} has neither id nor name").format(element=kind(node)))
    return found


def _input(node: Node) -> InputData:
    return InputData(_id(node), _variable(node), type_of(child(node, "variable")))


def _decision(node: Node, namespace: str) -> Decision:
    return Decision(
        id=_id(node),
        name=_variable(node),
        box=box_in(node),
        needs=_needs(node, namespace),
        type=type_of(child(node, "variable")),
    )


def _knowledge(node: Node, namespace: str) -> Knowledge:
    logic = child(node, "encapsulatedLogic")
    found = definition(node if logic is None else logic)
    return Knowledge(_id(node), _variable(node), found, _needs(node, namespace), type_of(child(node, "variable")))


def _service(node: Node, namespace: str) -> Service:
    outputs, given, inputs = (
        tuple(_reference(one, namespace) for one in children(node, name))
        for name in ("outputDecision", "inputDecision", "inputData")
    )
    return Service(_id(node), _variable(node), outputs, inputs, given, type_of(child(node, "variable")))


def _item(node: Node) -> Item:
    function = child(node, "functionItem")
    takes = None if function is None else tuple(type_of(one) for one in children(function, "parameters"))
    return Item(
        name=attribute(node, "name"),
        type=text_at(node, "typeRef").rpartition(":")[2],
        is_list=attribute(node, "isCollection") == "true",
        parts=tuple(_item(one) for one in children(node, "itemComponent")),
        allowed=text_at(node, "allowedValues", "text"),
        constraint=text_at(node, "typeConstraint", "text"),
        takes=takes,
        gives=attribute(function, "outputTypeRef").rpartition(":")[2],
    )


def _needs(node: Node, namespace: str) -> Needs:
    inputs, decisions, knowledge = list[str](), list[str](), list[str]()
    for requirement in children(node, "informationRequirement"):
        inputs += [_reference(one, namespace) for one in children(requirement, "requiredInput")]
        decisions += [_reference(one, namespace) for one in children(requirement, "requiredDecision")]
    for requirement in children(node, "knowledgeRequirement"):
        knowledge += [_reference(one, namespace) for one in children(requirement, "requiredKnowledge")]
    return Needs(tuple(inputs), tuple(decisions), tuple(knowledge))


def _reference(node: Node, namespace: str) -> str:
    """Give what is referred to: an id of this file, or namespace#id."""
    of_file, _sign, name = attribute(node, "href").rpartition("#")
    return name if of_file in {"", namespace} else f"{of_file}#{name}"


def _refuse_doubles(drawn: Drawn) -> None:
    ids = [
        *(one.id for one in drawn.inputs),
        *(one.id for one in drawn.decisions),
        *(one.id for one in drawn.knowledge),
        *(one.id for one in drawn.services),
    ]
    for name, count in Counter(ids).items():
        if count > 1:
            raise UnreadableRules(reason=_("the id “{name}” is there twice").format(name=name))


def _refuse_circles(decisions: tuple[Decision, ...]) -> None:
    left = {decision.id: set(decision.requires) & {one.id for one in decisions} for decision in decisions}
    while left:
        free = {one for one, requires in left.items() if not requires}
        if not free:
            raise UnreadableRules(reason=_("its decisions need each other in a circle"))
        left = {one: requires - free for one, requires in left.items() if one not in free}
