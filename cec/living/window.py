"""What stands in the window of one person, and what of it has to be drawn anew: as static/js/live.js and seen.js do it.

Subjects are heard of, parts are drawn: the list, the appeal that is open, the bell. What the answer to an act has drawn
is not drawn again when the stream tells of the same act, and a list is drawn once in a while, however much it changes.
Not followed: who else looks at an appeal, which draws a few words.
"""

import re
import time

from cec.living.line import Answer

# Seconds: what comes together is drawn together; a list is drawn no more often than so.
CALM = 0.06
RARELY = {"worklist": 1.0, "appeals": 3.0}
_KEPT = 50
_PARTS = re.compile(r'\bid="(worklist|appeal|appeals|bell)"')
_APPEAL = re.compile(r'<main class="appeal[^>]*? id="appeal"[^>]*?(?: data-id="(\d+)"|>)')
_MARK = re.compile(r"^x-live-mark: *(\w+)", re.IGNORECASE | re.MULTILINE)
_EVERYTHING, _SILENT = ("resync", "many"), ("client.writing", "viewing", "offer")


class Window:
    """A window with a list: "worklist" of who answers, "appeals" of who reads those of all, "" of who has none."""

    def __init__(self, of: str) -> None:
        self.list = of
        # The appeal that is open; 0: none.
        self.appeal = 0
        self._pending: dict[str, set[str]] = {}
        self._drawn: dict[str, set[str]] = {}
        self._drawn_at: dict[str, float] = {}

    def hear(self, notices: list[list[str]]) -> bool:
        """Hear what the stream says; tells whether something of it stands here."""
        for name, subject, *marks in notices:
            for part in self._parts(name, subject):
                self._pending.setdefault(part, set()).update(marks or [""])
        return bool(self._pending)

    def want(self, *parts: str) -> None:
        """Have parts drawn anew, or else all, whatever is said of them."""
        for part in parts or self._all():
            self._pending.setdefault(part, set()).add("")

    def show(self, answer: Answer) -> None:
        """Put on the screen what an answer draws."""
        page, mark = answer.text, _MARK.search(answer.head)
        parts = set(_PARTS.findall(page))
        if mark:
            self._drawn.setdefault(mark[1], set()).update(parts)
            while len(self._drawn) > _KEPT:
                self._drawn.pop(next(iter(self._drawn)))
        if found := _APPEAL.search(page):
            self.appeal = int(found[1] or 0)
        self._drawn_at |= dict.fromkeys(parts, time.monotonic())

    def due(self) -> list[str]:
        """Take the parts that are to be drawn now; what the answer to an act has drawn already is let go."""
        due = []
        for part, marks in list(self._pending.items()):
            is_drawn = all(mark and part in self._drawn.get(mark, ()) for mark in marks)
            if not is_drawn and self._rests(part) > 0:
                continue
            del self._pending[part]
            if not is_drawn:
                due.append(part)
        return due

    def rest(self) -> float | None:
        """Tell how long it is until something is to be drawn, in seconds; None: nothing is."""
        return max(CALM, min(map(self._rests, self._pending))) if self._pending else None

    def _rests(self, part: str) -> float:
        since = time.monotonic() - self._drawn_at.get(part, float("-inf"))
        return RARELY.get(part, 0.0) - since

    def _parts(self, name: str, subject: str) -> list[str]:
        """Tell what is to be drawn for a notice; that a client writes draws nothing, an offer does not wait for it."""
        if name in _SILENT:
            return []
        if name == "notice":
            return ["bell"]
        if name in _EVERYTHING:
            return self._all()
        if subject == f"appeal:{self.appeal}":
            return ["appeal", "worklist"]
        if subject.startswith("appeal:"):
            return ["appeals"] if self.list == "appeals" else []
        # Of people only he himself is heard of. An empty desk tells of the status and of what waits, as the list does.
        is_own = self.list == "worklist" and subject.startswith("employee:")
        return ["worklist", *([] if self.appeal else ["appeal"])] if is_own else []

    def _all(self) -> list[str]:
        return [each for each in (self.list, "appeal" if self.list == "worklist" else "", "bell") if each]
