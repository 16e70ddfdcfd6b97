"""Clients come: somebody with something on his mind, at one of the doors, one after the other by chance."""

import asyncio
import logging
import random

from cec.living import photo, post, program, scripts, visitor
from cec.living.clients import Talk, converse
from cec.living.line import Away, Line, Note
from cec.living.pace import Pace
from cec.living.places import Place
from cec.living.post import Post
from cec.living.scripts import Conversation, Person
from cec.platform import clock

log = logging.getLogger(__name__)

# So many talk at once at most.
MOST = 40
# Shares of mail, chat and app.
DOORS = {"mail": 4, "chat": 4, "app": 2}
_PAGES = (("/shop", "Стеллаж «Линд», дуб"), ("/shop#delivery", "Доставка"), ("/shop#help", "Помощь"))


class Arrivals:
    """The clients of the town."""

    def __init__(self, place: Place, letters: Post, pace: Pace, note: Note) -> None:
        self._place, self._post, self._pace, self._note = place, letters, pace, note
        self._busy: dict[str, asyncio.Task[None]] = {}
        # Who was here before has a token of the chat.
        self._tokens: dict[str, str] = {}
        letters.nowhere |= {each.to for each in scripts.conversations() if each.to}

    @property
    def talking(self) -> int:
        """Tell how many talk at this moment."""
        return len(self._busy)

    def begin(self, conversation: Conversation | None = None, *, door: str = "") -> None:
        """Let somebody begin to talk, about something or about whatever it is, unless everybody does."""
        chance = self._pace.chance
        doors = {name: share for name, share in DOORS.items() if conversation is None or name in conversation.doors}
        door = door or chance.choices(list(doors), list(doors.values()))[0]
        conversation = conversation or scripts.draw(chance, door=door)
        person = self._choose(conversation)
        if person is None or len(self._busy) >= MOST:
            return
        self._busy[person.mail] = task = asyncio.create_task(self._talk(person, door, conversation))
        task.add_done_callback(lambda _: self._busy.pop(person.mail, None))

    async def all_gone(self) -> None:
        """Wait until everybody has said what he had to say."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def send_home(self) -> None:
        """Let everybody fall silent."""
        for task in list(self._busy.values()):
            task.cancel()
        await self.all_gone()

    def _choose(self, conversation: Conversation) -> Person | None:
        """Find somebody who is not talking already; some things are said by somebody in particular."""
        address = conversation.sender or conversation.to
        known = [each for each in scripts.people() if each.language == conversation.language]
        if address:
            known = [Person(address.partition("@")[0], address, conversation.language)]
        free = [each for each in known if each.mail not in self._busy]
        return self._pace.chance.choice(free) if free else None

    async def _talk(self, person: Person, door: str, conversation: Conversation) -> None:
        chance = random.Random(self._pace.chance.random())  # noqa: S311 - no secret
        facts = scripts.facts(chance, conversation.language, clock.now().date())
        picture = photo.of_a_crack(chance) if conversation.photo else None
        try:
            talk = await self._at(door, person, conversation.filled(conversation.subject, facts))
            await converse(talk, conversation, facts, self._pace, picture=picture)
        except (Away, visitor.NotTaken, program.NotTaken) as gone:
            log.info("a client by %s gave up: %s", door, gone)
        except Exception:
            log.exception("a client by %s stumbled", door)

    async def _at(self, door: str, person: Person, subject: str) -> Talk:
        """Bring somebody to a door."""
        place = self._place
        if door == "mail":
            return post.Correspondent(self._post, person.name, person.mail, subject=subject)
        line = Line(place.host, place.port, headers={"Accept-Language": person.language}, note=self._note)
        if door == "app":
            return program.User(line, place.access, self._pace, name=person.name, mail=person.mail, subject=subject)
        path, title = self._pace.chance.choice(_PAGES)
        page = (f"http://{place.host}:{place.port}{path}", title)
        token = self._tokens.get(person.mail, "")
        here = visitor.Visitor(line, place.chat, person.name, page=page, token=token)
        await here.arrive()
        self._tokens[person.mail] = here.token
        return here
