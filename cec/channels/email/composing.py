"""From an outgoing message to the bytes of a mail: nothing typed by a person can become a header."""

import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from cec.channels import accounts
from cec.channels.channel import Outbound
from cec.channels.email import bodies, charsets, threading
from cec.channels.models import ChannelAccount
from cec.platform import clock
from cec.platform.errors import Refusal

LONGEST_SUBJECT = 250
# 7-bit bodies pass every relay; \r\n line ends as SMTP wants them.
_POLICY = policy.SMTP.clone(cte_type="7bit")
_SPACES = re.compile(r"\s+")
# Python folds encoded names with these inside into addresses that were not meant.
_SPECIAL = re.compile(r"[()<>\[\]:;@\\,.\"]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_CONTENT_ID = re.compile(r"[\w.+-]{1,100}@[\w.-]{1,100}", re.ASCII)
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


class NotAnAddress(Refusal):
    """“{address}” is not an e-mail address."""


class NobodyToSendTo(Refusal):
    """The message has no recipient."""


def compose(account: ChannelAccount, outbound: Outbound) -> EmailMessage:
    """Build a mail.

    :raises Refusal: when a recipient is missing or is no address.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["Message-ID"] = outbound.message_id
    mail["Date"] = clock.now()
    mail["From"] = _address(account.address, outbound.sender_name or account.config.get("from_name") or account.name)
    mail["To"] = [_address(address) for address in outbound.to]
    if outbound.cc:
        mail["Cc"] = [_address(address) for address in outbound.cc]
    mail["Subject"] = _one_line(outbound.subject)[:LONGEST_SUBJECT]
    _thread(mail, outbound)
    if outbound.auto:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(charsets.legible(outbound.text))
    if outbound.html:
        mail.add_alternative(charsets.legible(outbound.html), subtype="html")
        _show_pictures(mail, outbound)
    _attach(mail, outbound)
    return mail


def recipients(outbound: Outbound) -> list[str]:
    """List whom the mail goes to, each once.

    :raises Refusal: when there is nobody, or one is no address.
    """
    everyone = list(dict.fromkeys(outbound.only_to or [*outbound.to, *outbound.cc, *outbound.bcc]))
    if not outbound.to:
        raise NobodyToSendTo
    for address in everyone:
        _address(address)
    return everyone


def ascii_address(address: str) -> str:
    """Give an address with its domain as mail servers know it (xn--...)."""
    name, _, domain = address.strip().rpartition("@")
    return f"{name}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def _address(address: str, name: str = "") -> Address:
    if not accounts.is_address(address.strip()):
        raise NotAnAddress(address=address[:100])
    shown = _one_line(name) if name.isascii() else _one_line(_SPECIAL.sub(" ", name))
    user, _, domain = ascii_address(address).rpartition("@")
    return Address(shown[:100], user, domain)


def _thread(mail: EmailMessage, outbound: Outbound) -> None:
    known = [reference for reference in outbound.references if _MESSAGE_ID.fullmatch(reference)]
    if outbound.in_reply_to and _MESSAGE_ID.fullmatch(outbound.in_reply_to):
        mail["In-Reply-To"] = outbound.in_reply_to
        known = [reference for reference in known if reference != outbound.in_reply_to] + [outbound.in_reply_to]
    if known:
        mail["References"] = " ".join(threading.trimmed(known))


def _show_pictures(mail: EmailMessage, outbound: Outbound) -> None:
    """Put the pictures of the HTML body beside it, each found by its Content-ID."""
    body = mail.get_body(("html",))
    for file in outbound.files:
        if isinstance(body, EmailMessage) and file.content_id and _CONTENT_ID.fullmatch(file.content_id):
            main, _, sub = file.type.partition("/")
            body.add_related(
                file.content,
                maintype=main,
                subtype=sub,
                filename=bodies.file_name(file.name),
                disposition="inline",
                cid=f"<{file.content_id}>",
            )


def _attach(mail: EmailMessage, outbound: Outbound) -> None:
    for file in outbound.files:
        if outbound.html and file.content_id:
            continue
        kind = file.type if _TYPE.fullmatch(file.type) else "application/octet-stream"
        if kind.startswith(("message/", "multipart/")):  # as bytes, for nobody to take apart on the way
            kind = "application/octet-stream"
        main, _, sub = kind.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=bodies.file_name(file.name))


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", charsets.legible(text)).strip()
