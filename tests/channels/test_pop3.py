"""Mail fetched by POP3 from a real Dovecot: kept first, nothing deleted, nothing lost, nothing twice."""

import datetime as dt
import poplib
import ssl
from email.utils import format_datetime

import pytest

from cec.channels import accounts, receiving
from cec.channels.email import keeping, mailbox, pop3, trouble, trying
from cec.channels.email.post_office import PostOffice
from cec.channels.models import Inbound, InboundState
from cec.platform import clock as cec_clock
from cec.platform import storage
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast, peers
from tests.channels.test_keeping import keeping_on, soon  # noqa: F401 - a fixture

YESTERDAY = dt.timedelta(hours=20)


@pytest.fixture
def person(request):
    return "".join(letter for letter in request.node.name if letter.isalnum())[-25:]


@pytest.fixture
def account(db, dovecot, person):
    return a_box(dovecot, person)


def a_box(dovecot, person, **server):
    pop = {"host": "localhost", "port": dovecot.pop3_port, "tls": "none", "user": person} | server
    with unit_of_work():
        return accounts.create_email(
            name="Shop", code=person, address=f"{person}@shop.example", config={"pop3": pop},
            passwords={"pop3": peers.PASSWORD}, by="system",
        )  # fmt: skip


def letter(number, clock, ago=dt.timedelta(), **headers):
    dated = format_datetime(cec_clock.now() - ago)
    return cast.a_letter(f"words {number}", message_id=f"<{number}@client.example>", Date=dated, **headers)


def kept():
    database.session.rollback()
    return sorted(row.provider_event_id for row in database.session.scalars(database.select(Inbound)))


def test_new_mail_is_kept_once_and_stays_in_the_mailbox(dovecot, person, account, clock):
    dovecot.put(person, letter(1, clock))

    assert pop3.fetch(account.id) == 1
    assert pop3.fetch(account.id) == 0
    dovecot.put(person, letter(2, clock))
    assert pop3.fetch(account.id) == 1

    assert kept() == ["<1@client.example>", "<2@client.example>"]
    assert len(dovecot.letters(person)) == 2
    assert len(account.cursor["uidls"]) == 2


def test_of_a_new_mailbox_the_mails_of_the_last_day_are_taken(dovecot, person, account, clock):
    dovecot.put(person, letter("old", clock, ago=dt.timedelta(days=30)))
    dovecot.put(person, letter("recent", clock, ago=YESTERDAY))

    assert pop3.fetch(account.id) == 1
    assert pop3.fetch(account.id) == 0
    assert kept() == ["<recent@client.example>"]


def test_what_was_deleted_elsewhere_is_forgotten(dovecot, person, account, clock):
    dovecot.put(person, letter(1, clock))
    pop3.fetch(account.id)
    box = dovecot.box(person)
    for key in list(box.keys()):
        box.remove(key)

    pop3.fetch(account.id)

    database.session.refresh(account)
    assert account.cursor == {"uidls": []}


def test_a_crash_before_the_end_fetches_again_and_keeps_nothing_twice(dovecot, person, account, clock, monkeypatch):
    dovecot.put(person, letter(1, clock))
    dovecot.put(person, letter(2, clock))
    receive, calls = receiving.receive, []

    def dies(*facts):
        calls.append(facts)
        if len(calls) == 2:
            raise ConnectionResetError
        return receive(*facts)

    monkeypatch.setattr(receiving, "receive", dies)
    with pytest.raises(ConnectionResetError):
        pop3.fetch(account.id)
    assert len(kept()) == 1

    assert pop3.fetch(account.id) == 1
    assert len(kept()) == 2


def test_lines_without_end_and_dots_come_as_they_are(dovecot, person, account, clock):
    raw = letter(1, clock).as_bytes() + b"\n.\n..two\n" + b"x" * 50_000 + b"\n"
    dovecot.put(person, raw)

    assert pop3.fetch(account.id) == 1

    (row,) = database.session.scalars(database.select(Inbound))
    assert receiving.raw(row).replace(b"\r\n", b"\n").strip() == raw.strip()


def test_what_is_too_large_is_in_quarantine_with_its_head(dovecot, person, account, clock, monkeypatch):
    dovecot.put(person, letter(1, clock).as_bytes() + b"x" * 20_000)
    monkeypatch.setattr(storage, "largest", lambda: 10_000)

    assert pop3.fetch(account.id) == 1

    (row,) = database.session.scalars(database.select(Inbound))
    assert (row.state, row.reason) == (InboundState.QUARANTINED, mailbox.TooLarge.template())
    assert row.envelope["subject"] == "Заказ"


def test_another_node_s_mailbox_is_left_alone(dovecot, person, account, clock):
    dovecot.put(person, letter(1, clock))
    with unit_of_work():
        account.keeper = "another"

    with pytest.raises(mailbox.NotOurs):
        pop3.fetch(account.id, by="me")

    assert account.cursor == {}


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_certificates_are_verified(dovecot, person, db, clock, monkeypatch, tls):
    port = dovecot.pop3s_port if tls == "tls" else dovecot.pop3_port
    account = a_box(dovecot, person, tls=tls, port=port)
    dovecot.put(person, letter(1, clock))
    with pytest.raises(ssl.SSLCertVerificationError):
        pop3.fetch(account.id)

    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.authority))

    assert pop3.fetch(account.id) == 1


def test_what_is_wrong_is_said_in_a_sentence(dovecot, person, account, unused_port):
    with unit_of_work():
        accounts.keep_passwords(account, {"pop3": "wrong"})
    with pytest.raises(pop3.NotLetIn) as no:
        pop3.fetch(account.id)
    assert trouble.of(no.value, hide={})[0] == trouble.NO_ENTRY

    with unit_of_work():
        account.config = {"pop3": {**account.config["pop3"], "port": unused_port}}
    with pytest.raises(OSError, match="refused") as no:
        pop3.fetch(account.id)
    assert trouble.of(no.value, hide={})[0] == trouble.AWAY


def test_a_server_that_names_no_mails_is_told(account, monkeypatch):
    def refuses(*_):
        raise poplib.error_proto(b"-ERR unknown command")

    monkeypatch.setattr(poplib.POP3, "uidl", refuses)

    with pytest.raises(pop3.NoNames) as no:
        pop3.fetch(account.id)
    assert trouble.of(no.value, hide={})[0] == trouble.NO_NAMES


def test_the_keeper_looks_in_again_and_again(app, dovecot, person, account, clock, keeping_on, monkeypatch):  # noqa: F811
    monkeypatch.setattr(pop3, "POLL", 0.3)
    monkeypatch.setattr(keeping, "BEAT", 0.2)
    keeping_on()
    dovecot.put(person, letter(1, clock))
    assert soon(lambda: kept() == ["<1@client.example>"])
    dovecot.put(person, letter(2, clock))

    assert soon(lambda: len(kept()) == 2)


def test_the_connection_is_tested(dovecot, account, tmp_path):
    office = PostOffice(tmp_path)
    office.start()
    with unit_of_work():
        account.config = {**account.config, "smtp": {"host": "127.0.0.1", "port": office.port, "tls": "none"}}
    steps = trying.test_connection(account)
    office.stop()

    assert [(step.name, step.is_done) for step in steps] == [(trying.SENT, True), (trying.SIGNED_IN, True)]
