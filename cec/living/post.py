"""The world's mail: letters to the centre by its mail door, its answers to the people who wait for them, bounces.

What the centre sends lies as numbered files in the folder of the demo's post office, or is handed over directly.
"""

import asyncio
import logging
import smtplib
import time
from collections import defaultdict
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import formataddr, formatdate, make_msgid, parseaddr
from pathlib import Path
from typing import NamedTuple

from cec.living.line import Away, Note, unheard
from cec.living.pace import Pace
from cec.platform import clock

log = logging.getLogger(__name__)

LOOKS_EVERY = 1.0
# As SMTP says it.
TAKEN = 250
PATIENCE = 30.0
# Of an answer so much is quoted below the next letter.
QUOTED = 400


class Door(NamedTuple):
    """Where the centre takes mail, and for which mailbox."""

    host: str
    port: int
    mailbox: str


class Got(NamedTuple):
    """An answer as its reader sees it."""

    message_id: str
    subject: str
    text: str


class Post:
    """Carries letters both ways."""

    def __init__(self, door: Door, pace: Pace, folder: Path | None = None, *, note: Note = unheard) -> None:
        self.door, self._pace, self._folder, self._note = door, pace, folder, note
        # Of those who wait for mail, what has come; by address.
        self.boxes: dict[str, asyncio.Queue[Got]] = defaultdict(asyncio.Queue)
        # Addresses where nobody lives.
        self.nowhere: set[str] = set()
        self._next = self._last_number() + 1
        self._bounces: set[asyncio.Task[None]] = set()

    async def send(self, letter: EmailMessage, *, sender: str | None = None, what: str = "mail") -> None:
        """Bring a letter to the door of the centre; the null sender of a bounce is the empty text.

        :raises Away: when it is not taken.
        """
        mail_from = parseaddr(letter["From"])[1] if sender is None else sender
        began = time.monotonic()
        try:
            await asyncio.to_thread(self._hand_over, letter, mail_from)
        except (OSError, smtplib.SMTPException) as error:
            self._note(what, 0, time.monotonic() - began)
            raise Away(f"no mail is taken: {error!r}") from error
        self._note(what, TAKEN, time.monotonic() - began)

    async def carry(self) -> None:
        """Bring what the centre sends to those who wait for it, until cancelled."""
        while self._folder is not None:
            path = self._folder / f"{self._next:06d}.eml"
            if path.exists():
                self._next += 1
                self.deliver(path.read_bytes())
            else:
                await asyncio.sleep(LOOKS_EVERY)

    def deliver(self, content: bytes) -> None:
        """Bring one letter; it bounces where nobody lives, and is lost on whoever does not wait for it.

        Nobody takes what a machine says by itself for an answer.
        """
        letter = message_from_bytes(content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        for address in (parseaddr(each)[1].lower() for each in str(letter["To"] or "").split(",")):
            if address in self.nowhere:
                task = asyncio.create_task(self._bounce(letter, address))
                self._bounces.add(task)
                task.add_done_callback(self._bounces.discard)
            elif address in self.boxes and not letter["Auto-Submitted"]:
                body = letter.get_body(("plain",))
                text = body.get_content() if body else ""
                got = Got(str(letter["Message-ID"]), str(letter["Subject"]), text)
                self.boxes[address].put_nowait(got)

    async def _bounce(self, letter: EmailMessage, address: str) -> None:
        await self._pace.pause(4, 12)
        try:
            await self.send(undeliverable(letter, address, self.door.mailbox), sender="", what="bounce")
        except Away as away:
            log.warning("a bounce was not taken: %s", away)

    def _hand_over(self, letter: EmailMessage, mail_from: str) -> None:
        with smtplib.SMTP(self.door.host, self.door.port, timeout=PATIENCE) as door:
            door.sendmail(mail_from, [self.door.mailbox], letter.as_bytes(policy=policy.SMTP))

    def _last_number(self) -> int:
        if self._folder is None or not self._folder.is_dir():
            return 0
        return max((int(path.stem) for path in self._folder.glob("*.eml") if path.stem.isdigit()), default=0)


class Correspondent:
    """Somebody who writes letters, about one matter."""

    def __init__(self, post: Post, name: str, mail: str, *, subject: str) -> None:
        self._post, self._name, self._mail, self._subject = post, name, mail.lower(), subject
        self._last: Got | None = None
        post.boxes.pop(self._mail, None)
        self._box = post.boxes[self._mail]

    async def say(self, text: str, *, picture: bytes | None = None) -> None:
        """Write; to an answer one writes below which it stands quoted."""
        letter = EmailMessage()
        letter["From"] = formataddr((self._name, self._mail))
        letter["To"], letter["Date"] = self._post.door.mailbox, formatdate(localtime=True)
        letter["Message-ID"] = make_msgid(domain=self._mail.partition("@")[2])
        letter["Subject"] = self._subject
        if self._last is not None:
            letter.replace_header("Subject", f"Re: {self._last.subject.removeprefix('Re: ')}")
            letter["In-Reply-To"] = letter["References"] = self._last.message_id
            text = f"{text}\n\n{_quoted(self._last.text, self._post.door.mailbox)}"
        letter.set_content(text)
        if picture:
            letter.add_attachment(picture, maintype="image", subtype="png", filename="photo.png")
        await self._post.send(letter)

    async def hear(self, within: float) -> str | None:
        """Wait so many seconds for an answer; gives its text."""
        try:
            async with asyncio.timeout(within):
                self._last = await self._box.get()
        except TimeoutError:
            return None
        return self._last.text

    async def rate(self, mark: int) -> None:
        """Say nothing of how it was: a letter has no stars."""

    async def leave(self) -> None:
        """Wait for nothing more."""
        if self._post.boxes.get(self._mail) is self._box:
            del self._post.boxes[self._mail]


def _quoted(text: str, mailbox: str) -> str:
    lines = "\n".join(f"> {line}" for line in text[:QUOTED].strip().splitlines())
    today = f"{clock.now():%d.%m.%Y, %H:%M}"
    return f"On {today}, {mailbox} wrote:\n{lines}" if text.isascii() else f"{today}, {mailbox} пишет:\n{lines}"


def undeliverable(letter: EmailMessage, address: str, mailbox: str) -> EmailMessage:
    """Write what a mail server tells about a letter to somebody who does not live there (RFC 3464)."""
    report = EmailMessage()
    report["From"], report["To"] = f"Mail Delivery System <mailer-daemon@{address.partition('@')[2]}>", mailbox
    report["Subject"], report["Date"] = "Undelivered Mail Returned to Sender", formatdate(localtime=True)
    report["Message-ID"], report["Auto-Submitted"] = make_msgid(domain="mx.example"), "auto-replied"
    report.set_content(f"The mail could not be delivered to {address}: no such user.\n")
    report.make_mixed()
    report.replace_header("Content-Type", "multipart/report")
    report.set_param("report-type", "delivery-status")
    report.attach(_status(address))
    report.attach(_head(letter))
    return report


def _group(*fields: tuple[str, str]) -> Message:
    """Make a group of a delivery status."""
    group = Message()
    for name, value in fields:
        group[name] = value
    return group


def _status(address: str) -> EmailMessage:
    status = EmailMessage()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload(
        [
            _group(("Reporting-MTA", "dns; mx.example")),
            _group(
                ("Final-Recipient", f"rfc822; {address}"),
                ("Action", "failed"),
                ("Status", "5.1.1"),
                ("Diagnostic-Code", f"smtp; 550 5.1.1 <{address}>: user unknown"),
            ),
        ]
    )
    return status


def _head(letter: EmailMessage) -> EmailMessage:
    head = EmailMessage()
    head["Content-Type"] = "text/rfc822-headers"
    head.set_payload(f"Message-ID: {letter['Message-ID']}\n")
    return head
