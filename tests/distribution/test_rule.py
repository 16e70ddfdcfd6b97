"""The rule exists once, with two evaluators: for random centres SQL and Python make the same choices (CORE 5)."""

import datetime as dt
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cec.appeals.models import Appeal, Status
from cec.distribution import capacity, choosing, lanes, returning, rule
from cec.distribution.models import Assignment, Capacity, ChannelCapacity, OperatorLane
from cec.platform import clock
from cec.platform.db import db, unit_of_work
from cec.queues.lanes import open_lane
from cec.queues.models import Lane, Queue, Strategy, queue_group
from cec.staff.models import EmployeeSkill, OperatorGroup, Skill
from tests import cast

SKILLS = ("english", "refunds")
GROUPS = ("first", "second", "third")
NEEDS = ("english", "english>=5", "refunds", "group:second", "english?", "refunds>=4?")
CHANNELS = ("email", "voice")
STRATEGIES = [each.value for each in Strategy]
MINUTES = [dt.timedelta(minutes=minutes) for minutes in (1, 5, 10)]

people = st.fixed_dictionaries({
    "groups": st.sets(st.sampled_from(GROUPS), min_size=1),
    "skills": st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 10)),
    "units": st.integers(1, 4),
    "channel_units": st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 3), max_size=1),
    "auto_accept": st.booleans(),
    "idle": st.integers(0, 3),
    "last": st.none() | st.integers(0, 3),
})  # fmt: skip
queues = st.fixed_dictionaries({
    "tier": st.integers(1, 2),
    "weight": st.sampled_from([0.5, 1.0, 4.0]),
    "target": st.sampled_from(MINUTES),
    "strategy": st.sampled_from(STRATEGIES),
    "sticky_above": st.booleans(),
    "widening": st.lists(
        st.sampled_from([{"after": 0.5, "drop": "wishes"}, {"after": 1.0, "level": 2}, {"after": 2.0, "level": 3}]),
        max_size=2,
    ),
    "channel_units": st.dictionaries(st.just("email"), st.integers(1, 3), max_size=1),
    "groups": st.dictionaries(st.sampled_from(GROUPS), st.integers(1, 3), min_size=1),
    "lanes": st.lists(
        st.tuples(st.sampled_from(CHANNELS), st.lists(st.sampled_from(NEEDS), max_size=2)), min_size=1, max_size=2
    ),
})  # fmt: skip
appeals = st.fixed_dictionaries({
    "lane": st.integers(0, 5), "rank": st.integers(-120, 1500), "kept": st.none() | st.integers(0, 3),
    "refused": st.none() | st.tuples(st.integers(0, 3), st.integers(0, 120)),
})  # fmt: skip
centres = st.fixed_dictionaries({
    "people": st.lists(people, min_size=1, max_size=4),
    "queues": st.lists(queues, min_size=1, max_size=3),
    "appeals": st.lists(appeals, max_size=12),
})  # fmt: skip


@pytest.fixture
def empty(db, broom):
    """Forget the centre before."""
    from tests.conftest import CLEAN  # noqa: PLC0415 - a constant

    def forget():
        db.session.rollback()
        broom.execute(CLEAN)

    return forget


