"""A day of the centre as it would have been: the rule over arrivals, handling times, patience and presence.

Events in the order of their moments; at each the rule chooses as the distributor does, until nobody can take another.
Moments and lengths are seconds, as floats.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from cec.distribution.rule import Centre
from cec.queues.prioritizing import MOST, WORTH


@dataclass(frozen=True, slots=True)
class Arrival:
    """An appeal that comes: how long it is handled, how long its client waits before he gives up, if ever."""

    number: int
    at: float
    lane: int
    handling: float
    patience: float | None = None
    points: int = 0


@dataclass(slots=True)
class Day:
    """What became of it. Waits by lane, of those who were served; who gave up, by lane; busy seconds by operator."""

    waits: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    gave_up: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    busy: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    # Who got which appeal when, in order.
    choices: list[tuple[float, int, int]] = field(default_factory=list)


class _Kind(IntEnum):
    """What happens; at the same moment in this order."""

    DONE = 0
    PRESENCE = 1
    ARRIVAL = 2
    GIVES_UP = 3
    WIDENS = 4


def simulate(
    centre: Centre, arrivals: Sequence[Arrival], presence: Mapping[int, Iterable[tuple[float, bool]]] | None = None
) -> Day:
    """Let a day pass; `presence` says of operators from when on they receive or do not, by default always."""
    return _Run(centre, arrivals, presence or {}).until_the_end()


class _Run:
    """A day that passes."""

    def __init__(
        self, centre: Centre, arrivals: Sequence[Arrival], presence: Mapping[int, Iterable[tuple[float, bool]]]
    ) -> None:
        self.centre, self.day = centre, Day()
        self.by_number = {arrival.number: arrival for arrival in arrivals}
        self.rank = {arrival.number: self._rank(arrival) for arrival in arrivals}
        # At which shares of the target a lane opens to more people.
        self.shares: dict[int, set[float]] = defaultdict(set)
        for operator in centre.operators.values():
            for lane, (_level, share) in operator.lanes.items():
                self.shares[lane] |= {share} - {0.0}
        self.events: list[tuple[float, _Kind, int, int]] = [
            (arrival.at, _Kind.ARRIVAL, arrival.number, 0) for arrival in arrivals
        ]
        turns = [
            (at, _Kind.PRESENCE, person, int(comes)) for person, changes in presence.items() for at, comes in changes
        ]
        self.events += turns
        heapq.heapify(self.events)

    def until_the_end(self) -> Day:
        while self.events:
            now, kind, what, how = heapq.heappop(self.events)
            self._happens(now, kind, what, how)
            while pair := self.centre.next_pair(now):
                operator, lane, number = pair
                arrival = self.by_number[number]
                units = self.centre.claim(operator, lane, number, now, rings=False)
                self.day.waits[lane.id].append(now - arrival.at)
                self.day.busy[operator.id] += arrival.handling
                self.day.choices.append((now, operator.id, number))
                heapq.heappush(self.events, (now + arrival.handling, _Kind.DONE, operator.id, number * 1000 + units))
        return self.day

    def _happens(self, now: float, kind: _Kind, what: int, how: int) -> None:
        if kind == _Kind.ARRIVAL:
            self._arrives(self.by_number[what])
        elif kind == _Kind.DONE:
            number, units = divmod(how, 1000)
            lane = self.centre.lanes[self.by_number[number].lane]
            self.centre.release(self.centre.operators[what], lane, units, now)
        elif kind == _Kind.PRESENCE:
            operator = self.centre.operators[what]
            if how and not operator.receiving:
                operator.idle_since = now
            operator.receiving = bool(how)
        elif kind == _Kind.GIVES_UP and self.centre.leave(what, how, self.rank[what]):
            self.day.gave_up[how] += 1

    def _arrives(self, arrival: Arrival) -> None:
        rank_at = self.rank[arrival.number]
        self.centre.wait(arrival.number, arrival.lane, rank_at)
        if arrival.patience is not None:
            gives_up = (arrival.at + arrival.patience, _Kind.GIVES_UP, arrival.number, arrival.lane)
            heapq.heappush(self.events, gives_up)
        for share in self.shares[arrival.lane]:
            at = max(arrival.at, rank_at + share * self.centre.lanes[arrival.lane].target)
            heapq.heappush(self.events, (at, _Kind.WIDENS, arrival.number, arrival.lane))

    def _rank(self, arrival: Arrival) -> float:
        return arrival.at - self.centre.lanes[arrival.lane].target * max(-MOST, min(arrival.points * WORTH, MOST))
