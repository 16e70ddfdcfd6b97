"""The SMTP door: any mail program or server hands mail over here; 250 is answered only after the commit.

The conversation runs in an event loop of its own; the database is asked in a few threads beside it, so that a slow
commit holds up one sender and not the door.
"""

import asyncio
import errno
import logging
import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from sqlalchemy.exc import SQLAlchemyError

from cec.channels import accounts, probing, receiving
from cec.channels.email import data_phase, identity, threading
from cec.channels.models import ChannelAccount
from cec.platform.db import db, unit_of_work

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

WORKERS = 4
# Seconds after which a sender is told to come back.
PATIENCE = 20.0
TAKEN = "250 Kept"
LATER = "451 The centre cannot keep mail at the moment, try again later"
NOT_HERE = "550 There is no such mailbox here"
GOES_ROUND = "554 This mail goes round in circles"
TOO_MUCH = "552 5.3.4 This mail is larger than the centre takes"
TOO_MANY = "452 4.5.3 Too many recipients: send the mail to the others once more"
# RFC 5321 wants at least a hundred; a mail of which only mailboxes of ours are taken needs no more.
MAX_RECIPIENTS = 100
# Who sends too much may send so much more, in such a time, before the door is closed in his face.
REST, REST_SECONDS = 16 * 2**20, 5.0
_PLAIN_ADDRESS = re.compile(r"<(\w[\w.+-]*@\w[\w.-]*)>(.*)", re.ASCII)
# Seconds for which a mailbox is remembered.
REMEMBERED = 5.0
# A relay that hands the same mail round and round.
MAX_HOPS = 100
_HEAD = 256 * 1024


class PortTaken(Exception):
    """Another program has the port of the SMTP door."""


class _Conversation(SMTP):
    # The part of a mail that is looked through at once for its end.
    line_length_limit = 2**20

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Read an ordinary address at once; the standard's own grammar takes longer than the rest of the command."""
        plain = _PLAIN_ADDRESS.fullmatch(arg or "")
        return (plain[1], plain[2]) if plain else super()._getaddr(arg)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if await self.check_helo_needed():
            return
        envelope: Any = self.envelope
        if not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
        elif arg:
            await self.push("501 Syntax: DATA")
        else:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            try:
                content = await data_phase.read(self._reader, limit=self.data_size_limit or sys.maxsize)
            except data_phase.TooMuch:
                await self._refuse_and_leave()
                return
            envelope.content = envelope.original_content = content
            answer = await self._call_handler_hook("DATA")
            self._set_post_data_state()  # type: ignore[no-untyped-call]
            await self.push(answer)

    async def _refuse_and_leave(self) -> None:
        """Answer at once instead of reading for ever; what is still on its way is no command, so this is the end."""
        await self.push(TOO_MUCH)
        await data_phase.read_away(self._reader, most=REST, seconds=REST_SECONDS)
        if self.transport is not None:
            self.transport.close()


class _Listening(Controller):
    def factory(self) -> SMTP:
        return _Conversation(self.handler, **self.SMTP_kwargs)


class Door:
    """Takes mail for the mailboxes of the centre; `port` 0 chooses a free one."""

    def __init__(self, app: "Flask", host: str, port: int) -> None:
        self.host = host
        self.port = port or _free_port(host)
        self._handler = _Handler(app)
        limit = app.config["CEC"].max_megabytes * 2**20
        self._controller = _Listening(
            self._handler,
            hostname=host,
            port=self.port,
            ident="CEC",
            server_hostname="cec",
            data_size_limit=limit,
            enable_SMTPUTF8=True,
        )

    def start(self) -> None:
        """Open the door.

        :raises PortTaken: when another program listens there.
        """
        self._must_be_free()
        self._controller.start()

    def _must_be_free(self) -> None:
        """Look first: the server's own thread would tell of a taken port only after seconds."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            socket.create_server((self.host, self.port), family=family).close()
        except OSError as error:
            self._handler.pool.shutdown()
            self._controller.loop.close()
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(
                f"Port {self.port} of the SMTP door is taken by another program: set SMTP_PORT to a free one."
            ) from error

    def stop(self) -> None:
        """Close the door; mail that is being kept is kept to the end."""
        self._controller.stop()
        self._handler.pool.shutdown()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler:
    def __init__(self, app: "Flask") -> None:
        self.app = app
        self.pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="door")
        self._known: dict[str, tuple[float, ChannelAccount]] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and arguments
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        account = await self._beside(self._find, address)
        if isinstance(account, str):
            return account
        envelope.rcpt_tos.append(address)
        _accounts(envelope)[account.id] = account
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer: str = await self._beside(self._keep, envelope)
        return answer

    async def handle_exception(self, error: Exception) -> str:
        """Whatever is wrong with the door, the sender keeps the mail and comes back."""
        log.error("the SMTP door stumbled", exc_info=error)
        return LATER

    async def _beside(self, act: Any, argument: Any) -> Any:
        """Wait for the database, but not for ever: a mail kept after all is known again when it comes back."""
        asked = asyncio.get_running_loop().run_in_executor(self.pool, self._answered, act, argument)
        try:
            return await asyncio.wait_for(asked, PATIENCE)
        except TimeoutError:
            log.warning("the SMTP door got no answer in %s s", PATIENCE)
            return LATER

    def _answered(self, act: Any, argument: Any) -> Any:
        """Do the database's part; whatever fails there, the sender keeps the mail and comes back."""
        with self.app.app_context():
            try:
                return act(argument)
            except (SQLAlchemyError, OSError):
                log.exception("the SMTP door could not keep a mail")
                db.session.rollback()
                return LATER

    def _find(self, address: str) -> ChannelAccount | str:
        """Find a mailbox; what is found is remembered for a moment, as mail comes in bursts."""
        address = address.strip().lower()
        until, account = self._known.get(address, (0.0, None))
        if account is None or time.monotonic() > until:
            with unit_of_work():
                account = accounts.find_email(address)
            if account is None:
                return NOT_HERE
            self._known[address] = time.monotonic() + REMEMBERED, account
        return account

    def _keep(self, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        if raw[:_HEAD].lower().count(b"\nreceived:") > MAX_HOPS:
            return GOES_ROUND
        event_id = identity.event_id(raw)
        # The empty sender of a bounce is handed in as <>.
        told = {"mail_from": (envelope.mail_from or "").strip("<>"), "rcpt_tos": list(envelope.rcpt_tos)}
        found, is_trial = _accounts(envelope), threading.is_trial(event_id)
        with unit_of_work():
            for account_id in sorted(found):
                if is_trial:
                    probing.came_back(account_id)
                else:
                    receiving.receive(found[account_id], event_id, raw, told)
        return TAKEN


def _accounts(envelope: Envelope) -> dict[int, ChannelAccount]:
    """Give the mailboxes that the recipients of a mail belong to, by number."""
    found: dict[int, ChannelAccount] = vars(envelope).setdefault("cec_accounts", {})
    return found


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
