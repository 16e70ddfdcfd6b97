"""Facts that become notifications (2.2.7, 3.8.1)."""

import datetime as dt

import pytest

from cec.appeals import acting, conversation, delivering
from cec.appeals.models import Message, MessageState
from cec.channels.channel import Refused, Unknown
from cec.distribution import choosing, offering
from cec.notifications import deadlines, queries, reading, telling, words
from cec.notifications.models import Kind, Notification
from cec.platform import clock as time
from cec.platform import live, work
from cec.platform.db import db, unit_of_work
from cec.staff import presence
from cec.staff.models import Presence
from cec.workflow import engine
from tests import cast
from tests.stories import act, answer, close, postpone, transfer, wait


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    cast.petrov()
    db.session.commit()


@pytest.fixture
def appeal():
    return cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna())


@pytest.fixture
def heard(monkeypatch):
    """What the screens are told."""
    said = []
    announce = live.announce
    monkeypatch.setattr(live, "announce", lambda *notice: (said.append(notice), announce(*notice)))
    return said


def writes(appeal, words="А ещё вопрос", **headers):
    cast.arrives(cast.a_letter(words, In_Reply_To="<a@x>", **headers))


def of(employee):
    """What the person was told, oldest first."""
    db.session.expire_all()
    mine = db.select(Notification).where(Notification.employee_id == employee.id).order_by(Notification.id)
    return list(db.session.scalars(mine))


def whats(employee):
    return [each.what for each in of(employee)]


def test_a_client_who_writes_is_told_to_whom_the_appeal_belongs_and_to_nobody_else(appeal, heard):
    writes(appeal)

    (told,) = of(cast.anna())
    assert (told.what, told.kind, told.appeal_id, told.read_at) == ("client_wrote", Kind.INFO, appeal.id, None)
    assert words.of(told).title == "Клиент написал"
    assert words.of(told).about == f"Пётр Петров · {appeal.number}"
    assert of(cast.igor()) == []
    assert ("notice", cast.anna().key) in heard


def test_a_new_appeal_and_its_offer_are_no_notifications(appeal):
    cast.an_appeal(sender="sidorov@client.example")
    choosing.distribute()

    assert of(cast.anna()) == []


def test_a_client_who_writes_before_the_offer_is_accepted_is_seen_in_the_offer():
    cast.an_appeal(message_id="<a@x>")
    cast.at_work(cast.anna())
    choosing.distribute()

    writes(None)

    assert of(cast.anna()) == []


def test_an_automatic_answer_is_no_word_of_the_client(appeal):
    writes(appeal, Auto_Submitted="auto-replied")

    assert of(cast.anna()) == []


def test_more_messages_of_one_appeal_are_one_notification_with_a_number(appeal, clock):
    writes(appeal)
    first = of(cast.anna())[0].stamp
    clock.forward(dt.timedelta(seconds=10))
    writes(appeal, "И ещё")

    (told,) = of(cast.anna())
    assert (told.count, told.last_at) == (2, time.now())
    assert told.stamp == first, "within half a minute it does not ring again"

    clock.forward(dt.timedelta(minutes=5))
    writes(appeal, "Вы здесь?")
    (told,) = of(cast.anna())
    assert told.count == 3
    assert told.stamp != first


def test_what_was_read_long_ago_is_told_anew(appeal, clock):
    writes(appeal)
    with unit_of_work():
        reading.read_all(by=cast.anna())
    clock.forward(dt.timedelta(minutes=1))

    writes(appeal, "Вы здесь?")

    assert [each.count for each in of(cast.anna())] == [1, 1]


def test_what_comes_right_after_reading_is_counted_and_unread_again(appeal, clock):
    writes(appeal)
    with unit_of_work():
        reading.read_all(by=cast.anna())
    clock.forward(dt.timedelta(seconds=20))

    writes(appeal, "И ещё")

    (told,) = of(cast.anna())
    assert (told.count, told.read_at) == (2, None)


def test_the_appeal_before_the_eyes_is_told_as_read_and_silently(appeal, heard):
    with unit_of_work():
        reading.look_at(appeal.id, by=cast.anna())
    heard.clear()

    writes(appeal)

    (told,) = of(cast.anna())
    assert told.read_at is not None
    assert ("notice", cast.anna().key) not in heard


def test_a_window_that_says_nothing_any_more_looks_at_nothing(appeal, clock):
    with unit_of_work():
        reading.look_at(appeal.id, by=cast.anna())
    clock.forward(dt.timedelta(minutes=2))

    writes(appeal)

    assert of(cast.anna())[0].read_at is None


def test_who_looks_away_is_told(appeal):
    with unit_of_work():
        reading.look_at(appeal.id, by=cast.anna())
        reading.look_at(None, by=cast.anna())

    writes(appeal)

    assert of(cast.anna())[0].read_at is None


def test_looking_at_an_appeal_reads_what_it_told(appeal, heard):
    writes(appeal)
    heard.clear()

    with unit_of_work():
        reading.look_at(appeal.id, by=cast.anna())

    assert of(cast.anna())[0].read_at is not None
    assert ("notice", cast.anna().key) in heard


