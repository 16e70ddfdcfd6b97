"""Guide 2.2.1, 3.1: who is told of what, and how often a window asks: an offer, an act of its own, a resync."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from cec.platform import live

NAME = "Майя Лунина"
DRAWN = ("/operator/worklist", "/operator/appeals/", "/notifications/bell")
# As long as browsers spread themselves after a resync, and a little.
CALM = 6500


def asked_by(page: Page) -> list[tuple[float, str]]:
    """Note which parts a window fetches from now on, and when."""
    asked: list[tuple[float, str]] = []

    def note(request: Any) -> None:
        path = request.url.partition("?")[0].partition("//")[2].partition("/")[2]
        if request.method == "GET" and f"/{path}".startswith(DRAWN) and not path.endswith("/viewers"):
            asked.append((time.monotonic(), f"/{path}"))

    page.on("request", note)
    return asked


def test_an_offer_makes_one_window_ask_and_an_act_is_not_drawn_twice(centre: Any, works: Callable[..., Page]) -> None:
    anna, igor, boris = works("anna"), works("igor", status=""), works("boris", status="")
    asked = {page: asked_by(page) for page in (anna, igor, boris)}
    anna.wait_for_timeout(CALM)
    for each in asked.values():
        each.clear()

    centre.receives(f"{NAME} <lunina@client.example>", "Где заказ", "Где мой заказ?")
    offer = anna.get_by_role("alertdialog").filter(has_text=NAME)
    expect(offer).to_be_visible()
    anna.wait_for_timeout(1500)

    assert "/operator/worklist" in {path for _, path in asked[anna]}
    assert asked[igor] == asked[boris] == []

    offer.get_by_role("button", name="Принять").click()
    expect(anna.get_by_role("log")).to_contain_text("Где мой заказ?")
    anna.keyboard.press("Alt+n")
    anna.get_by_label("Внутренняя заметка").fill("Уточнить на складе")
    anna.wait_for_timeout(2500)
    asked[anna].clear()
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("log")).to_contain_text("Уточнить на складе")
    anna.wait_for_timeout(2500)

    assert [path for _, path in asked[anna] if path.startswith("/operator/appeals/")] == []


def test_after_a_resync_of_everybody_the_windows_do_not_ask_in_one_instant(
    centre: Any, works: Callable[..., Page]
) -> None:
    pages = [works("anna", status=""), works("igor", status="")]
    pages[0].wait_for_timeout(CALM)
    asked = [asked_by(page) for page in pages]

    with centre.app.app_context():
        live.look_again()
    pages[0].wait_for_timeout(CALM)

    firsts = [each[0][0] for each in asked]
    assert abs(firsts[0] - firsts[1]) > 0.01
    assert [len([path for _, path in each if path == "/operator/worklist"]) for each in asked] == [1, 1]
