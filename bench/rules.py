"""rules.*: deciding beside SpiffWorkflow's own evaluation of the same table; compiling and checking a long one.

Both judge the same facts by the same twelve rows of four columns, of which the eleventh is met. SpiffWorkflow's cells
are Python, ours are FEEL; each engine has read its table beforehand. Times are of the processor, in turns.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

from cec.dmn import checking
from cec.dmn.deciding import CompiledRules
from cec.platform.settings import Settings

FIGURES = ("rules.decide", "rules.compile")
COLUMNS = ("channel", "segment", "topic", "waited")
FACTS = {"channel": "email", "segment": "gold", "topic": "delivery", "waited": 45}
# Channel, segment, topic, minutes waited; the answer. In FEEL and in Python.
TWELVE = [
    ('"webchat"', '"vip"', "-", "-", "100"),
    ('"webchat"', '"gold"', "-", "-", "90"),
    ('"webchat"', "-", "-", "> 5", "80"),
    ('"messenger"', '"vip"', "-", "-", "75"),
    ('"messenger"', '"gold"', "-", "> 10", "70"),
    ('"messenger"', "-", "-", "> 30", "65"),
    ('"email"', '"vip"', "-", "-", "60"),
    ('"email"', '"gold"', '"payment"', "-", "55"),
    ('"email"', '"gold"', '"return"', "-", "50"),
    ('"email"', '"gold"', "-", "> 60", "45"),
    ('"email"', '"gold"', "-", "> 30", "40"),
    ('"email"', "-", "-", "-", "10"),
]
ROUNDS, OURS, THEIRS = 7, 3_000, 150
TIMES, LONG, VERY_LONG = 20, 300, 2_000
MOST_US, COMPILE, CHECK = 60.0, 1.0, 5.0
HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="https://cec.example">'
)


def measure(_settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure in this process; no database is asked."""
    yield _decide()
    yield _compile()


def _decide() -> dict[str, Any]:
    ours, theirs = CompiledRules(_table(TWELVE)), _spiff(_table(TWELVE, hit_policy="UNIQUE"))
    long = CompiledRules(_table([("-", "-", f'"topic {at}"', "> 30", str(at)) for at in range(LONG)]))
    seek = {**FACTS, "topic": f"topic {LONG - 20}"}
    answers = ours.decide(FACTS).outputs["points"], theirs()["points"], long.decide(seek).outputs["points"]
    if answers != (40, 40, LONG - 20):
        raise RuntimeError(f"the engines disagree: {answers}")
    fast, slow, looked_up = list[float](), list[float](), list[float]()
    for _turn in range(ROUNDS):
        fast.append(_rate(lambda: ours.decide(FACTS), OURS))
        slow.append(_rate(theirs, THEIRS))
        looked_up.append(1e6 / _rate(lambda: long.decide(seek), OURS))
    ratio = statistics.median(one / other for one, other in zip(fast, slow, strict=True))
    calm = min(looked_up)
    return {
        "name": "rules.decide",
        "value": round(statistics.median(fast)),
        "unit": "/s",
        "limit": round(statistics.median(slow)),
        "ratio": round(ratio, 1),
        "goal": TIMES,
        "holds": ratio >= TIMES and calm < MOST_US,
        "note": f"12 rows, the 11th is met; limit: SpiffWorkflow's own; {LONG} rows by an indexed column {calm:.0f} us "
        f"(goal {MOST_US:.0f})",
    }


def _compile() -> dict[str, Any]:
    text = _table([_long_row(at) for at in range(VERY_LONG)], hit_policy="UNIQUE")
    compiled = min(_seconds(lambda: CompiledRules(text)) for _turn in range(3))
    started = time.process_time()
    found = checking.check(text)
    checked = time.process_time() - started
    return {
        "name": "rules.compile",
        "value": round(compiled, 2),
        "unit": "s",
        "limit": COMPILE,
        "ratio": round(compiled / COMPILE, 2),
        "goal": COMPILE,
        "holds": compiled <= COMPILE and checked <= CHECK,
        "note": f"{VERY_LONG} rows of 4 columns; checked for overlaps and gaps in {checked:.2f} s (goal {CHECK:.0f}), "
        f"{len(found)} told",
    }


def _long_row(at: int) -> tuple[str, ...]:
    channel = ('"email"', '"webchat", "messenger"', '"api"', "-")[at % 4]
    segment = ('"vip"', 'not("spam")', "-")[at % 3]
    return channel, segment, f'"topic {at % 700}"', f"[{at % 90}..{at % 90 + 5})", str(at)


def _rate(act: Callable[[], object], count: int) -> float:
    started = time.process_time()
    for _turn in range(count):
        act()
    return count / (time.process_time() - started)


def _seconds(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def _table(rows: list[tuple[str, ...]], *, hit_policy: str = "FIRST") -> str:
    columns = "".join(
        f'<input id="c_{name}" label="{name}"><inputExpression id="e_{name}"><text>{name}</text></inputExpression>'
        "</input>"
        for name in COLUMNS
    )
    written = "".join(_row(number, *row) for number, row in enumerate(rows))
    begin = f'<decision id="t" name="t"><decisionTable id="dt" hitPolicy="{hit_policy}">'
    return f'{HEAD}{begin}{columns}<output id="o" name="points"/>{written}</decisionTable></decision></definitions>'


def _row(number: int, *cells: str) -> str:
    *asked, answer = cells
    tests = "".join(
        f'<inputEntry id="i{number}_{at}"><text>{escape(one)}</text></inputEntry>' for at, one in enumerate(asked)
    )
    return f'<rule id="r{number}">{tests}<outputEntry id="a{number}"><text>{answer}</text></outputEntry></rule>'


def _spiff(text: str) -> Callable[[], dict[str, Any]]:
    """Give SpiffWorkflow's engine with its table and a task that holds the facts; an empty cell asks nothing there."""
    root = etree.fromstring(text.replace("<text>-</text>", "<text></text>").encode())
    parser = DMNParser(None, root, {"dmn": root.nsmap[None]})
    parser.parse()
    engine = DMNEngine(parser.decision.decisionTables[0])
    task = SimpleNamespace(data=dict(FACTS), workflow=SimpleNamespace(script_engine=PythonScriptEngine()))
    return lambda: engine.result(task)
