"""5.1: the administrator's queues."""

import pytest
from cast import a_group, a_mailbox, a_queue, vera

from cec.queues import editing
from cec.queues.models import Queue


@pytest.fixture
def window(signed_in):
    vera().language = "en"
    return signed_in(vera())


def test_a_queue_is_added_with_the_groups_that_serve_it(window, db):
    group = a_group()
    a_queue()

    answer = window.post("/centre/queues", data={"name": "Доставка", "code": "delivery", "groups": group.id})

    queue = db.session.scalars(db.select(Queue).where(Queue.code == "delivery")).one()
    assert answer.status_code == 303
    assert queue.groups == [group]
    assert not queue.is_default
    assert "Доставка" in window.get("/centre/queues").text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "Доставка", "code": "Delivery", "groups": "own"}, "code"),
        ({"name": "Доставка", "code": "", "groups": "own"}, "code"),
        ({"name": "Доставка", "code": "general", "groups": "own"}, "code"),
        ({"name": " ", "code": "delivery", "groups": "own"}, "name"),
        ({"name": "General", "code": "delivery", "groups": "own"}, "name"),
        ({"name": "Доставка", "code": "delivery"}, "groups"),
        ({"name": "Доставка", "code": "first_line", "groups": "own"}, "groups"),
    ],
)
def test_what_is_wrong_with_a_queue_is_said_at_its_field(window, data, field):
    a_queue()

    answer = window.post("/centre/queues", data=data)

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert [queue.code for queue in editing.list_all()] == ["general"]


def test_a_queue_changes_its_name_and_groups_and_keeps_its_code(window):
    queue, second = a_queue(), a_group("second_line", vera())

    window.post(f"/centre/queues/{queue.id}", data={"name": "Всё", "groups": second.id, "code": "other"})

    assert (queue.name, queue.code, queue.groups) == ("Всё", "general", [second])
    assert not queue.topic_required


def test_a_queue_keeps_somebody_who_serves_it(window):
    queue = a_queue()

    answer = window.post(f"/centre/queues/{queue.id}", data={"name": "Всё"})

    assert answer.status_code == 422
    assert queue.name == "General"


def test_a_queue_that_is_not_there_is_not_found(window):
    assert window.get("/centre/queues/999").status_code == 404
    assert window.post("/centre/queues/999", data={"name": "x"}).status_code == 404


def test_a_queue_gets_a_voice_of_its_own(window):
    queue, box = a_queue(), a_mailbox()

    window.post(
        f"/centre/queues/{queue.id}",
        data={
            "name": "Всё", "groups": queue.groups[0].id, "signature": "Магазин\r\n8 800",
            "sender_name": " Отдел  продаж ", "sender": box.id,
        },
    )  # fmt: skip

    assert (queue.signature, queue.sender_name, queue.sender_account_id) == ("Магазин\n8 800", "Отдел продаж", box.id)
    assert "8 800</textarea>" in window.get(f"/centre/queues/{queue.id}").text


@pytest.mark.parametrize(
    ("data", "field"),
    [({"sender": "99"}, "sender"), ({"sender": "x"}, "sender"), ({"signature": "x" * 2001}, "signature")],
)
def test_a_voice_that_cannot_be_is_told_at_its_field(window, data, field):
    queue = a_queue()

    answer = window.post(f"/centre/queues/{queue.id}", data={"name": "Всё", "groups": queue.groups[0].id, **data})

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text


def test_the_list_says_whether_a_queue_takes_appeals(signed_in, words, db):
    a_queue()
    a_queue("payment")
    a_queue("delivery").is_active = False
    db.session.commit()

    page = words(signed_in(vera()).get("/centre/queues").text)

    for state in ("Принимает всё, что не подошло другим", "Принимает обращения", "Не принимает обращений"):
        assert state in page
