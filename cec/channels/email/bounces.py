"""Our own mail coming back: which one, whom it has not reached, and whether he will ever receive (RFC 3464)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from cec.channels.channel import Undelivered
from cec.channels.email import automatic, charsets, plain_text
from cec.channels.email.parts import Part, read

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ORIGINALS = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"})
_MESSAGE_ID = re.compile(rb"^[> \t]*Message-ID:[ \t]*\r?\n?[ \t]*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(rb"^Action:[ \t]*(\w+)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\n[ \t]*\r?\n")
_SUBJECT = re.compile(
    r"undeliver|not delivered|delivery (?:status|fail|has failed)|failure notice|returned mail|returned to sender"
    r"|mail delivery failed|delivery notification.*fail|не доставлен|невозможно доставить|возвращен|unzustellbar",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# Where the words of the mail system end and our own mail begins.
_COPY = re.compile(
    r"^(?:[->\s]*(?:original message|below this line|.{0,20}copy of (?:the|your) message|included is a copy"
    r"|return-path:"
    r"|received:|reporting-mta:|текст исходного))",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# Nobody lives there, and nobody will: the words of mail servers (the enhanced codes of RFC 3463 below).
_NOBODY = re.compile(
    r"(?:user|mailbox|recipient|address|account|member|mail ?box|party|name)[^.\n]{0,60}?"
    r"(?:unknown|not? (?:be )?(?:found|exist|known|listed|recognized|valid|here)|invalid|does(?:n.t"
    r"| not) (?:exist|have)"
    r"|not a (?:known|valid)|unavailable here|no longer|ambiguous)"
    r"|(?:unknown|no such|invalid|non-?existent|undeliverable|bad destination|not? (?:a )?(?:valid|known|existing))"
    r"[^.\n]{0,30}?(?:user|mailbox|recipient|address|account|person|name|domain|host)"
    r"|(?:no|not an?) mailbox (?:here )?by that name|user[^.\n]{0,40}not listed|is not (?:a|an) (?:active|known)"
    r"|recipientnotfound|resolver\.adr\.(?:recip|exrecip|invalid)|addressee unknown|unrouteable address"
    r"|(?:has|was) moved|please (?:try|use) (?:the )?new address|does not (?:accept"
    r"|receive) (?:any )?(?:e?-?mail|messages)"
    r"|null ?mx|not accepting (?:network |mail |any )*messages|host (?:or domain name )?not found|(?:couldn.t"
    r"|could not|cannot) find (?:any |the |a )?host"
    r"|all relevant mx records|unknown host|host unknown|domain[^.\n]{0,40}(?:not (?:exist|found)|unknown)"
    r"|no mx record"
    r"|no such domain|bad address|нет такого|не существует|не найден|неизвестный получатель",
    re.IGNORECASE,
)
# The address may be good all the same: full, closed for a while, or it is the sender or the text that is disliked.
_PERHAPS = re.compile(
    r"mailbox[^.\n]{0,40}(?:full|exceed)|over ?quota|quota|storage|too (?:large|big|many)|spam|black ?list"
    r"|block(?:ed|list)"
    r"|reputation|dmarc|\bspf\b|dkim|authenticat|relay|policy|virus|banned|content|greylist|rate|throttl"
    r"|try again|temporar|deferr|timed? ?out|suspend|disabled|inactive|access denied|not (?:authori[sz]ed"
    r"|permitted|allowed)"
    r"|sender (?:address )?(?:reject|verif|denied)|reverse|ptr\b",
    re.IGNORECASE,
)
_HARD = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (1, 351), (4, 4)})
_BARE_REFUSALS = frozenset({"550", "551", "553"})
_SEARCHED = 256 * 1024
_LONGEST_REASON = 500
_MOST = 50


@dataclass(frozen=True)
class Report:
    """What a mail system tells about a mail of ours."""

    # Of our mail; empty when it does not say which.
    message_id: str
    undelivered: list[Undelivered] = field(default_factory=list)


def find(root: Part, *, subject: str, sender: str, mail_from: str | None) -> Report | None:
    """Read the report of a mail system; None when the mail is none."""
    statuses = [part for part in root.walk() if part.type in _STATUS_TYPES]
    told = [recipient for part in statuses for recipient in _recipients(part)]
    if not told and not _says_late(statuses):
        named = root.content_type[1].get("report-type", "").lower()
        is_report = named == "delivery-status" or (root.type == "multipart/report" and not named)
        is_system = automatic.is_system(sender) or automatic.has_null_sender(root.headers, mail_from)
        if not (statuses or is_report or (is_system and _SUBJECT.search(subject))):
            return None
        told = list(_written(root))
    return Report(_original(root), [recipient for recipient in told if recipient is not None][:_MOST])


def _says_late(statuses: list[Part]) -> bool:
    """Tell whether the report names no recipient, and nothing in it has failed."""
    actions = [action for part in statuses for action in _ACTION.findall(part.content()[:_SEARCHED])]
    return bool(actions) and not any(action.lower() == b"failed" for action in actions)


def is_hard(words: str, status: str = "", *, is_recipient: bool = False) -> bool:
    """Tell whether an address will never receive, by the words and the code of a mail server.

    `is_recipient`: it was the answer to naming the recipient, so that a bare 550 is about him.
    """
    code = _STATUS.search(status) or _STATUS.search(words)
    if code and code[1] != "5":
        return False
    numbers = (int(code[2]), int(code[3])) if code else (0, 0)
    if _NOBODY.search(words):
        return not re.search(r"quota|mailbox[^.\n]{0,20}full|\b5\.2\.2\b", words, re.IGNORECASE)
    is_bare = is_recipient and code is None and words[:3] in _BARE_REFUSALS
    return (numbers in _HARD or is_bare) and not _PERHAPS.search(words)


def _recipients(part: Part) -> Iterator[Undelivered | None]:
    """Read the groups of a delivery status: the first is about the message, each other one about a recipient."""
    for group in _BLANK_LINE.split(part.content()[:_SEARCHED].replace(b"\r\n", b"\n")):
        fields = read(group.strip() + b"\n\n").headers
        action = fields.text("action").lower().partition(" ")[0]
        address = _bare(fields.text("final-recipient")) or _bare(fields.text("original-recipient"))
        if not (action and address):
            continue
        words = fields.text("diagnostic-code").partition(";")[2].strip() or fields.text("diagnostic-code")
        status = fields.text("status")
        is_final = action == "failed"
        yield (
            Undelivered(
                _bare(fields.text("original-recipient")) or address,
                (words or status)[:_LONGEST_REASON],
                is_final=is_final,
                is_hard=is_final and is_hard(words, status),
                seen_as=address,
            )
            if is_final or action == "delayed"
            else None
        )


def _bare(field_text: str) -> str:
    found = _ADDRESS.search(field_text.rpartition(";")[2])
    return found[0] if found else ""


def _written(root: Part) -> Iterator[Undelivered]:
    """Read what systems without a delivery status write for people: each address, and the words up to the next one."""
    words = _words(root)
    found = list(_ADDRESS.finditer(words))[:_MOST]
    said: dict[str, str] = {}
    for match, following in pairwise([*found, None]):
        assert match is not None
        piece = words[match.start() : following.start() if following else len(words)]
        said[match[0]] = f"{said.get(match[0], '')}\n{piece}"
    for address, piece in said.items():
        about = words if len(said) == 1 else piece
        yield Undelivered(address, _summary(about), is_final=True, is_hard=is_hard(about), seen_as=address)


def _words(root: Part) -> str:
    for part in root.walk():
        if part.type in {"text/plain", "text/html"} and not part.parts:
            text = charsets.decode(part.content()[:_SEARCHED], part.content_type[1].get("charset", ""))
            text = plain_text.of_html(text) if part.type == "text/html" else text
            copy = _COPY.search(text)
            return text[: copy.start()] if copy and copy.start() else text
    return ""


def _summary(said: str) -> str:
    """Give the line of the server's answer, else the beginning."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = (line for line in lines if re.search(r"\b[45]\d\d\b", line) or _NOBODY.search(line))
    return next(telling, " ".join(lines[:3]))[:_LONGEST_REASON]


def _original(root: Part) -> str:
    for part in root.walk():
        if part.type in _ORIGINALS:
            known = read(part.content()[:_SEARCHED].lstrip()).headers.message_ids("message-id")
            if known:
                return known[0]
    return _first_id(part.content()[:_SEARCHED] for part in root.walk() if not part.parts)


def _first_id(contents: Iterable[bytes]) -> str:
    for content in contents:
        found = _MESSAGE_ID.search(content)
        if found:
            return found[1].decode("utf-8", "replace")
    return ""
