"""5.2: who planned a version of a table hears that it was refused, and it is gone once he has seen to it."""

import datetime as dt

import pytest
from cast import a_queue, vera

from cec import jobs
from cec.dmn.sheets import Line
from cec.notifications.models import Notification
from cec.platform import clock as watch
from cec.platform.db import db, unit_of_work
from cec.rulebook import drafts, files, publishing
from cec.rulebook.steps import Splice
from tests.dmn.tables_of_story import a_table

TO_ALL = a_table(("-", "-", '"general"', "All"), inputs=("channel", "subject"), outputs=("queue",))


@pytest.fixture
def planned(db, clock, tmp_path):
    """Let Vera plan a version that asks for a queue which is closed before its moment comes."""
    (tmp_path / "routing").mkdir()
    (tmp_path / "routing" / "v1.dmn").write_text(TO_ALL)
    a_queue("general")
    queue = a_queue("payment")
    by = vera().key
    with unit_of_work():
        files.ship(tmp_path)
        drafts.change("routing", [Splice(0, 1, (Line("r1", ("-", "-", '"payment"')),))], revision=0, by=by)
        publishing.publish(
            "routing", revision=1, instead_of=1, comment="more", by=by, at=watch.now() + dt.timedelta(hours=2)
        )
    with unit_of_work():
        queue.is_active = False
    clock.forward(dt.timedelta(hours=3))
    jobs.publish_planned()


def told():
    return db.session.scalars(db.select(Notification).order_by(Notification.id)).all()


def test_who_planned_a_version_that_is_refused_is_told_and_led_to_it(planned, signed_in, words):
    (notice,) = told()
    vera().language = "en"

    page = signed_in(vera()).get("/notifications")

    assert (notice.employee_id, notice.what, notice.standing) == (vera().id, "table_refused", True)
    assert "version 2 was to judge by now and was refused" in words(page.text)
    assert 'href="/admin/rules/routing/versions/2"' in page.text


def test_it_is_out_of_the_window_once_another_version_judges(planned):
    with unit_of_work():
        drafts.change("routing", [Splice(0, 1, (Line("r1", ('"email"', "-", '"general"')),))], revision=0, by="boris")
        publishing.publish("routing", revision=1, instead_of=1, comment="again", by="boris")

    assert [notice.dealt_at for notice in told()] == [watch.now()]
