"""Orphans become incidents (CORE 1)."""

import datetime as dt

import pytest

from cec.appeals import watchdog
from cec.appeals.models import Appeal, Status
from cec.platform.db import db, unit_of_work
from cec.workflow import incidents
from tests import cast

pytestmark = pytest.mark.usefixtures("centre")


def test_a_healthy_centre_has_no_orphans(clock):
    cast.an_appeal()
    clock.forward(dt.timedelta(minutes=5))

    assert watchdog.look() == 0


def test_an_appeal_whose_process_stands_elsewhere_is_an_incident_once(clock):
    appeal = cast.an_appeal()
    db.session.execute(db.update(Appeal).values(status=Status.POSTPONED))
    db.session.commit()
    clock.forward(dt.timedelta(minutes=5))

    for _ in range(2):
        with unit_of_work():
            assert watchdog.look() == 1

    (incident,) = incidents.list_open()
    assert incident.subject == appeal.key
    assert appeal.number in incident.error
