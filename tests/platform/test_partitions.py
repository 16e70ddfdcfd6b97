"""The journal's months."""

import pytest
from sqlalchemy import text

from cec.platform import journal, partitions
from cec.platform.db import unit_of_work


def lies_in(subject):
    return journal.db.session.scalar(
        text("select tableoid::regclass::text from journal where subject = :subject"), {"subject": subject}
    )


@pytest.fixture(autouse=True)
def _no_months(db):
    yield
    db.session.rollback()
    for name in db.session.scalars(
        text("select relname from pg_class where relname ~ '^journal_2'  and relkind = 'r'")
    ).all():
        db.session.execute(text(f"drop table {name}"))
    db.session.commit()


@pytest.mark.begins("2031-01-30T23:59:59+00:00")
def test_months_are_made_ahead_and_facts_go_to_theirs(db, clock):
    with unit_of_work():
        made = partitions.prepare()
    with unit_of_work():
        journal.record("test.happened", "test:1", by="anna")

    assert made == ["journal_2031_01", "journal_2031_02", "journal_2031_03", "journal_2031_04"]
    assert lies_in("test:1") == "journal_2031_01"


@pytest.mark.begins("2031-06-10T12:00:00+00:00")
def test_a_fact_without_a_month_is_kept_and_moves_when_its_month_is_made(db, clock):
    with unit_of_work():
        journal.record("test.happened", "test:1", by="anna")
    assert lies_in("test:1") == "journal_default"

    with unit_of_work():
        partitions.prepare()

    assert lies_in("test:1") == "journal_2031_06"
    assert [fact.name for fact in journal.history("test:1")] == ["test.happened"]


@pytest.mark.begins("2031-06-10T12:00:00+00:00")
def test_preparing_again_makes_nothing(db, clock):
    with unit_of_work():
        partitions.prepare()
    with unit_of_work():
        assert partitions.prepare() == []
