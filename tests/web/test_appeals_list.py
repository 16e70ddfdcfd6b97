"""Supervisor, administrator and marketer read appeals; nobody changes them here."""

import pytest
from cast import a_centre, a_group, a_queue, accepted, an_appeal, anna, boris, igor, marina, vera

from bench.statements import said
from cec.appeals import queries
from cec.appeals.models import Appeal
from cec.staff.models import Branch


@pytest.fixture
def window(signed_in):
    a_centre()
    boris().language = "en"
    return signed_in(boris())


def test_the_list_tells_who_what_where(window, words):
    appeal = accepted(an_appeal("Где мой заказ?", subject="Заказ 81"), anna())

    page = words(window.get("/appeals").text)

    assert appeal.number in page
    assert "Анна Котова" in page
    assert "General" in page
    assert "petrov@client.example" in page
    assert "Где мой заказ?" in page
    assert "In work" in page or "In progress" in page


def test_an_empty_list_says_so(window):
    assert "No appeals yet" in window.get("/appeals").text
    assert "Nothing found" in window.get("/appeals?words=nothing").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=in_work", ["first"]),
        ("status=queued", ["second"]),
        ("words=81", ["first"]),
        ("words=SECOND@client", ["second"]),
        ("words=100%25", []),
        ("words=_", []),
        ("words=%27%20or%201=1--", []),
        ("words=%00", ["second", "first"]),
        ("queue=999", []),
        ("queue=x&before=x&status=x", ["second", "first"]),
        ("before=99999999999999999999", ["second", "first"]),
    ],
)
def test_filters_narrow_the_list_whatever_is_typed(window, query, found):
    first = accepted(an_appeal(subject="Заказ 81"), anna())
    second = an_appeal(subject="Возврат", sender="second@client.example")
    names = {first.number: "first", second.number: "second"}

    answer = window.get(f"/appeals?{query}")

    assert answer.status_code == 200
    order = sorted((number for number in names if number in answer.text), key=answer.text.index)
    assert [names[number] for number in order] == found


def test_pages_lead_on_without_losing_the_filters(window, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    numbers = [an_appeal(sender=f"client{i}@client.example").number for i in range(5)]

    page = window.get("/appeals?status=queued").text

    assert [number in page for number in numbers] == [False, False, False, True, True]
    assert "?status=queued&amp;before=" in page
    before = page.partition("before=")[2].partition('"')[0]
    page = window.get(f"/appeals?status=queued&before={before}").text
    assert [number in page for number in numbers] == [False, True, True, False, False]
    assert "Newest" in page


def test_one_appeal_is_read_with_its_conversation(window, words):
    appeal = accepted(an_appeal("Где <b>мой</b> заказ?"), anna())

    page = window.get(f"/appeals/{appeal.id}").text

    assert "Где &lt;b&gt;мой&lt;/b&gt; заказ?" in page
    assert "Анна Котова took it into work" in words(page)
    assert "hx-post" not in page
    assert "/operator/" not in page


def test_a_supervisor_of_groups_sees_their_queues_only(window, db):
    payments = a_group("payments", igor())
    payments.leader_id = boris().id
    a_queue("payment", payments)
    other = an_appeal()

    own = db.session.scalars(db.select(Appeal)).one()
    assert other.number not in window.get("/appeals").text
    assert window.get(f"/appeals/{other.id}").status_code == 404
    assert "General" not in window.get("/appeals").text

    own.queue_id = a_queue("payment").id
    db.session.commit()
    assert other.number in window.get("/appeals").text
    assert window.get(f"/appeals/{other.id}").status_code == 200


def test_a_supervisor_without_groups_sees_what_his_branch_serves(window, db):
    appeal = an_appeal()
    elsewhere = Branch(name="Омск", zone="Asia/Omsk")
    db.session.add(elsewhere)
    db.session.commit()

    assert appeal.number in window.get("/appeals").text

    boris().branch = elsewhere
    db.session.commit()
    assert appeal.number not in window.get("/appeals").text
    assert window.get(f"/appeals/{appeal.id}").status_code == 404


@pytest.mark.parametrize("person", [vera, marina])
def test_administrator_and_marketer_read_all(signed_in, person):
    a_centre()
    appeal = an_appeal()
    window = signed_in(person())

    assert appeal.number in window.get("/appeals").text
    assert window.get(f"/appeals/{appeal.id}").status_code == 200


def test_an_appeal_that_is_not_there_is_not_found(window):
    assert window.get("/appeals/999").status_code == 404


def test_a_page_costs_few_statements(window, db):
    for i in range(6):
        an_appeal(sender=f"client{i}@client.example")
    window.get("/appeals")

    with said() as statements:
        window.get("/appeals")

    assert len(statements) <= 8, statements


def test_of_a_waiting_appeal_it_is_told_why_it_waits(window, words):
    appeal = an_appeal()

    assert f"/appeals/{appeal.id}#waiting" in window.get("/appeals").text
    page = words(window.get(f"/appeals/{appeal.id}").text)

    assert "Why it waits" in page
    assert "It is the first of its line." in page
    assert "Анна Котова status “Offline”" in page


def test_an_appeal_in_work_waits_for_nobody(window):
    appeal = accepted(an_appeal(), anna())

    assert "#waiting" not in window.get("/appeals").text
    assert "Why it waits" not in window.get(f"/appeals/{appeal.id}").text


PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_the_list_and_the_appeal_are_drawn_anew_by_parts_that_keep_the_filters(window):
    appeal = an_appeal()

    page = window.get("/appeals?status=queued&words=x").text
    listed = window.get("/appeals?status=queued", headers=PART).text
    read = window.get(f"/appeals/{appeal.id}", headers=PART).text

    assert 'hx-get="/appeals?status=queued&amp;words=x"' in page
    assert "<html" not in listed + read
    assert appeal.number in listed
    assert [at in listed for at in ('id="appeals"', 'hx-target="#fresh"')] == [True, True]
    assert [f'hx-target="#{at}"' in read for at in ("reading-status", "talk", "reading")] == [True, True, False]
