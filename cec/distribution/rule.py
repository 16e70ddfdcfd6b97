"""The rule of distribution over plain data: the same choices as choosing.sql and lanes.py, for the simulator.

1. What is kept for somebody who has room: by rank, then number.
2. The lane that goes first: by tier, then by urgency = weight x (waited of its head / target), then number; only lanes
   from which somebody free may take: he serves it, the head has waited his share of the target (widening), he has
   not refused all of it within a minute, he has room for its units.
3. Among those who may: the strategy of its queue, then who has been idle longest, then number.
4. In the lane: the first appeal by rank that he may have.

Moments and lengths are seconds, as floats.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cec.queues.lanes import GROUP
from cec.queues.models import Strategy

# What he has declined or missed is not offered to him again for so long.
REFUSED = 60.0
_LEAST = re.compile(r"(.+)>=(\d+)")


@dataclass(slots=True)
class Lane:
    """A lane with what its queue says of it, and what waits in it: (rank, appeal) in order."""

    id: int
    channel: str = "email"
    tier: int = 1
    weight: float = 1.0
    target: float = 600.0
    units: int = 1
    exclusive: bool = False
    strategy: str = Strategy.LONGEST_IDLE
    sticky_above: bool = False
    waiting: list[tuple[float, int]] = field(default_factory=list)

    def urgency(self, now: float) -> float:
        """Tell how urgent its head is."""
        return self.weight * (now - self.waiting[0][0]) / self.target


@dataclass(slots=True)
class Room:
    """How much of one channel an operator holds and can hold."""

    cap: int
    load: int = 0


@dataclass(slots=True)
class Operator:
    """An operator: what he serves as lane -> (level, share of the target from which on), what he holds."""

    id: int
    cap: int
    lanes: dict[int, tuple[int, float]]
    rooms: dict[str, Room]
    load: int = 0
    idle_since: float = 0.0
    last_offer_at: float | None = None
    receiving: bool = True
    ringing: bool = False
    exclusive: bool = False
    # Appeal -> when he declined or missed it.
    refused: dict[int, float] = field(default_factory=dict)

    @property
    def since(self) -> float:
        """Tell since when he has been idle: his last release or his last offer."""
        return self.idle_since if self.last_offer_at is None else max(self.idle_since, self.last_offer_at)

    def has_room(self, lane: Lane, above: int = 0) -> bool:
        """Tell whether an appeal of a lane still fits, at most `above` units over his cap."""
        room = self.rooms.get(lane.channel)
        if room is None:
            return False
        if lane.exclusive:
            return self.load == 0 and self.cap > 0 and room.cap > 0
        return self.load + lane.units <= self.cap + above and room.load + lane.units <= room.cap + above

    def has_refused(self, appeal: int, now: float) -> bool:
        """Tell whether he has just declined, missed or let lie an appeal."""
        at = self.refused.get(appeal)
        return at is not None and at > now - REFUSED

    def first_of(self, lane: Lane, now: float) -> int | None:
        """Find the first appeal of a lane that he may have."""
        share = self.lanes[lane.id][1]
        latest = float("inf") if share == 0 else now - lane.target * share
        for rank_at, appeal in lane.waiting:
            if rank_at > latest:
                return None
            if not self.has_refused(appeal, now):
                return appeal
        return None


@dataclass(slots=True)
class Kept:
    """An appeal that is kept for an operator."""

    rank_at: float
    appeal: int
    lane: int
    operator: int


@dataclass(slots=True)
class Centre:
    """Lanes, operators, and what waits."""

    lanes: dict[int, Lane]
    operators: dict[int, Operator]
    kept: list[Kept] = field(default_factory=list)

    def wait(self, appeal: int, lane: int, rank_at: float) -> None:
        """Let an appeal wait in its place."""
        insort(self.lanes[lane].waiting, (rank_at, appeal))

    def leave(self, appeal: int, lane: int, rank_at: float) -> bool:
        """Take an appeal out of its lane; false if it waits there no more."""
        waiting = self.lanes[lane].waiting
        place = bisect_left(waiting, (rank_at, appeal))
        if place == len(waiting) or waiting[place] != (rank_at, appeal):
            return False
        del waiting[place]
        return True

    def next_pair(self, now: float) -> tuple[Operator, Lane, int] | None:
        """Choose who gets which appeal of which lane next; nothing if nobody can take anything."""
        return self._kept(now) or self._waiting(now)

    def _kept(self, now: float) -> tuple[Operator, Lane, int] | None:
        for each in sorted(self.kept, key=lambda kept: (kept.rank_at, kept.appeal)):
            operator, lane = self.operators.get(each.operator), self.lanes[each.lane]
            if operator is None or not operator.receiving or operator.ringing:
                continue
            above = int(lane.sticky_above and not operator.exclusive)
            if operator.has_room(lane, above) and not operator.has_refused(each.appeal, now):
                return operator, lane, each.appeal
        return None

    def _waiting(self, now: float) -> tuple[Operator, Lane, int] | None:
        lanes = [lane for lane in self.lanes.values() if lane.waiting and lane.strategy != Strategy.BROADCAST]
        if not lanes:
            return None
        free = [each for each in self.operators.values() if each.receiving and each.load < each.cap]
        free = [each for each in free if not each.ringing]
        if not free:
            return None
        for lane in sorted(lanes, key=lambda lane: (lane.tier, -lane.urgency(now), lane.id)):
            may = [
                (operator, appeal)
                for operator in free
                if lane.id in operator.lanes and operator.has_room(lane)
                if (appeal := operator.first_of(lane, now)) is not None
            ]
            if may:
                operator, appeal = min(may, key=lambda each: (_by(lane, each[0]), each[0].since, each[0].id))
                return operator, lane, appeal
        return None

    def claim(self, operator: Operator, lane: Lane, appeal: int, now: float, *, rings: bool) -> int:
        """Give an appeal to an operator; tells how many units it takes."""
        lane.waiting = [each for each in lane.waiting if each[1] != appeal]
        self.kept = [each for each in self.kept if each.appeal != appeal]
        units = operator.cap if lane.exclusive else lane.units
        operator.load += units
        operator.rooms[lane.channel].load += units
        operator.exclusive |= lane.exclusive
        operator.last_offer_at, operator.ringing = now, rings
        return units

    def release(self, operator: Operator, lane: Lane, units: int, now: float) -> None:
        """Give the room of an appeal back."""
        operator.load -= units
        operator.rooms[lane.channel].load -= units
        operator.idle_since, operator.exclusive = now, False


def _by(lane: Lane, operator: Operator) -> float:
    """Order operators by the strategy of a queue: the smallest goes first."""
    if lane.strategy == Strategy.HIGHEST_SKILL:
        return -operator.lanes[lane.id][0]
    if lane.strategy == Strategy.LEAST_LOADED:
        return operator.load / operator.cap
    if lane.strategy == Strategy.ROUND_ROBIN:
        return operator.last_offer_at or 0.0
    return 0.0


@dataclass(slots=True)
class Person:
    """What decides whether somebody serves a lane: his groups, skills with levels, units by channel."""

    groups: set[str]
    skills: dict[str, int]
    channel_units: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """What a lane and its queue ask: skills, wishes, the lines of the groups that serve it, the steps of widening."""

    channel: str
    skills: list[str]
    wishes: list[str]
    # Group -> line: 1 serves at once.
    lines: Mapping[str, int]
    widening: Iterable[Mapping[str, float | str]] = ()


def fit(person: Person, asked: Asked) -> tuple[int, float] | None:
    """Tell how well somebody serves a lane and from which share of the target on; nothing if he does not."""
    grouped = [skill for skill in asked.skills if skill.startswith(GROUP)]
    lines = [1] if grouped else [line for group, line in asked.lines.items() if group in person.groups]
    if not lines or person.channel_units.get(asked.channel, 1) == 0:
        return None
    if not all(_fulfils(person, skill) for skill in asked.skills):
        return None
    line, shares = min(lines), [0.0]
    if line > 1:
        steps = [float(step["after"]) for step in asked.widening if float(step.get("level", 0)) >= line]
        if not steps:
            return None
        shares.append(min(steps))
    if not all(_fulfils(person, wish) for wish in asked.wishes):
        shares.append(min((float(step["after"]) for step in asked.widening if step.get("drop") == "wishes"), default=0))
    named = (_named(skill)[0] for skill in [*asked.skills, *asked.wishes] if not skill.startswith(GROUP))
    return sum(person.skills.get(code, 0) for code in named), max(shares)


def _named(skill: str) -> tuple[str, int]:
    found = _LEAST.fullmatch(skill)
    return (found[1], int(found[2])) if found else (skill, 1)


def _fulfils(person: Person, skill: str) -> bool:
    if skill.startswith(GROUP):
        return skill.removeprefix(GROUP) in person.groups
    code, least = _named(skill)
    return person.skills.get(code, 0) >= least
