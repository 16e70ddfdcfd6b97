"""A first message that leaves at a moment (guide 3.2.6): begun when it comes, or its author is told why not."""

import datetime as dt
import uuid

import pytest

from cec.appeals import drafts, first_messages, outgoing, planning
from cec.appeals.first_messages import FirstMessage, Wanted
from cec.appeals.models import Appeal, Attachment, Message
from cec.appeals.outgoing import Leave
from cec.clients import addresses
from cec.notifications import words
from cec.notifications.models import Notification
from cec.platform import clock as centre_clock
from cec.platform import work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast

SIDOROV = "sidorov@client.example"
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _centre(centre):
    """Everything that an appeal meets."""


def wanted(name=None, **more):
    facts = {"queue_id": cast.a_queue().id, "text": "Заказ {{appeal.number}} готов.", "subject": "Заказ 7"}
    return Wanted(**{"name": name or cast.a_uuid(), "email": SIDOROV, **facts, **more})


def planned(message=None, *, in_hours=1, leave=outgoing.ORDINARY):
    with unit_of_work():
        return planning.plan(message or wanted(), at=centre_clock.now() + in_hours * HOUR, by=cast.anna(), leave=leave)


def passes(clock, hours=1):
    clock.forward(hours * HOUR + dt.timedelta(seconds=1))
    work.run_due()
    database.session.expire_all()


def appeals():
    return list(database.session.scalars(database.select(Appeal).order_by(Appeal.id)))


def kept():
    return list(database.session.scalars(database.select(FirstMessage)))


def told():
    return list(database.session.scalars(database.select(Notification).where(Notification.what == "first_refused")))


def test_it_leaves_at_its_moment_with_its_files_and_waits_for_the_client(clock):
    message = wanted()
    with unit_of_work():
        draft = first_messages.draft_of(message.name, by=cast.anna())
        drafts.attach(draft, name="план.txt", kind="", content=b"plan", limit_megabytes=1)
    first = planned(message)
    assert [each.due_at for each in first_messages.list_of(cast.anna())] == [first.due_at]

    clock.forward(HOUR / 2)
    work.run_due()
    assert appeals() == []
    passes(clock)

    (appeal,) = appeals()
    assert (appeal.status, appeal.operator_id, appeal.direction) == ("waiting_for_client", cast.anna().id, "out")
    message = database.session.scalars(database.select(Message)).one()
    assert (message.text, [file.name for file in message.attachments]) == (
        f"Заказ {appeal.number} готов.", ["план.txt"],
    )  # fmt: skip
    assert kept() == []


def test_it_leaves_once_however_often_it_was_planned(clock):
    message = wanted()
    planned(message)
    planned(message)
    planned(message, in_hours=2)

    passes(clock)
    assert appeals() == [], "it was put off"
    passes(clock)
    passes(clock)

    assert len(appeals()) == 1


def test_it_is_cancelled_and_then_given_up_with_its_files(clock):
    message = wanted()
    with unit_of_work():
        drafts.attach(
            first_messages.draft_of(message.name, by=cast.anna()),
            name="план.txt", kind="", content=b"plan", limit_megabytes=1,
        )  # fmt: skip
    planned(message)

    with unit_of_work():
        first_messages.cancel(message.name, by=cast.anna())
    passes(clock)
    assert (appeals(), kept()[0].due_at, kept()[0].draft.text) == ([], None, message.text)
    with unit_of_work():
        first_messages.discard(message.name, by=cast.anna())

    assert kept() == []
    assert database.session.scalars(database.select(Attachment)).all() == []


def test_what_is_sent_before_its_moment_does_not_leave_again(clock):
    message = wanted()
    planned(message)

    with unit_of_work():
        begun = outgoing.begin(message, by=cast.anna())
    again = planned(message)
    passes(clock)

    assert [each.id for each in appeals()] == [begun.id]
    assert again.id == begun.id, "pressed too late it is the same appeal"


def test_to_an_address_where_nothing_arrives_by_then_it_does_not_leave_and_anna_is_told(clock):
    first = planned()
    with unit_of_work():
        addresses.mark_unreachable("email", {SIDOROV: "No such user"})

    passes(clock)

    assert appeals() == []
    (left,) = kept()
    assert (left.due_at, left.draft.text) == (None, "Заказ {{appeal.number}} готов."), "nothing of it is lost"
    assert left.refusal.startswith("То, что мы туда недавно отправили")
    (notice,) = told()
    assert (notice.employee_id, notice.standing, notice.dealt_at) == (cast.anna().id, True, None)
    assert words.of(notice).detail == left.refusal

    planned(first_messages.wanted_of(first), leave=Leave(confirmed=True))
    database.session.expire_all()
    assert told()[0].dealt_at is not None, "she has seen to it"
    passes(clock)
    assert len(appeals()) == 1


def test_the_limit_of_a_day_counts_at_its_moment(clock):
    planned(leave=Leave(per_day=1), in_hours=2)
    with unit_of_work():
        outgoing.begin(wanted(), by=cast.anna())

    passes(clock, 2)

    assert len(appeals()) == 1
    assert "предел" in kept()[0].refusal


def test_what_somebody_planned_who_works_here_no_more_is_told_to_his_supervisor(clock):
    cast.boris()
    planned()
    with unit_of_work():
        cast.anna().is_active = False

    passes(clock)

    assert appeals() == []
    assert [notice.employee_id for notice in told()] == [cast.boris().id]


@pytest.mark.parametrize("hours", [-1, 0, 24 * 367])
def test_a_moment_that_is_no_future_is_refused_at_its_field(hours):
    with pytest.raises(planning.MomentUnfit) as refused:
        planned(in_hours=hours)

    assert refused.value.field == "at"
    assert kept() == []


def test_what_would_be_refused_now_is_not_planned():
    with pytest.raises(outgoing.SubjectUnfit):
        planned(wanted(subject=""))
    with pytest.raises(outgoing.OnTheBlackList):
        planned(wanted(email="abuse@blocked.example"))


def test_what_is_planned_is_not_changed_by_what_is_only_kept():
    message = wanted()
    planned(message)

    with unit_of_work():
        first_messages.keep(wanted(message.name, text="Другое"), by=cast.anna())

    assert kept()[0].draft.text == "Заказ {{appeal.number}} готов."


def test_a_press_in_the_moment_in_which_it_leaves_is_one_appeal(clock, at_once):
    message, anna = wanted(), cast.anna()
    planned(message)
    clock.forward(2 * HOUR)

    def press():
        with unit_of_work():
            outgoing.begin(message, by=anna)

    at_once(press, work.run_due, press)

    assert len(appeals()) == 1
    assert database.session.scalar(database.select(database.func.count()).select_from(Message)) == 1


def test_of_others_nothing_is_found():
    name = uuid.uuid4()
    planned(wanted(name))

    assert first_messages.list_of(cast.igor()) == []
    with pytest.raises(first_messages.NotFound):
        first_messages.find(name, by=cast.igor())
