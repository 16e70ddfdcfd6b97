"""Silence longer than usual: learned by the hour of the week, told to the administrators, over when somebody writes."""

import datetime as dt

import cast
import pytest

from cec.channels import silence
from cec.channels.models import ChannelAccount, ChannelHour
from cec.notifications.models import Notification
from cec.platform import clock as clocks
from cec.platform.db import unit_of_work

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def mailbox(db, clock):
    """A mailbox that got ten letters an hour from 9 to 18 for three weeks, the last one a moment ago."""
    cast.a_centre()
    cast.vera()
    account = cast.a_mailbox()
    account.last_in_at = clocks.now()
    begin = clocks.now().replace(hour=0) - dt.timedelta(weeks=3)
    for hour in range(21 * 24):
        at = begin + hour * HOUR
        if 9 <= at.hour < 18:
            db.session.add(ChannelHour(channel_account_id=account.id, hour=at, came=10))
    db.session.commit()
    return account


def looked(account, db):
    with unit_of_work():
        silence.look()
    return db.session.get_one(ChannelAccount, account.id, populate_existing=True).silent_since


def test_a_working_hour_without_a_letter_is_told_to_the_administrator(mailbox, db, clock):
    clock.forward(dt.timedelta(minutes=30))
    assert looked(mailbox, db) is None

    clock.forward(dt.timedelta(minutes=20))
    assert looked(mailbox, db) == mailbox.last_in_at
    looked(mailbox, db)

    (notice,) = db.session.scalars(db.select(Notification)).all()
    assert (notice.what, notice.employee_id, notice.standing) == ("channel_silent", cast.vera().id, True)


def test_a_quiet_night_is_no_silence(mailbox, db, clock):
    clock.forward(dt.timedelta(hours=8, minutes=59))
    with unit_of_work():
        db.session.get_one(ChannelAccount, mailbox.id).last_in_at = clocks.now()
    clock.forward(dt.timedelta(hours=14))

    assert looked(mailbox, db) is None


def test_the_alarm_is_over_when_somebody_writes(mailbox, db, clock):
    clock.forward(dt.timedelta(hours=2))
    assert looked(mailbox, db)

    cast.arrives(cast.a_letter())

    assert looked(mailbox, db) is None
    assert db.session.scalars(db.select(Notification.dealt_at)).one() is not None


def test_an_account_that_is_new_is_left_alone(mailbox, db, clock):
    db.session.execute(db.delete(ChannelHour).where(ChannelHour.hour < clocks.now() - dt.timedelta(days=6)))
    db.session.commit()
    clock.forward(dt.timedelta(hours=5))

    assert looked(mailbox, db) is None


def test_hours_are_counted_once_they_are_over(db, clock):
    cast.a_centre()
    for _ in range(3):
        cast.an_appeal()
    with unit_of_work():
        silence.count_hours()
    assert db.session.query(ChannelHour).count() == 0

    clock.forward(HOUR)
    for _ in range(2):
        with unit_of_work():
            silence.count_hours()

    assert db.session.scalars(db.select(ChannelHour.came)).all() == [3]
