"""The SMTP door: 250 only when the mail is kept, and nothing but an answer when it is not."""

import contextlib
import datetime as dt
import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import OperationalError

from cec.channels import receiving
from cec.channels.email import door as door_module
from cec.channels.email import hourly, threading
from cec.channels.email.door import Door, PortTaken
from cec.channels.models import ChannelAccount, Inbound
from cec.platform import clock as clocks
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast

CLIENT = "petrov@client.example"


@pytest.fixture
def door(app, db):
    cast.a_mailbox()
    cast.a_mailbox("sales@shop.example")
    db.session.commit()
    with Door(app, "127.0.0.1", 0) as opened:
        yield opened


@contextlib.contextmanager
def talking(door):
    with smtplib.SMTP("127.0.0.1", door.port, timeout=10) as smtp:
        yield smtp


def hand_over(door, letter=None, to=(cast.MAILBOX,), sender=CLIENT):
    with talking(door) as smtp:
        return smtp.sendmail(sender, list(to), letter or cast.a_letter().as_bytes())


def kept():
    database.session.rollback()
    return database.session.scalars(database.select(Inbound).order_by(Inbound.id)).all()


def test_a_mail_is_kept_as_it_came(door):
    letter = cast.a_letter(message_id="<1@client.example>").as_bytes().replace(b"\n", b"\r\n")

    hand_over(door, letter)

    (inbound,) = kept()
    assert receiving.raw(inbound) == letter
    assert inbound.provider_event_id == "<1@client.example>"
    assert inbound.envelope["mail_from"] == CLIENT


def test_the_case_of_an_address_does_not_matter(door):
    assert hand_over(door, to=["Shop@SHOP.example".replace("Shop@SHOP.example", cast.MAILBOX.upper())]) == {}
    assert len(kept()) == 1


def test_a_stranger_s_mailbox_is_refused_and_the_rest_is_kept(door):
    assert list(hand_over(door, to=[cast.MAILBOX, "nobody@shop.example"])) == ["nobody@shop.example"]
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        hand_over(door, to=["nobody@shop.example"])

    assert refusal.value.recipients["nobody@shop.example"][0] == 550
    assert len(kept()) == 1


def test_a_mail_to_two_mailboxes_is_kept_for_each(door):
    hand_over(door, to=[cast.MAILBOX, "sales@shop.example"])

    assert {row.account.address for row in kept()} == {cast.MAILBOX, "sales@shop.example"}


def test_the_same_mail_twice_is_welcome_and_kept_once(door):
    letter = cast.a_letter().as_bytes()

    hand_over(door, letter)
    hand_over(door, letter)

    assert len(kept()) == 1


def test_a_null_sender_and_long_lines_are_taken(door):
    hand_over(door, sender="", letter=cast.a_letter().as_bytes() + b"x" * 100_000)

    assert kept()[0].envelope["mail_from"] == ""
    assert kept()[0].size > 100_000


def test_what_is_too_large_is_refused(door):
    with talking(door) as smtp:
        limit = int(smtp.ehlo()[1].decode().split("SIZE ")[1].split()[0])
        code, _ = smtp.mail(CLIENT, [f"SIZE={limit + 1}"])

    assert code == 552
    assert kept() == []


def test_thirty_megabytes_are_refused_before_they_are_all_read(door):
    with talking(door) as smtp:
        smtp.ehlo()
        smtp.mail(CLIENT)
        smtp.rcpt(cast.MAILBOX)
        smtp.docmd("DATA")
        sent = 0
        with contextlib.suppress(OSError):
            for _ in range(30 * 16):
                smtp.sock.sendall(b"x" * 65_534 + b"\r\n")
                sent += 2**16
        code, words = smtp.getreply()

    assert code == 552
    assert b"larger" in words
    assert kept() == []


def test_who_sends_without_end_is_left(door, monkeypatch):
    monkeypatch.setattr(door_module, "REST", 2**20)
    with talking(door) as smtp:
        smtp.ehlo()
        smtp.mail(CLIENT)
        smtp.rcpt(cast.MAILBOX)
        smtp.docmd("DATA")
        with pytest.raises(OSError):  # noqa: PT011 - the connection is gone, whatever the system calls it
            for _ in range(100 * 16):
                smtp.sock.sendall(b"x" * 65_534 + b"\r\n")

    assert hand_over(door) == {}


