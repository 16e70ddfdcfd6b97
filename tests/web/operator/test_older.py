"""Guide 2.2.3: a long conversation shows its newest messages and the older ones page by page."""

import re

import cast
import pytest
from sqlalchemy import text

from cec.platform.db import unit_of_work


@pytest.fixture
def long_one(appeal, db):
    """Petrov's appeal has 450 more messages."""
    with unit_of_work():
        db.session.execute(
            text("""
                INSERT INTO message (appeal_id, direction, state, channel_account_id, text,
                                     subject, headers, undelivered, created_at, attempts)
                SELECT :appeal, 'in', 'received', :account, 'Письмо ' || n || '.', '', '{}', '{}',
                       cast(:now as timestamptz) + n * interval '1 second', 0
                FROM generate_series(1, 450) n"""),
            {"appeal": appeal.id, "account": appeal.channel_account_id, "now": appeal.created_at},
        )
    return cast.reread(appeal)


def numbers(part):
    return [int(number) for number in re.findall(r"<p>Письмо (\d+)\.", part)]


def test_the_older_messages_come_page_by_page_each_once(desk, long_one):
    page = desk.part(f"/appeals/{long_one.id}")
    seen = [numbers(page)]
    for _ in range(3):
        asked = re.search(rf"/appeals/{long_one.id}/older\?before=\d+", page)
        if not asked:
            break
        page = desk.part(asked[0])
        seen.insert(0, numbers(page))

    assert [len(each) for each in seen] == [50, 200, 200]
    assert [number for each in seen for number in each] == list(range(1, 451))
    assert "Где мой заказ?" in page


def test_a_redrawn_feed_begins_where_it_began(desk, long_one, client_writes):
    page = desk.part(f"/appeals/{long_one.id}")
    again = re.search(r'hx-get="/operator(/appeals/\d+\?composer=[^"]*)"', page)[1].replace("&amp;", "&")
    client_writes("Письмо 451.")

    assert sorted(numbers(desk.part(again))) == list(range(251, 452))


def test_messages_above_one_of_another_appeal_do_not_exist(desk, appeal, long_one):
    other = cast.an_appeal("Другое")

    desk.part(f"/appeals/{long_one.id}/older?before={other.last_client_message_id}", status=404)
