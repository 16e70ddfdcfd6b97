"""Mail fetched by IMAP from a real Dovecot: kept first, marked after; nothing lost, nothing twice."""

import time

import pytest
from imap_tools.errors import MailboxLoginError
from sqlalchemy.exc import OperationalError

from cec.channels import accounts, receiving
from cec.channels.email import mailbox, trouble, trying
from cec.channels.email.post_office import PostOffice
from cec.channels.models import Inbound
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast


@pytest.fixture
def person(dovecot, request):
    return request.node.name.replace("_", "")[-40:]


@pytest.fixture
def account(db, dovecot, person):
    return a_box(dovecot, person)


def a_box(dovecot, person, **server):
    imap = {"host": "127.0.0.1", "port": dovecot.port, "tls": "none", "user": person} | server
    with unit_of_work():
        return accounts.create_email(
            name="Shop", code=person[:30], address=f"{person}@shop.example", config={"imap": imap},
            passwords={"imap": "secret"}, by="system",
        )  # fmt: skip


def letter(number, **headers):
    return cast.a_letter(f"words {number}", message_id=f"<{number}@client.example>", **headers)


def kept():
    database.session.rollback()
    return [row.provider_event_id for row in database.session.scalars(database.select(Inbound).order_by(Inbound.id))]


def test_unread_mail_is_fetched_kept_and_marked(dovecot, person, account):
    dovecot.put(person, letter(1))
    dovecot.put(person, letter(2))

    assert mailbox.fetch(account.id) == 2
    assert mailbox.fetch(account.id) == 0
    dovecot.put(person, letter(3))
    assert mailbox.fetch(account.id) == 1

    assert sorted(kept()) == ["<1@client.example>", "<2@client.example>", "<3@client.example>"]
    assert dovecot.seen(person) == 3
    assert b"words 1" in b"".join(receiving.raw(row) for row in database.session.scalars(database.select(Inbound)))


def test_a_new_mailbox_begins_with_what_nobody_has_read(dovecot, person, account):
    dovecot.put(person, letter("old"), seen=True)
    dovecot.put(person, letter("new"))

    mailbox.fetch(account.id)

    assert kept() == ["<new@client.example>"]


def test_what_a_colleague_read_after_we_began_is_fetched_too(dovecot, person, account):
    mailbox.fetch(account.id)
    dovecot.put(person, letter(1), seen=True)

    assert mailbox.fetch(account.id) == 1


def test_a_full_mailbox_is_fetched_by_and_by_and_whole(dovecot, person, account, monkeypatch):
    monkeypatch.setattr(mailbox, "BATCH", 2)
    dovecot.put(person, letter("old"), seen=True)
    for number in range(5):
        dovecot.put(person, letter(number))

    assert [mailbox.fetch(account.id) for _ in range(4)] == [2, 2, 1, 0]
    assert len(kept()) == 5


def test_a_crash_before_the_commit_loses_nothing_and_marks_nothing(dovecot, person, account, monkeypatch):
    for number in range(3):
        dovecot.put(person, letter(number))
    receive, calls = receiving.receive, []

    def dies_at_the_second(*facts):
        calls.append(facts)
        if len(calls) == 2:
            raise OperationalError("insert", {}, Exception("gone"))
        return receive(*facts)

    monkeypatch.setattr(receiving, "receive", dies_at_the_second)
    with pytest.raises(OperationalError):
        mailbox.fetch(account.id)
    assert (len(kept()), dovecot.seen(person)) == (1, 1)

    monkeypatch.undo()
    assert mailbox.fetch(account.id) == 2
    assert (len(kept()), dovecot.seen(person)) == (3, 3)


