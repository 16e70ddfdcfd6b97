"""editor.*: the table editor with 2,000 rows in Chromium, as a business administrator has it before him (CORE 10).

`editor.scroll`: the wheel turns through thousands of rows; measured are the intervals between frames and tasks over
50 ms. Beside it, in the same run and by the same gesture, an empty box of the same size: what this machine draws in
software without any table. `editor.edit`: cells are written one after the other, while the draft saves itself and the
whole table is checked behind; from the key that ends a cell to the frame in which its check stands.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from typing import Any

from bench import furnishing
from bench.live_crowd import Centre, percentile
from cec.app import create_app
from cec.dmn import sheets
from cec.dmn.sheets import Line, Sheet
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings
from cec.rulebook import drafts, files
from cec.staff import signing_in
from cec.staff.models import Branch, Employee, Session, Workplace

FIGURES = ("editor.scroll", "editor.edit")
ROWS = 2_000
TABLE = "prioritization"
FRAME_GOAL, TASK_GOAL, EDIT_GOAL = 34.0, 50.0, 100.0
# Pixels of one turn of the wheel's way, and how fast it goes by, in pixels a second.
WAY, SPEED, TURNS = 12_000, 3_000, 3
# After the longest pause the whole table is being checked when the next cell comes.
EDITS, PAUSES, PATIENCE = 40, (400, 400, 400, 2_000), 10_000
SIZE = {"width": 1280, "height": 720}
WATCH = """() => {
window.frames_ = []; window.tasks = [];
new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((task) => task.duration)))
    .observe({type: "longtask"});
let last = 0;
const tick = (now) => { if (last) window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
requestAnimationFrame(tick);
}"""
# From the key that ends a cell to the frame in which its check stands.
EDIT = """(patience) => {
const grid = document.getElementById("rules-grid");
window.took = new Promise((done, failed) => addEventListener("keydown", (event) => {
    const began = event.timeStamp;
    setTimeout(() => failed("nothing was checked"), patience);
    new MutationObserver((_, observer) => {
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    }).observe(grid, {attributeFilter: ["data-checked"]});
}, {once: true, capture: true}));
}"""
EMPTY = """(box) => {
const empty = Object.assign(document.createElement("div"), {innerHTML: "<div></div>"});
empty.style.cssText = `width:${box.width}px;height:${box.height}px;overflow:auto`;
empty.firstChild.style.height = `${box.inside}px`;
document.body.replaceChildren(empty);
}"""


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - comes with the tests only

    app = create_app(settings)
    with app.app_context():
        cookie = furnish()
    with Centre(settings, worker=False) as centre, sync_playwright() as playwright:
        page = _open(playwright, centre.port, cookie)
        floor = _scrolled(page, _emptied(page))
        page.goto(f"/admin/rules/{TABLE}")
        page.locator("#rules-found").wait_for(state="attached")
        page.evaluate(WATCH)
        yield _scroll_figure(_scrolled(page, _middle(page)), floor)
        page.reload()
        page.locator("#rules-found").wait_for(state="attached")
        page.evaluate(WATCH)
        yield _edit_figure(*edited(page))


def furnish() -> str:
    """Give the centre a draft of so many rows; gives the cookie of an administrator."""
    with unit_of_work():
        furnishing.fill()
    token = secrets.token_urlsafe(32)
    with unit_of_work():
        head = sheets.of_text(files.current(TABLE).text).head
        drafts.replace(TABLE, Sheet(head, tuple(_line(at) for at in range(ROWS))), revision=0, by="system")
        branch, place = (db.session.scalars(db.select(kind)).first() for kind in (Branch, Workplace))
        vera = db.session.scalars(db.select(Employee).filter_by(login="vera")).one()
        session = Session(token_sha256=hashlib.sha256(token.encode()).hexdigest(), employee=vera)
        db.session.add(session)
        db.session.flush()
        signing_in.choose(session, "business_admin", branch.id, place.id)
    return token


def _line(at: int) -> Line:
    """Write a row of segment, repeat, last mark, returned, transfers, subject, words, auto; points."""
    asked = (
        ('"vip"', '"gold"', "-")[at % 3], ("-", "true")[at % 2], ("-", "<= 2", "[3..4]")[at % 3], "-",
        ("-", ">= 2")[at % 5 == 0], f'contains(?, "заказ {at}")', "-", "-",
    )  # fmt: skip
    return Line(f"row_{at}", (*asked, str(at % 50)), f"Заказ {at} с пояснением", "Проверить в марте" if at % 7 else "")


def _open(playwright: Any, port: int, cookie: str) -> Any:
    chromium = os.environ.get("CEC_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    options = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    address = f"http://127.0.0.1:{port}"
    context = playwright.chromium.launch(executable_path=chromium, args=options).new_context(
        base_url=address, viewport=SIZE, locale="ru-RU"
    )
    context.add_cookies([{"name": "cec_session", "value": cookie, "url": address}])
    return context.new_page()


def _middle(page: Any) -> dict[str, float]:
    box = page.locator("#rules-box").bounding_box()
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def _emptied(page: Any) -> dict[str, float]:
    """Show an empty box as large as the editor's, outside and inside; gives its middle."""
    page.goto(f"/admin/rules/{TABLE}")
    page.locator("#rules-found").wait_for(state="attached")
    outside = page.locator("#rules-box").bounding_box()
    inside = page.evaluate("document.getElementById('rules-box').scrollHeight")
    page.goto("about:blank")
    page.evaluate(EMPTY, {**outside, "inside": inside})
    page.evaluate(WATCH)
    return {"x": outside["width"] / 2, "y": outside["height"] / 2}