def test_five_thousand_recipients_are_too_many(door):
    with talking(door) as smtp:
        smtp.ehlo()
        smtp.mail(CLIENT)
        codes = [smtp.rcpt(cast.MAILBOX)[0] for _ in range(5000)]
        answered = smtp.data(cast.a_letter().as_bytes())[0]

    assert codes.count(250) == door_module.MAX_RECIPIENTS
    assert codes.count(452) == 5000 - door_module.MAX_RECIPIENTS
    assert answered == 250
    assert len(kept()) == 1


def test_a_mail_nested_two_thousand_deep_is_kept_and_stops_nobody(door):
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(2000))

    hand_over(door, b"From: petrov@client.example\r\n" + deep)
    hand_over(door)

    assert len(kept()) == 2


def test_a_mail_that_goes_round_is_stopped(door):
    letter = b"Received: from a by b\r\n" * 150 + cast.a_letter().as_bytes()

    with pytest.raises(smtplib.SMTPDataError) as refusal:
        hand_over(door, letter)

    assert refusal.value.smtp_code == 554


def test_while_the_database_is_away_the_sender_keeps_his_mail(door, monkeypatch):
    def away(*_):
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(receiving, "receive", away)
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        hand_over(door)
    monkeypatch.undo()

    assert refusal.value.smtp_code == 451
    assert hand_over(door) == {}


def test_a_fault_of_ours_does_not_send_the_mail_back(door, monkeypatch):
    def broken(*_):
        raise KeyError

    monkeypatch.setattr(receiving, "receive", broken)
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        hand_over(door)

    assert refusal.value.smtp_code == 451


def test_a_mailbox_that_is_closed_meanwhile_keeps_what_it_has_promised_to_take(door):
    with talking(door) as smtp:
        smtp.ehlo()
        smtp.mail(CLIENT)
        smtp.rcpt(cast.MAILBOX)
        cast.a_mailbox().is_active = False
        database.session.commit()
        code, _ = smtp.data(cast.a_letter().as_bytes())

    assert code == 250
    assert len(kept()) == 1


def test_a_probe_of_a_mailbox_goes_out_comes_back_and_becomes_nothing(door, db, clock):
    with unit_of_work():
        mailbox = cast.a_mailbox(port=door.port)
        mailbox.config = {**mailbox.config, "smtp": {**mailbox.config["smtp"], "port": door.port}, "probe": True}
    clock.forward(dt.timedelta(minutes=1))

    assert hourly.probe_all() == 1

    account = db.session.get_one(ChannelAccount, mailbox.id, populate_existing=True)
    assert account.probed_at == account.probe_came_at == clocks.now()
    assert account.last_in_at is None
    assert db.session.query(Inbound).count() == 0


def test_a_trial_of_the_connection_becomes_nothing(door):
    hand_over(door, cast.a_letter(message_id=threading.trial_id(cast.MAILBOX, "abc")).as_bytes())

    assert kept() == []


def test_many_connections_at_once_lose_nothing(door):
    def several(person):
        with talking(door) as smtp:
            for number in range(10):
                letter = cast.a_letter(message_id=f"<{number}.{person}@client.example>")
                smtp.sendmail(CLIENT, [cast.MAILBOX], letter.as_bytes())

    with ThreadPoolExecutor(6) as people:
        list(people.map(several, range(6)))

    assert len({row.provider_event_id for row in kept()}) == 60


def test_a_caller_who_says_nothing_does_not_keep_others_waiting(door):
    with socket.create_connection(("127.0.0.1", door.port)), socket.create_connection(("127.0.0.1", door.port)):
        assert hand_over(door) == {}


def test_a_taken_port_is_said_in_one_sentence(app, door):
    second = Door(app, "127.0.0.1", door.port)

    with pytest.raises(PortTaken, match=f"Port {door.port} of the SMTP door is taken by another program"):
        second.start()


def test_a_closed_door_is_closed(app, db):
    with Door(app, "127.0.0.1", 0) as opened:
        pass

    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", opened.port, timeout=2)
