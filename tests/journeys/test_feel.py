"""How the window feels: switching, sending, typing under load, nothing that jumps; medians, told with `-s`.

Run by `make feel` on an otherwise idle machine: a busy machine is no slow window. Where a bare answer of the same
server and one frame take longer than usual, more is allowed.
"""

import datetime as dt
import os
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from cec.appeals.models import Appeal, Message
from cec.distribution import offering
from cec.distribution.models import Assignment, Capacity, ChannelCapacity
from cec.platform.db import db, unit_of_work
from cec.staff.models import Employee

APPEALS = 50
MESSAGES = 2_000
pytestmark = pytest.mark.skipif(not os.environ.get("CEC_FEEL"), reason="a measurement: make feel")
# What a bare answer and a frame take on an idle machine, in milliseconds.
BARE = 20.0
# A shift is the share of the window that moved times the share of its way; one that nobody sees.
INVISIBLE = 0.0005
SWITCH_GOAL, SEND_GOAL, TASK_GOAL = 150.0, 200.0, 50.0
NAME = "Клиент Полный"
WORDS = "Здравствуйте, Ольга Викторовна! Курьер приедет завтра с десяти до двух. "

WATCH = """() => {
    window.longTasks = []; window.jumps = [];
    const nameOf = (node) => node?.id || node?.className || "";
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((task) => task.duration)))
        .observe({type: "longtask"});
    new PerformanceObserver((list) => window.jumps.push(...list.getEntries().filter((shift) => !shift.hadRecentInput)
        .map((shift) => [shift.value, ...shift.sources.map((source) => nameOf(source.node))])))
        .observe({type: "layout-shift"});
}"""
# From the key to the frame in which the other appeal stands.
SWITCH = """(key) => new Promise((done) => {
    const before = document.getElementById("appeal").dataset.id;
    document.addEventListener("keydown", () => {
        const began = performance.now();
        const look = () => {
            if (document.getElementById("appeal")?.dataset.id === before) return requestAnimationFrame(look);
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
        };
        look();
    }, {once: true, capture: true});
})"""
SEND = """(words) => new Promise((done) => {
    document.addEventListener("keydown", () => {
        const began = performance.now();
        const look = () => {
            const sent = [...document.querySelectorAll("#feed .msg.out")].pop();
            if (!sent?.textContent.includes(words)) return requestAnimationFrame(look);
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
        };
        look();
    }, {once: true, capture: true});
})"""
BARELY = """async () => {
    const began = performance.now();
    await (await fetch("/healthz", {cache: "no-store"})).text();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - began;
}"""


@pytest.fixture
def laden(centre: Any, works: Callable[..., Page]) -> Iterator[Page]:
    """Give Anna's window with fifty appeals in work, one of them with two thousand messages."""
    anna = works("anna")
    let_hold(centre, 100)
    for number in range(APPEALS - 1):
        centre.receives(f"Клиент {number} <client{number}@feel.example>", f"Вопрос {number}", WORDS)
    centre.receives(f"{NAME} <full@feel.example>", "Длинная история", WORDS)
    accept_all(centre, anna)
    with centre.app.app_context(), unit_of_work():
        fill(db.session.scalars(db.select(Appeal).order_by(Appeal.id.desc())).first())
    anna.goto("/operator")
    yield anna
    let_hold(centre, 5)


def let_hold(centre: Any, cap: int) -> None:
    """Let the operators hold so many appeals."""
    with centre.app.app_context(), unit_of_work():
        for room in (Capacity, ChannelCapacity):
            db.session.execute(db.update(room).values(cap=cap, over=db.func.greatest(0, room.load - cap)))


def accept_all(centre: Any, page: Page) -> None:
    """Let Anna accept whatever rings until everything is hers."""
    for _ in range(2_000):
        with centre.app.app_context(), unit_of_work():
            anna = db.session.scalars(db.select(Employee).where(Employee.login == "anna")).one()
            mine = Appeal.operator_id == anna.id
            if db.session.scalar(db.select(db.func.count()).where(mine, Appeal.status == "in_work")) == APPEALS:
                return
            ringing = db.select(Assignment.id).where(Assignment.employee_id == anna.id, Assignment.state == "offered")
            for assignment_id in db.session.scalars(ringing).all():
                offering.accept(assignment_id, by=anna)
        page.wait_for_timeout(30)
    raise AssertionError(dict(told(centre)))


