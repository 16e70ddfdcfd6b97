"""Hostile mail through the SMTP door into every place that shows it: nothing runs and nothing is fetched."""

import json
import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cec.channels.email import cleaning
from tests import hostile

SENDER = "evil@client.example"
FIRST = "<evil.0@client.example>"


@pytest.fixture
def door(centre: Any) -> Iterator[smtplib.SMTP]:
    """Give a conversation with the SMTP door."""
    with smtplib.SMTP("127.0.0.1", int(centre.mail_port), timeout=20) as smtp:
        yield smtp


def hand_over(door: smtplib.SMTP, *letters: bytes) -> None:
    """Send letters to the shop."""
    for raw in letters:
        door.sendmail(SENDER, ["shop@demo.example"], raw)


def watched(page: Page) -> list[str]:
    """Note every dialog that opens."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    return dialogs


def nothing_ran(page: Page, dialogs: list[str]) -> None:
    """See that no word of a letter has become a program."""
    assert dialogs == []
    assert [frame.url for frame in page.frames if frame.url.startswith("javascript")] == []
    assert page.evaluate("() => window.ran === undefined")


def opened(page: Page) -> None:
    """Take the hostile letter into work."""
    page.get_by_role("alertdialog").get_by_role("button", name="Принять").first.click()
    expect(page.get_by_role("log")).to_be_visible()


def all_arrived(page: Page, count: int) -> None:
    """Wait until all letters are in the feed; so many at once move what stood there, and may."""
    expect(page.locator("#feed .msg")).to_have_count(count, timeout=30_000)
    forget_shifts(page)


def forget_shifts(page: Page) -> None:
    """Forget what moved until now: somebody wanted it so."""
    page.evaluate("requestAnimationFrame(() => requestAnimationFrame(() => { window.shifts = []; }))")


def show_all_as_sent(page: Page) -> int:
    """Show every letter of the feed as it was sent, each until its frame has drawn it."""
    buttons = page.get_by_role("button", name="Показать письмо, как отправлено")
    frames = page.locator(".as-sent iframe")
    for shown in range(buttons.count()):
        buttons.first.click()
        expect(frames).to_have_count(shown + 1)
    for index in range(frames.count()):
        frame = frames.nth(index)
        frame.scroll_into_view_if_needed()
        assert "allow-scripts" not in (frame.get_attribute("sandbox") or "allow-scripts")
        frame.content_frame.locator("body").wait_for(state="attached")
    # Each takes its height when it is scrolled to, long after its click where there are so many.
    forget_shifts(page)
    return frames.count()


def test_hostile_letters_are_read_and_do_nothing(centre: Any, works: Callable[..., Page], door: smtplib.SMTP) -> None:
    anna = works("anna")
    dialogs = watched(anna)
    hand_over(door, hostile.letter(0, hostile.HTML[0]))
    opened(anna)
    rest = [hostile.letter(number, html, answers=FIRST) for number, html in enumerate(hostile.HTML[1:], start=1)]

    hand_over(door, *rest)

    all_arrived(anna, len(hostile.HTML))
    # Of the others nothing is left to be shown.
    assert show_all_as_sent(anna) == sum(bool(cleaning.clean(html)) for html in hostile.HTML)
    for file in anna.locator("#feed a.file").all():
        name = file.get_attribute("download") or ""
        assert name.strip(". ")
        assert not set(name) & set("/\\\0\r\n<>\u200b\u202e")
        assert len(name) <= 160
    nothing_ran(anna, dialogs)

    boris = works("boris", status="")
    seen = watched(boris)
    boris.goto("/appeals")
    boris.get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(boris.locator(".talk .said")).to_have_count(len(hostile.HTML))
    nothing_ran(boris, seen)


def test_a_hostile_file_is_saved_and_never_shown(centre: Any, works: Callable[..., Page], door: smtplib.SMTP) -> None:
    anna = works("anna")
    dialogs = watched(anna)
    number = list(hostile.FILES).index("picture.svg")
    hand_over(door, hostile.letter(number + 10 * len(hostile.FILES), "<p>svg</p>"))
    opened(anna)

    address = anna.locator("#feed a.file").first.get_attribute("href") or ""
    answer = anna.request.get(address)

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    with anna.expect_download() as download:
        anna.locator("#feed a.file").first.click()
    assert Path(download.value.path()).read_bytes().strip() == hostile.SVG
    nothing_ran(anna, dialogs)


def test_what_cannot_be_read_does_nothing_in_the_quarantine(
    centre: Any, works: Callable[..., Page], door: smtplib.SMTP
) -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(2000))
    evil = hostile.WORDS[0].encode()
    hand_over(door, b"From: " + evil + b" <evil@client.example>\r\nSubject: " + evil + b"\r\n" + deep)
    vera = works("vera", status="")
    dialogs = watched(vera)

    vera.goto("/quarantine")

    expect(vera.locator("body")).to_contain_text("Слишком глубокая вложенность", timeout=15_000)
    nothing_ran(vera, dialogs)


def test_the_collected_payloads_do_nothing(
    centre: Any, works: Callable[..., Page], door: smtplib.SMTP, repository: Path
) -> None:
    folder = repository.parent / "shared" / "corpora" / "security"
    if not folder.exists():
        pytest.skip("the corpora are not beside the repository (../shared/corpora)")
    payloads = [case["payload"] for case in json.loads((folder / "html_payloads.json").read_text())]
    payloads += [case["input"] for case in json.loads((folder / "html_mail_pairs.json").read_text())]
    letters = [
        hostile.letter(
            1000 + number, "\n<hr>\n".join(payloads[number : number + 6]), answers="<evil.1000@client.example>"
        )
        for number in range(0, len(payloads), 6)
    ]
    anna = works("anna")
    dialogs = watched(anna)
    hand_over(door, letters[0])
    opened(anna)

    hand_over(door, *letters[1:])

    all_arrived(anna, len(letters))
    assert show_all_as_sent(anna) > 0
    nothing_ran(anna, dialogs)
