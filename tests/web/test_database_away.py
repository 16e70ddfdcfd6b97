"""The database goes away in the middle of a request: the answer says so in words, whoever asked (QUALITY R9)."""

import cast
import psycopg2
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from cec.appeals import queries


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Request-Type": "partial"}])
def test_a_database_that_goes_away_after_the_person_is_known_is_answered_for(signed_in, monkeypatch, db, headers):
    cast.a_centre()
    anna = signed_in(cast.anna())

    def gone(_employee):
        def refuse(*_):
            raise psycopg2.OperationalError("server closed the connection unexpectedly")

        event.listen(db.engine, "before_cursor_execute", refuse)
        try:
            raise OperationalError("select", {}, psycopg2.OperationalError("server closed the connection"))
        finally:
            removed.append(refuse)

    removed = []
    monkeypatch.setattr(queries, "worklist", gone)
    try:
        answer = anna.get("/operator/worklist" if headers else "/operator", headers=headers)
    finally:
        for refuse in removed:
            event.remove(db.engine, "before_cursor_execute", refuse)

    assert answer.status_code == 503, answer.text[:500]
    assert "База данных не отвечает" in answer.text
