"""The idle watch: who touches nothing is asked, then gets nothing new until he does."""

import datetime as dt

import pytest

from cec.notifications.models import Notification
from cec.platform import work
from cec.platform.db import unit_of_work
from cec.staff import idling, links, presence
from cec.staff.models import Link, OperatorStatus, Presence, Session
from tests import cast

AFTER = dt.timedelta(minutes=5)
S = dt.timedelta(seconds=1)


@pytest.fixture
def window(db, clock):
    """A window in which Anna works; Boris leads her group."""
    cast.a_group("first_line", cast.anna()).leader_id = cast.boris().id
    session = Session(token_sha256="0" * 64, employee=cast.anna(), role="operator", link=Link.LIVE)
    db.session.add(session)
    db.session.commit()
    cast.at_work(cast.anna())
    return session


def beats(window, *, untouched=dt.timedelta()):
    with unit_of_work():
        links.beat(window.id, untouched=untouched)


def passes(clock, window, span):
    """Time passes and nobody touches anything; the window says so."""
    clock.forward(span)
    beats(window, untouched=dt.timedelta(days=1))


def status():
    return presence.current_of([cast.anna().id])[cast.anna().id]


def told(db):
    return [(row.employee_id, row.what) for row in db.session.scalars(db.select(Notification))]


def test_who_touches_nothing_is_asked_for_a_minute_and_then_idle(window, clock, db):
    beats(window)
    passes(clock, window, AFTER - S)
    assert idling.seconds_left(window.id, AFTER) is None

    passes(clock, window, 11 * S)
    assert idling.seconds_left(window.id, AFTER) == 50
    passes(clock, window, 49 * S)
    assert (idling.watch(AFTER), status()) == (0, Presence.ACTIVE)
    passes(clock, window, S)

    assert (idling.watch(AFTER), status()) == (1, Presence.IDLE)
    assert idling.seconds_left(window.id, AFTER) == 0
    assert idling.watch(AFTER) == 0
    assert told(db) == [(cast.boris().id, "went_idle")]
    running = presence.current(cast.anna().id)
    assert (running.source, presence.FLAGS[Presence.IDLE].receives) == ("idle", False)


def test_any_touch_brings_him_back(window, clock):
    beats(window)
    passes(clock, window, AFTER + idling.ASKED)
    idling.watch(AFTER)
    passes(clock, window, 60 * S)
    assert (work.run_due(), status()) == (0, Presence.IDLE)

    clock.forward(S)
    beats(window)

    assert (work.run_due(), status()) == (1, Presence.ACTIVE)
    assert idling.seconds_left(window.id, AFTER) is None


def test_a_touch_that_is_told_only_after_he_was_taken_for_idle_brings_him_back_too(window, clock):
    beats(window)
    passes(clock, window, AFTER + idling.ASKED)
    assert idling.watch(AFTER) == 1

    clock.forward(2 * S)
    beats(window, untouched=5 * S)

    assert (work.run_due(), status()) == (1, Presence.ACTIVE)


def test_one_window_that_is_touched_is_enough(window, clock):
    beats(window)
    clock.forward(AFTER + idling.ASKED)
    beats(window, untouched=2 * S)
    beats(window, untouched=AFTER * 2)

    assert (idling.watch(AFTER), status()) == (0, Presence.ACTIVE)


@pytest.mark.parametrize("before", [Presence.NOT_ACCEPTING, Presence.BREAK])
def test_who_is_not_active_is_not_asked(window, clock, before):
    with unit_of_work():
        presence.set_status(cast.anna(), before, by="test", source="self")
    passes(clock, window, 3 * AFTER)

    assert idling.seconds_left(window.id, AFTER) is None
    assert (idling.watch(AFTER), status()) == (0, before)


def test_a_window_that_fell_silent_is_judged_by_its_link(window, clock):
    beats(window)
    clock.forward(3 * AFTER)

    assert (idling.watch(AFTER), status()) == (0, Presence.ACTIVE)


def test_who_was_made_active_a_moment_ago_is_not_idle_since_before(window, clock):
    with unit_of_work():
        presence.set_status(cast.anna(), Presence.NOT_ACCEPTING, by="test", source="self")
    passes(clock, window, 3 * AFTER)
    cast.at_work(cast.anna())

    assert (idling.watch(AFTER), status()) == (0, Presence.ACTIVE)


def test_the_watch_can_be_off(window, clock):
    passes(clock, window, 10 * AFTER)

    assert idling.watch(dt.timedelta()) == 0


def test_his_time_is_one_line_without_holes(window, clock, db):
    beats(window)
    passes(clock, window, AFTER + idling.ASKED)
    idling.watch(AFTER)
    clock.forward(90 * S)
    beats(window)
    work.run_due()

    rows = db.session.scalars(db.select(OperatorStatus).order_by(OperatorStatus.id)).all()
    assert [(row.status, row.source) for row in rows] == [("active", "self"), ("idle", "idle"), ("active", "idle")]
    assert [row.during.upper for row in rows[:-1]] == [row.during.lower for row in rows[1:]]
