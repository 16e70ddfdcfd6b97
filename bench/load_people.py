"""Who takes part in `make load`: operators, clients, supervisors, an administrator.

Each operator holds three appeals and finishes one per 100 s; per appeal two messages of the client and two answers.
They do what those of the living demo do (cec.living), through the same doors.
"""

import asyncio
import hashlib
import random
import re
import secrets
import time
from dataclasses import dataclass, field

from bench import furnishing
from cec import demo
from cec.channels.api import opening
from cec.integrations import keys
from cec.integrations.models import Scope
from cec.living import post, program, scripts, visitor
from cec.living.clients import Talk, converse
from cec.living.colleague import Colleague, Habits
from cec.living.desk import OWN, Desk
from cec.living.line import Away, Line, Note
from cec.living.pace import Pace
from cec.living.post import Post
from cec.living.program import Access
from cec.living.reading import List, Opened
from cec.living.scripts import Conversation
from cec.platform import clock, journal
from cec.platform.db import db, unit_of_work
from cec.queues.models import Queue
from cec.staff import signing_in
from cec.staff.models import Branch, Employee, OperatorGroup, Session, Workplace
from cec.staff.roles import Role

# An operator finishes an appeal per so many seconds, and holds so many: an appeal is with him for their product.
EACH, HOLDS = 100.0, 3
# Seconds in which a client thinks about an answer; with what operators take for reading and typing it is 300 in all.
THINKS = (150.0, 380.0)
UNITS = 6
HABITS = Habits(postpones=0.05, hands_over=0.05, notes=0.05)
# After an answer so many appeals are put to wait for the client; the others stay in work.
WAITS = 0.1
OPERATORS_PER_SUPERVISOR = 40
PUBLISHES_EVERY = 60.0
# A key may ask 50 times a second, whoever asks by it.
APP_LOOKS_EVERY = 45.0
DOORS = {"mail": 5, "chat": 3, "app": 2}
TABLE = "prioritization"
_OFFER = re.compile(r'id="offer-(\d+)"')


@dataclass
class Place:
    """The doors of the centre under load, and who works there: login by session secret."""

    host: str
    port: int
    mail: post.Door
    chat: str
    access: Access
    operators: list[tuple[str, str]] = field(default_factory=list)
    supervisors: list[tuple[str, str]] = field(default_factory=list)
    administrators: list[tuple[str, str]] = field(default_factory=list)


