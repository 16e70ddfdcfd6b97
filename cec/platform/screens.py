"""An open screen: what it hears of, and what it has not been told yet.

A screen shows lists - a person's own, an appeal, all appeals - and is told of each at most once a second: the first
notice goes at once, those that follow soon are put together. An offer waits for nothing. However slow whoever reads
it is, what waits for him stays small.
"""

import threading
import time
from collections.abc import Iterable

from cec.platform.live import OFFER, PERSONAL, SESSION_ENDED, Notices

# Seconds between two messages about one list.
EVERY = 1.0
# More than this about one list is told as "many".
MOST = 100
_AT_ONCE = frozenset({OFFER, SESSION_ENDED})
# What one list of a screen shows by itself, whatever its subject: the bell, who looks at the appeal.
_BY_NAME = frozenset({"notice", "viewing", "resync"}) | _AT_ONCE


class Screen:
    """One open stream: hears of some subjects, and of all subjects of some kinds ("appeal" for appeal:42)."""

    def __init__(self, subjects: Iterable[str] = (), kinds: Iterable[str] = (), *, session_id: int = 0) -> None:
        self.subjects, self.kinds, self.session_id = frozenset(subjects), frozenset(kinds), session_id
        # By list: what waits, without repetitions; and when the list was told of last.
        self._waiting: dict[str, dict[tuple[str, str], str]] = {}
        self._told: dict[str, float] = {}
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._is_over = False

    def wants(self, name: str, subject: str) -> bool:
        """Tell whether this screen may hear and shows something of it."""
        return subject in self.subjects or (name not in PERSONAL and kind_of(subject) in self.kinds)

    def tell(self, notice: list[str]) -> None:
        """Keep a notice until it is read, if this screen wants it; a resync is for everybody."""
        name, subject, *marks = notice
        if name != "resync" and not self.wants(name, subject):
            return
        with self._lock:
            of_list = self._list_of(name, subject)
            waiting = self._waiting.setdefault(of_list, {})
            is_first = not waiting
            if len(waiting) >= MOST:
                waiting.clear()
                name, subject, marks = "many", of_list, []
            _put(waiting, (name, subject), marks[0] if marks else "")
        if is_first:
            self._news.set()

    def _list_of(self, name: str, subject: str) -> str:
        if name in _BY_NAME:
            return name
        return subject if subject in self.subjects else f"{kind_of(subject)}:*"

    def untold(self) -> Notices:
        """List what waits: whoever goes on in another stream has not read it."""
        with self._lock:
            return [notice for waiting in self._waiting.values() for notice in _notices(waiting)]

    def next(self, timeout: float) -> Notices | None:
        """Wait for news; none in time gives an empty list, the end of the stream gives None."""
        until = time.monotonic() + timeout
        while not self._is_over:
            self._news.clear()
            news, soon = self._take()
            left = min(until, soon) - time.monotonic()
            if news or (left <= 0 and until <= soon):
                return news
            self._news.wait(max(left, 0))
        return None

    def _take(self) -> tuple[Notices, float]:
        """Take what may be told now; give also when the rest may be."""
        now, news, soon = time.monotonic(), [], float("inf")
        with self._lock:
            for of_list in list(self._waiting):
                due = 0.0 if of_list in _AT_ONCE else self._told.get(of_list, -EVERY) + EVERY
                if due > now:
                    soon = min(soon, due)
                    continue
                self._told[of_list] = now
                news += _notices(self._waiting.pop(of_list))
        return news, soon

    def end(self) -> None:
        """End the stream."""
        self._is_over = True
        self._news.set()


def kind_of(subject: str) -> str:
    """Give the kind of a subject: "appeal" for appeal:42."""
    return subject.partition(":")[0]


def _notices(waiting: dict[tuple[str, str], str]) -> Notices:
    return [[*pair, mark] if mark else [*pair] for pair, mark in waiting.items()]


def _put(waiting: dict[tuple[str, str], str], pair: tuple[str, str], mark: str) -> None:
    """Keep a pair once; from two transactions it has the mark of neither, for no answer has drawn both."""
    waiting[pair] = mark if waiting.get(pair, mark) == mark else ""
