"""Guide 2.2.2, 2.4: finding appeals and clients from the top panel."""

import cast
import pytest
import stories

from cec.appeals.models import Appeal


@pytest.fixture
def closed(desk, appeal) -> Appeal:
    """Give the appeal of Petrov's that Anna has closed."""
    return stories.close(appeal, cast.anna())


@pytest.mark.parametrize("asked", ["петров", "ПЁТР", "petrov@", "заказ", "{number}", "{tail}"])
def test_an_own_appeal_is_found_by_name_address_subject_and_number(desk, appeal, words, asked):
    found = desk.part("/search?words=" + asked.format(number=appeal.number, tail=appeal.number[-2:]))

    assert appeal.number in words(found)
    assert f'hx-get="/operator/appeals/{appeal.id}"' in found


def test_a_client_is_found_with_his_appeals(desk, appeal, words):
    found = words(desk.part("/search?words=петров"))

    assert "Клиенты" in found
    assert "1 обращение" in found


def test_what_is_closed_opens_to_be_read(desk, closed):
    found = desk.part(f"/search?words={closed.number}")

    assert f'hx-get="/operator/history/{closed.id}"' in found
    assert f'hx-get="/operator/appeals/{closed.id}"' not in found


def test_appeals_of_people_whom_he_never_served_are_not_found(desk, appeal, words):
    stranger = cast.an_appeal(sender="Сидор <sidor@client.example>", subject="Секрет")

    assert "ничего нет" in words(desk.part("/search?words=секрет"))
    assert "ничего нет" in words(desk.part(f"/search?words={stranger.number}"))
    assert "ничего нет" in words(desk.part("/search?words=sidor"))


@pytest.mark.parametrize("asked", ["", "пе", "7", "  п "])
def test_too_few_signs_say_how_many_are_needed(desk, appeal, words, asked):
    assert "не меньше 3 символов" in words(desk.part(f"/search?words={asked}"))


@pytest.mark.parametrize("asked", ["%25%25%25", "___", "\\\\\\", "' or 1=1 --", "%00%00%00abc"])
def test_signs_of_patterns_are_only_signs(desk, appeal, words, asked):
    assert "ничего нет" in words(desk.part(f"/search?words={asked}"))
