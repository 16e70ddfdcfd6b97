"""Every mail that others collected goes through the door: stored, or in quarantine, and no mail blocks the rest."""

import smtplib

import pytest

from cec.appeals.models import Message
from cec.channels.email.door import Door
from cec.channels.models import Inbound, InboundState
from cec.platform import work
from cec.platform.db import db
from tests import cast

pytestmark = pytest.mark.long
ENDINGS = {".eml", ".box", ".txt", ".msg", ".mail", ""}


@pytest.fixture
def mails(repository):
    folder = repository.parent / "shared" / "corpora" / "mail"
    if not folder.exists():
        pytest.skip("the corpora are not beside the repository")
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in ENDINGS]


@pytest.fixture
def door(app, db):
    cast.a_centre()
    db.session.commit()
    door = Door(app, "127.0.0.1", 0)
    door.start()
    yield door
    door.stop()


def test_nothing_is_lost_and_nothing_blocks(mails, door):
    taken = 0
    with smtplib.SMTP("127.0.0.1", door.port) as smtp:
        for path in mails:
            try:
                smtp.sendmail("client@client.example", [cast.MAILBOX], path.read_bytes())
                taken += 1
            except smtplib.SMTPDataError as error:
                assert error.smtp_code == 552, path  # noqa: PT017 - told at the door, not lost behind it
    while work.run_due(batch=100):
        pass

    db.session.expire_all()
    states = {
        state: db.session.scalar(db.select(db.func.count()).where(Inbound.state == state)) for state in InboundState
    }
    assert taken > 0.95 * len(mails)
    assert states[InboundState.NEW] == 0
    assert work.dead_letters() == []
    assert states[InboundState.DONE] == db.session.scalar(db.select(db.func.count()).where(Message.direction == "in"))
    assert all(db.session.scalars(db.select(Inbound.reason).where(Inbound.state == InboundState.QUARANTINED)))
    assert states[InboundState.QUARANTINED] < 0.1 * taken
