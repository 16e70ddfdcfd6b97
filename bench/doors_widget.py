"""doors.widget: the chat's widget in Chromium, on a page of another site; the link drops every 3 s for a minute.

The visitor types a message and the operator answers one every second and a half, each with a number of its own; the
link cuts all connections and is shut for half a second. Counted is what is not there exactly once and in its order
when the link is calm again: of the visitor's at the centre, of the operator's in the widget. The limit is none.
"""

import datetime as dt
import http.server
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any, Self

from flask import Flask

from bench import live_crowd
from bench.dropping import BadLink, wait_until
from bench.live_crowd import Centre
from cec.app import create_app
from cec.appeals import conversation
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Direction, Message
from cec.channels.webchat import founding
from cec.channels.webchat.looks import Looks
from cec.distribution import offering
from cec.distribution.models import Assignment
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings
from cec.staff import presence
from cec.staff.models import Employee, Presence

FIGURES = ("doors.widget",)
CODE = "chat"
SECONDS, EVERY, SHUT = 60.0, 3.0, 0.5
# Seconds between two messages of one side, and until everything has to be there once the link is calm.
PACE, PATIENCE = 1.5, 30.0


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - comes with the tests only

    app = create_app(settings)
    with app.app_context():
        employee_id = live_crowd.furnish(1)[0][0]
        with Centre(settings, worker=True) as centre, Site(CODE) as site, sync_playwright() as playwright:
            with unit_of_work():
                founding.create(
                    name="Chat", code=CODE, looks=Looks(origins=(site.origin,), queue="payment"), by="system"
                )
                employee = db.session.get_one(Employee, employee_id)
                presence.set_status(employee, Presence.ACTIVE, by=employee.key, source="self")
            chromium = os.environ.get("CEC_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
            options = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
            page = playwright.chromium.launch(executable_path=chromium, args=options).new_page()
            with BadLink(centre.port) as link:
                talk = Talk(app, employee_id, link)
                talk.begin(page, site.page(link.port))
                yield _figure(talk, talk.play(page, SECONDS, EVERY, SHUT))


def _figure(talk: "Talk", wrong: list[str]) -> dict[str, Any]:
    return {
        "name": "doors.widget",
        "value": len(wrong),
        "unit": "messages lost, doubled or out of order",
        "limit": 0,
        "ratio": 0.0,
        "goal": 0,
        "holds": not wrong and talk.link.cuts > SECONDS / (EVERY + SHUT) / 2,
        "note": f"{talk.sent} of the visitor and {talk.answered} of the operator over {talk.link.cuts} cuts; "
        f"all there {talk.settled:.1f} s after the link was calm" + (f"; {wrong[0]}" if wrong else ""),
    }


class Site:
    """A site of somebody else: one page with the tag of the chat."""

    def __init__(self, code: str) -> None:
        site = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                # A strict site: scripts and calls to the centre alone, styles and pictures from nowhere.
                centre = f"http://127.0.0.1:{site.centre}"
                policy = f"default-src 'none'; script-src {centre}; connect-src {centre}; img-src {centre}"
                self.send_header("Content-Security-Policy", policy + "; require-trusted-types-for 'script'")
                self.end_headers()
                tag = f'<script type="module" src="{centre}/webchat/{code}/widget.js"></script>'
                self.wfile.write(f'<!doctype html><html lang="en"><title>Shop</title><body>{tag}'.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.centre = 0
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self, centre: int) -> str:
        """Give the address of its page; the chat comes from that port."""
        self.centre = centre
        return f"{self.origin}/"


class Talk:
    """A visitor and an operator who talk over a bad link."""

    def __init__(self, app: Flask, employee_id: int, link: BadLink) -> None:
        self.app, self.employee_id, self.link = app, employee_id, link
        self.sent = self.answered = 0
        self.settled = 0.0
        self._over = threading.Event()

    def begin(self, page: Any, address: str) -> None:
        """Open the chat and let the operator take what comes of the first message."""
        page.goto(address)
        page.locator("[data-cec-chat] .launch").click()
        self._type(page)
        if not wait_until(self._take, PATIENCE):
            raise TimeoutError("nobody was offered the chat")

    def play(self, page: Any, seconds: float, every: float, shut: float) -> list[str]:
        """Talk while the link drops; gives what is wrong when it is calm again."""
        hand = threading.Thread(target=self._answer)
        hand.start()
        self.link.drop(every, shut)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._type(page)
            page.wait_for_timeout(1e3 * PACE)
        self._over.set()
        hand.join()
        self.link.calm()
        began = time.monotonic()
        while self._wrong(page) and time.monotonic() - began < PATIENCE:
            page.wait_for_timeout(200)
        self.settled = time.monotonic() - began
        return self._wrong(page)

    def _type(self, page: Any) -> None:
        self.sent += 1
        page.locator("[data-cec-chat] textarea#words").fill(f"visitor {self.sent}")
        page.keyboard.press("Enter")

    def _take(self) -> bool:
        with unit_of_work():
            ringing = db.select(Assignment.id).where(
                Assignment.employee_id == self.employee_id, Assignment.state == "offered"
            )
            offer = db.session.scalar(ringing)
            if offer is not None:
                offering.accept(offer, by=db.session.get_one(Employee, self.employee_id))
        return offer is not None

    def _answer(self) -> None:
        with self.app.app_context():
            while not self._over.wait(PACE):
                self.answered += 1
                with unit_of_work():
                    chats = db.select(Appeal).where(Appeal.operator_id == self.employee_id, Appeal.status == "in_work")
                    conversation.send(
                        db.session.scalars(chats.order_by(Appeal.id.desc()).limit(1)).one(),
                        by=db.session.get_one(Employee, self.employee_id),
                        letter=Letter(f"operator {self.answered}"), client_uuid=uuid.uuid4(), seen_message_id=0,
                        undo=dt.timedelta(),
                    )  # fmt: skip

    def _wrong(self, page: Any) -> list[str]:
        with self.app.app_context(), unit_of_work():
            came = db.select(Message.text).where(Message.direction == Direction.IN, Message.text.like("visitor %"))
            theirs = list(db.session.scalars(came.order_by(Message.id)))
        shown = page.locator("[data-cec-chat] .say .words").all_inner_texts()
        return [
            *_differences(theirs, [f"visitor {n + 1}" for n in range(self.sent)]),
            *_differences([each for each in shown if each.startswith("visitor")], theirs),
            *_differences([each for each in shown if each.startswith("operator")],
                          [f"operator {n + 1}" for n in range(self.answered)]),
        ]  # fmt: skip


def _differences(found: list[str], wanted: list[str]) -> list[str]:
    if found == wanted:
        return []
    missing, more = (
        [each for each in wanted if each not in found],
        [each for each in set(found) if found.count(each) > 1],
    )
    return [*(f"{each} is missing" for each in missing), *(f"{each} is there twice" for each in more)] or [
        "not in order"
    ]