def furnish(operators: int, *, smtp_port: int) -> Place:
    """Fill an empty centre; passwords are not what is measured, so everybody is signed in already."""
    with unit_of_work():
        furnishing.fill(smtp_port=smtp_port)
        branch, place = (db.session.scalars(db.select(kind)).first() for kind in (Branch, Workplace))
        people = [_employ(branch, f"operator{number}", Role.OPERATOR) for number in range(operators)]
        supervisors = [
            _employ(branch, f"supervisor{number}", Role.SUPERVISOR)
            for number in range(1 + operators // OPERATORS_PER_SUPERVISOR)
        ]
        administrators = [_employ(branch, "administrator", Role.BUSINESS_ADMIN)]
        crowd = OperatorGroup(code="crowd", name="Crowd", members=people)
        db.session.add(crowd)
        for queue in db.session.scalars(db.select(Queue)):
            queue.groups = [crowd]
        db.session.flush()
        for queue_id in db.session.scalars(db.select(Queue.id).order_by(Queue.id)):
            journal.record("queue.changed", f"queue:{queue_id}", by="system")
        account, secret = opening.create(name="App", code="app", config={"per_minute": 6000}, by="system")
        _key, token = keys.create(name="App", scopes=[Scope.READ_APPEALS], account=account, by="system")
        ids = [[person.id for person in each] for each in (people, supervisors, administrators)]
        where = (branch.id, place.id)
    begun = [[_begin(number, *where) for number in each] for each in ids]
    return Place(
        "127.0.0.1", 0, post.Door("127.0.0.1", 0, demo.MAILBOX), demo.CHAT, Access("app", secret, token), *begun
    )


def _employ(branch: Branch, login: str, role: Role) -> Employee:
    # No password fits this.
    facts = {"roles": [role.value], "units": UNITS, "password_hash": "-"}
    person = Employee(login=login, name=login.title(), branch=branch, **facts)
    db.session.add(person)
    return person


def _begin(number: int, branch_id: int, place_id: int) -> tuple[str, str]:
    token = secrets.token_urlsafe(32)
    with unit_of_work():
        person = db.session.get_one(Employee, number)
        session = Session(token_sha256=hashlib.sha256(token.encode()).hexdigest(), employee=person)
        db.session.add(session)
        db.session.flush()
        signing_in.choose(session, person.roles[0], branch_id, place_id)
        return person.login, token


class Seat(Desk):
    """A desk whose person is signed in already; it notes when an offer was first seen."""

    def __init__(self, line: Line, login: str, token: str, *, at: str = OWN) -> None:
        super().__init__(line, login, "", "", at=at)
        self._line.cookies["cec_session"] = token
        self.offers: dict[int, float] = {}

    async def sign_in(self) -> None:
        """Do nothing: it is done."""

    def listed(self) -> None:
        """Note what rings."""
        for offer in _OFFER.findall(self.list):
            self.offers.setdefault(int(offer), time.time())


class Operator(Colleague):
    """An operator who answers what is new and keeps what he has answered, as a rule in work."""

    def __init__(self, seat: Seat, pace: Pace) -> None:
        super().__init__(seat, pace, HABITS)
        self.seat, self.receives, self.acknowledged = seat, True, []

    def due(self, seen: List) -> list[int]:
        """Choose what has something new."""
        return [number for number in seen.in_work if number in seen.unread]

    async def pause_with(self, appeal_id: int, opened: Opened) -> None:
        """Leave it in work; a few are put to wait for their client."""
        if self._pace.happens(WAITS):
            await super().pause_with(appeal_id, opened)

    def answered(self, name: str) -> None:
        """Remember that the centre has taken an answer."""
        self.acknowledged.append(name)


class Administrator:
    """Puts one version of a decision table in force after the other."""

    def __init__(self, seat: Seat, pace: Pace) -> None:
        self.seat, self._pace, self.published, self.refusals = seat, pace, 0, []

    async def work(self) -> None:
        """Publish every minute, until cancelled."""
        await self.seat.live()
        now, other = 2, 1
        try:
            while True:
                await asyncio.sleep(PUBLISHES_EVERY)
                path = f"/admin/rules/{TABLE}/versions/{other}/return"
                told = await self.seat.act(path, "publish a table", {"instead_of": now, "comment": ""})
                if told.is_good:
                    now, other, self.published = other, now, self.published + 1
                else:
                    self.refusals.append(f"{told.status} {told.text[:300]}")
        finally:
            await self.seat.close()


class Crowd:
    """The clients: they write, wait, answer and leave."""

    def __init__(self, place: Place, letters: Post, pace: Pace, note: Note) -> None:
        self._place, self._post, self._pace, self._note = place, letters, pace, note
        self._talking: set[asyncio.Task[None]] = set()
        self._number, self.given_up = 0, 0
        self._wants = [each for each in scripts.conversations() if not each.leaves and len(each.says) > 1]

    @property
    def talking(self) -> int:
        """Tell how many talk at this moment."""
        return len(self._talking)

    async def come(self, operators: int, *, spread: float) -> None:
        """Come as quickly as operators finish, until cancelled; first as many as they hold, within `spread` seconds."""
        for _ in range(HOLDS * operators):
            self._begin(within=spread)
        await asyncio.sleep(spread)
        while True:
            self._begin(within=0)
            await asyncio.sleep(self._pace.chance.expovariate(operators / EACH))

    async def go(self) -> None:
        """Leave."""
        for task in list(self._talking):
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    def _begin(self, *, within: float) -> None:
        self._number += 1
        task = asyncio.create_task(self._talk(self._number, within))
        self._talking.add(task)
        task.add_done_callback(self._talking.discard)

    async def _talk(self, number: int, within: float) -> None:
        chance = self._pace.chance
        await asyncio.sleep(chance.uniform(0, within))
        wanted = chance.choice(self._wants)
        # Two messages: what he wants, and his thanks. Those who were there before the measuring are in mid-thought.
        short = Conversation(
            wanted.name, wanted.language, wanted.doors, wanted.subject, (wanted.says[0], wanted.says[-1])
        )
        facts = scripts.facts(chance, short.language, clock.now().date())
        thinks = (0.0, THINKS[1]) if within else THINKS
        try:
            talk = await self._at(number, short.filled(short.subject, facts))
            await converse(talk, short, facts, self._pace, thinks=thinks)
        except (Away, visitor.NotTaken, program.NotTaken):
            self.given_up += 1

    async def _at(self, number: int, subject: str) -> Talk:
        place, name = self._place, f"Client {number}"
        door = self._pace.chance.choices(list(DOORS), list(DOORS.values()))[0]
        mail = f"client{number}@load.example"
        if door == "mail":
            return post.Correspondent(self._post, name, mail, subject=subject)
        # Everybody has an address of his own, as behind a proxy.
        here = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        line = Line(place.host, place.port, headers={"X-Forwarded-For": here}, note=self._note)
        if door == "app":
            who = {"name": name, "mail": mail, "subject": subject}
            return program.User(line, place.access, self._pace, looks_every=APP_LOOKS_EVERY, **who)
        there = visitor.Visitor(line, place.chat, name, page=("https://shop.example/", "Shop"))
        await there.arrive()
        return there


def a_pace(seed: int) -> Pace:
    """Give the pace of the load: chance that can be repeated."""
    return Pace(haste=1.0, chance=random.Random(seed))  # noqa: S311 - no secret
