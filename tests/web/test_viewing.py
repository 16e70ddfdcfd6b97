"""Guide 2.2.3: who else looks at an appeal, who writes a note there."""

import datetime as dt
import uuid

import cast
import pytest

from cec.distribution import returning
from cec.platform.db import unit_of_work

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def boris(signed_in, appeal):
    """The browser of the supervisor."""
    return signed_in(cast.boris())


@pytest.fixture
def seen(signed_in, appeal, words):
    """Give a function that tells what Anna reads of those who look."""
    anna = signed_in(cast.anna())
    return lambda: words(anna.get(f"/operator/appeals/{appeal.id}/viewers", headers=PART).text)


def test_an_operator_sees_who_looks_until_he_goes(boris, seen, appeal):
    assert seen() == ""

    assert boris.put(f"/viewing/{appeal.id}").status_code == 204
    assert seen() == f"{cast.boris().name} смотрит"

    boris.delete(f"/viewing/{appeal.id}")
    assert seen() == ""


def test_who_writes_a_note_is_told_to_write(boris, seen, appeal):
    boris.put(f"/viewing/{appeal.id}", data={"writes": "1"})

    assert seen() == f"{cast.boris().name} пишет"


def test_a_window_that_says_nothing_more_is_forgotten(boris, seen, appeal, clock):
    boris.put(f"/viewing/{appeal.id}")
    clock.forward(dt.timedelta(seconds=41))

    assert seen() == ""


def test_nobody_looks_at_what_he_may_not_see(signed_in, appeal):
    igor = signed_in(cast.igor())

    assert igor.put(f"/viewing/{appeal.id}").status_code == 404
    assert igor.get(f"/operator/appeals/{appeal.id}/viewers", headers=PART).status_code == 404


def test_a_window_whose_appeal_went_on_is_told_so_not_that_there_is_none(signed_in, appeal):
    anna = signed_in(cast.anna())
    with unit_of_work():
        returning.return_one(appeal.id, cast.anna().id, "system", returning.OFFLINE)

    assert anna.get(f"/operator/appeals/{appeal.id}/viewers", headers=PART).status_code == 410
    assert anna.put(f"/viewing/{appeal.id}").status_code == 410


def test_a_supervisor_leaves_a_note_for_the_operator(boris, appeal, words, signed_in):
    page = boris.get(f"/appeals/{appeal.id}").text
    assert "Заметка оператору" in words(page)

    answer = boris.post(f"/appeals/{appeal.id}/notes", data={"client_uuid": uuid.uuid4(), "text": "Можно скидку"})

    assert answer.status_code == 303
    anna = signed_in(cast.anna())
    assert "Можно скидку" in words(anna.get(f"/operator/appeals/{appeal.id}", headers=PART).text)


def test_an_empty_note_is_told_at_its_field(boris, appeal, words):
    answer = boris.post(f"/appeals/{appeal.id}/notes", data={"client_uuid": uuid.uuid4(), "text": "  "})

    assert answer.status_code == 422
    assert 'data-error="text"' in answer.text


def test_only_supervisors_leave_notes(signed_in, appeal):
    marina = signed_in(cast.marina())

    assert "Заметка оператору" not in marina.get(f"/appeals/{appeal.id}").text
    answer = marina.post(f"/appeals/{appeal.id}/notes", data={"client_uuid": uuid.uuid4(), "text": "Привет"})
    assert answer.status_code == 403
