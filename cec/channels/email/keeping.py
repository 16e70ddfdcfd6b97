"""Mailboxes are kept open, a thread for each: one that hangs delays nobody, and one node at a time reads it.

A node claims mailboxes for a short while and again every few seconds, so that another one takes over soon after it
falls silent; a node that has lost a mailbox meanwhile may not write to it any more (mailbox.look).
"""

import logging
import os
import secrets
import socket
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cec.channels import accounts
from cec.channels.email import mailbox, pop3, trouble
from cec.platform import clock
from cec.platform.db import db, unit_of_work

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

# Seconds: how often mailboxes are claimed, and how long a claim stands.
BEAT, LEASE = 5.0, 20.0
# Seconds between two tries at a mailbox in trouble, doubled each time.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 120.0
GOODBYE = 3.0

_CLAIM = text("""
    UPDATE channel_account SET keeper = :me, kept_until = :now + make_interval(secs => :lease)
    WHERE id IN (SELECT id FROM channel_account
                 WHERE channel = 'email' AND is_active AND coalesce(config ->> 'imap', config ->> 'pop3') IS NOT NULL
                   AND (keeper IS NULL OR keeper = :me OR kept_until < :now)
                 ORDER BY id FOR NO KEY UPDATE)
    RETURNING id, config, secrets""")
_LEAVE = text("UPDATE channel_account SET keeper = NULL, kept_until = NULL WHERE keeper = :me")


@dataclass
class Keeper:
    """Keeps the mailboxes that nobody else keeps, until it is told to stop."""

    app: "Flask"
    stop: threading.Event = field(default_factory=threading.Event)
    me: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")
    kept: dict[int, "Kept"] = field(default_factory=dict)

    def run(self) -> None:
        """Keep mailboxes until `stop` is set; others may have them at once then."""
        while not self.stop.is_set():
            self.beat()
            self.stop.wait(BEAT)
        self.leave()

    def beat(self) -> None:
        """Claim mailboxes, begin with new and changed ones, and let go what is not ours any more."""
        try:
            with self.app.app_context(), unit_of_work():
                facts = {"me": self.me, "now": clock.now(), "lease": LEASE}
                ours = {row.id: (row.config, row.secrets) for row in db.session.execute(_CLAIM, facts)}
        except SQLAlchemyError:
            log.warning("mailboxes: the database does not answer")
            return
        for account_id, one in list(self.kept.items()):
            if ours.get(account_id) != one.known or not one.is_alive():
                self.kept.pop(account_id).end()
        for account_id, known in ours.items():
            if account_id not in self.kept:
                self.kept[account_id] = Kept(self.app, account_id, self.me, known)
                self.kept[account_id].start()

    def leave(self) -> None:
        """Stop reading and give all mailboxes free."""
        for one in self.kept.values():
            one.end()
        until = time.monotonic() + GOODBYE
        for one in self.kept.values():
            one.join(max(0.0, until - time.monotonic()))
        self.kept.clear()
        try:
            with self.app.app_context(), unit_of_work():
                db.session.execute(_LEAVE, {"me": self.me})
        except SQLAlchemyError:
            log.warning("mailboxes: given free when the claim ends")


class Kept(threading.Thread):
    """One mailbox: open, looked into, awaited; after trouble opened again."""

    def __init__(self, app: "Flask", account_id: int, keeper: str, known: tuple[dict[str, Any], bytes | None]) -> None:
        super().__init__(name=f"mailbox {account_id}", daemon=True)
        self.app, self.account_id, self.keeper, self.known = app, account_id, keeper, known
        self.over = threading.Event()
        self.box: Any = None
        self.pause = FIRST_PAUSE

    def run(self) -> None:
        """Read until it is over or another node has the mailbox."""
        while not self.over.is_set():
            try:
                self._stay()
            except mailbox.NotOurs:
                log.info("mailbox %s: another node has it", self.account_id)
                return
            except SQLAlchemyError:
                log.warning("mailbox %s: the database does not answer", self.account_id)
            except Exception as error:  # noqa: BLE001 - whatever a foreign server provokes, it is tried again
                if self.over.is_set():
                    return
                self._tell(error)
            self.over.wait(self.pause)
            self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def end(self) -> None:
        """Stop, also in the middle of a silence of the server."""
        self.over.set()
        if self.box is not None:
            mailbox.hang_up(self.box)

    def _stay(self) -> None:
        if not self.known[0].get("imap"):
            self._come_by()
            return
        with ExitStack() as conversation:
            # Only signing in needs the application, for what is encrypted; the conversation lasts.
            with self.app.app_context():
                with unit_of_work():
                    account = accounts.get(self.account_id)
                self.box = conversation.enter_context(mailbox.connected(account))
            while not self.over.is_set():
                with self.app.app_context():
                    is_more = mailbox.look(self.box, self.account_id, by=self.keeper) >= mailbox.BATCH
                self.pause = FIRST_PAUSE
                if not is_more:
                    mailbox.await_mail(self.box, self.over)

    def _come_by(self) -> None:
        """Look into a mailbox that cannot stay open (POP3), again and again."""
        while not self.over.is_set():
            with self.app.app_context():
                is_more = pop3.fetch(self.account_id, by=self.keeper) >= mailbox.BATCH
            self.pause = FIRST_PAUSE
            if not is_more:
                self.over.wait(pop3.POLL)

    def _tell(self, error: Exception) -> None:
        log.warning("mailbox %s: %s", self.account_id, type(error).__name__)
        try:
            with self.app.app_context(), unit_of_work():
                account = accounts.get(self.account_id)
                account.last_error, account.error_detail = trouble.of(error, hide=accounts.passwords_of(account))
        except SQLAlchemyError:
            log.warning("mailbox %s: the database does not answer", self.account_id)
