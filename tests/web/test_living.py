"""A demo centre says that it is one: how much goes on is chosen in the top panel, and it begins anew by one button."""

import pytest
from cast import anna, petrov, vera

from cec.living import tempo
from cec.living.tempo import Tempo


@pytest.fixture
def lives(settings):
    """Somebody lives in this centre; its folder is as before afterwards."""
    run = settings.data / "run"
    run.mkdir(exist_ok=True)
    (run / "living.pid").touch()
    yield settings.data
    for path in (run / "living.pid", run / "anew", settings.data / "tempo"):
        path.unlink(missing_ok=True)


def test_who_tries_the_demo_chooses_how_much_goes_on(signed_in, lives):
    window = signed_in(anna())
    assert 'id="demo"' in window.get("/operator").text
    menu = window.get("/demo/menu").text
    assert [name in menu for name in ("Выключено", "Спокойно", "Обычный день", "Наплыв")] == [True] * 4
    assert tempo.chosen(lives) == Tempo.DAY

    drawn = window.put("/demo/tempo", data={"tempo": "rush"})

    assert tempo.chosen(lives) == Tempo.RUSH
    assert 'aria-checked="true"' in drawn.text.partition("Наплыв")[0].rpartition("<button")[2]
    assert "Начать демо заново" not in menu


def test_an_unknown_tempo_is_refused_and_nothing_changes(signed_in, lives):
    answer = signed_in(anna()).put("/demo/tempo", data={"tempo": "warp"}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "Выберите темп из списка." in answer.text
    assert tempo.chosen(lives) == Tempo.DAY


def test_the_administrator_is_told_what_goes_before_the_demo_begins_anew(signed_in, lives, words):
    petrov()
    window = signed_in(vera())

    page = words(window.get("/demo/anew").text)

    assert "Всё, что есть в этом центре, будет удалено" in page
    assert "Клиенты 1" in page
    assert f"cec restore {lives}/before-anew.backup --replace" in page
    assert not tempo.begins_anew(lives)

    begun = window.post("/demo/anew")

    assert begun.status_code == 202
    assert tempo.begins_anew(lives)
    assert window.get("/demo/anew/state").json == {"begins": True}


def test_a_centre_in_which_nobody_lives_shows_nothing_of_it(signed_in, db):
    window = signed_in(vera())

    assert 'id="demo"' not in window.get("/appeals").text
    for answer in (window.get("/demo/menu"), window.get("/demo/anew"), window.post("/demo/anew")):
        assert answer.status_code == 404
    assert window.put("/demo/tempo", data={"tempo": "off"}).status_code == 404
