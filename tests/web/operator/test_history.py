"""Guide 2.2.5, 3.5: the history of a client, and an earlier appeal to read."""

import re

import cast
import pytest
import stories

from cec.appeals import opening
from cec.appeals.models import Appeal, Message, MessageState
from cec.clients.models import Client
from cec.platform.db import db, unit_of_work
from cec.staff import presence
from cec.staff.models import Presence


@pytest.fixture
def earlier(desk) -> Appeal:
    """Give an appeal of Petrov's about a broken chair, which Igor has closed before he went."""
    cast.petrov()
    igor = cast.igor()
    old = cast.accepted(cast.an_appeal("Сломался стул", subject="Стул"), igor)
    stories.answer(old, igor, "Ножку вышлем завтра")
    with unit_of_work():
        db.session.execute(db.update(Message).where(Message.direction == "out").values(state=MessageState.SENT))
    stories.close(old, igor)
    with unit_of_work():
        presence.set_status(igor, Presence.NOT_ACCEPTING, by=igor.key, source="self")
    return cast.reread(old)


@pytest.fixture
def appeal(earlier) -> Appeal:
    """Give an appeal of Petrov's that Anna has in work: it is not kept for Igor."""
    appeal = cast.an_appeal()
    with unit_of_work():
        cast.reread(appeal).preferred_operator_id = None
    return cast.accepted(appeal, cast.anna())


def test_tabs_say_how_many_appeals_the_client_has(desk, appeal, earlier, words):
    page = desk.part(f"/appeals/{appeal.id}")

    assert 'role="tab"' in page
    assert "История 2" in words(page)
    assert "2 обращения" in words(page)


def test_of_very_many_it_says_that_there_are_more(desk, appeal, earlier, words, monkeypatch):
    monkeypatch.setattr(opening, "MOST_COUNTED", 2)
    cast.an_appeal("Ещё вопрос")

    page = words(desk.part(f"/appeals/{appeal.id}"))

    assert "История 2+" in page
    assert "2+ обращения" in page


def test_the_history_lists_all_appeals_of_the_client(desk, appeal, earlier, words):
    listed = words(desk.part(f"/appeals/{appeal.id}/history"))

    assert earlier.number in listed
    assert "Игорь" in listed
    assert "Закрыто" in listed
    assert "это обращение" in listed


def test_words_of_the_conversation_find_their_appeal(desk, appeal, earlier, words):
    found = words(desk.part(f"/appeals/{appeal.id}/history?rows=1&words=ножку"))
    nothing = words(desk.part(f"/appeals/{appeal.id}/history?rows=1&words=%25"))

    assert earlier.number in found
    assert appeal.number not in found
    assert "Ничего не нашлось" in nothing


def test_the_history_is_narrowed_to_what_is_open(desk, appeal, earlier, words):
    found = words(desk.part(f"/appeals/{appeal.id}/history?rows=1&state=open"))

    assert appeal.number in found
    assert earlier.number not in found


def test_an_earlier_one_is_read_with_its_words_and_no_buttons(desk, appeal, earlier, words):
    drawn = desk.part(f"/history/{earlier.id}")

    assert "Ножку вышлем завтра" in words(drawn)
    assert "Только чтение" in words(drawn)
    assert "hx-post" not in drawn
    assert "hx-delete" not in drawn


def test_letters_of_an_earlier_appeal_can_be_read(desk, appeal, earlier):
    desk.part(f"/messages/{earlier.last_client_message_id}/letter/content")


def test_appeals_of_clients_whom_he_does_not_serve_do_not_exist(desk, earlier):
    stranger = cast.an_appeal(sender="other@client.example")

    desk.part(f"/history/{stranger.id}", status=404)
    desk.part(f"/appeals/{stranger.id}/history", status=404)


def test_a_client_with_ten_thousand_appeals_opens_at_once(desk, appeal, words):
    db.session.execute(
        db.text("""
            INSERT INTO appeal (number, channel, channel_account_id, address_id, client_id, subject, status,
                                status_since, version, points, verdicts, created_at, transfers, postponements,
                                escalation, seen_message_id)
            SELECT 'old-' || n, channel, channel_account_id, address_id, client_id, 'Old ' || n, 'closed',
                   status_since, 1, 0, '{}', created_at, 0, 0, 0, 0
            FROM appeal, generate_series(1, 10000) AS n WHERE id = :id"""),
        {"id": appeal.id},
    )
    db.session.commit()

    page = desk.part(f"/appeals/{appeal.id}")
    listed = desk.part(f"/appeals/{appeal.id}/history")

    assert re.search(r"1.000\+ обращений", words(page))
    assert listed.count('class="block past"') == 30
    older = re.search(r'hx-get="/operator([^"]*before[^"]*)"', listed)[1].replace("&amp;", "&")
    assert desk.part(older).count('class="block past"') == 30


def test_who_has_no_client_yet_has_the_history_of_his_address(desk, words):
    first = cast.accepted(cast.an_appeal(sender="new@client.example"), cast.anna())
    second = cast.an_appeal("И ещё вопрос", sender="new@client.example", subject="Другое")

    assert second.number in words(desk.part(f"/appeals/{first.id}/history"))
    assert db.session.scalar(db.select(db.func.count()).select_from(Client)) == 0