def _scrolled(page: Any, at: dict[str, float]) -> tuple[list[float], list[float]]:
    """Scroll there and back; gives the intervals of frames and the long tasks, in milliseconds."""
    page.wait_for_timeout(1_500)
    browser = page.context.new_cdp_session(page)
    page.evaluate("window.frames_.length = 0, window.tasks.length = 0")
    for turn in range(TURNS):
        way = -WAY if turn % 2 == 0 else WAY
        gesture = {**at, "yDistance": way, "speed": SPEED, "gestureSourceType": "mouse", "preventFling": True}
        browser.send("Input.synthesizeScrollGesture", gesture)
    browser.detach()
    return tuple(page.evaluate("[window.frames_, window.tasks]"))


def edited(page: Any) -> tuple[list[float], list[float]]:
    """Write cells; gives how long each took to be checked, and the long tasks, in milliseconds."""
    page.wait_for_timeout(1_500)
    page.evaluate("window.tasks.length = 0")
    took = []
    for at in range(EDITS):
        page.locator(f"#rules-grid tr[data-row='{at % 8}'] td[data-col='{1 if at % 2 else 5}']").click()
        # Another text each time: a cell that stays as it was is not checked again.
        page.keyboard.type(('"vip", "gold"', '"gold", "vip"')[at // 8 % 2] if at % 2 else f">= {at + 3}")
        page.evaluate(EDIT, PATIENCE)
        page.keyboard.press("Enter")
        took.append(page.evaluate("window.took"))
        page.wait_for_timeout(PAUSES[at % len(PAUSES)])
    return took, page.evaluate("window.tasks")


def _scroll_figure(seen: tuple[list[float], list[float]], floor: tuple[list[float], list[float]]) -> dict[str, Any]:
    (frames, tasks), (bare, _) = seen, floor
    p95, limit = percentile(frames, 0.95), percentile(bare, 0.95)
    return {
        "name": "editor.scroll",
        "value": round(p95, 1),
        "unit": "ms p95 between frames",
        "limit": round(limit, 1),
        "ratio": round(p95 / limit, 2),
        "goal": FRAME_GOAL,
        "holds": p95 <= FRAME_GOAL and not tasks,
        "note": f"{ROWS} rows at {SPEED} px/s, {len(frames)} frames, median {percentile(frames, 0.5):.0f}, tasks over "
        f"{TASK_GOAL:.0f} ms: {', '.join(f'{task:.0f}' for task in tasks) or 'none'}; limit: an empty box as large",
    }


def _edit_figure(took: list[float], tasks: list[float]) -> dict[str, Any]:
    p95 = percentile(took, 0.95)
    return {
        "name": "editor.edit",
        "value": round(p95),
        "unit": "ms p95 from the key to the check",
        "limit": EDIT_GOAL,
        "ratio": round(p95 / EDIT_GOAL, 2),
        "goal": EDIT_GOAL,
        "holds": p95 <= EDIT_GOAL and not tasks,
        "note": f"{len(took)} cells of {ROWS} rows, median {percentile(took, 0.5):.0f}, longest {max(took):.0f}; tasks "
        f"over {TASK_GOAL:.0f} ms: {', '.join(f'{task:.0f}' for task in tasks) or 'none'}",
    }
