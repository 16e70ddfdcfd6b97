"""Random acts of several people, the client and time, against a plain model of the life cycle (guide 2.3; CORE 1).

What the model forbids is refused in words and changes nothing; what it allows leads where it says; and after every step
the books of the centre are right.
"""

import datetime as dt
import os
import random
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from itertools import count

import cast
import pytest

from bench import books
from cec.appeals.models import Appeal, Message, Status
from cec.distribution import choosing, offering
from cec.distribution.models import Assignment, Capacity
from cec.platform import clock, i18n
from cec.platform.db import db
from cec.platform.journal import Journal
from cec.workflow import engine
from tests.conftest import CLEAN

S = Status
REFUSED = {403, 404, 409, 410, 422}
UNDO = dt.timedelta(minutes=1)
REOPENS_WITHIN = dt.timedelta(hours=24)
HAS_IT = "who has it"
PEOPLE = [HAS_IT, HAS_IT, HAS_IT, HAS_IT, "anna", "igor", "boris"]
ACTS = [
    "accepts", "declines", "answers", "waits_for_the_client", "postpones", "hands_it_over", "closes", "calls_it_spam",
    "pulls_it_back", "takes_the_closing_back",
]  # fmt: skip
# What is done most at each place.
FITTING = {
    S.OFFERED: ["accepts", "accepts", "declines"],
    S.IN_WORK: ["answers", "answers", "waits_for_the_client", "postpones", "hands_it_over", "closes", "calls_it_spam"],
    S.WAITING: ["pulls_it_back", "closes"],
    S.POSTPONED: ["pulls_it_back", "closes"],
    S.CLOSED: ["takes_the_closing_back"],
}
STEPS = 80
MOSTLY = 0.8
STEPS_BY_WEIGHT = {
    "somebody_acts": 70, "it_comes_and_is_taken": 10, "the_client_writes": 8, "time_passes": 6,
    "the_centre_distributes": 3, "somebody_comes_back": 3,
}  # fmt: skip
# CEC_SEED=7 plays one story; CEC_SEEDS=200 so many of them.
SEEDS = [int(os.environ["CEC_SEED"])] if "CEC_SEED" in os.environ else range(int(os.environ.get("CEC_SEEDS", "5")))
_letters = count(1)


@dataclass(frozen=True)
class Act:
    """What somebody does, and how: whether he has seen all, whether his screen is up to date."""

    kind: str
    who: str
    sees: bool = True
    fresh: bool = True
    silent: str = "close"
    back: str = "me"
    then: str = "work"


def drawn(dice, status):
    """Draw what somebody does: mostly by whoever has it, who has looked before, and what fits the place."""
    acts = FITTING.get(status, ACTS) if dice.random() < MOSTLY else ACTS
    return Act(
        dice.choice(acts), dice.choice(PEOPLE), *(dice.random() < MOSTLY for _ in range(2)),
        dice.choice(["close", "queue", "me"]), dice.choice(["me", "queue"]), dice.choice(["work", "queue"]),
    )  # fmt: skip


