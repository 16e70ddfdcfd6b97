"""A sheet written into the DMN file that it came from: its columns and rows anew, all else as it was."""

from collections.abc import Iterable

from lxml import etree

from cec.dmn import arranging
from cec.dmn.drawing import OURS
from cec.dmn.parsing import Node, attribute, child, children, kind, root_of
from cec.dmn.sheets import Answered, Asked, Line, Sheet
from cec.feel.compiling import FeelSyntaxError, compile_expression

_TABLE_PARTS = {"input", "output", "annotation", "rule"}


def write(base: str, sheet: Sheet) -> str:
    """Give the text of the file with this sheet as its table.

    :raises UnreadableRules: when the base is no rules file.
    """
    root = root_of(base)
    decision = children(root, "decision")[0]
    table = child(decision, "decisionTable")
    if table is None:
        message = "the base is no plain table"
        raise ValueError(message)
    _rewrite(table, sheet, _Ids(root, table))
    if _declare(root, decision, sheet):
        arranging.arrange(root, decision)
    etree.indent(root, "  ")
    for entry in table.iter("{*}inputEntry", "{*}outputEntry"):
        # One line each: a table of thousands of rows stays readable, and half as long.
        entry.text = entry[0].tail = None
    written: str = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


class _Ids:
    """Ids of what is written anew; none of them stands elsewhere in the file."""

    def __init__(self, root: Node, table: Node) -> None:
        inside = {str(node.get("id")) for node in table.iter() if isinstance(node.tag, str)}
        self._taken = {str(node.get("id")) for node in root.iter() if isinstance(node.tag, str)} - inside
        self._taken.add(str(table.get("id")))

    def fresh(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name


def _rewrite(table: Node, sheet: Sheet, ids: _Ids) -> None:
    head, stem = sheet.head, str(table.get("id") or "table")
    table.set("hitPolicy", head.policy)
    if head.aggregation:
        table.set("aggregation", head.aggregation)
    for part in children(table):
        if kind(part) in _TABLE_PARTS:
            table.remove(part)
    for number, column in enumerate(head.inputs, 1):
        _write_input(table, column, ids.fresh(f"{stem}_asks_{number}"))
    for number, output in enumerate(head.outputs, 1):
        _write_output(table, output, ids.fresh(f"{stem}_answers_{number}"))
    for line in sheet.lines:
        _write_line(table, line, len(head.inputs), ids)


def _put(parent: Node, name: str, text: str | None = None, /, **attributes: str) -> Node:
    space = str(parent.tag).partition("}")[0] + "}"
    made = etree.SubElement(parent, space + name, {key: value for key, value in attributes.items() if value})
    if text is not None:
        made.text = text
    return made


def _write_input(table: Node, column: Asked, name: str) -> None:
    made = _put(table, "input", id=name, label=column.label)
    expression = _put(made, "inputExpression", id=f"{name}_expression", typeRef=column.type)
    _put(expression, "text", column.expression)
    if column.allowed:
        _put(_put(made, "inputValues", id=f"{name}_values"), "text", column.allowed)


def _write_output(table: Node, output: Answered, name: str) -> None:
    made = _put(table, "output", id=name, label=output.label, name=output.name, typeRef=output.type)
    if output.allowed:
        _put(_put(made, "outputValues", id=f"{name}_values"), "text", output.allowed)
    if output.default:
        _put(_put(made, "defaultOutputEntry", id=f"{name}_default"), "text", output.default)


def _write_line(table: Node, line: Line, asked: int, ids: _Ids) -> None:
    made = _put(table, "rule", id=ids.fresh(line.id))
    if not line.is_on:
        made.set(OURS + "off", "true")
    if line.comment:
        made.set(OURS + "comment", line.comment)
    if line.reason:
        _put(made, "description", line.reason)
    for number, text in enumerate(line.cells):
        _put(_put(made, "inputEntry" if number < asked else "outputEntry"), "text", text)


def _declare(root: Node, decision: Node, sheet: Sheet) -> bool:
    """Let the decision take in what its columns ask and the file does not yet name; tell whether there was any."""
    known = {attribute(one, "name") for one in children(root, "inputData")}
    wanted = sorted({name for column in sheet.head.inputs for name in _names(column.expression)} - known)
    place = list(decision).index(child(decision, "decisionTable"))  # type: ignore[arg-type]
    for at, name in enumerate(wanted):
        element = _put(root, "inputData", id=f"input_{name}", name=name)
        _put(element, "variable", id=f"input_{name}_variable", name=name)
        # Before what is drawn, as the standard orders it.
        root.insert(list(root).index(decision) + 1 + at, element)
        need = _put(decision, "informationRequirement", id=f"{decision.get('id')}_needs_{name}")
        _put(need, "requiredInput", href=f"#input_{name}")
        decision.insert(place + at, need)
    return bool(wanted)


def _names(expression: str) -> Iterable[str]:
    try:
        return compile_expression(expression).names
    except FeelSyntaxError:
        return ()
