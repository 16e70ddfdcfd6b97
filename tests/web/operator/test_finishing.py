"""Guide 3.7: outcomes through the forms of the diagram; pulling back; reopening."""

import datetime as dt

import cast
import pytest
import stories

from cec.appeals.models import Status
from cec.platform.db import unit_of_work
from cec.workflow import inbox


@pytest.fixture
def finish(desk, appeal):
    """Give a function that opens the form of an outcome and sends it filled in."""

    def send(outcome: str, status: int = 200, **fields: object) -> str:
        now = cast.reread(appeal)
        seen = {"expected_version": now.version, "seen_message_id": now.last_client_message_id}
        return desk.act(f"/appeals/{appeal.id}/outcomes/{outcome}", status, **{**seen, **fields})

    return send


def in_an_hour(clock_now: dt.datetime = dt.datetime(2026, 11, 23, 12, 0)) -> str:  # noqa: DTZ001 - a wall clock
    """An hour after the stories begin, on the wall clock of Kazan."""
    return f"{clock_now + dt.timedelta(hours=1):%Y-%m-%dT%H:%M}"


def test_the_buttons_are_the_outcomes_of_the_diagram(desk, appeal, words):
    outcomes = inbox.outcomes(inbox.get_open(appeal.key))

    drawn = desk.part(f"/appeals/{appeal.id}")

    assert len(outcomes) >= 5
    for outcome in outcomes:
        assert f'id="outcome-{outcome.id}"' in drawn
        assert not outcome.key or f'data-key="{outcome.key}"' in drawn


def test_every_outcome_with_a_form_has_a_sheet(desk, appeal, hidden):
    for outcome in inbox.outcomes(inbox.get_open(appeal.key)):
        if outcome.form:
            sheet = desk.part(f"/appeals/{appeal.id}/outcomes/{outcome.id}")
            assert hidden(sheet, "expected_version") == str(appeal.version)


def test_a_sheet_leads_to_its_section_of_the_guide(desk, appeal):
    assert 'href="/help/3.7.3"' in desk.part(f"/appeals/{appeal.id}/outcomes/close")


def test_a_sheet_offers_the_choices_of_the_directory(desk, appeal, words):
    sheet = words(desk.part(f"/appeals/{appeal.id}/outcomes/close"))

    assert "Доставка › Где заказ" in sheet
    assert "Solved" in sheet
    assert "Клиент ждёт ответа." in sheet


def test_closing_leads_to_the_next_appeal_and_can_be_taken_back(desk, appeal, finish, words):
    following = cast.accepted(cast.an_appeal("Второе", sender="li@client.example"), cast.anna())

    part = finish("close", topic_id=cast.a_topic().id, resolution_id=cast.a_resolution().id, comment="")

    assert cast.reread(appeal).status == Status.CLOSED
    assert desk.answer.headers["HX-Push-Url"] == f"/operator/appeals/{following.id}"
    assert f"Обращение {appeal.number} закрыто." in words(part)
    desk.act(f"/appeals/{appeal.id}/closing", method="delete")
    assert cast.reread(appeal).status == Status.IN_WORK


def test_a_closing_is_final_after_a_minute(desk, appeal, finish, clock):
    finish("close", topic_id=cast.a_topic().id, resolution_id=cast.a_resolution().id, comment="")
    clock.forward(dt.timedelta(seconds=61))

    part = desk.act(f"/appeals/{appeal.id}/closing", status=409, method="delete")

    assert 'data-refusal="TooLateToReopen"' in part


def test_a_missing_resolution_is_told_at_its_field(finish, appeal):
    part = finish("close", status=422, topic_id=cast.a_topic().id, comment="почти всё")

    assert 'data-field="resolution_id"' in part
    assert cast.reread(appeal).status == Status.IN_WORK


def test_a_postponement_into_the_past_is_told_at_its_field(finish, appeal):
    part = finish("postpone", status=422, until="2026-11-22T09:00", reason="other", return_to="me", comment="")

    assert 'data-field="until"' in part
    assert "Выберите время в будущем" in part
    assert cast.reread(appeal).status == Status.IN_WORK


def test_a_moment_is_read_in_the_zone_of_the_branch(finish, appeal):
    finish("postpone", until=in_an_hour(), reason="other", return_to="me", comment="")

    assert cast.reread(appeal).wake_at == dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)


def test_a_transfer_to_a_closed_queue_is_refused(finish, appeal, db):
    closed = cast.a_queue("payment")
    with unit_of_work():
        closed.is_active = False

    part = finish("transfer", status=422, target="queue", queue_id=closed.id, comment="Разберитесь, пожалуйста")

    assert 'data-field="queue_id"' in part
    assert cast.reread(appeal).status == Status.IN_WORK


def test_a_transfer_needs_words(finish, appeal):
    part = finish("transfer", status=422, target="queue", queue_id=cast.a_queue("payment").id, comment="ну")

    assert 'data-field="comment"' in part


def test_a_transferred_appeal_is_gone_from_the_desk(desk, finish, appeal, words):
    part = finish("transfer", target="queue", queue_id=cast.a_queue("payment").id, comment="Это к вам")

    assert f"Обращение {appeal.number} передано." in words(part)
    desk.page(f"/appeals/{appeal.id}", status=410)


