"""What is done with an appeal (guide 3.7), through its process."""

import datetime as dt

import pytest

from cec.appeals import acting, conversation, handling, lifecycle
from cec.appeals.models import ResolutionKind, Status
from cec.distribution.models import Assignment, Capacity
from cec.platform.db import db, unit_of_work
from cec.workflow import engine
from tests import cast
from tests.stories import act, answer, close, postpone, transfer, wait

pytestmark = pytest.mark.usefixtures("centre")


def load_of(employee):
    db.session.expire_all()
    return db.session.get_one(Capacity, employee.id).load


def test_closing_keeps_topic_and_resolution_and_frees_the_slot(appeal):
    assert load_of(cast.anna()) == 1

    closed = close(appeal, cast.anna())

    assert closed.status == Status.CLOSED
    assert closed.topic.name == "Где заказ"
    assert closed.resolution.kind == ResolutionKind.SOLVED
    assert closed.close_kind == "resolved"
    assert load_of(cast.anna()) == 0
    assert cast.story(appeal.key)[-1] == "appeal.closed"


def test_closing_without_a_topic_is_refused_at_the_field_and_nothing_changes(appeal):
    with pytest.raises(handling.TopicMissing) as refused:
        act(appeal, "close", cast.anna(), topic_id=None, resolution_id=cast.a_resolution().id, comment="")

    assert "topic_id" in refused.value.fields()
    assert cast.reread(appeal).status == Status.IN_WORK


def test_an_appeal_is_put_aside_and_comes_back_in_time(appeal, clock):
    put_aside = postpone(appeal, cast.anna(), hours=2)
    assert put_aside.status == Status.POSTPONED
    assert load_of(cast.anna()) == 0

    clock.forward(dt.timedelta(hours=2, seconds=1))
    engine.run_due()

    back = cast.reread(appeal)
    assert back.status == Status.IN_WORK
    assert back.operator_id == cast.anna().id
    assert load_of(cast.anna()) == 1


def test_a_time_in_the_past_is_refused_and_nothing_changes(appeal):
    with pytest.raises(handling.PostponedIntoThePast):
        postpone(appeal, cast.anna(), hours=-1)

    assert cast.reread(appeal).status == Status.IN_WORK
    assert "appeal.postponed" not in cast.story(appeal.key)


def test_postponed_to_the_queue_it_waits_for_anybody(appeal, clock):
    postpone(appeal, cast.anna(), hours=1, return_to="queue")

    clock.forward(dt.timedelta(hours=2))
    engine.run_due()

    back = cast.reread(appeal)
    assert (back.status, back.operator_id, back.preferred_operator_id) == (Status.QUEUED, None, None)


def test_a_client_who_stays_silent_is_closed_with_no_answer(appeal, clock):
    wait(appeal, cast.anna(), days=3)

    clock.forward(dt.timedelta(days=3, seconds=1))
    engine.run_due()

    closed = cast.reread(appeal)
    assert (closed.status, closed.close_kind) == (Status.CLOSED, "no_client_answer")
    assert closed.resolution.kind == ResolutionKind.NO_ANSWER


def test_silence_may_bring_the_appeal_back_instead(appeal, clock):
    wait(appeal, cast.anna(), days=1, on_silence="me")

    clock.forward(dt.timedelta(days=2))
    engine.run_due()

    assert cast.reread(appeal).status == Status.IN_WORK


def test_waiting_before_answering_is_refused(appeal):
    with pytest.raises(handling.NothingAsked):
        act(appeal, "wait", cast.anna(), until=cast.tomorrow(appeal.created_at), on_silence="close", comment="")


def test_an_appeal_goes_to_another_operator_by_an_ordinary_offer(appeal):
    cast.at_work(cast.igor())

    handed = transfer(appeal, cast.anna(), "operator", operator_id=cast.igor().id)
    assert (handed.status, handed.preferred_operator_id) == (Status.QUEUED, cast.igor().id)
    accepted = cast.accepted(handed, cast.igor())

    assert accepted.operator_id == cast.igor().id
    assert load_of(cast.anna()) == 0
    assert load_of(cast.igor()) == 1


def test_an_appeal_goes_to_another_queue_and_keeps_its_first_arrival(appeal, clock):
    delivery = cast.a_queue("delivery")
    db.session.commit()
    arrived = appeal.enqueued_at
    clock.forward(dt.timedelta(minutes=20))

    handed = transfer(appeal, cast.anna(), "queue", queue_id=delivery.id)

    assert handed.queue.code == "delivery"
    assert handed.enqueued_at == arrived
    assert handed.transfers == 1


def test_an_appeal_meant_for_a_group_reaches_only_its_members(appeal):
    payments = cast.a_group("payments", cast.igor())
    cast.a_queue("payment", payments)
    db.session.commit()
    cast.at_work(cast.anna(), cast.igor())

    handed = transfer(appeal, cast.anna(), "group", group_id=payments.id)
    cast.accepted(handed, cast.igor())

    assert cast.reread(appeal).operator_id == cast.igor().id


def test_a_transfer_to_a_closed_queue_is_refused_at_the_field(appeal):
    closed = cast.a_queue("old")
    closed.is_active = False
    db.session.commit()

    with pytest.raises(handling.queues.NoSuchQueue) as refused:
        transfer(appeal, cast.anna(), "queue", queue_id=closed.id)

    assert "queue_id" in refused.value.fields()


