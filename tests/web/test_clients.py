"""3.4, 152-FZ: an administrator finds a client, sees what is kept of him, asks to forget him; a supervisor confirms."""

import pytest
from cast import PETROV, a_centre, accepted, an_appeal, anna, boris, petrov, vera

from cec.clients.models import Address, Client
from cec.platform import audit
from cec.platform.db import db as database
from tests import stories


@pytest.fixture
def window(signed_in):
    a_centre()
    vera().language = "en"
    return signed_in(vera())


@pytest.fixture
def closed(window):
    petrov()
    return stories.close(accepted(an_appeal("Где мой заказ?"), anna()), anna())


def test_a_client_is_found_by_name_or_address_and_an_address_without_a_card_too(window, words, closed):
    an_appeal(sender="Иван Иванов <ivanov@client.example>")

    assert f"Пётр Петров {PETROV} has a card" in words(window.get("/centre/clients?words=петров").text)
    assert "has a card" in words(window.get("/centre/clients?words=petrov@").text)
    assert "ivanov@client.example an address without a card" in words(window.get("/centre/clients?words=иванов").text)
    assert "Nobody found" in words(window.get("/centre/clients?words=%25%25%25").text)
    assert "at least three signs" in words(window.get("/centre/clients?words=пе").text)
    assert window.get("/centre/clients?words=!!!").status_code == 200


def test_a_card_counts_what_it_would_reach_and_is_a_line_of_the_audit(window, words, closed):
    page = words(window.get(f"/centre/clients/{petrov().id}").text)

    assert closed.number in page
    assert "Appeals 1 Messages and notes 1 Files 0 Letters as they came, also in quarantine 1" in page
    line = database.session.scalars(database.select(audit.AuditEntry).filter_by(kind=audit.Kind.OPENING)).one()
    assert (line.subject, line.by) == (f"client:{petrov().id}", vera().key)


ASKED = {"ground": "request", "paper": "№17/26", "confirm": "пётр  петров"}


@pytest.fixture
def boriss(signed_in, window):
    boris().language = "en"
    return signed_in(boris())


def test_he_is_forgotten_when_a_supervisor_confirms_it_and_the_card_says_by_whom_and_why(window, boriss, words, closed):
    path = f"/centre/clients/{petrov().id}"

    answer = window.post(f"{path}/forgetting", data=ASKED)
    assert answer.status_code == 303
    waiting = words(window.get(path).text)
    assert "Waits for a supervisor to confirm it." in waiting
    assert "Вера Орлова" in waiting
    assert "Ask to forget" not in waiting
    assert "Пётр Петров The client asks for it №17/26 Вера Орлова" in words(boriss.get("/forgettings").text)
    asked = boriss.get("/forgettings/1").text
    assert "Appeals 1 Messages and notes 1" in words(asked)
    assert PETROV in asked
    done = boriss.post("/forgettings/1/confirmation", data={"confirm": "Пётр Петров"})

    assert done.location.startswith("/forgettings?done=forgotten")
    page = words(window.get(path).text)
    assert "Forgotten client 1" in page
    assert "Вера Орлова · confirmed by Борис Лаптев" in page
    assert "The client asks for it · №17/26" in page
    assert PETROV not in page
    assert "Ask to forget" not in page
    assert "The text was removed." in words(window.get(f"/appeals/{closed.id}").text)
    assert window.post(f"{path}/forgetting", data={**ASKED, "confirm": "Forgotten client 1"}).status_code == 409
    assert "Nothing waits for you" in words(boriss.get(done.location).text)


def test_a_supervisor_refuses_it_and_the_client_stays(window, boriss, words, closed):
    path = f"/centre/clients/{petrov().id}"
    window.post(f"{path}/forgetting", data=ASKED)

    wrong = boriss.post("/forgettings/1/confirmation", data={"confirm": "Петров"})
    refused = boriss.post("/forgettings/1/refusal")
    late = boriss.post("/forgettings/1/confirmation", data={"confirm": "Пётр Петров"})

    assert (wrong.status_code, refused.status_code, late.status_code) == (422, 303, 410)
    assert 'value="Петров"' in wrong.text
    assert "Somebody else has decided this" in words(late.text)
    assert "Ask to forget" in window.get(path).text
    assert PETROV in window.get(path).text


def test_who_asked_takes_it_back(window, boriss, words, closed):
    path = f"/centre/clients/{petrov().id}"
    window.post(f"{path}/forgetting", data=ASKED)

    assert window.post(f"{path}/forgetting/withdrawal").status_code == 303
    again = window.post(f"{path}/forgetting/withdrawal")

    assert again.status_code == 410
    assert "Nothing waits for you" in words(boriss.get("/forgettings").text)


def test_the_owner_of_an_address_is_forgotten_in_the_same_way(window, boriss, words):
    spam = stories.act(accepted(an_appeal(sender="Иван <ivanov@client.example>"), anna()), "spam", anna(), comment="")
    path = f"/centre/clients/addresses/{spam.address_id}"

    asked = window.post(f"{path}/forgetting", data={**ASKED, "confirm": "Иван"})
    assert asked.location == path
    assert window.post(f"{path}/forgetting/withdrawal").location == path
    window.post(f"{path}/forgetting", data={**ASKED, "confirm": "Иван"})
    assert boriss.post("/forgettings/2/confirmation", data={"confirm": "Иван"}).status_code == 303

    assert "confirmed by Борис Лаптев" in words(window.get(path).text)


def test_without_a_supervisor_nothing_is_asked(window, words, closed):
    answer = window.post(f"/centre/clients/{petrov().id}/forgetting", data=ASKED)

    assert answer.status_code == 409
    assert "give somebody else that role first" in words(answer.text)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"ground": ""}, "Choose on what ground."),
        ({"confirm": "Петров"}, "Type the name exactly"),
        ({"paper": "by Petrov's wish"}, "Write the number of the paper alone"),
    ],
)
def test_what_is_missing_is_told_at_the_field_and_what_was_typed_stays(window, boriss, closed, said, sentence):
    asked = {"ground": "request", "paper": "17", "confirm": "Пётр Петров", **said}

    answer = window.post(f"/centre/clients/{petrov().id}/forgetting", data=asked)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="request" selected' in answer.text or said == {"ground": ""}
    assert database.session.get(Client, petrov().id).name == "Пётр Петров"


def test_an_open_appeal_is_in_the_way_and_leads_there(window, words, closed):
    still = an_appeal("Ещё вопрос", message_id="<2@x>")

    page = window.get(f"/centre/clients/{petrov().id}").text
    answer = window.post(
        f"/centre/clients/{petrov().id}/forgetting",
        data={"ground": "request", "paper": "", "confirm": "Пётр Петров"},
    )

    assert f'href="/appeals/{still.id}"' in page
    assert answer.status_code == 409
    assert still.number in words(answer.text)


def test_an_address_leads_to_the_card_that_it_has(window, closed):
    address = database.session.scalars(database.select(Address)).first()

    answer = window.get(f"/centre/clients/addresses/{address.id}")

    assert answer.location == f"/centre/clients/{petrov().id}"
    assert window.get("/centre/clients/999").status_code == 404
    assert window.get("/centre/clients/addresses/999").status_code == 404


def test_the_card_names_the_language_that_he_has_told(signed_in, db, words):
    petrov().language = "en"

    page = signed_in(vera()).get(f"/centre/clients/{petrov().id}").text

    assert "Язык Английский" in words(page)
