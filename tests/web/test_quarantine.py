"""Mail that could not be read: reason, remedy, source, another try."""

import pytest
from cast import a_centre, a_mailbox, an_api_channel, boris

from cec.appeals import intake_door
from cec.appeals.models import Appeal
from cec.channels import receiving
from cec.channels.models import Inbound, InboundState
from cec.platform.db import unit_of_work
from cec.platform.work import DueWork

REASON = "The mail has too many parts."


def set_aside(raw=b"From: x\r\n\r\nhello", sender="robot@marker.example", reason=REASON, number=1):
    with unit_of_work():
        inbound = receiving.get(
            receiving.receive(a_mailbox(), f"<{number}@marker.example>", raw, {"mail_from": sender})
        )
        receiving.quarantine(inbound, reason, "ValueError: part 999")
    return inbound


@pytest.fixture
def window(signed_in):
    a_centre()
    return signed_in(boris())


def test_the_list_tells_sender_mailbox_and_reason(window, words):
    inbound = set_aside()

    page = words(window.get("/quarantine").text)
    letter = words(window.get(f"/quarantine/{inbound.id}").text)

    assert "robot@marker.example" in page
    assert "shop@centre.example" in letter
    assert "В письме слишком много частей." in page
    assert "ValueError: part 999" in letter
    assert "Письмо не потеряно" in letter


def test_hostile_senders_and_details_are_only_text(window):
    inbound = set_aside(sender='"><script>alert(1)</script>', reason="<img src=x onerror=alert(1)> 100 %(x)s {y}")

    for page in (window.get("/quarantine").text, window.get(f"/quarantine/{inbound.id}").text):
        assert "<script>alert" not in page
        assert "<img" not in page


def test_the_source_is_downloaded_as_it_came_and_never_shown(window):
    raw = b"From: x\r\nSubject: <script>\r\n\r\n\xff\x00<html><script>alert(1)</script>"

    answer = window.get(f"/quarantine/{set_aside(raw).id}/raw")

    assert answer.data == raw
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_another_try_takes_it_out_and_leaves_it_to_the_worker(window, db):
    inbound = set_aside()

    answer = window.post(f"/quarantine/{inbound.id}/retry")

    assert answer.status_code == 303
    assert db.session.get_one(Inbound, inbound.id).state == InboundState.NEW
    works = db.session.scalars(db.select(DueWork).where(DueWork.kind == "inbound")).all()
    assert works[-1].payload == {"inbound_id": inbound.id}
    assert "Карантин пуст" in window.get(answer.location).text


def test_the_second_of_two_tries_is_told(window, db):
    inbound = set_aside()
    window.post(f"/quarantine/{inbound.id}/retry")

    answer = window.post(f"/quarantine/{inbound.id}/retry")

    assert answer.status_code == 409
    assert "Это письмо уже не в карантине." in answer.text


def test_mail_that_is_not_in_quarantine_is_not_shown_here(window, db):
    with unit_of_work():
        number = receiving.receive(a_mailbox(), "<fine@marker.example>", b"From: x", {})

    assert window.get(f"/quarantine/{number}").status_code == 404
    assert window.get(f"/quarantine/{number}/raw").status_code == 404
    assert window.get("/quarantine/999").status_code == 404
    assert window.post("/quarantine/999/retry").status_code == 404


def test_many_letters_come_in_pages(window, monkeypatch):
    monkeypatch.setattr(receiving, "PAGE", 2)
    monkeypatch.setattr(receiving.list_quarantined, "__kwdefaults__", {"size": 2})
    for number in range(3):
        set_aside(sender=f"robot{number}@marker.example", number=number)

    first, second = window.get("/quarantine").text, window.get("/quarantine?page=2").text

    assert "robot2@" in first
    assert "robot0@" not in first
    assert "robot0@" in second
    assert window.get("/quarantine?page=x").status_code == 200
    assert window.get("/quarantine?page=-5").status_code == 200
    assert window.get("/quarantine?page=999999999999").status_code == 200


NAMELESS = "To: shop\r\nSubject: Заявка на 40 стеллажей\r\n\r\nПросим выставить счёт.\r\n".encode()
NO_SENDER = "The mail has no sender to answer."


def test_it_tells_from_whom_about_what_and_how_it_begins(window, words):
    raw = "From: Отдел закупок <zakupki@marker.example>\r\nSubject: Заявка\r\n\r\nНужно 40 стеллажей.\r\n".encode()
    inbound = set_aside(raw)

    listed, shown = window.get("/quarantine").text, words(window.get(f"/quarantine/{inbound.id}").text)

    assert "Отдел закупок &lt;zakupki@marker.example&gt;" in listed
    assert "Заявка" in listed
    assert "Нужно 40 стеллажей." in shown


def test_a_letter_without_sender_becomes_an_appeal_of_whoever_wrote_it(window, db):
    inbound = set_aside(NAMELESS, sender="", reason=NO_SENDER)

    window.post(f"/quarantine/{inbound.id}/retry", data={"sender": "zakupki@marker.example"})
    with unit_of_work():
        intake_door.take_in(inbound.id)

    appeal = db.session.scalars(db.select(Appeal)).one()
    assert appeal.address.value == "zakupki@marker.example"
    assert appeal.subject == "Заявка на 40 стеллажей"


def test_a_wrong_address_is_refused_at_its_field_and_stays(window, words):
    inbound = set_aside(NAMELESS, sender="", reason=NO_SENDER)

    answer = window.post(f"/quarantine/{inbound.id}/retry", data={"sender": "Отдел закупок"})

    assert answer.status_code == 422
    assert "Укажите адрес того, кто написал" in words(answer.text)
    assert 'value="Отдел закупок"' in answer.text
    assert receiving.get(inbound.id).state == InboundState.QUARANTINED


def test_what_is_discarded_leaves_the_list_and_can_be_put_back(window, words):
    inbound = set_aside()

    after = window.post(f"/quarantine/{inbound.id}/discarding", follow_redirects=True)
    assert "Письмо убрано" in words(after.text)
    assert receiving.count_quarantined() == 0
    assert receiving.raw(receiving.get(inbound.id)) == b"From: x\r\n\r\nhello"

    window.post(f"/quarantine/{inbound.id}/return")
    assert receiving.count_quarantined() == 1


def test_two_people_discard_at_once_and_the_second_is_told(window, words):
    inbound = set_aside()
    window.post(f"/quarantine/{inbound.id}/discarding")

    second = window.post(f"/quarantine/{inbound.id}/discarding")

    assert second.status_code == 409
    assert "уже" in words(second.text)


def test_what_a_program_sent_and_nobody_could_read_is_shown_as_it_came(window, db, words):
    account, _secret = an_api_channel()
    with unit_of_work():
        number = receiving.receive(account, "x1", b'{"text": "<script>hi</script>"}', {}, is_small=True)
    with unit_of_work():
        intake_door.take_in(number)

    page = window.get(f"/quarantine/{number}").text
    source = window.get(f"/quarantine/{number}/raw")

    assert "В нём нет тех полей, о которых договорились." in words(page)
    assert "в канал «Приложение»" in words(page)
    assert "<script>hi" not in page
    assert source.data == b'{"text": "<script>hi</script>"}'
    assert "inbound-" in source.headers["Content-Disposition"]