def test_what_anna_does_herself_is_told_to_nobody(appeal):
    answer(appeal, cast.anna())
    postpone(appeal, cast.anna(), hours=1)
    with unit_of_work():
        acting.recall(appeal.id, by=cast.anna(), back_to="work", expected_version=cast.reread(appeal).version)
    close(appeal, cast.anna())

    assert of(cast.anna()) == []


def test_who_is_handed_an_appeal_is_told_by_whom_and_why(appeal):
    transfer(appeal, cast.anna(), "operator", operator_id=cast.igor().id)

    (told,) = of(cast.igor())
    assert words.of(told).title == "Анна Котова: вам передано обращение"
    assert words.of(told).detail == "Нужна ваша помощь"
    assert of(cast.anna()) == []


@pytest.mark.parametrize(
    ("outcome", "answers", "what"),
    [
        ("transfer", {"target": "queue", "comment": "Это к доставке"}, "handed_on"),
        ("close", {"comment": ""}, "closed_by"),
        ("spam", {"comment": ""}, "spam_by"),
        ("postpone", {"reason": "other", "comment": "", "return_to": "me"}, "postponed_by"),
        ("wait", {"on_silence": "me", "comment": ""}, "awaiting_by"),
    ],
)
def test_what_a_supervisor_does_with_annas_appeal_is_told_to_anna(appeal, outcome, answers, what):
    answer(appeal, cast.anna())
    places = {
        "transfer": {"queue_id": cast.a_queue().id, "operator_id": None, "group_id": None},
        "close": {"topic_id": cast.a_topic().id, "resolution_id": cast.a_resolution().id},
    }
    soon = {"until": time.now() + dt.timedelta(hours=2)} if outcome in {"postpone", "wait"} else {}

    with unit_of_work():
        task = acting.task_of(cast.reread(appeal))
        engine.complete(task, outcome=outcome, by=cast.boris().key, **answers, **places.get(outcome, {}), **soon)

    (told,) = of(cast.anna())
    assert (told.what, told.kind) == (what, Kind.WARNING)
    assert words.of(told).title.startswith("Борис Лаптев: ваше обращение ")


def test_an_appeal_that_the_system_takes_back_is_told_and_one_that_she_leaves_is_not(appeal):
    def goes(by):
        with unit_of_work():
            presence.set_status(cast.anna(), Presence.BREAK, by=by, source="self")
        work.run_due()

    goes("timer")
    assert whats(cast.anna()) == ["returned"]

    cast.accepted(cast.reread(appeal), cast.anna())
    goes(cast.anna().key)
    assert whats(cast.anna()) == ["returned"]


def test_a_missed_offer_is_told(clock):
    cast.an_appeal()
    cast.at_work(cast.anna())
    choosing.distribute()
    clock.forward(dt.timedelta(minutes=5))

    offering.miss_due()

    assert whats(cast.anna()) == ["missed"]


@pytest.mark.parametrize(("return_to", "what"), [("me", "woke"), ("queue", "woke_to_queue")])
def test_a_postponement_that_is_over_is_told(appeal, clock, return_to, what):
    postpone(appeal, cast.anna(), hours=1, return_to=return_to)
    clock.forward(dt.timedelta(hours=2))

    engine.run_due()

    assert whats(cast.anna()) == [what]


@pytest.mark.parametrize(
    ("on_silence", "what"), [("me", "wait_over"), ("queue", "wait_over_to_queue"), ("close", "closed_unanswered")]
)
def test_a_wait_that_is_over_is_told(appeal, clock, on_silence, what):
    wait(appeal, cast.anna(), days=1, on_silence=on_silence)
    clock.forward(dt.timedelta(days=2))

    engine.run_due()

    assert whats(cast.anna()) == [what]


def test_a_client_who_wakes_a_waiting_appeal_is_told_once(appeal):
    wait(appeal, cast.anna())

    writes(appeal)

    assert whats(cast.anna()) == ["client_wrote"]


def fails(message, outcome):
    with unit_of_work():
        db.session.get_one(Message, message.id).state = MessageState.SENDING
        db.session.flush()
        delivering.settle(message.id, outcome)


def standing():
    db.session.expire_all()
    return queries.standing(cast.anna())


@pytest.mark.parametrize(
    ("outcome", "what"),
    [(Refused("550 no such user", retryable=False), "delivery_failed"), (Unknown(delivering.LOST), "delivery_unknown")],
)
def test_an_answer_that_did_not_arrive_stands_with_reason_and_remedy_until_it_is_sent_again(appeal, outcome, what):
    message = answer(appeal, cast.anna())
    with unit_of_work():
        reading.look_at(appeal.id, by=cast.anna())

    fails(message, outcome)

    (told,) = standing()
    assert (told.what, told.kind, told.read_at) == (what, Kind.ERROR, None), "also before the eyes it waits for a deed"
    assert words.of(told).detail
    assert words.of(told).remedy.startswith("Откройте обращение")

    with unit_of_work():
        conversation.retry(message.id, by=cast.anna())
    assert standing() == []
    assert of(cast.anna())[0].read_at is not None

    fails(message, outcome)
    assert [each.what for each in standing()] == [what]