class Life:
    """One appeal after another of one client, between two operators who share a queue; their supervisor meddles."""

    def __init__(self, signed_in, hands, dsn, acted):
        self.hands, self.dsn, self.acted, self.story = hands, dsn, acted, []
        cast.a_centre()
        cast.petrov()
        self.queues = {cast.a_queue().id, cast.a_queue("payments", cast.a_group()).id}
        people = (cast.anna(), cast.igor(), cast.boris())
        self.browsers = {person.login: signed_in(person) for person in people}
        cast.at_work(cast.anna(), cast.igor())
        self.by_id = {person.id: person.login for person in (cast.anna(), cast.igor())}
        # The plain model: whether there is one, where, with whom, whose word is the last one, until when it waits.
        self.id, self.status, self.owner, self.heard = None, None, None, None
        self.wakes = self.closed = None
        self.back_to_me = self.closes_when_silent = False

    def play(self, dice):
        """Let so many things happen, each drawn; whatever is wrong is told with all that went before."""
        for _ in range(STEPS):
            (step,) = dice.choices(list(STEPS_BY_WEIGHT), STEPS_BY_WEIGHT.values())
            self.story.append(step)
            try:
                getattr(self, step)(dice)
                self.the_books_are_right()
            except Exception as wrong:
                wrong.add_note("\n".join(self.story))
                raise

    # What may happen.

    def it_comes_and_is_taken(self, _dice):
        if self.status in {None, S.CLOSED, S.SPAM}:
            self.the_client_writes()
        if self.status == S.QUEUED:
            self.it_is_taken()

    def it_is_taken(self):
        cast.at_work(cast.anna(), cast.igor())
        self.the_centre_distributes()
        self.accepts(Act("accepts", HAS_IT))

    def the_client_writes(self, _dice=None):
        # He takes his time: who writes as fast as a machine is answered by an appeal of its own.
        self.hands.forward(dt.timedelta(minutes=3))
        first = db.session.get_one(Appeal, self.id).last_client_message_id if self.id else None
        told = {"In_Reply_To": db.session.get_one(Message, first).provider_event_id} if first else {}
        message = cast.arrives(cast.a_letter("Где заказ?", message_id=f"<{next(_letters)}@life>", **told))
        late = self.closed is not None and clock.now() - self.closed > REOPENS_WITHIN
        if self.status in {None, S.SPAM} or (self.status == S.CLOSED and late):
            assert message.appeal_id != self.id
            self.id, self.owner, self.closed = message.appeal_id, None, None
            self.leads_to(S.QUEUED)
        elif self.status in {S.WAITING, S.POSTPONED, S.CLOSED}:
            assert message.appeal_id == self.id
            self.closed = None
            self.leads_to(S.QUEUED, S.IN_WORK)
        else:
            assert message.appeal_id == self.id
            self.leads_to(self.status)
        self.heard = "client"

    def the_centre_distributes(self, _dice=None):
        choosing.distribute()
        if self.status == S.QUEUED:
            free = [held for held in self.capacities() if held.receiving and held.load < held.cap]
            self.leads_to(S.OFFERED if free else S.QUEUED)
        elif self.id:
            self.leads_to(self.status)

    def time_passes(self, dice):
        self.hands.forward(dt.timedelta(minutes=dice.choice([0.5, 2, 70, 300])))
        offering.miss_due()
        while engine.run_due():
            pass
        # Who did nothing for hours would be asked who he is.
        for browser in self.browsers.values():
            browser.get("/profile")
        if self.status == S.OFFERED:
            self.leads_to(S.OFFERED, S.QUEUED)
        elif self.status in {S.WAITING, S.POSTPONED} and self.wakes <= clock.now():
            closes = self.status == S.WAITING and self.closes_when_silent
            self.closed = clock.now() if closes else None
            self.leads_to(*([S.CLOSED] if closes else [S.QUEUED, S.IN_WORK] if self.back_to_me else [S.QUEUED]))
        elif self.id:
            self.leads_to(self.status)

    def somebody_comes_back(self, dice):
        """Whoever missed two offers takes no more until he says so."""
        cast.at_work(dice.choice([cast.anna, cast.igor])())
        if self.id:
            self.leads_to(self.status)

    def somebody_acts(self, dice):
        if self.id:
            act = drawn(dice, self.status)
            self.story.append(str(act))
            getattr(self, act.kind)(act)

    def accepts(self, how):
        if self.acts(
            how.who, f"/offers/{self.offer()}/acceptance", legal=self.status == S.OFFERED and self.is_with(how.who)
        ):
            self.leads_to(S.IN_WORK)

    def declines(self, how):
        legal = self.status == S.OFFERED and self.is_with(how.who)
        if self.acts(how.who, f"/offers/{self.offer()}/refusal", legal=legal, reason="busy"):
            self.leads_to(S.QUEUED)

    def answers(self, how):
        legal = self.holds(how.who) and how.sees
        told = {"text": "Уже едет", "client_uuid": uuid.uuid4(), "seen_message_id": self.seen(how.sees)}
        if self.acts(how.who, f"/appeals/{self.id}/messages", legal=legal, **told):
            self.heard = "centre"
            self.leads_to(S.IN_WORK)

    def waits_for_the_client(self, how):
        legal = self.holds(how.who) and how.fresh and how.sees and self.heard == "centre"
        told = {"until": self.moment(60), "on_silence": how.silent, "comment": ""}
        if self.ends(how.who, "wait", sees=how.sees, fresh=how.fresh, legal=legal, **told):
            self.closes_when_silent, self.back_to_me = how.silent == "close", how.silent == "me"
            self.leads_to(S.WAITING)

    def postpones(self, how):
        legal = self.holds(how.who) and how.fresh and how.sees
        told = {"until": self.moment(60), "reason": "other", "return_to": how.back, "comment": ""}
        if self.ends(how.who, "postpone", sees=how.sees, fresh=how.fresh, legal=legal, **told):
            self.back_to_me = how.back == "me"
            self.leads_to(S.POSTPONED)

    def hands_it_over(self, how):
        (other,) = self.queues - {self.row().queue_id}
        told = {"target": "queue", "queue_id": other, "comment": "Разберитесь, пожалуйста"}
        if self.ends(how.who, "transfer", fresh=how.fresh, legal=self.holds(how.who) and how.fresh, **told):
            self.leads_to(S.QUEUED)

    def closes(self, how):
        puts_away = self.status in {S.WAITING, S.POSTPONED} and self.is_with(how.who)
        legal = (self.holds(how.who) or puts_away) and how.fresh and how.sees
        told = {"topic_id": cast.a_topic().id, "resolution_id": cast.a_resolution().id, "comment": ""}
        if self.ends(how.who, "close", sees=how.sees, fresh=how.fresh, legal=legal, **told):
            self.closed = clock.now()
            self.leads_to(S.CLOSED)

    def calls_it_spam(self, how):
        if self.ends(how.who, "spam", fresh=how.fresh, legal=self.holds(how.who) and how.fresh, comment=""):
            self.leads_to(S.SPAM)

    def pulls_it_back(self, how):
        legal = self.status in {S.WAITING, S.POSTPONED} and self.is_with(how.who) and how.fresh
        told = {"then": how.then, "expected_version": self.version(how.fresh)}
        if self.acts(how.who, f"/appeals/{self.id}/recall", legal=legal, **told):
            self.leads_to(*([S.IN_WORK, S.QUEUED] if how.then == "work" else [S.QUEUED]))

    def takes_the_closing_back(self, how):
        legal = self.status == S.CLOSED and self.is_with(how.who) and clock.now() - self.closed <= UNDO
        if self.acts(how.who, f"/appeals/{self.id}/closing", method="delete", legal=legal):
            self.closed = None
            self.leads_to(S.IN_WORK, S.QUEUED)

    def the_books_are_right(self):
        db.session.rollback()
        assert books.wrong(self.dsn) == {}

    # How it is done and looked at.

    def acts(self, who, path, *, legal, method="post", **told):
        """Send what somebody does; what is not legal is refused and changes nothing. Gives whether it was done."""
        before, browser = self.facts(), self.browsers[(self.owner or "anna") if who == HAS_IT else who]
        answer = getattr(browser, method)(f"/operator{path}", data=told)
        self.acted[path.rpartition("/")[2], legal] += 1
        if legal:
            assert answer.status_code in {200, 204}, f"{answer.status}: {told} {refusal(answer)}"
            return True
        assert answer.status_code in REFUSED, f"{answer.status}: {refusal(answer)}"
        assert self.facts() == before, "what was refused has changed something"
        return False

    def ends(self, who, outcome, *, fresh, legal, sees=True, **told):
        seen = {"expected_version": self.version(fresh), "seen_message_id": self.seen(sees)}
        return self.acts(who, f"/appeals/{self.id}/outcomes/{outcome}", legal=legal, **seen, **told)

    def leads_to(self, *statuses):
        """Take over where the appeal has come to, which must be one of these; whom it is with must fit."""
        row = self.row()
        assert row.status in statuses, f"{self.status} led to {row.status}, not to {statuses}"
        owner = self.by_id.get(row.operator_id)
        held = {S.IN_WORK, S.WAITING, S.POSTPONED, S.CLOSED}
        if row.status in held and self.status in held | {S.OFFERED}:
            assert owner == self.owner, f"it was with {self.owner}, now with {owner}"
        assert (owner is None) <= (row.status in {S.QUEUED, S.CLOSED, S.SPAM})
        self.status, self.owner, self.wakes = S(row.status), owner, row.wake_at

    def row(self):
        db.session.rollback()
        return db.session.get_one(Appeal, self.id, populate_existing=True)

    def facts(self):
        """Read all that an act could change."""
        row = self.row()
        sums = [db.session.scalar(db.select(db.func.count()).select_from(table)) for table in (Message, Journal)]
        return (row.status, row.version, row.operator_id, row.queue_id, row.wake_at, row.last_message_id, *sums)

    def capacities(self):
        db.session.rollback()
        return list(db.session.scalars(db.select(Capacity).where(Capacity.employee_id.in_(self.by_id))))

    def is_with(self, who):
        return who in {HAS_IT, self.owner}

    def holds(self, who):
        return self.status == S.IN_WORK and self.is_with(who)

    def offer(self):
        """Give the number of the last offer of this appeal; before there was one, of none."""
        offers = db.select(db.func.max(Assignment.id)).where(Assignment.appeal_id == self.id)
        return db.session.scalar(offers) or 999

    def version(self, fresh):
        return self.row().version - (not fresh)

    def seen(self, everything):
        return self.row().last_message_id if everything else 0

    def moment(self, minutes):
        return f"{i18n.local(clock.now() + dt.timedelta(minutes=minutes)):%Y-%m-%dT%H:%M}"


def refusal(answer):
    """Read what a person is told."""
    return re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>|\s+", " ", answer.text, flags=re.DOTALL)[-400:]


@pytest.mark.long
def test_whatever_people_do_an_appeal_keeps_to_its_life_cycle(db, broom, signed_in, clock, settings):
    dsn, acted = settings.database_url.replace("+psycopg2", ""), Counter()

    for seed in SEEDS:
        db.session.rollback()
        broom.execute(CLEAN)
        db.session.remove()
        Life(signed_in, clock, dsn, acted).play(random.Random(seed))  # noqa: S311 - a story, told again by its number

    acts = {act for act, _legal in acted}
    assert [(act, legal) for act in sorted(acts) for legal in (True, False) if not acted[act, legal]] == []
    assert len(acts) == len(ACTS)
