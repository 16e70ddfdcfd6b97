"""An appeal that left its operator: when and why, and a way on; others' appeals stay unseen."""

import uuid

import cast

from cec.distribution import returning
from cec.platform.db import unit_of_work
from cec.staff.models import Employee


def returned(appeal, anna: Employee) -> None:
    """Let the appeal go back to its queue."""
    with unit_of_work():
        returning.return_one(appeal.id, anna.id, "system")


def test_who_had_an_appeal_reads_when_and_why_it_went(desk, appeal, words):
    returned(appeal, cast.anna())

    told = words(desk.part(f"/appeals/{appeal.id}?composer=x", 410))

    assert "обращение не у вас" in told
    assert "Возвращено в очередь" in told
    assert "К списку" in told


def test_what_is_sent_into_it_is_refused_with_the_same_words(desk, appeal, words):
    returned(appeal, cast.anna())

    sent = {"client_uuid": uuid.uuid4(), "seen_message_id": 0, "text": "Уже везём"}
    assert "обращение не у вас" in words(desk.act(f"/appeals/{appeal.id}/messages", 410, **sent))


def test_the_next_appeal_is_the_way_on(desk, appeal, words):
    other = cast.accepted(cast.an_appeal("Ещё вопрос", subject="Другой"), cast.anna())
    returned(appeal, cast.anna())

    part = desk.part(f"/appeals/{appeal.id}?composer=x", 410)

    assert "Открыть следующее" in words(part)
    assert f'href="/operator/appeals/{other.id}"' in part


def test_an_appeal_that_was_never_hers_is_none(desk):
    cast.petrov()
    desk.part(f"/appeals/{cast.an_appeal().id}?composer=x", 404)
    desk.part("/appeals/999999?composer=x", 404)
