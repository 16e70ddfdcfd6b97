"""A centre worth attacking: Anna works for Petrov, and everybody else tries to reach what is hers."""

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest
from cast import PASSWORD, a_centre, a_resolution, accepted, an_appeal, anna, at_work, petrov
from flask.testing import FlaskClient

from cec.appeals import first_messages
from cec.appeals.first_messages import Wanted
from cec.appeals.models import Attachment, Draft, MessageState
from cec.distribution import choosing
from cec.distribution.models import Assignment
from cec.notifications.models import Notification
from cec.platform import clock, storage
from cec.platform.db import db as database
from cec.replies.models import ReplyTemplate
from tests import stories

WORDS = "Тайна Петрова 4917"


@dataclass(frozen=True)
class Prey:
    """What is Anna's, by the names that routes give their arguments."""

    ids: dict[str, object]
    other_attachment: int


@pytest.fixture
def prey(db) -> Prey:
    """Give Anna an appeal in work, an offer, files, a message that failed, a draft, a template, a planned message."""
    a_centre()
    a_resolution()
    petrov()
    appeal = accepted(an_appeal(WORDS), anna())
    answer = stories.answer(appeal, anna(), WORDS)
    answer.state = MessageState.FAILED
    draft = Draft(appeal_id=appeal.id, employee_id=anna().id, text=WORDS)
    template = ReplyTemplate(name="Моё", text=WORDS, owner_id=anna().id)
    notification = Notification(
        employee_id=anna().id, kind="info", what="appeal.offered", appeal_id=appeal.id, key="anna", facts={}
    )
    db.session.add_all([draft, template, notification])
    db.session.flush()
    sha256 = storage.put(WORDS.encode())
    kept = {"name": "тайна.txt", "type": "text/plain", "size": len(WORDS), "sha256": sha256}
    files = [Attachment(message_id=answer.id, **kept), Attachment(draft_id=draft.id, **kept)]
    db.session.add_all(files)
    db.session.commit()
    an_appeal("Второе обращение", subject="Второе")
    at_work(anna())
    choosing.distribute()
    offer = db.session.scalars(database.select(Assignment).where(Assignment.accepted_at.is_(None))).one()
    name = uuid.uuid4()
    planned = Wanted(name=name, queue_id=appeal.queue_id, text=WORDS, email="petrov@client.example")
    first_messages.plan(planned, at=clock.now() + dt.timedelta(days=1), by=anna(), known=None, confirmed=False)
    ids = {
        "name": name,
        "of_list": "300",
        "of_apps": "300",
        "appeal_id": appeal.id,
        "attachment_id": files[0].id,
        "message_id": answer.id,
        "assignment_id": offer.id,
        "template_id": template.id,
        "notification_id": notification.id,
        "outcome_id": "close",
        "process": "appeal_handling",
    }
    db.session.commit()
    return Prey(ids, files[1].id)


@pytest.fixture
def enters(app):
    """Give a function that opens a browser in which somebody works."""

    def enter(employee) -> FlaskClient:
        browser = app.test_client()
        answer = browser.post("/login", data={"login": employee.login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    return enter