def told(centre: Any) -> list[Any]:
    """Tell how many appeals stand where."""
    with centre.app.app_context(), unit_of_work():
        return [tuple(row) for row in db.session.execute(text("SELECT status, count(*) FROM appeal GROUP BY status"))]


def fill(appeal: Appeal | None) -> None:
    """Give an appeal a long history."""
    assert appeal is not None
    db.session.execute(
        db.insert(Message),
        [
            {
                "appeal_id": appeal.id,
                "direction": ("in", "out")[number % 2],
                "state": ("received", "sent")[number % 2],
                "channel_account_id": appeal.channel_account_id,
                "text": f"{WORDS}{number}",
                "created_at": appeal.created_at - dt.timedelta(seconds=MESSAGES - number),
            }
            for number in range(MESSAGES)
        ],
    )


@pytest.fixture
def allowed(centre: Any) -> Callable[[Page, float], float]:
    """Give a function that tells how much is allowed now, in milliseconds."""

    def stretch(page: Page, limit: float) -> float:
        bare = statistics.median(page.evaluate(BARELY) for _ in range(9))
        print(f"a bare answer and a frame: {bare:.0f} ms")  # noqa: T201
        return limit * max(1.0, bare / BARE)

    return stretch


def test_switching_and_sending_are_quick(laden: Page, allowed: Callable[[Page, float], float]) -> None:
    laden.keyboard.press("Alt+1")
    expect(laden.locator("#appeal h1")).to_be_visible()
    laden.evaluate(WATCH)
    switched = [timed(laden, SWITCH, "", "Alt+ArrowDown") for _ in range(21)]
    sent = []
    for number in range(11):
        laden.get_by_label("Сообщение клиенту").fill(f"Ответ номер {number}.")
        sent.append(timed(laden, SEND, f"Ответ номер {number}.", "Control+Enter"))
        expect(laden.get_by_label("Сообщение клиенту")).to_be_focused()

    medians = statistics.median(switched), statistics.median(sent)
    print(f"switch {medians[0]:.0f} ms, send {medians[1]:.0f} ms")  # noqa: T201
    assert medians[0] <= allowed(laden, SWITCH_GOAL)
    assert medians[1] <= allowed(laden, SEND_GOAL)
    assert jumps(laden.evaluate("window.jumps")) == []


def test_typing_is_smooth_with_fifty_appeals_and_two_thousand_messages(centre: Any, laden: Page) -> None:
    laden.get_by_role("link").filter(has_text=NAME).click()
    expect(laden.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    laden.get_by_label("Сообщение клиенту").click()
    laden.wait_for_timeout(1000)
    laden.evaluate(WATCH)

    laden.keyboard.type(WORDS * 2, delay=15)
    centre.receives("Ещё Клиент <another@feel.example>", "Новый вопрос", WORDS)
    laden.keyboard.type(WORDS * 2, delay=15)
    laden.wait_for_timeout(1500)

    tasks, shifts = laden.evaluate("window.longTasks"), laden.evaluate("window.jumps")
    print(f"longest task {max(tasks, default=0):.0f} ms of {len(tasks)}, shifts {shifts}")  # noqa: T201
    assert [task for task in tasks if task > TASK_GOAL] == []
    assert jumps(shifts) == []


def jumps(shifts: list[Any]) -> list[Any]:
    """Leave out what nobody sees: a number that grows by a digit."""
    return [shift for shift in shifts if shift[0] > INVISIBLE]


def timed(page: Page, watch: str, argument: str, key: str) -> float:
    """Press a key and tell how long it took until the frame that shows what it did."""
    page.evaluate(f"argument => {{ window.took = ({watch})(argument); }}", argument)
    page.keyboard.press(key)
    return float(page.evaluate("window.took"))
