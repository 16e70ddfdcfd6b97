"""The stream of live events: only what one may hear of, from where one left off, until one's session ends."""

import json

import cast
import pytest
from cast import anna, boris, igor

from cec.platform import journal, listening, live
from cec.platform.db import unit_of_work
from cec.staff import signing_in
from cec.staff.models import Session


class Stream:
    """A browser's end of the stream."""

    def __init__(self, answer):
        self.answer = answer
        self.chunks = answer.iter_encoded()

    def next(self):
        """Give id and notices of the next event; a heartbeat has no notices."""
        lines = next(self.chunks).decode().strip().splitlines()
        fields = dict(line.split(": ", 1) for line in lines)
        return fields.get("id"), json.loads(fields.get("data", "[]"))

    def until(self, wanted):
        """Read on until a notice comes; give all that came before it too."""
        heard = []
        for _ in range(50):
            if wanted in heard:
                return heard
            heard += self.next()[1]
        raise AssertionError(heard)

    def ends(self):
        """Tell whether nothing more comes, a few heartbeats later at the latest."""
        return any(next(self.chunks, None) is None for _ in range(20))


@pytest.fixture
def hear(signed_in):
    """Give a function that opens the stream of a person; all are closed afterwards."""
    opened = []

    def open_for(person, *, last=None, watch=()):
        browser = person if hasattr(person, "get") else signed_in(person)
        query = "&".join(f"watch={subject}" for subject in watch)
        answer = browser.get(f"/live?{query}", headers={} if last is None else {"Last-Event-ID": str(last)})
        assert answer.status_code == 200
        opened.append(answer)
        return Stream(answer)

    yield open_for
    for answer in opened:
        answer.close()


@pytest.fixture(autouse=True)
def _soon(monkeypatch, app):
    monkeypatch.setattr("cec.web.live.HEARTBEAT", 0.2)
    yield
    app.extensions[listening.HUB].close()
    listening.install(app)


def tell(*notices):
    with unit_of_work():
        for name, subject in notices:
            live.announce(name, subject)


@pytest.fixture
def appeals(db):
    """Anna's appeal, and one that waits for somebody else."""
    with unit_of_work():
        cast.a_centre()
        cast.a_group("first_line", anna())
        cast.a_queue("general", cast.a_group("first_line", anna()))
    mine = cast.accepted(cast.an_appeal(), anna())
    return mine, cast.an_appeal(sender="sidorov@client.example")


def test_an_operator_hears_of_himself_and_of_the_appeal_he_looks_at(appeals, hear):
    mine, other = appeals
    stream = hear(anna(), watch=[mine.key, other.key, "appeal:x", "employee:1"])
    stream.until(live.RESYNC[0])

    tell(
        ("message.received", other.key), ("worklist", igor().key), ("queue.changed", "queue:1"),
        ("message.received", mine.key), ("worklist", anna().key),
    )  # fmt: skip

    assert stream.until(["worklist", anna().key]) == [["message.received", mine.key], ["worklist", anna().key]]


def test_a_supervisor_hears_of_all_appeals_but_of_nobody_elses_list(appeals, hear):
    stream = hear(boris())
    stream.until(live.RESYNC[0])

    tell(("worklist", anna().key), ("appeal.closed", appeals[0].key), ("appeal.queued", appeals[1].key))

    assert stream.until(["appeal.queued", appeals[1].key]) == [
        ["appeal.closed", appeals[0].key], ["appeal.queued", appeals[1].key],
    ]  # fmt: skip


def test_nobody_hears_without_signing_in(client, db):
    assert client.get("/live").status_code in {302, 303, 401}


def test_a_heartbeat_moves_the_id_on(db, hear, monkeypatch):
    monkeypatch.setattr(listening, "LATEST", 0.0)
    stream = hear(anna())

    ids = [stream.next()[0] for _ in range(8)]

    assert ids[-1] is not None
    assert int(ids[-1]) <= db.session.scalar(db.text(listening._HORIZON))  # noqa: SLF001


def horizon(db):
    with unit_of_work():
        return db.session.scalar(db.text(listening._HORIZON))  # noqa: SLF001


def test_who_comes_back_is_told_what_he_missed(db, appeals, hear, signed_in):
    browser, mine = signed_in(anna()), appeals[0]
    last = horizon(db)
    with unit_of_work():
        journal.record("message.received", mine.key, by="client")
        journal.record("appeal.closed", appeals[1].key, by="igor")

    _, first = hear(browser, last=last, watch=[mine.key]).next()

    assert first == [["worklist", anna().key], ["message.received", mine.key]]


def test_who_missed_nothing_is_told_nothing(db, appeals, hear, signed_in):
    browser = signed_in(anna())

    assert hear(browser, last=horizon(db)).next()[1] == []


@pytest.mark.parametrize("last", ["999999999999", "0", "-5", "x", "1 or 1", "٣"])
def test_an_id_that_is_not_ours_means_resync(db, hear, last):
    assert hear(anna(), last=last.encode().decode("latin-1")).next()[1] == live.RESYNC


def test_signing_out_ends_the_stream(db, hear, signed_in):
    browser = signed_in(anna())
    stream = hear(browser)

    with unit_of_work():
        signing_in.sign_out(db.session.scalars(db.select(Session)).one())

    assert stream.ends()


def test_a_stream_of_another_window_goes_on(db, hear, signed_in):
    anna_hears, igor_hears = hear(signed_in(anna())), hear(signed_in(igor()))
    anna_hears.until(live.RESYNC[0])

    with unit_of_work():
        signing_in.revoke_all(anna(), by="vera")
    tell(("worklist", igor().key))

    assert anna_hears.ends()
    assert ["worklist", igor().key] in igor_hears.until(["worklist", igor().key])


def test_an_open_stream_holds_no_connection_to_the_database(db, hear):
    db.session.commit()
    before = db.engine.pool.checkedout()
    streams = [hear(person) for person in (anna(), igor(), boris())]
    db.session.commit()

    assert db.engine.pool.checkedout() == before
    assert len(streams) == 3


def test_a_closed_browser_is_forgotten(db, app, hear):
    hub = app.extensions[listening.HUB]
    stream = hear(anna())
    assert hub.count() == 1

    stream.answer.close()

    assert hub.count() == 0
