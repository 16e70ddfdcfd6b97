"""Mail goes out through SMTP, step by step, so that it is always known what the other side has promised.

Until the text is handed over a failure is certain and may be tried again; once it is handed over and the answer is
lost nobody knows, and a person decides (QUALITY R9, R10).
"""

import re
import smtplib
import ssl
from email.message import EmailMessage
from typing import Any

from cec.channels import accounts
from cec.channels.channel import Outbound, Outcome, Refused, Sent, Unknown
from cec.channels.email import composing
from cec.channels.models import ChannelAccount
from cec.platform.errors import Refusal
from cec.platform.i18n import mark

TIMEOUT = 30.0
READY_FOR_TEXT = 354
ALREADY_WELCOME = 250
PERMANENT = 500

NO_SERVER = mark("The mailbox has no server for outgoing mail: a business administrator can add it.")
AWAY = mark("The mail server could not be reached.")
NO_ENTRY = mark("The mail server did not accept the name or password of the mailbox.")
NO_SENDER = mark("The mail server does not let this mailbox send.")
NO_RECIPIENT = mark("The mail server refused the recipient.")
NOT_TAKEN = mark("The mail server did not take the message.")
NO_ANSWER = mark("The mail server did not say whether it took the message.")


def send(account: ChannelAccount, outbound: Outbound) -> Outcome:
    """Send a mail; outside any transaction, never longer than the time-outs."""
    config = account.config.get("smtp")
    if not config:
        return Refused(NO_SERVER, retryable=False)
    try:
        message = composing.compose(account, outbound)
    except Refusal as refusal:
        return Refused(refusal.template(), retryable=False, detail=str(refusal))
    try:
        server = _connect(config, accounts.passwords_of(account).get("smtp", ""))
    except smtplib.SMTPAuthenticationError as error:
        return _refused(NO_ENTRY, error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Refused(AWAY, retryable=True, detail=str(error))
    try:
        return _converse(server, account.address, outbound, message)
    finally:
        server.close()


def _connect(config: dict[str, Any], password: str) -> smtplib.SMTP:
    host, port, tls = str(config["host"]), int(config["port"]), config.get("tls", "none")
    if tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        if tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if config.get("user"):
            server.login(str(config["user"]), password)
    except BaseException:
        server.close()
        raise
    return server


def _converse(server: smtplib.SMTP, sender: str, outbound: Outbound, message: EmailMessage) -> Outcome:
    try:
        code, words = server.mail(sender, ["SMTPUTF8"] if not sender.isascii() and server.has_extn("smtputf8") else [])
        if code != ALREADY_WELCOME:
            return _refused(NO_SENDER, code, words)
        answers = {address: server.rcpt(address) for address in (*outbound.to, *outbound.cc)}
        turned_away = {address: answer for address, answer in answers.items() if answer[0] >= 400}  # noqa: PLR2004
        if len(turned_away) == len(answers):
            return _refused(NO_RECIPIENT, *next(iter(turned_away.values())))
        code, words = server.docmd("data")
        if code != READY_FOR_TEXT:
            return _refused(NOT_TAKEN, code, words)
    except (OSError, smtplib.SMTPException) as error:
        return Refused(AWAY, retryable=True, detail=str(error))
    refused = {address: _plain(words) for address, (_, words) in turned_away.items()}
    return _hand_over(server, outbound.message_id, message.as_bytes(), refused)


def _hand_over(server: smtplib.SMTP, message_id: str, content: bytes, refused: dict[str, str]) -> Outcome:
    """Hand the text over: from the first byte on, silence means that nobody knows."""
    lines = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r?\n", b"\r\n", content))
    try:
        server.send(lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        code, words = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(NO_ANSWER, detail=str(error))
    if code >= 400:  # noqa: PLR2004 - 4xx and 5xx are a no
        return _refused(NOT_TAKEN, code, words)
    return Sent(message_id, refused)


def _refused(reason: str, code: int, words: bytes | str) -> Refused:
    return Refused(reason, retryable=code < PERMANENT, detail=f"{code} {_plain(words)}")


def _plain(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
