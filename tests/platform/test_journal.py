"""A fact is written once, in the transaction that made it true, and never changed."""

import dataclasses

import pytest
from sqlalchemy.exc import InternalError

from cec.platform import journal
from cec.platform.db import unit_of_work


@pytest.fixture
def fact(db):
    with unit_of_work():
        return journal.record("test.happened", "test:1", by="employee:7", colour="red")


def test_a_fact_says_what_happened_to_what_by_whom_and_when(db, clock, fact):
    [entry] = journal.history("test:1")

    assert (entry.name, entry.by, entry.facts, entry.at.isoformat()) == (
        "test.happened", "employee:7", {"colour": "red"}, "2026-11-23T09:00:00+00:00",
    )  # fmt: skip


def test_a_fact_of_a_transaction_that_failed_never_happened(db):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        journal.record("test.happened", "test:2", by="anna")
        _ = 1 / 0

    assert journal.history("test:2") == []


def test_python_refuses_to_change_a_fact(db, fact):
    with pytest.raises(dataclasses.FrozenInstanceError):
        journal.history("test:1")[0].by = "igor"


@pytest.mark.parametrize("statement", ["update journal set by = 'igor'", "delete from journal", "truncate journal"])
def test_the_database_refuses_to_change_facts(db, fact, statement):
    with pytest.raises(InternalError, match="append-only"), unit_of_work():
        db.session.execute(db.text(statement))

    assert len(journal.history("test:1")) == 1


def test_a_subscriber_acts_in_the_same_transaction(db, monkeypatch):
    monkeypatch.setattr(journal, "_listeners", {})

    @journal.on("test.doubled")
    def _again(entry):
        journal.record("test.echoed", entry.subject, by=entry.by)

    with pytest.raises(ZeroDivisionError), unit_of_work():
        journal.record("test.doubled", "test:3", by="anna")
        _ = 1 / 0
    with unit_of_work():
        journal.record("test.doubled", "test:4", by="anna")

    assert journal.history("test:3") == []
    assert [entry.name for entry in journal.history("test:4")] == ["test.doubled", "test.echoed"]
