"""Tables for stories, written as people see them."""

from xml.sax.saxutils import escape

HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="https://cec.example">'
)


def a_table(*rows, policy="FIRST", aggregation="", inputs=("channel", "points"), outputs=("queue",), declared=None):
    """Write a DMN file: each row is its cells, inputs first, and the reason last."""
    columns = [
        f"<input label='{name}'><inputExpression><text>{escape(name)}</text></inputExpression></input>"
        for name in inputs
    ]
    answers = [_output(*(output if isinstance(output, tuple) else (output, ""))) for output in outputs]
    collected = f' aggregation="{aggregation}"' if aggregation else ""
    facts = [
        f'<inputData id="i{at}" name="{name}"/>' for at, name in enumerate(inputs if declared is None else declared)
    ]
    written = [_row(number, cells, len(inputs)) for number, cells in enumerate(rows, 1)]
    begin = f'<decision id="t" name="t"><decisionTable hitPolicy="{policy}"{collected}>'
    body = "".join([begin, *columns, *answers, *written, "</decisionTable></decision>", *facts])
    return f"{HEAD}{body}</definitions>"


def _output(name, allowed):
    values = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
    return f'<output name="{name}">{values}</output>'


def _row(number, cells, inputs):
    *entries, reason = cells
    asked = [f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in entries[:inputs]]
    answered = [f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in entries[inputs:]]
    note = f"<annotationEntry><text>{escape(reason)}</text></annotationEntry>"
    return f'<rule id="r{number}">{"".join(asked)}{"".join(answered)}{note}</rule>'