def test_a_mailbox_that_is_numbered_anew_gives_nothing_twice_and_loses_nothing(dovecot, person, account):
    dovecot.put(person, letter(1))
    mailbox.fetch(account.id)
    dovecot.put(person, letter(2), seen=True)
    time.sleep(1.1)  # Dovecot numbers by the second
    dovecot.renumber(person)

    assert mailbox.fetch(account.id) == 1
    assert mailbox.fetch(account.id) == 0
    assert kept() == ["<1@client.example>", "<2@client.example>"]


def test_deleted_mail_is_left_alone(dovecot, person, account):
    mailbox.fetch(account.id)
    dovecot.put(person, letter(1), flags="T")

    assert mailbox.fetch(account.id) == 0


def test_what_is_too_large_is_told_and_does_not_block(dovecot, person, account, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 5000)
    dovecot.put(person, cast.a_letter("x\n" * 5000, message_id="<big@client.example>"))
    dovecot.put(person, letter(2))

    assert mailbox.fetch(account.id) == 2
    (big,) = receiving.list_quarantined()
    assert (big.provider_event_id, big.reason) == ("<big@client.example>", mailbox.TooLarge.template())
    assert b"x\n" not in receiving.raw(big)


def test_a_mail_that_the_server_does_not_give_is_told_and_does_not_block(dovecot, person, account, monkeypatch):
    dovecot.put(person, letter(1))
    dovecot.put(person, letter(2))
    fetched = mailbox._fetched  # noqa: SLF001

    def stumbles(box, uid, what):
        return (False, []) if uid == 1 and "PEEK" in what else fetched(box, uid, what)

    monkeypatch.setattr(mailbox, "_fetched", stumbles)

    assert mailbox.fetch(account.id) == 2
    assert [row.reason for row in receiving.list_quarantined()] == [mailbox.NotGiven.template()]
    assert len(kept()) == 2


def test_trouble_is_forgotten_when_it_is_over(dovecot, account):
    with unit_of_work():
        account.last_error = "ConnectionRefusedError"

    mailbox.fetch(account.id)

    database.session.expire_all()
    assert account.last_error is None


def test_a_wrong_password_is_said(dovecot, account):
    with unit_of_work():
        accounts.keep_passwords(account, {"imap": "guess"})

    with pytest.raises(MailboxLoginError):
        mailbox.fetch(account.id)


class Delivering(PostOffice):
    """Takes a letter and lays it into the maildir of whom it is for."""

    dovecot = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.dovecot.put(envelope.rcpt_tos[0].partition("@")[0], envelope.original_content)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def delivering(dovecot, tmp_path):
    office = Delivering(tmp_path / "out")
    office.dovecot = dovecot
    office.start()
    yield office
    office.stop()


def test_a_trial_goes_out_comes_back_and_becomes_no_appeal(dovecot, person, account, delivering):
    account.config = account.config | {"smtp": {"host": "127.0.0.1", "port": delivering.port}}
    database.session.commit()

    steps = trying.test_connection(account)

    assert [(step.name, step.is_done) for step in steps] == [
        (trying.SENT, True), (trying.SIGNED_IN, True), (trying.ARRIVED, True),
    ]  # fmt: skip
    dovecot.put(person, delivering.folder.joinpath("000001.eml").read_bytes())
    assert mailbox.fetch(account.id) == 0
    assert kept() == []


def test_a_trial_says_what_does_not_work(dovecot, account, unused_port):
    account.config = account.config | {"smtp": {"host": "127.0.0.1", "port": unused_port}}
    accounts.keep_passwords(account, {"imap": "guess"})

    steps = trying.test_connection(account)

    assert [(step.name, step.is_done) for step in steps] == [(trying.NOT_SENT, False), (trying.NOT_SIGNED_IN, False)]
    assert steps[1].reason == trouble.NO_ENTRY


def test_a_server_that_speaks_no_imap_is_told(postmaster, account):
    account.config = {"imap": {"host": "127.0.0.1", "port": postmaster().port, "tls": "none", "user": "x"}}

    steps = trying.test_connection(account)

    assert [step.is_done for step in steps] == [False, False]
