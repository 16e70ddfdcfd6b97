"""The handling of an appeal beside the stock engine; loops that leave no trace; restarts in the middle of each."""

import datetime as dt
import random

import pytest

from cec.platform import clock as cec_clock
from cec.platform import shipped
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.workflow import definitions, diagrams, engine
from cec.workflow.spiff import reading, running, storing
from cec.workflow.spiff.expressions import plain
from tests.processes.conftest import SUBJECT
from tests.workflow.walking import Walk

pytestmark = pytest.mark.long
MOVES = ["finish"] * 4 + ["client_wrote", "recalled", "time"]


def answers(dice):
    """What a person may answer, for every outcome."""
    return {
        "outcome": dice.choice(["transfer", "postpone", "wait", "postpone", "wait"]),
        "until": cec_clock.now() + dt.timedelta(minutes=dice.randrange(30, 600)),
        "on_silence": dice.choice(["close", "me", "queue", "me", "queue"]),
        "target": "queue", "queue_id": "1", "operator_id": None, "group_id": None, "return_to": "me", "reason": "other",
        "comment": "note", "topic_id": "1", "resolution_id": "1",
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_a_random_walk_equals_the_stock_engine(seed, rehearsed, bundle, clock):
    dice = random.Random(seed)  # noqa: S311 - a walk, not a secret
    # The stand-in counts its calls, and two engines call it: the queue is chosen from the start.
    rehearsed.seen.append(1)
    walk = Walk("appeal_handling", bundle, {"appeal_id": 1}, rehearsed)

    for step in range(40):
        walk.restart()
        walk.compare()
        if walk.ours.completed:
            break
        move = dice.choice(MOVES)
        if move == "finish" and walk.open()[0]:
            told = answers(dice)
            walk.finish(0, {**told, "outcome": "close"} if step > 35 else told)
        elif move == "time":
            walk.let_time_pass(clock, dt.timedelta(minutes=dice.randrange(10, 400)))
        elif move != "finish":
            walk.send(move, {"back_to": dice.choice(["work", "queue"])} if move == "recalled" else {"message_id": step})

    walk.compare()
    assert walk.largest < 1500


# Loops.


class InMemory:
    """One instance, stored and restored after each step."""

    def __init__(self, bundle, hands):
        roots = {name: diagrams.read(text).root for name, text in bundle.items() if name.endswith(".bpmn")}
        self.specs, self.hands = reading.parse("appeal_handling", roots), hands
        self.instance = running.start(self.specs, {"appeal_id": 1}, by="walker")
        self.size = 0
        self.rest()

    def rest(self):
        """Store and restore."""
        stored = storing.dump(self.instance)
        self.size = len(stored)
        self.instance = storing.load(stored, self.specs, by="walker")

    def finish(self, outcome, **told):
        """Finish the task."""
        (task,) = running.open_tasks(self.instance)
        running.run_task(self.instance, task.token, plain({"outcome": outcome, **told}))
        self.rest()

    def send(self, message, **payload):
        """Send a message."""
        running.send(self.instance, message, payload)
        self.rest()

    def ring(self, after):
        """Let time pass and what is due ring."""
        self.hands.forward(after)
        running.wake(self.instance, [wait.token for wait in running.subscriptions(self.instance)])
        self.rest()


class Stored:
    """The same through the service layer; the process of the machine is restarted after each step."""

    def __init__(self, desk, hands):
        self.desk, self.hands = desk, hands
        desk.start("appeal_handling", subject=SUBJECT, appeal_id=1)

    def restart(self):
        """Forget everything that was read."""
        definitions._loaded.clear()  # noqa: SLF001 - as if it began anew
        database.session.remove()

    def finish(self, outcome, **told):
        """Finish the task."""
        self.desk.finish(outcome, subject=SUBJECT, **told)
        self.restart()

    def send(self, message, **payload):
        """Send a message."""
        assert self.desk.send(message, subject=SUBJECT, **payload)
        self.restart()

    def ring(self, after):
        """Let time pass and what is due ring."""
        self.hands.forward(after)
        assert engine.run_due() == 1
        self.restart()


SOON = dt.timedelta(minutes=10)


def transfer(world):
    world.finish("transfer", target="queue", queue_id="1", operator_id=None, group_id=None, comment="Нужна помощь")


def put_aside(world):
    world.finish("postpone", until=cec_clock.now() + SOON, reason="other", comment="", return_to="me")


def wait(world, on_silence="close"):
    world.finish("wait", until=cec_clock.now() + SOON, on_silence=on_silence, comment="")


def postpone_until_time(world):
    put_aside(world)
    world.ring(SOON)


def postpone_until_message(world):
    put_aside(world)
    world.send("client_wrote", message_id=1)


def postpone_until_recalled(world):
    put_aside(world)
    world.send("recalled", back_to="work")


def wait_for_reply(world):
    wait(world)
    world.send("client_wrote", message_id=1)


def wait_in_vain(world):
    wait(world, on_silence="me")
    world.ring(SOON)


def wait_until_recalled(world):
    wait(world)
    world.send("recalled", back_to="queue")


LOOPS = [
    transfer, postpone_until_time, postpone_until_message, postpone_until_recalled,
    wait_for_reply, wait_in_vain, wait_until_recalled,
]  # fmt: skip


@pytest.mark.parametrize("turn", LOOPS)
def test_a_loop_turned_400_times_leaves_no_trace(turn, rehearsed, bundle, clock):
    world = InMemory(bundle, clock)
    sizes = []

    for _ in range(400):
        turn(world)
        sizes.append(world.size)

    assert [task.element for task in running.open_tasks(world.instance)] == ["handle"]
    assert max(sizes) - min(sizes) < 20
    assert max(sizes) < 1000
    assert len(world.instance.tasks) < 10


@pytest.mark.parametrize("turn", LOOPS)
def test_a_restart_in_the_middle_of_each_loop_changes_nothing(turn, rehearsed, desk, clock):
    with unit_of_work():
        definitions.ship(shipped.folder("processes"), shipped.folder("forms"))
    world = Stored(desk, clock)

    for _ in range(5):
        turn(world)
        assert desk.open(SUBJECT) == ["handle"]

    returned = rehearsed.count("appeals.resume") + rehearsed.count("appeals.transfer")
    assert (returned, rehearsed.count("appeals.enqueue")) == (5, 6)
    assert desk.waits() == [("timer", "Nobody answered in time")]
    assert len(desk.tasks(SUBJECT)) == 6


# Ends.


def test_recalled_to_be_closed_it_is_closed(rehearsed, bundle, clock):
    world = InMemory(bundle, clock)
    wait(world)

    world.send("recalled", back_to="close", resolution_id=3, topic_id=4)

    assert world.instance.completed
    assert rehearsed.told[-1] == (
        "appeals.close", "walker", {"appeal_id": 1, "resolution_id": 3, "topic_id": 4}
    )  # fmt: skip


def test_a_silent_client_is_closed_unanswered(rehearsed, bundle, clock):
    world = InMemory(bundle, clock)
    wait(world)

    world.ring(SOON)

    assert world.instance.completed
    assert rehearsed[-1] == "appeals.close_unanswered"


def test_nobody_answers_in_time_and_it_escalates_once_and_stays_open(rehearsed, bundle, clock):
    world = InMemory(bundle, clock)

    world.ring(dt.timedelta(hours=2))
    world.ring(dt.timedelta(hours=2))

    assert rehearsed.count("appeals.escalate") == 1
    world.finish("spam", comment="")
    assert world.instance.completed


def test_the_queue_is_chosen_by_the_table_once(rehearsed, bundle, clock):
    world = InMemory(bundle, clock)
    transfer(world)

    assert rehearsed.count("appeals.route") == 1
    (routed,) = [told for name, _by, told in rehearsed.told if name == "appeals.route"]
    assert routed["routing"]["queue"] == "delivery"
    assert routed["routing"]["verdict"]["rows"][0]["row"] >= 1


def test_what_the_tables_judged_and_what_people_wrote_is_not_kept_in_the_process(rehearsed, bundle, clock):
    world = InMemory(bundle, clock)

    transfer(world)

    stored = storing.dump(world.instance).decode()
    assert "доставка" not in stored
    assert "Нужна помощь" not in stored