class Built:
    """A random centre in the database: its people, lanes and appeals by number of the plan."""

    def __init__(self, plan):
        self.now = clock.now()
        self.plan = plan
        self.skills = [Skill(code=code, name=code) for code in SKILLS]
        self.groups = {code: OperatorGroup(code=code, name=code) for code in GROUPS}
        db.session.add_all([*self.skills, *self.groups.values()])
        self.people = [self.person(number, card) for number, card in enumerate(plan["people"])]
        db.session.flush()
        self.lanes = [lane for number, card in enumerate(plan["queues"]) for lane in self.queue(number, card)]
        cast.at_work(*self.people)
        lanes.refresh()
        for person, card in zip(self.people, plan["people"], strict=True):
            row = db.session.get_one(Capacity, person.id)
            row.idle_since = self.now - dt.timedelta(minutes=card["idle"])
            row.last_offer_at = None if card["last"] is None else self.now - dt.timedelta(minutes=card["last"])
        self.appeals = [self.appeal(number, card) for number, card in enumerate(plan["appeals"])]
        db.session.commit()

    def person(self, number, card):
        person = cast.an_operator(f"operator{number}", f"Оператор {number}")
        person.units, person.channel_units = card["units"], card["channel_units"]
        person.auto_accept = card["auto_accept"]
        person.groups = [self.groups[code] for code in card["groups"]]
        by_code = {skill.code: skill for skill in self.skills}
        person.skills = [EmployeeSkill(skill=by_code[code], level=level) for code, level in card["skills"].items()]
        return person

    def queue(self, number, card):
        settings = {name: value for name, value in card.items() if name not in {"groups", "lanes"}}
        queue = Queue(code=f"queue{number}", name=f"Queue {number}", is_default=not number, **settings)
        db.session.add(queue)
        db.session.flush()
        rows = [{"queue_id": queue.id, "group_id": self.groups[code].id, "level": level}
                for code, level in card["groups"].items()]  # fmt: skip
        db.session.execute(queue_group.insert(), rows)
        return [open_lane(queue, channel, needs) for channel, needs in card["lanes"]]

    def appeal(self, number, card):
        lane = self.lanes[card["lane"] % len(self.lanes)]
        kept = None if card["kept"] is None else self.people[card["kept"] % len(self.people)].id
        rank_at = self.now - dt.timedelta(seconds=card["rank"])
        account, address = cast.a_mailbox(), cast.petrov().addresses[0]
        appeal = Appeal(
            number=f"2026-{number:06}", channel=lane.channel, account=account, address=address, status=Status.QUEUED,
            queue_id=lane.queue_id, lane_id=lane.id, rank_at=rank_at, enqueued_at=rank_at, preferred_operator_id=kept,
            preferred_until=kept and self.now + dt.timedelta(hours=1),
        )  # fmt: skip
        db.session.add(appeal)
        db.session.flush()
        if card["refused"]:
            who, ago = card["refused"]
            at = self.now - dt.timedelta(seconds=ago)
            refused = Assignment(
                appeal_id=appeal.id, employee_id=self.people[who % len(self.people)].id, queue_id=lane.queue_id,
                channel=lane.channel, state="released", release_kind="declined", offered_at=at, released_at=at, why={},
            )  # fmt: skip
            db.session.add(refused)
        return appeal

    def in_python(self):
        """The same centre as plain data, with the lanes of operators as the rule finds them."""
        asked, plain = {}, {}
        for lane in {lane.id: lane for lane in self.lanes}.values():
            queue = db.session.get_one(Queue, lane.queue_id)
            card = self.plan["queues"][int(queue.code.removeprefix("queue"))]
            asked[lane.id] = rule.Asked(lane.channel, lane.skills, lane.wishes, card["groups"], card["widening"])
            plain[lane.id] = rule.Lane(
                lane.id, lane.channel, queue.tier, queue.weight, queue.target.total_seconds(), lane.units,
                lane.exclusive, queue.strategy, queue.sticky_above,
            )  # fmt: skip
        operators = {}
        for person, card in zip(self.people, self.plan["people"], strict=True):
            who = rule.Person(card["groups"], card["skills"], card["channel_units"])
            served = {lane: found for lane, each in asked.items() if (found := rule.fit(who, each))}
            rooms = {channel: rule.Room(card["channel_units"].get(channel, card["units"])) for channel in CHANNELS}
            last = None if card["last"] is None else self.now.timestamp() - 60 * card["last"]
            operators[person.id] = rule.Operator(
                person.id, card["units"], served, rooms, 0, self.now.timestamp() - 60 * card["idle"], last
            )
        centre = rule.Centre(plain, operators)
        for appeal, card in zip(self.appeals, self.plan["appeals"], strict=True):
            rank_at = appeal.rank_at.timestamp()
            if appeal.preferred_operator_id:
                centre.kept.append(rule.Kept(rank_at, appeal.id, appeal.lane_id, appeal.preferred_operator_id))
            else:
                centre.wait(appeal.id, appeal.lane_id, rank_at)
            if card["refused"]:
                who, ago = card["refused"]
                refused = operators[self.people[who % len(self.people)].id].refused
                refused[appeal.id] = self.now.timestamp() - ago
        return centre


def chosen_by_python(built):
    centre, now, chosen = built.in_python(), built.now.timestamp(), []
    auto = {person.id: person.auto_accept for person in built.people}
    while pair := centre.next_pair(now):
        operator, lane, appeal = pair
        centre.claim(operator, lane, appeal, now, rings=not auto[operator.id])
        chosen.append((operator.id, appeal))
    return chosen, centre


def chosen_by_sql():
    choosing.distribute()
    held = db.select(Assignment.employee_id, Assignment.appeal_id).where(Assignment.released_at.is_(None))
    return [tuple(row) for row in db.session.execute(held.order_by(Assignment.id))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=centres)
