"""Guide 3.2.2, 3.2.3: one appeal: header, feed, why, topic, what was read."""

import re

import cast
import stories


def test_the_feed_tells_days_messages_and_what_happened(desk, appeal, words):
    part = words(desk.part(f"/appeals/{appeal.id}"))

    assert "Сегодня, 23 ноября 2026" in part
    assert "Где мой заказ?" in part
    assert "Предложено: Вы" in part
    assert "Взято в работу: Вы" in part


def test_the_number_of_a_priority_opens_to_its_rows(desk, appeal, words):
    part = words(desk.part(f"/appeals/{appeal.id}/why"))

    assert "Приоритет" in part
    assert "Почему назначено вам" in part


def test_a_topic_is_chosen_from_the_leaves(desk, appeal, words):
    topic = cast.a_topic()
    offered = words(desk.part(f"/appeals/{appeal.id}/topics"))
    assert "Доставка › Где заказ" in offered

    part = words(desk.act(f"/appeals/{appeal.id}/topic", method="put", topic_id=topic.id))

    assert "Тематика «Доставка › Где заказ»" in part
    assert cast.reread(appeal).topic_id == topic.id


def test_a_branch_is_no_topic(desk, appeal, words):
    desk.act(f"/appeals/{appeal.id}/topic", status=422, method="put", topic_id=cast.a_topic().parent_id)

    assert cast.reread(appeal).topic_id is None


def test_what_was_read_is_kept_on_the_server(desk, appeal):
    drawn = desk.part(f"/appeals/{appeal.id}")
    unseen = re.search(r'data-unseen="(\d+)"', drawn)
    assert unseen
    assert "newline" in drawn

    desk.act(f"/appeals/{appeal.id}/seen", status=204, message_id=unseen[1])

    assert 'data-unseen="' not in desk.part(f"/appeals/{appeal.id}")
    assert cast.reread(appeal).seen_message_id == int(unseen[1])


def test_a_redrawn_panel_keeps_its_composer_and_the_line_before_what_is_new(desk, appeal):
    drawn = desk.part(f"/appeals/{appeal.id}")
    kept = re.search(r'hx-get="([^"]*composer=[^"]*)"', drawn)[1].replace("&amp;", "&")
    bottom = re.search(r'id="(bottom-[^"]*)"', drawn)[1]
    desk.act(f"/appeals/{appeal.id}/seen", status=204, message_id=re.search(r'data-unseen="(\d+)"', drawn)[1])

    again = desk.part(kept.removeprefix("/operator"))

    assert f'id="{bottom}"' in again
    assert 'id="newline"' in again


def test_an_appeal_that_waits_can_be_pulled_back_but_not_answered(desk, appeal, words):
    stories.wait(appeal, cast.anna())

    part = desk.part(f"/appeals/{appeal.id}")

    assert "Вернуть в работу" in words(part)
    assert f"/appeals/{appeal.id}/notes" in part
    assert f"/appeals/{appeal.id}/messages" not in part
