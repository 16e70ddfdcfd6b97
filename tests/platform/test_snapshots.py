"""A transaction that somebody leaves open slows down all claims: the administrators hear of it."""

import contextlib
import datetime as dt

import psycopg2
import pytest

from cec.notifications.models import Notification
from cec.platform import clock, snapshots
from cec.platform.db import db, unit_of_work
from tests import cast

pytestmark = pytest.mark.usefixtures("db")
AT_ONCE = dt.timedelta()


@pytest.fixture
def report(settings):
    """Give a function that opens a report in the database and leaves it open for as long as its block."""

    @contextlib.contextmanager
    def leave_open():
        address = settings.database_url.replace("+psycopg2", "")
        with contextlib.closing(psycopg2.connect(address, application_name="report-of-year")) as connection:
            connection.set_session(isolation_level="REPEATABLE READ")
            connection.cursor().execute("select count(*) from journal")
            yield

    return leave_open


def look(longest=AT_ONCE):
    with unit_of_work():
        return snapshots.look(longest)


def notices():
    with unit_of_work():
        wanted = db.select(Notification).where(Notification.employee_id == cast.vera().id)
        return [(one.what, one.facts["who"], one.dealt_at is None) for one in db.session.scalars(wanted)]


def test_a_report_left_open_is_told_to_the_administrators_until_it_is_over(report):
    cast.vera()
    db.session.commit()
    with report():
        assert [look(), look()] == [True, False], "it is told once"
        ((what, who, is_open),) = notices()
        assert (what, is_open) == ("database_held", True)
        assert "report-of-year" in who

    assert [look(), look()] == [True, False]
    assert [is_open for _what, _who, is_open in notices()] == [False]


def test_a_report_of_some_seconds_alarms_nobody(report):
    with report():
        assert not look(snapshots.LONGEST)
    with unit_of_work():
        assert snapshots.oldest(snapshots.LONGEST) is None


def test_since_when_it_is_open_is_told_by_the_clock_of_the_centre(report):
    with report(), unit_of_work():
        holder = snapshots.oldest(AT_ONCE)
        assert dt.timedelta() <= clock.now() - holder.since < dt.timedelta(minutes=1)
