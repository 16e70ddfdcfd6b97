"""Tasks that are repeated: how often and until when is said in FEEL, as everywhere in a diagram."""

import pytest

from tests.workflow import drawing as d


def several(inside):
    many = "bpmn:multiInstanceLoopCharacteristics"
    return f'<{many} isSequential="true">{inside}</{many}>'


def expression(kind, text):
    return f"<bpmn:{kind}>{d.escape(text)}</bpmn:{kind}>"


TIMES = "if urgent and mark in [1..2] then 3 else 1"
REPEATED = {
    "as often as a condition says": several(expression("loopCardinality", TIMES)),
    "until enough has come of it": several(
        expression("loopCardinality", "9") + expression("completionCondition", "n between 3 and 9")
    ),
    "while a condition holds": "<bpmn:standardLoopCharacteristics>"
    + expression("loopCondition", "every one in [n] satisfies one in (< 3)")
    + "</bpmn:standardLoopCharacteristics>",
}  # fmt: skip


@pytest.mark.parametrize("loop", REPEATED.values(), ids=REPEATED)
def test_a_task_is_repeated(publish, desk, service, calls, loop):
    service("ring", answer=lambda _told: len(calls))
    ringing = d.service("ring", result="n").replace("</bpmn:serviceTask>", f"{loop}</bpmn:serviceTask>")
    publish(d.diagram("errand", d.start(), ringing, d.end(), d.line("begun", "ring", "ended")))

    desk.start(urgent=True, mark=2, n=0)

    assert calls == ["test.ring"] * 3
    assert desk.instance().ended_at is not None
