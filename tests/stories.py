"""What people do with appeals, in one line each; shared by the tests."""

import datetime as dt
import uuid
from typing import Any

from cec.appeals import acting, conversation
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message
from cec.platform import clock
from cec.platform.db import db, unit_of_work
from cec.staff.models import Employee
from tests import cast


def act(appeal: Appeal, outcome: str, by: Employee, **answers: Any) -> Appeal:
    """An operator who sees everything acts."""
    appeal = cast.reread(appeal)
    with unit_of_work():
        acting.act(
            appeal.id,
            outcome,
            by=by,
            expected_version=appeal.version,
            seen_message_id=appeal.last_message_id or 0,
            answers=answers,
        )
    return cast.reread(appeal)


def answer(appeal: Appeal, by: Employee, words: str = "Здравствуйте! Заказ у курьера.") -> Message:
    """An operator answers."""
    appeal = cast.reread(appeal)
    with unit_of_work():
        message = conversation.send(
            appeal,
            by=by,
            letter=Letter(words),
            client_uuid=uuid.uuid4(),
            seen_message_id=appeal.last_message_id or 0,
            undo=dt.timedelta(seconds=5),
        )
    db.session.expire_all()
    return db.session.get_one(Message, message.id)


def close(appeal: Appeal, by: Employee) -> Appeal:
    """An operator closes with topic and resolution."""
    return act(appeal, "close", by, topic_id=cast.a_topic().id, resolution_id=cast.a_resolution().id, comment="")


def wait(appeal: Appeal, by: Employee, *, days: int = 3, on_silence: str = "close") -> Appeal:
    """An operator answers and waits for the client."""
    answer(appeal, by)
    until = clock.now() + dt.timedelta(days=days)
    return act(appeal, "wait", by, until=until, on_silence=on_silence, comment="")


def postpone(appeal: Appeal, by: Employee, *, hours: float, return_to: str = "me") -> Appeal:
    """An operator puts an appeal aside."""
    until = clock.now() + dt.timedelta(hours=hours)
    return act(appeal, "postpone", by, until=until, reason="other", comment="", return_to=return_to)


def transfer(appeal: Appeal, by: Employee, target: str, **to: int) -> Appeal:
    """An operator hands an appeal over."""
    answers = {"queue_id": None, "operator_id": None, "group_id": None, **to}
    return act(appeal, "transfer", by, target=target, comment="Нужна ваша помощь", **answers)
