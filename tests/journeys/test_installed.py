"""The window as an installed app (2.2.1): Chromium finds no fault in it, Ctrl+Tab goes through the appeals."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType, Page, expect

# The browsers of tests keep nothing: what is installed would be gone with them.
OF_TESTS = {"in-incognito"}


@pytest.fixture
def installed(
    centre: Any, browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> Iterator[Page]:
    """Give a window of its own, without tabs, as an installed app has it."""
    options = {**browser_type_launch_args, "args": [*browser_type_launch_args["args"], f"--app={centre.url}/login"]}
    context = browser_type.launch_persistent_context(tmp_path, base_url=centre.url, locale="ru-RU", **options)
    yield context.pages[0]
    context.pages[0].goto("/leaving")
    context.pages[0].locator("form button.go, form button.danger").first.click()
    context.pages[0].wait_for_url("**/login**")
    context.close()


def sign_in(page: Page, login: str, password: str) -> None:
    """Sign in and start to work."""
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("button.go").click()
    page.wait_for_url(lambda url: "/login" not in url)
    if "/start" in page.url:
        page.locator("button.go").click()
        page.wait_for_url(lambda url: "/start" not in url)
    page.keyboard.press("Alt+a")
    expect(page.locator("#presence")).to_contain_text("Активен")


def take_two(centre: Any, page: Page) -> None:
    """Take two appeals; the second one stays open."""
    for name, address in {"Ия Зорина": "zorina", "Лев Южный": "yuzhny"}.items():
        centre.receives(f"{name} <{address}@client.example>", "Заказ", "Когда привезут?")
        expect(page.get_by_role("alertdialog").filter(has_text=name)).to_be_visible()
        page.keyboard.press("Alt+Enter")
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_chromium_finds_no_fault_in_the_manifest(works: Callable[..., Page]) -> None:
    page = works("anna", status="")
    browser = page.context.new_cdp_session(page)

    told = browser.send("Page.getAppManifest")
    faults = browser.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert told["url"].endswith("/manifest.webmanifest?language=ru")
    assert told["errors"] == []
    assert '"display":"standalone"' in told["data"]
    assert [fault for fault in faults if fault["errorId"] not in OF_TESTS] == []


def test_ctrl_tab_goes_on_by_urgency_in_the_installed_window(centre: Any, installed: Page) -> None:
    sign_in(installed, "anna", centre.password("anna"))
    take_two(centre, installed)
    heading = installed.get_by_role("heading", level=1)

    installed.keyboard.press("Control+Tab")
    expect(heading).to_have_text("Ия Зорина")
    installed.keyboard.press("Control+Shift+Tab")
    expect(heading).to_have_text("Лев Южный")
    centre.tidy()


def test_in_a_tab_ctrl_tab_stays_the_browsers(centre: Any, works: Callable[..., Page]) -> None:
    page = works("anna")
    take_two(centre, page)
    page.evaluate("addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; })")

    page.keyboard.press("Control+Tab")

    assert page.evaluate("window.taken") is False
    expect(page.get_by_role("heading", level=1)).to_have_text("Лев Южный")
