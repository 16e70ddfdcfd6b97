"""What the tables are told of an appeal (guide 5.2): of Petrov's letter, his past, and the hour."""

import datetime as dt

import pytest

from bench.statements import said
from cec.appeals import facts
from cec.platform.db import db, unit_of_work
from cec.queues.models import Calendar
from cec.rulebook import inputs
from tests import cast, stories

pytestmark = pytest.mark.usefixtures("centre")


def a_letter_with_a_file():
    letter = cast.a_letter("Курьер не приехал", subject="Доставка")
    letter.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="act.pdf")
    return letter


def test_a_letter_of_petrov_is_told_with_all_that_is_known():
    cast.petrov().segment = "vip"
    db.session.commit()

    appeal = cast.reread(cast.arrives(a_letter_with_a_file()).appeal)

    known = facts.kept(appeal, "prioritization")
    assert known == {
        "queue": "general", "topic": None, "segment": "vip", "repeat": False, "days_since_closed": None,
        "last_mark": None, "returned": False, "transfers": 0, "channel": "email", "account": "shop", "kind": "private",
        "address": cast.PETROV, "domain": "client.example", "subject": "Доставка", "text": "Курьер не приехал",
        "alphabet": "cyrillic", "attachments": 1, "auto": False, "working_time": True, "weekday": "monday", "hour": 12,
    }  # fmt: skip
    assert facts.kept(appeal, "screening")["recent"] == 0
    assert facts.kept(appeal, "screening")["text"].startswith("Доставка\nКурьер")
    assert not {"text", "subject", "address", "domain"} & {*appeal.facts}, "what stands elsewhere is not kept twice"


def test_his_past_is_told_days_and_last_mark(clock):
    cast.petrov()
    first = stories.close(cast.accepted(cast.an_appeal(message_id="<one@x>"), cast.anna()), cast.anna())
    cast.arrives(cast.a_letter("2", In_Reply_To="<one@x>"))
    clock.forward(dt.timedelta(days=8))

    again = cast.an_appeal("Снова я")

    told = facts.kept(again, "prioritization")
    assert cast.reread(first).mark == 2
    assert (told["repeat"], told["days_since_closed"], told["last_mark"]) == (False, 8, 2)
    assert again.points == 10
    assert [row["reason"] for row in again.verdicts["prioritization"]["rows"]] == ["Gave a low mark last time"]


def test_facts_stay_as_they_were_while_the_appeal_waits(clock):
    appeal = cast.an_appeal()

    clock.forward(dt.timedelta(hours=5))

    assert facts.kept(cast.reread(appeal), "prioritization")["hour"] == 12


def test_the_hour_and_the_working_time_are_those_of_the_queue():
    week = [[["09:00", "12:00"]] for _day in range(7)]
    with unit_of_work():
        cast.a_queue().calendar = Calendar(name="Mornings", zone="Asia/Vladivostok", week=week, days={})

    appeal = cast.an_appeal()

    told = facts.kept(appeal, "prioritization")
    assert (told["weekday"], told["hour"], told["working_time"]) == ("monday", 19, False)


@pytest.mark.parametrize("table", ["screening", "routing", "prioritization", "escalation"])
def test_a_table_is_offered_no_fact_that_nobody_gathers(table):
    appeal = cast.an_appeal()

    told = facts.kept(appeal, table)

    assert [*told] == [term.name for term in inputs.of(table).takes]


def test_a_topic_is_told_with_its_branches():
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    with unit_of_work():
        appeal.topic_id = cast.a_topic().id
        gathered = facts.gather(appeal)

    assert gathered["topic"] == "Доставка › Где заказ"
    assert gathered["queue_chosen"] is True


@pytest.mark.parametrize(
    ("words", "letters"),
    [("Где заказ 5206?", "cyrillic"), ("Refund, please", "latin"), ("こんにちは", "other"), ("12 + 30", None)],
)
def test_the_alphabet_is_that_of_most_letters(words, letters):
    assert facts.alphabet(words) == letters


def test_a_long_past_costs_no_more_statements():
    counts = []
    for _more in range(2):
        with said() as statements:
            appeal = cast.an_appeal("Где?")
        counts.append(len(statements))
        for _closed in range(3):
            stories.close(cast.accepted(appeal, cast.anna()), cast.anna())
            appeal = cast.an_appeal("Где?")
        stories.close(cast.accepted(appeal, cast.anna()), cast.anna())

    assert counts[1] <= counts[0]
