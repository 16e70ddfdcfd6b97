"""The stream of live events: only what one may hear of, from where one left off, until one's session ends."""

import dataclasses
import datetime as dt
import json
import socket
import time
import uuid

import cast
import pytest
from cast import anna, boris, igor, vera

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
        lines = [line for line in lines if not line.startswith("retry: ")]
        fields = dict(line.split(": ", 1) for line in lines)
        self.marks = [mark for _, _, *marks in json.loads(fields.get("data", "[]")) for mark in marks]
        return fields.get("id"), [notice[:2] for notice in json.loads(fields.get("data", "[]"))]

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
    monkeypatch.setattr("cec.platform.screens.EVERY", 0.0)
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


def test_a_page_that_opens_a_new_stream_tells_where_it_left_off(db, appeals, signed_in, hear):
    browser, mine = signed_in(anna()), appeals[0]
    last = horizon(db)
    with unit_of_work():
        journal.record("message.received", mine.key, by="client")

    answer = browser.get(f"/live?watch={mine.key}&since={last}")

    assert Stream(answer).next()[1] == [["worklist", anna().key], ["message.received", mine.key]]
    answer.close()


def test_who_opens_another_appeal_is_told_only_what_others_just_did_to_it(db, appeals, signed_in, clock):
    browser, (mine, other) = signed_in(anna()), appeals
    clock.forward(dt.timedelta(seconds=10))
    with unit_of_work():
        journal.record("message.received", mine.key, by="client")
        journal.record("appeal.topic_changed", mine.key, by=anna().key)
        journal.record("operator.greeted", anna().key, by="timer")
        journal.record("message.received", other.key, by="client")

    answer = browser.get(f"/live?watch={mine.key}&goes_on=1")

    assert Stream(answer).next()[1] == [["message.received", mine.key]]
    answer.close()


def test_what_a_stream_was_about_to_tell_is_told_by_the_one_in_which_its_page_goes_on(
    db, appeals, hear, signed_in, clock
):
    browser, (mine, other) = signed_in(anna()), appeals
    clock.forward(dt.timedelta(seconds=10))
    former = hear(browser, watch=[other.key])
    former.until(live.RESYNC[0])
    tell(("operator.next_chosen", anna().key))
    former.until(["operator.next_chosen", anna().key])
    witness = hear(igor())
    tell(("operator.status_changed", anna().key), ("message.received", other.key), ("worklist", igor().key))
    witness.until(["worklist", igor().key])

    answer = browser.get(f"/live?watch={mine.key}&goes_on=1")

    assert Stream(answer).next()[1] == [["operator.status_changed", anna().key]]
    answer.close()


def test_an_act_tells_the_mark_by_which_its_page_will_hear_of_it(appeals, hear, signed_in):
    browser, mine = signed_in(anna()), appeals[0]
    stream = hear(browser, watch=[mine.key])
    stream.until(live.RESYNC[0])

    answer = browser.post(
        f"/operator/appeals/{mine.id}/notes", data={"text": "Ждём склад", "client_uuid": str(uuid.uuid4())}
    )

    assert answer.status_code == 200
    stream.until(["note.written", mine.key])
    assert stream.marks == [answer.headers["X-Live-Mark"]] * len(stream.marks) != []
    assert "X-Live-Mark" not in browser.get("/operator").headers


def test_an_act_that_was_refused_has_no_mark(appeals, signed_in):
    answer = signed_in(anna()).post(
        f"/operator/appeals/{appeals[0].id}/notes", data={"text": "", "client_uuid": str(uuid.uuid4())}
    )

    assert answer.status_code == 422
    assert "X-Live-Mark" not in answer.headers


def test_a_business_administrator_hears_of_people_but_not_what_is_theirs_alone(db, hear):
    stream = hear(vera())
    stream.until(live.RESYNC[0])

    tell(
        ("worklist", anna().key), ("notice", anna().key), (live.OFFER, anna().key), ("session.ended", anna().key),
        ("employee.changed", anna().key),
    )  # fmt: skip

    assert stream.until(["employee.changed", anna().key]) == [["employee.changed", anna().key]]


def test_one_offer_is_told_to_one_screen_of_many(appeals, hear, app):
    """Anna, Boris and Vera look on; the offer is for Igor."""
    streams = {person.login: hear(person) for person in (anna(), boris(), vera(), igor())}
    streams["anna"].until(live.RESYNC[0])
    for stream in list(streams.values())[1:]:
        stream.next()

    tell((live.OFFER, igor().key))
    tell(("operator.greeted", igor().key), ("operator.greeted", anna().key), ("appeal.greeted", "appeal:9"))

    assert [live.OFFER, igor().key] in streams["igor"].until(["operator.greeted", igor().key])
    heard = [
        streams["anna"].until(["operator.greeted", anna().key]), streams["boris"].until(["appeal.greeted", "appeal:9"]),
        streams["vera"].until(["operator.greeted", anna().key]),
    ]  # fmt: skip
    assert [notice for told in heard for notice in told if notice[0] == live.OFFER] == []


def test_browsers_are_told_to_come_back_at_different_times(db, signed_in):
    browser, times = signed_in(anna()), set()
    for _ in range(5):
        answer = browser.get("/live")
        times.add(next(answer.iter_encoded()).decode().partition("\n")[0])
        answer.close()

    assert len(times) > 1
    assert all(500 <= int(line.removeprefix("retry: ")) <= 3000 for line in times)


def test_the_pages_of_a_centre_in_two_pools_serve_no_stream(app, signed_in):
    browser = signed_in(anna())
    before = app.config["CEC"]
    app.config["CEC"] = dataclasses.replace(before, pool="pages")
    try:
        answer = browser.get("/live", headers={"Accept": "application/json"})
    finally:
        app.config["CEC"] = before

    assert answer.status_code == 421


def test_a_client_that_reads_nothing_is_given_up_soon(db, signed_in, monkeypatch):
    monkeypatch.setattr("cec.web.live.PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as door:
        here = socket.create_connection(door.getsockname())
        theirs, _ = door.accept()
    answer = signed_in(anna()).get("/live", environ_overrides={"gunicorn.socket": theirs})
    answer.close()

    began, sent = time.monotonic(), 0
    with pytest.raises(TimeoutError):
        while sent < 50_000_000:
            sent += theirs.send(b"data: x\n" * 1000)

    here.close()
    theirs.close()
    assert 0.3 <= time.monotonic() - began < 5


def test_a_second_session_ends_the_stream_of_the_first_at_once(db, app, hear, signed_in):
    first = hear(signed_in(anna()))
    first.until(live.RESYNC[0])
    second = app.test_client()
    second.post("/login", data={"login": "anna", "password": cast.PASSWORD})
    place = signing_in.workplaces(anna().branch_id)[0]
    choice = {"role": "operator", "branch_id": anna().branch_id, "workplace_id": place.id, "take_over": "1"}
    assert second.post("/start", data=choice).status_code == 303
    goes_on = hear(second)

    first.until(["session.ended", anna().key])
    assert next(first.chunks, None) is None
    tell(("worklist", anna().key))
    assert ["worklist", anna().key] in goes_on.until(["worklist", anna().key])


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
