"""What a colleague sees on his screen: the list, an appeal, a form; read from the pages as they are drawn."""

import re
from dataclasses import dataclass
from html import unescape

_OFFER = re.compile(r'id="offer-(\d+)"')
_ROW = re.compile(r'<a class="wl-item( unread)?" id="wl-(\d+)"')
# The switch of the status has no colour while new ones come.
_ACTIVE = re.compile(r'class="presence ?" type="button" id="presence"')
_GROUP = re.compile(r'id="group-(\d)"')
_MESSAGE = re.compile(r'<article class="msg([^"]*)" id="m-(\d+)">(.*?)</article>', re.DOTALL)
_WORDS = re.compile(r'<p>(.*?)</p>|<div class="letter">(.*?)</div>', re.DOTALL)
_UNSEEN = re.compile(r'data-unseen="(\d+)"')
_TAG = re.compile(r"<[^>]+>")
_NAME = re.compile(r'<h1 class="cut"[^>]*>(.*?)</h1>', re.DOTALL)
_OPTION = re.compile(r'<option value="([^"]*)"[^>]*>(.*?)</option>', re.DOTALL)
_PRESET = re.compile(r'data-preset="([^"]+)"')


@dataclass(frozen=True)
class List:
    """The operator's window: what rings, what he has in work, which of it has something new; whether new ones come."""

    offers: tuple[int, ...]
    in_work: tuple[int, ...]
    unread: frozenset[int]
    is_active: bool


# Before anything was seen.
NOTHING = List((), (), frozenset(), is_active=False)


@dataclass(frozen=True)
class Said:
    """A message of a conversation."""

    is_ours: bool
    text: str


@dataclass(frozen=True)
class Opened:
    """An appeal on the screen."""

    name: str
    said: tuple[Said, ...]
    fields: dict[str, str]
    outcomes: frozenset[str]
    # Mail did not reach the client: whatever is written is written to nobody.
    is_lost: bool
    is_chat: bool
    # The newest message that nobody has seen; 0: all are seen.
    unseen: int

    @property
    def last(self) -> Said | None:
        """Give the last message."""
        return self.said[-1] if self.said else None

    @property
    def subject_of_talk(self) -> str:
        """Give all that the client has written."""
        return "\n".join(each.text for each in self.said if not each.is_ours)

    @property
    def answers(self) -> int:
        """Tell how often he was answered."""
        return sum(each.is_ours for each in self.said)


def worklist(page: str) -> List:
    """Read the list."""
    pieces = _GROUP.split(page)
    groups = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    rows = [(int(number), bool(unread)) for unread, number in _ROW.findall(groups.get("1", ""))]
    unread = frozenset(number for number, is_new in rows if is_new)
    offers = tuple(dict.fromkeys(int(number) for number in _OFFER.findall(page)))
    return List(offers, tuple(number for number, _ in rows), unread, is_active=_ACTIVE.search(page) is not None)


def appeal(page: str) -> Opened:
    """Read an appeal."""
    said = tuple(Said("out" in look.split(), _words(inside)) for look, _number, inside in _MESSAGE.findall(page))
    name, unseen = _NAME.search(page), _UNSEEN.search(page)
    return Opened(
        name=plain(name[1]) if name else "",
        said=said,
        fields={each: field(page, each) for each in ("expected_version", "seen_message_id")},
        outcomes=frozenset(re.findall(r'id="outcome-(\w+)" data-outcome', page)),
        is_lost='class="undelivered bad"' in page,
        is_chat='id="client-writes"' in page,
        unseen=int(unseen[1]) if unseen else 0,
    )


def field(page: str, name: str) -> str:
    """Read the value of a hidden field; of several the last one."""
    found = re.findall(rf'name="{name}"\s+value="([^"]*)"', page)
    return unescape(found[-1]) if found else ""


def options(page: str, name: str) -> dict[str, str]:
    """Read the choices of a list: their words by value."""
    found = re.search(rf'<select [^>]*name="{name}".*?</select>', page, re.DOTALL)
    told = _OPTION.findall(found[0]) if found else []
    return {unescape(value): plain(words) for value, words in told if value}


def moments(page: str) -> list[str]:
    """Read the moments that a form proposes, the nearest first, by the clock of the branch."""
    return _PRESET.findall(page)


def plain(page: str) -> str:
    """Give the words of a piece of a page."""
    return " ".join(unescape(_TAG.sub(" ", page)).split())


def _words(inside: str) -> str:
    found = _WORDS.search(inside)
    return plain(found[1] or found[2] or "") if found else ""