def test_sql_and_python_choose_the_same_people_for_the_same_appeals(empty, plan):
    empty()
    built = Built(plan)

    chosen, centre = chosen_by_python(built)

    served = {
        (row.employee_id, row.lane_id): (row.level, row.share) for row in db.session.scalars(db.select(OperatorLane))
    }
    assert served == {
        (person, lane): found for person, each in centre.operators.items() for lane, found in each.lanes.items()
    }
    assert chosen_by_sql() == chosen
    for row in db.session.scalars(db.select(Capacity)):
        assert (row.load, row.over) == (centre.operators[row.employee_id].load, max(0, row.load - row.cap))
    for row in db.session.scalars(db.select(ChannelCapacity)):
        assert row.load == centre.operators[row.employee_id].rooms[row.channel].load


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=centres)
def test_nothing_waits_that_somebody_free_may_have_and_a_lane_goes_by_rank(empty, plan):
    empty()
    built = Built(plan)
    choosing.distribute()
    db.session.expire_all()

    ringing = set(db.session.scalars(db.select(Assignment.employee_id).where(Assignment.state == "offered")))
    rooms = {row.employee_id: row for row in db.session.scalars(db.select(Capacity))}
    channels = {(row.employee_id, row.channel): row for row in db.session.scalars(db.select(ChannelCapacity))}
    lane_of = {lane.id: lane for lane in db.session.scalars(db.select(Lane))}
    refused = {(row.employee_id, row.appeal_id) for row in db.session.scalars(
        db.select(Assignment).where(Assignment.release_kind == "declined",
                                    Assignment.released_at > built.now - dt.timedelta(seconds=60)))}  # fmt: skip
    open_ones = db.session.scalars(db.select(Appeal).where(Appeal.status == Status.QUEUED)).all()
    for appeal, served in itertools.product(open_ones, db.session.scalars(db.select(OperatorLane)).all()):
        lane, room = lane_of[appeal.lane_id], rooms[served.employee_id]
        channel = channels[served.employee_id, lane.channel]
        share = (built.now - appeal.rank_at) / lane.queue.target
        fits = room.load + lane.units <= room.cap and channel.load + lane.units <= channel.cap
        if lane.exclusive:
            fits = not room.load and channel.cap
        assert not (
            appeal.lane_id == served.lane_id and appeal.preferred_operator_id is None and fits
            and lane.queue.strategy != Strategy.BROADCAST and served.employee_id not in ringing
            and (served.employee_id, appeal.id) not in refused and (not served.share or share >= served.share)
        )  # fmt: skip
    given_away = db.session.scalars(db.select(Assignment).where(Assignment.released_at.is_(None))).all()
    for first, second in itertools.pairwise(sorted(given_away, key=lambda each: each.id)):
        one, other = (db.session.get_one(Appeal, each.appeal_id) for each in (first, second))
        if (one.lane_id, first.employee_id) == (other.lane_id, second.employee_id):
            kept = first.why.get("preferred") or second.why.get("preferred")
            assert kept or (one.rank_at, one.id) < (other.rank_at, other.id)


def test_a_call_wants_an_operator_who_holds_nothing_and_nothing_comes_beside_it(db):
    with unit_of_work():
        voice = {"lanes": [("voice", []), ("email", [])], "groups": {"first": 1}, "tier": 1, "weight": 1.0,
                 "target": MINUTES[1], "strategy": "longest_idle", "sticky_above": True, "widening": [],
                 "channel_units": {}}  # fmt: skip
        card = {"groups": {"first"}, "skills": {}, "units": 3, "channel_units": {}, "auto_accept": True, "idle": 1,
                "last": None}  # fmt: skip
        ranks = [("voice", 300), ("email", 200), ("voice", 100)]
        waiting = [{"lane": int(channel == "email"), "rank": rank, "kept": None, "refused": None}
                   for channel, rank in ranks]  # fmt: skip
        built = Built({"people": [card], "queues": [voice], "appeals": waiting})

    assert choosing.distribute() == 1

    room = db.session.get_one(Capacity, built.people[0].id, populate_existing=True)
    assert (room.load, room.cap, room.over, room.exclusive) == (3, 3, 0, True)
    assert db.session.scalar(db.select(Assignment.weight)) == 3

    with unit_of_work():
        written = built.appeals[1]
        returning.assign_at_once(written, room.employee_id, 0, {"begun": True})
        [begun] = db.session.scalars(db.select(Assignment).where(Assignment.appeal_id == written.id))
        capacity.give_back(begun, "waiting")

    room = db.session.get_one(Capacity, room.employee_id, populate_existing=True)
    assert (room.load, room.exclusive) == (3, True)
    assert choosing.distribute() == 0


@pytest.mark.parametrize(
    ("line", "wish", "found"),
    [(1, True, (7, 0.0)), (2, True, (7, 1.0)), (1, False, (0, 0.5)), (3, True, None)],
)
def test_widening_lets_others_serve_from_a_share_of_the_target_on(line, wish, found):
    steps = [{"after": 0.5, "drop": "wishes"}, {"after": 1.0, "level": 2}]
    asked = rule.Asked("email", [], ["english>=5"], {"first": line}, steps)

    assert rule.fit(rule.Person({"first"}, {"english": 7} if wish else {}), asked) == found