def test_an_answer_that_arrived_after_all_stands_no_more(appeal):
    message = answer(appeal, cast.anna())
    fails(message, Unknown(delivering.LOST))

    with unit_of_work():
        conversation.confirm_sent(message.id, by=cast.anna())

    assert standing() == []


def test_a_letter_that_comes_back_after_closing_is_told_to_who_had_the_appeal(appeal):
    message = answer(appeal, cast.anna())
    fails(message, Refused("550 no such user", retryable=False))
    with unit_of_work():
        version, seen = cast.reread(appeal).version, appeal.last_client_message_id
        answers = {"topic_id": cast.a_topic().id, "resolution_id": cast.a_resolution().id, "comment": ""}
        acting.act(
            appeal.id, "close", by=cast.anna(), expected_version=version, seen_message_id=seen, answers=answers,
            confirmed=True,
        )  # fmt: skip

    assert standing() == [], "who closes has decided"


def test_delayed_deliveries_and_those_that_arrive_are_no_notifications(appeal):
    message = answer(appeal, cast.anna())

    fails(message, Refused("451 later", retryable=True))

    assert of(cast.anna()) == []


def test_a_deadline_is_told_once_at_three_quarters_and_once_when_it_is_over(appeal, clock):
    due = cast.reread(appeal).due_response
    within = due - time.now()

    def look():
        with unit_of_work():
            return deadlines.look()

    assert look() == 0
    clock.forward(within * 0.76)
    assert (look(), look()) == (1, 0)
    (soon,) = of(cast.anna())
    assert (soon.what, soon.kind) == ("response_soon", Kind.WARNING)
    assert words.of(soon).title.startswith("Ответьте до ")

    clock.to(due)
    assert (look(), look()) == (1, 0)
    soon, over = of(cast.anna())
    assert (over.what, over.read_at) == ("response_over", None)
    assert soon.read_at is not None, "what is over needs no reminder"


def test_the_quarters_of_a_deadline_in_working_time_are_those_of_its_bar(appeal, clock):
    appeal = cast.reread(appeal)
    with unit_of_work():
        # Over a weekend: much more lies between than the eight hours of its queue.
        appeal.due_response = appeal.due_since + dt.timedelta(days=4)

    told = []
    for days in (2.9, 3.1):
        clock.to(appeal.due_since + dt.timedelta(days=days))
        with unit_of_work():
            deadlines.look()
        told.append("response_soon" in whats(cast.anna()))

    assert told == [False, True]


def test_a_new_deadline_is_told_anew_and_an_answered_one_not_at_all(appeal, clock):
    answer(appeal, cast.anna())
    clock.forward(dt.timedelta(hours=1))
    with unit_of_work():
        deadlines.look()
    assert "response_over" not in whats(cast.anna())

    writes(appeal)
    clock.to(cast.reread(appeal).due_response)
    with unit_of_work():
        deadlines.look()

    assert "response_over" in whats(cast.anna())


def test_an_appeal_that_ends_takes_its_errors_out_of_the_window(appeal):
    fails(answer(appeal, cast.anna()), Refused("550 no", retryable=False))

    act(appeal, "spam", cast.anna(), comment="")

    assert standing() == []


def test_a_refused_act_tells_nobody(appeal):
    with pytest.raises(RuntimeError), unit_of_work():
        telling.tell(cast.anna().id, "woke", appeal.id)
        raise RuntimeError

    assert of(cast.anna()) == []


def test_every_thing_that_can_be_told_has_words():
    for what in telling.KINDS:
        assert words.of(
            Notification(
                what=what,
                kind=telling.KINDS[what],
                facts={"who": "А", "to": "Б", "table": "Prioritization", "version": 2, "status": "break", "minutes": 3}
                | (
                    {"due": "2026-11-23T12:00:00+00:00"}
                    if what.startswith(
                        ("response_", "resolution_", "went_idle", "channel_silent", "database_held", "first_")
                    )
                    else {}
                ),
            )
        ).title


def test_the_leader_of_its_group_hears_of_a_vip_client_who_waits_in_vain(clock):
    cast.petrov().segment = "vip"
    cast.a_group().leader_id = cast.boris().id
    cast.vera().roles = ["business_admin", "supervisor"]
    db.session.commit()

    cast.an_appeal("Ответьте же")
    clock.forward(dt.timedelta(hours=9))
    engine.run_due()

    assert [(row.what, row.employee_id) for row in told_all()] == [("escalated", cast.boris().id)]


def test_without_a_leader_every_supervisor_hears_of_it_and_of_others_nobody(clock):
    cast.petrov().segment = "vip"
    boris = cast.boris()
    db.session.commit()

    cast.an_appeal("Ответьте же")
    cast.an_appeal("И мне", sender="sidorov@client.example")
    clock.forward(dt.timedelta(hours=9))
    engine.run_due()

    assert [(row.what, row.employee_id) for row in told_all()] == [("escalated", boris.id)]


def told_all():
    return db.session.scalars(db.select(Notification).order_by(Notification.id)).all()
