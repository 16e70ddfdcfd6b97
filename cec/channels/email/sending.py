"""Mail goes out through SMTP, step by step, so that it is always known what the other side has promised.

Until its last line is handed over a failure is certain and may be tried again; once that is on its way and the answer
is lost nobody knows, and a person decides (QUALITY R9, R10).
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from cec.channels import accounts
from cec.channels.channel import Outbound, Outcome, Refused, Sent, Undelivered, Unknown
from cec.channels.email import bounces, composing, oauth
from cec.channels.models import ChannelAccount
from cec.platform.errors import Refusal
from cec.platform.i18n import mark

NO_SERVER = mark("The mailbox has no server for outgoing mail: a business administrator can add it.")
AWAY = mark("The mail server could not be reached.")
NO_ENTRY = mark("The mail server did not accept the name or password of the mailbox.")
NO_TOKEN = mark("The provider gives the mailbox no access any more: a business administrator can renew it.")
NO_SENDER = mark("The mail server does not let this mailbox send.")
NO_RECIPIENT = mark("The mail server refused the recipient.")
NOT_TAKEN = mark("The mail server did not take the message.")
NO_ANSWER = mark("The mail server did not say whether it took the message.")

READY_FOR_TEXT = 354
DONE = range(200, 300)
PERMANENT = 500
_LONGEST_DETAIL = 500


@dataclass(frozen=True)
class Patience:
    """How long each step may take, in seconds; the last answer is worth waiting for."""

    connect: float = 20.0
    command: float = 30.0
    last_answer: float = 90.0
    goodbye: float = 2.0


PATIENCE = Patience()


@dataclass(frozen=True)
class _Letter:
    sender: str
    recipients: list[str]
    content: bytes
    message_id: str


def send(account: ChannelAccount, outbound: Outbound, *, patience: Patience | None = None) -> Outcome:
    """Send a mail; outside any transaction, never longer than the time-outs."""
    patience = patience or PATIENCE
    config = account.config.get("smtp")
    if not config:
        return Refused(NO_SERVER, retryable=False, blames_account=True)
    try:
        recipients = composing.recipients(outbound)
        content = composing.compose(account, outbound).as_bytes()
    except Refusal as refusal:
        return Refused(refusal.template(), retryable=False, detail=str(refusal))
    try:
        server = _connect(config, account, patience)
    except smtplib.SMTPAuthenticationError as error:
        # The mailbox is wrong, not the message: it goes out once somebody has corrected the password.
        return Refused(NO_ENTRY, retryable=True, detail=_plain(error.smtp_error), blames_account=True)
    except (oauth.NoToken, oauth.BadEndpoint) as error:
        return Refused(NO_TOKEN, retryable=True, detail=str(error)[:_LONGEST_DETAIL], blames_account=True)
    except (OSError, smtplib.SMTPException) as error:
        return Refused(AWAY, retryable=True, detail=str(error)[:_LONGEST_DETAIL], blames_account=True)
    try:
        return _converse(server, _Letter(account.address, recipients, content, outbound.message_id), patience)
    finally:
        _leave(server, patience)


def _connect(config: dict[str, Any], account: ChannelAccount, patience: Patience) -> smtplib.SMTP:
    host, port, tls = str(config["host"]), int(config["port"]), config.get("tls", "none")
    server: smtplib.SMTP
    if tls == "tls":
        server = smtplib.SMTP_SSL(host, port, timeout=patience.connect, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=patience.connect)
    try:
        _wait_at_most(server, patience.command)
        if tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if config.get("user"):
            _sign_in(server, str(config["user"]), account)
    except BaseException:
        server.close()
        raise
    return server


def _sign_in(server: smtplib.SMTP, user: str, account: ChannelAccount) -> None:
    token = oauth.token_for(account)
    if token is None:
        server.login(user, accounts.passwords_of(account).get("smtp", ""))
        return
    try:
        # A second challenge tells what is wrong: whoever answers it with nothing gets the refusal.
        server.auth("XOAUTH2", lambda challenge=None: "" if challenge else oauth.sasl(user, token))
    except smtplib.SMTPAuthenticationError:
        oauth.forget(account)
        raise


def _converse(server: smtplib.SMTP, letter: _Letter, patience: Patience) -> Outcome:
    try:
        undelivered = _announce(server, letter)
        if isinstance(undelivered, Refused):
            return undelivered
        _hand_over(server, letter.content)
    except (OSError, smtplib.SMTPException) as error:
        return Refused(AWAY, retryable=True, detail=str(error)[:_LONGEST_DETAIL])
    return _finish(server, letter, undelivered, patience)


def _announce(server: smtplib.SMTP, letter: _Letter) -> list[Undelivered] | Refused:
    """Say from whom and to whom; one recipient who is refused does not keep the mail from the others."""
    is_wide = not all(address.rpartition("@")[0].isascii() for address in (letter.sender, *letter.recipients))
    if is_wide and not server.has_extn("smtputf8"):
        return Refused(NO_RECIPIENT, retryable=False, detail="SMTPUTF8")
    server.command_encoding = "utf-8" if is_wide else "ascii"
    code, words = server.mail(composing.ascii_address(letter.sender), ["SMTPUTF8"] if is_wide else [])
    if code not in DONE:
        return replace(_refused(NO_SENDER, code, words), blames_account=True)
    answers = {address: server.rcpt(composing.ascii_address(address)) for address in letter.recipients}
    turned_away = {address: answer for address, answer in answers.items() if answer[0] not in DONE}
    undelivered = [_undelivered(address, *answer) for address, answer in turned_away.items()]
    if len(turned_away) == len(answers):
        # While one of them may be accepted later, it is worth another try.
        mildest = _refused(NO_RECIPIENT, *min(turned_away.values(), key=lambda answer: answer[0]))
        return replace(mildest, undelivered=undelivered)
    code, words = server.docmd("data")
    if code != READY_FOR_TEXT:
        return _refused(NOT_TAKEN, code, words)
    return undelivered


def _undelivered(address: str, code: int, words: bytes | str) -> Undelivered:
    said, is_final = f"{code} {_plain(words)}", code >= PERMANENT
    return Undelivered(address, said, is_final=is_final, is_hard=is_final and bounces.is_hard(said, is_recipient=True))


def _hand_over(server: smtplib.SMTP, content: bytes) -> None:
    """Hand over all but the last line: whoever has not seen that must forget the mail."""
    body = content.replace(b"\r\n.", b"\r\n..")
    server.send((b"." if body.startswith(b".") else b"") + body + (b"" if body.endswith(b"\r\n") else b"\r\n"))


def _finish(server: smtplib.SMTP, letter: _Letter, undelivered: list[Undelivered], patience: Patience) -> Outcome:
    """Hand over the last line: from here on silence means that nobody knows."""
    try:
        _wait_at_most(server, patience.last_answer)
        server.send(b".\r\n")
        code, words = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(NO_ANSWER, detail=str(error)[:_LONGEST_DETAIL])
    if code < 0:  # no answer that anybody understands
        return Unknown(NO_ANSWER, detail=_plain(words))
    return Sent(letter.message_id, undelivered) if code in DONE else _refused(NOT_TAKEN, code, words)


def _leave(server: smtplib.SMTP, patience: Patience) -> None:
    """Say goodbye, without waiting long for it: the fate of the mail is known already."""
    with suppress(OSError, smtplib.SMTPException):
        _wait_at_most(server, patience.goodbye)
        server.quit()
    server.close()


def _wait_at_most(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is gone")
    server.sock.settimeout(seconds)


def _refused(reason: str, code: int, words: bytes | str) -> Refused:
    return Refused(reason, retryable=code < PERMANENT, detail=f"{code} {_plain(words)}")


def _plain(words: bytes | str) -> str:
    return (words.decode("utf-8", "replace") if isinstance(words, bytes) else words)[:_LONGEST_DETAIL]