def test_waiting_needs_an_answer_first(desk, finish, appeal, words):
    drawn = desk.part(f"/appeals/{appeal.id}")
    assert 'aria-describedby="why-wait"' in drawn
    assert "сначала ответьте" in words(drawn)

    part = finish("wait", status=409, until=in_an_hour(), on_silence="close", comment="")

    assert 'data-refusal="NothingAsked"' in part


def test_an_appeal_that_waits_comes_back_when_pulled(desk, appeal, words):
    waiting = stories.wait(appeal, cast.anna())

    desk.act(f"/appeals/{appeal.id}/recall", then="work", expected_version=waiting.version)

    assert cast.reread(appeal).status == Status.IN_WORK


@pytest.mark.parametrize("put_aside", [stories.wait, lambda *who: stories.postpone(*who, hours=2)])
def test_what_waits_can_be_closed_as_from_work(desk, appeal, words, put_aside):
    aside = put_aside(appeal, cast.anna())

    sheet = desk.part(f"/appeals/{appeal.id}/outcomes/close")
    answers = {"topic_id": cast.a_topic().id, "resolution_id": cast.a_resolution().id, "comment": "По телефону"}
    seen = {"expected_version": aside.version, "seen_message_id": aside.last_client_message_id}
    refused = desk.act(f"/appeals/{appeal.id}/outcomes/close", status=422, **seen, **(answers | {"resolution_id": ""}))
    part = desk.act(f"/appeals/{appeal.id}/outcomes/close", **seen, **answers)

    assert "Решение" in words(sheet)
    assert "resolution_id" in refused
    assert "закрыто" in words(part)
    assert (cast.reread(appeal).status, cast.reread(appeal).resolution_id) == (Status.CLOSED, cast.a_resolution().id)
    assert "appeal.closed" in cast.story(appeal.key)


def test_a_postponed_appeal_can_be_given_to_its_queue(desk, appeal, words):
    aside = stories.postpone(appeal, cast.anna(), hours=2)

    part = desk.act(f"/appeals/{appeal.id}/recall", then="queue", expected_version=aside.version)

    assert "передано" in words(part)
    assert cast.reread(appeal).status == Status.QUEUED


def test_a_stale_act_says_who_did_what(desk, appeal, finish, words):
    before = appeal.version
    stories.postpone(appeal, cast.anna(), hours=2)
    with unit_of_work():
        desk_version = cast.reread(appeal).version

    part = desk.act(f"/appeals/{appeal.id}/recall", status=409, then="work", expected_version=before)

    assert desk_version > before
    assert 'data-refusal="StaleVersion"' in part
    assert "Анна Котова" in words(part)
    assert "Отложено" in words(part)


def test_who_presses_a_button_that_is_gone_is_told_what_happened(appeal, finish, words):
    before = appeal.version
    stories.postpone(appeal, cast.anna(), hours=2)

    part = finish("transfer", status=409, expected_version=before, target="queue", comment="Ваше")

    assert 'data-refusal="StaleVersion"' in part
    assert "Отложено" in words(part)


def test_what_waits_offers_closing_only(desk, appeal):
    stories.wait(appeal, cast.anna())

    drawn = desk.part(f"/appeals/{appeal.id}")

    assert 'id="outcome-close"' in drawn
    assert drawn.count('id="outcome-') == 1
    desk.act(f"/appeals/{appeal.id}/outcomes/transfer", 404, expected_version=cast.reread(appeal).version)


def test_the_client_who_writes_meanwhile_is_not_closed_over_unless_confirmed(finish, appeal, client_writes):
    seen = appeal.last_client_message_id
    client_writes("И ещё вопрос")
    closing = {"topic_id": cast.a_topic().id, "resolution_id": cast.a_resolution().id, "seen_message_id": seen}

    refused = finish("close", status=409, comment="", **closing)
    assert 'data-refusal="ClientWroteMeanwhile"' in refused
    assert cast.reread(appeal).status == Status.IN_WORK

    finish("close", comment="", confirmed="1", **closing)
    assert cast.reread(appeal).status == Status.CLOSED


@pytest.mark.parametrize(
    ("outcome", "answers"),
    [("postpone", {"reason": "other", "return_to": "me"}), ("wait", {"on_silence": "close"})],
)
def test_the_client_who_writes_meanwhile_is_answered_before_his_appeal_is_put_aside(
    desk, finish, appeal, client_writes, words, outcome, answers
):
    stories.answer(appeal, cast.anna())
    sheet = desk.part(f"/appeals/{appeal.id}/outcomes/{outcome}")
    seen = cast.reread(appeal).last_message_id
    client_writes("И ещё вопрос")
    filled = {"until": in_an_hour(), "comment": "", "seen_message_id": seen, **answers}

    for more in ({}, {"confirmed": "1"}):
        refused = finish(outcome, status=409, **filled, **more)
        assert "сначала прочитайте новое сообщение и ответьте на него" in words(refused)

    assert "Закрыть всё равно" not in words(sheet)
    assert cast.reread(appeal).status == Status.IN_WORK


def test_spam_is_put_away(finish, appeal):
    finish("spam", comment="")

    assert cast.reread(appeal).status == Status.SPAM


def test_an_outcome_that_the_diagram_does_not_have_does_not_exist(desk, appeal):
    desk.part(f"/appeals/{appeal.id}/outcomes/explode", status=404)
    desk.act(f"/appeals/{appeal.id}/outcomes/explode", status=404, expected_version=appeal.version)