def test_a_transfer_without_a_reason_is_refused(appeal):
    with pytest.raises(handling.CommentTooShort):
        act(
            appeal, "transfer", cast.anna(),
            target="operator", operator_id=cast.igor().id, queue_id=None, group_id=None, comment="эй",
        )  # fmt: skip


def test_spam_ends_the_appeal(appeal):
    assert act(appeal, "spam", cast.anna(), comment="").status == Status.SPAM


def test_acting_on_what_somebody_changed_meanwhile_names_who_when_and_what(appeal):
    stale = cast.reread(appeal).version
    postpone(appeal, cast.anna(), hours=1)

    with pytest.raises(lifecycle.StaleVersion) as refused, unit_of_work():
        acting.act(
            appeal.id, "close", by=cast.anna(), expected_version=stale, seen_message_id=99,
            answers={"resolution_id": cast.a_resolution().id},
        )  # fmt: skip

    assert "Анна Котова" in refused.value.sentence()
    assert "12:00" in refused.value.sentence()


@pytest.mark.parametrize("outcome", ["close", "postpone", "wait"])
def test_a_client_who_writes_meanwhile_is_not_passed_over(appeal, outcome):
    seen = cast.reread(appeal).last_client_message_id
    answer(appeal, cast.anna())
    cast.arrives(cast.a_letter("Стойте!", References="<a@x>"))

    with pytest.raises(conversation.ClientWroteMeanwhile), unit_of_work():
        acting.act(
            appeal.id, outcome, by=cast.anna(), expected_version=cast.reread(appeal).version, seen_message_id=seen,
            answers={},
        )  # fmt: skip

    assert cast.reread(appeal).status == Status.IN_WORK


def test_closing_past_the_client_may_be_confirmed(appeal):
    cast.arrives(cast.a_letter("Спасибо!", References="<a@x>"))

    with unit_of_work():
        acting.act(
            appeal.id, "close", by=cast.anna(), expected_version=cast.reread(appeal).version, seen_message_id=0,
            confirmed=True,
            answers={"topic_id": cast.a_topic().id, "resolution_id": cast.a_resolution().id, "comment": ""},
        )  # fmt: skip

    assert cast.reread(appeal).status == Status.CLOSED


def test_a_waiting_appeal_is_pulled_back_to_work(appeal):
    waiting = wait(appeal, cast.anna())

    with unit_of_work():
        acting.recall(waiting.id, by=cast.anna(), back_to="work", expected_version=waiting.version)

    assert cast.reread(appeal).status == Status.IN_WORK


def test_a_postponed_appeal_is_pulled_back_to_its_queue(appeal):
    postponed = postpone(appeal, cast.anna(), hours=3)

    with unit_of_work():
        acting.recall(postponed.id, by=cast.anna(), back_to="queue", expected_version=postponed.version)

    assert cast.reread(appeal).status == Status.QUEUED


def test_a_closing_is_taken_back_within_a_minute(appeal, clock):
    close(appeal, cast.anna())
    clock.forward(dt.timedelta(seconds=59))

    with unit_of_work():
        acting.undo_closing(appeal.id, by=cast.anna())

    assert cast.reread(appeal).status == Status.IN_WORK
    assert cast.reread(appeal).closed_at is None


def test_a_closing_stands_after_a_minute(appeal, clock):
    close(appeal, cast.anna())
    clock.forward(dt.timedelta(seconds=61))

    with pytest.raises(acting.TooLateToReopen), unit_of_work():
        acting.undo_closing(appeal.id, by=cast.anna())


def test_an_unanswered_appeal_escalates_once(clock):
    appeal = cast.an_appeal("Ответьте же")
    rank = appeal.rank_at

    clock.forward(dt.timedelta(hours=9))
    engine.run_due()
    clock.forward(dt.timedelta(hours=9))
    engine.run_due()

    escalated = cast.reread(appeal)
    assert escalated.escalation == 1
    assert escalated.rank_at < rank
    assert cast.story(appeal.key).count("appeal.escalated") == 1


def test_a_vip_client_who_waits_in_vain_goes_two_targets_ahead_and_the_table_says_why(clock):
    cast.petrov().segment = "vip"
    db.session.commit()
    appeal = cast.an_appeal("Ответьте же")
    rank = appeal.rank_at

    clock.forward(dt.timedelta(hours=9))
    engine.run_due()

    escalated = cast.reread(appeal)
    assert (escalated.escalation, rank - escalated.rank_at) == (2, 2 * escalated.queue.target)
    assert escalated.verdicts["escalation"]["rows"][0]["reason"] == "A VIP client waits in vain"
    assert escalated.facts["queue"] == "general", "what it entered its queue with stays"


def test_what_its_operator_has_in_work_is_his_alone(appeal, clock):
    clock.forward(dt.timedelta(hours=9))
    engine.run_due()

    assert cast.reread(appeal).escalation == 0
    assert "appeal.escalated" not in cast.story(appeal.key)


def test_every_stretch_of_ownership_is_kept(appeal):
    wait(appeal, cast.anna())
    cast.arrives(cast.a_letter("Да", References="<a@x>"))
    close(appeal, cast.anna())

    segments = db.session.scalars(
        db.select(Assignment).where(Assignment.appeal_id == appeal.id).order_by(Assignment.id)
    )
    assert [segment.release_kind for segment in segments] == ["waiting", "closed"]
