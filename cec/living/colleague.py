"""An operator of the demo: accepts what rings, reads, answers, and ends each appeal as a person would.

He decides by what stands on his screen and remembers nothing else: whoever takes over his chair goes on where he was.
"""

import asyncio
import logging
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from cec.living import reading, scripts
from cec.living.desk import Desk
from cec.living.line import Answer, Away
from cec.living.pace import Pace
from cec.living.reading import NOTHING, List, Opened
from cec.living.scripts import Reply

log = logging.getLogger(__name__)

# Seconds between two looks at the list when nothing is said to be new.
LOOKS_EVERY = 20.0
# Shares of first answers after which he postpones, and of appeals that he hands over instead of answering.
POSTPONES, HANDS_OVER, NOTES = 0.08, 0.07, 0.05
# For so long he waits for a client in the demo, then it closes by itself.
WAITS = timedelta(minutes=12)
POSTPONED_FOR = timedelta(minutes=4)
_LONG_ENOUGH = 3


class Habits(NamedTuple):
    """How often somebody does what is not needed each time."""

    postpones: float = POSTPONES
    hands_over: float = HANDS_OVER
    notes: float = NOTES


class Colleague:
    """An operator at his desk."""

    def __init__(self, desk: Desk, pace: Pace, habits: Habits = Habits()) -> None:  # noqa: B008 - it never changes
        self.desk, self._pace, self._habits = desk, pace, habits
        self._wits = scripts.wits()
        # Whether new ones may come to him.
        self.receives = False
        self._seen, self._news = NOTHING, asyncio.Event()

    async def work(self) -> None:
        """Work until cancelled; a centre that is away is tried again."""
        while True:
            try:
                await self.desk.sign_in()
                await self.desk.live()
                await self._both()
            except* Away as away:
                log.info("%s is cut off: %s", self.desk.login, away.exceptions[0])
            finally:
                await self.desk.close()
            await self._pace.pause(3, 8)

    async def _both(self) -> None:
        """Watch the list and accept what rings, whatever the hands are doing."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._watch())
            both.create_task(self._act())

    async def _watch(self) -> None:
        while True:
            self._seen = seen = reading.worklist(self.desk.list)
            self._news.set()
            if seen.is_active != self.receives:
                status = "active" if self.receives else "not_accepting"
                await self.desk.act("/operator/status", "status", {"status": status})
            for offer in seen.offers:
                await self._pace.pause(1.5, 7)
                told = await self.desk.act(f"/operator/offers/{offer}/acceptance", "accept", {"stay": 1})
                if not told.is_good:
                    await self.desk.draw_list()
            await self.desk.news(LOOKS_EVERY / self._pace.haste)

    async def _act(self) -> None:
        """Do what is to be done, one after the other."""
        while True:
            await self._news.wait()
            self._news.clear()
            for appeal_id in self.due(self._seen):
                await self.serve(appeal_id)

    def due(self, seen: List) -> list[int]:
        """Choose what to look at: all that is in work, what has something new first."""
        return sorted(seen.in_work, key=lambda number: number not in seen.unread)

    async def pause_with(self, appeal_id: int, opened: Opened) -> None:
        """Do with an appeal whose client has been answered what one does then: it waits for him."""
        await self._wait(appeal_id, opened)

    def answered(self, name: str) -> None:
        """Hear that the centre has taken an answer of this name."""

    async def serve(self, appeal_id: int) -> None:
        """Read an appeal and do the next thing that it needs."""
        opened = await self._open(appeal_id)
        last = opened.last
        if last is None or not opened.outcomes:
            return
        await self._pace.read(last.text)
        if self._wits.is_spam(opened.subject_of_talk):
            await self._finish(appeal_id, "spam", opened, comment="")
        elif opened.is_lost:
            await self._close(appeal_id, opened, resolution="Клиент не ответил")
        elif last.is_ours:
            await self.pause_with(appeal_id, opened)
        else:
            await self._react(appeal_id, opened, last.text)

    async def _react(self, appeal_id: int, opened: Opened, words: str) -> None:
        language = scripts.language_of(words)
        reply = self._wits.reply_to(words, language) or self._wits.reply_to(opened.subject_of_talk, language)
        if not opened.answers and self._pace.happens(self._habits.hands_over):
            await self._hand_over(appeal_id, opened, language)
            return
        is_done = self._wits.is_thanks(words) and (opened.answers > 0 or reply is None)
        if self._pace.happens(self._habits.notes):
            note = self._wits.say(language, "note", self._pace.chance)
            mark = {"text": note, "client_uuid": uuid.uuid4()}
            await self.desk.act(f"/operator/appeals/{appeal_id}/notes", "note", mark)
        if not await self._answer(appeal_id, opened, self._words(opened, reply, language, is_done=is_done)):
            return
        opened = await self._open(appeal_id)
        if is_done:
            await self._close(appeal_id, opened, reply)
        elif opened.answers == 1 and self._pace.happens(self._habits.postpones):
            await self._postpone(appeal_id, opened, language)
        else:
            await self.pause_with(appeal_id, opened)

    def _words(self, opened: Opened, reply: Reply | None, language: str, *, is_done: bool) -> str:
        if is_done:
            return self._wits.say(language, "goodbye", self._pace.chance)
        if opened.answers:
            then = reply.then if reply else ()
            return self._pace.chance.choice(then) if then else self._wits.say(language, "then", self._pace.chance)
        hello = self._wits.say(language, "hello", self._pace.chance).format(name=_called(opened.name))
        first = self._pace.chance.choice(reply.first) if reply else self._wits.say(language, "any", self._pace.chance)
        return f"{hello}\n{first}"

    async def _open(self, appeal_id: int) -> Opened:
        opened = reading.appeal(await self.desk.read(f"/operator/appeals/{appeal_id}", "open"))
        if opened.unseen:
            await self.desk.act(f"/operator/appeals/{appeal_id}/seen", "seen", {"message_id": opened.unseen})
        return opened

    async def _answer(self, appeal_id: int, opened: Opened, words: str) -> bool:
        at = f"/operator/appeals/{appeal_id}"
        if opened.is_chat:
            await self.desk.act(f"{at}/writing", "writing", {})
        await self._pace.type(words)
        mark = uuid.uuid4()
        half = words[: max(_LONG_ENOUGH, len(words) // 2)]
        draft = {"text": half, "client_uuid": mark, "version": "over"}
        await self.desk.act(f"{at}/draft", "draft", draft, method="PUT")
        seen = opened.fields["seen_message_id"]
        letter = {"text": words, "client_uuid": mark, "seen_message_id": seen}
        told = await self.desk.act(f"{at}/messages", "reply", letter)
        if told.is_good:
            self.answered(str(mark))
        else:
            self._wonder("answered", appeal_id, told)
        return told.is_good

    async def _close(
        self, appeal_id: int, opened: Opened, reply: Reply | None = None, *, resolution: str = "Вопрос решён"
    ) -> None:
        page = await self._form(appeal_id, "close", opened)
        if page is None:
            return
        topic = _choice(reading.options(page, "topic_id"), reply.topic if reply else "Прочее")
        wanted = reply.resolution if reply else resolution
        found = _choice(reading.options(page, "resolution_id"), wanted)
        await self._pace.pause(2, 5)
        await self._finish(appeal_id, "close", opened, topic_id=topic, resolution_id=found, comment="", confirmed=1)

    async def _wait(self, appeal_id: int, opened: Opened) -> None:
        page = await self._form(appeal_id, "wait", opened)
        if page is None:
            return
        until = _soon(reading.moments(page), WAITS)
        await self._finish(appeal_id, "wait", opened, until=until, on_silence="close", comment="")

    async def _postpone(self, appeal_id: int, opened: Opened, language: str) -> None:
        page = await self._form(appeal_id, "postpone", opened)
        if page is None:
            return
        reason = next(iter(reading.options(page, "reason")), "")
        comment = self._wits.say(language, "later", self._pace.chance)
        until = _soon(reading.moments(page), POSTPONED_FOR)
        more = {"reason": reason, "return_to": "me", "comment": comment}
        await self._finish(appeal_id, "postpone", opened, until=until, **more)

    async def _hand_over(self, appeal_id: int, opened: Opened, language: str) -> None:
        page = await self._form(appeal_id, "transfer", opened)
        if page is None:
            return
        target = self._pace.chance.choice(("queue", "group"))
        choices = list(reading.options(page, f"{target}_id"))
        comment = self._wits.say(language, "handover", self._pace.chance)
        await self._pace.pause(3, 8)
        chosen = {f"{target}_id": self._pace.chance.choice(choices)} if choices else {}
        await self._finish(appeal_id, "transfer", opened, target=target, comment=comment, **chosen)

    async def _form(self, appeal_id: int, outcome: str, opened: Opened) -> str | None:
        """Open the form of an outcome; None when it is not to be had, or not any more."""
        if outcome not in opened.outcomes:
            return None
        told = await self.desk.open(f"/operator/appeals/{appeal_id}/outcomes/{outcome}", f"{outcome} form")
        if not told.is_good:
            self._wonder(outcome, appeal_id, told)
            return None
        return told.text

    async def _finish(self, appeal_id: int, outcome: str, opened: Opened, **form: object) -> None:
        if outcome not in opened.outcomes:
            return
        path = f"/operator/appeals/{appeal_id}/outcomes/{outcome}"
        told = await self.desk.act(path, outcome, {**opened.fields, **form})
        if not told.is_good:
            self._wonder(outcome, appeal_id, told)

    def _wonder(self, what: str, appeal_id: int, told: Answer) -> None:
        """Note a refusal: as a rule the client wrote meanwhile, and the next look at the list shows it."""
        told_why = reading.plain(told.text)[:200]
        log.info("%s: appeal %s was not %s: %s %s", self.desk.login, appeal_id, what, told.status, told_why)


def _called(name: str) -> str:
    """Tell how to address somebody: a person by his first name, a firm by all of it."""
    first = name.split(" ", maxsplit=1)[0]
    return name if first.isupper() else first


def _choice(choices: dict[str, str], end: str) -> str:
    """Choose the entry whose name ends so, else the last one."""
    fitting = [value for value, words in choices.items() if words.endswith(end)]
    return next(iter([*fitting, *reversed(choices)]), "")


def _soon(proposed: list[str], after: timedelta) -> str:
    """Give a moment a while from now by the clock of the branch; the first one proposed is 15 minutes away."""
    now = datetime.fromisoformat(proposed[0]) - timedelta(minutes=15)
    return f"{now + after:%Y-%m-%dT%H:%M}"
