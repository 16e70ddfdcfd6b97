"""Mail at home in real mailboxes: what others lost or doubled (QUALITY 1), against real Dovecot and OpenSMTPD."""

import datetime as dt
import email.utils
import socket
import threading
import time

import pytest
from imap_tools.errors import ImapToolsError

from cec.appeals import conversation, delivering
from cec.appeals.models import Appeal, Message, MessageState, Status
from cec.channels import accounts, receiving
from cec.channels.email import mailbox, sending, trying
from cec.channels.models import ChannelAccount, Inbound, InboundState
from cec.platform import work
from cec.platform.db import db, unit_of_work
from tests import cast, peers
from tests.stories import act, answer, close

GIVEN_UP = mailbox.NETWORK


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


@pytest.fixture
def person(request):
    return "".join(letter for letter in request.node.name if letter.isalnum())[-30:]


@pytest.fixture
def box(dovecot, person):
    """Our mailbox at Dovecot."""
    return a_box(person, dovecot.port)


def a_box(name, port, smtp=None, tls="none"):
    config = {"imap": {"host": "localhost", "port": port, "tls": tls, "user": name}} | ({"smtp": smtp} if smtp else {})
    with unit_of_work():
        return accounts.create_email(
            name="Магазин", code=name, address=f"{name}@centre.example", config=config,
            passwords={"imap": peers.PASSWORD, "smtp": peers.PASSWORD}, by="system",
        )  # fmt: skip


def letter(number, *, sender=cast.PETROV, **headers):
    return cast.a_letter(f"Слова {number}", message_id=f"<{number}@client.example>", sender=sender, **headers)


def take_in():
    while work.run_due():
        pass
    db.session.expire_all()


def messages():
    db.session.rollback()
    return [message.provider_event_id for message in db.session.scalars(db.select(Message).order_by(Message.id))]


class Cut:
    """Stands between us and a mail server and breaks the conversation off after so many bytes of its words."""

    def __init__(self, port, *, after):
        self.port, self.after = port, after
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.own = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.listening.close()

    def _serve(self):
        try:
            ours, _ = self.listening.accept()
        except OSError:
            return
        theirs = socket.create_connection(("127.0.0.1", self.port))
        threading.Thread(target=self._forward, args=(ours, theirs, 2**40), daemon=True).start()
        self._forward(theirs, ours, self.after)

    def _forward(self, one, other, left):
        try:
            while left > 0:
                piece = one.recv(min(left, 4096))
                if not piece:
                    break
                other.sendall(piece)
                left -= len(piece)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                end.close()


@pytest.mark.parametrize("after", [900, 2500, 6000, 20_000, 90_000])
def test_r1_a_fetch_that_is_cut_off_anywhere_makes_no_mail_come_twice(dovecot, after):
    person = f"cutoff{after}"
    for number in range(4):
        dovecot.put(person, cast.a_letter("слово " * 3000, message_id=f"<{number}@client.example>"))
    cut = Cut(dovecot.port, after=after)
    account = a_box(person, cut.own)
    try:
        mailbox.fetch(account.id)
    except GIVEN_UP:
        db.session.rollback()
    cut.close()

    account.config = {"imap": account.config["imap"] | {"port": dovecot.port}}
    db.session.commit()
    mailbox.fetch(account.id)
    mailbox.fetch(account.id)
    take_in()

    assert sorted(messages()) == [f"<{number}@client.example>" for number in range(4)]
    assert dovecot.seen(person) == 4


def test_r1_a_server_that_dies_in_mid_fetch_loses_nothing_and_doubles_nothing(person, monkeypatch):
    with peers.dovecot() as own:
        for number in range(5):
            own.put(person, letter(number))
        account = a_box(person, own.port)
        take, taken = mailbox._take, []  # noqa: SLF001

        def dies_after_two(*facts):
            if len(taken) == 2:
                own.die()
            taken.append(take(*facts))
            return taken[-1]

        monkeypatch.setattr(mailbox, "_take", dies_after_two)
        with pytest.raises(GIVEN_UP):
            mailbox.fetch(account.id)
        monkeypatch.undo()
        db.session.rollback()
        own.start()

        assert mailbox.fetch(account.id) == 3
        take_in()

    assert sorted(messages()) == [f"<{number}@client.example>" for number in range(5)]


def test_r2_nothing_is_deleted_and_nothing_is_marked_before_it_is_kept(dovecot, person, box, monkeypatch):
    dovecot.put(person, letter(1))
    dovecot.put(person, letter("old"), seen=True)

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(receiving, "receive", full)
    with pytest.raises(OSError, match="No space"):
        mailbox.fetch(box.id)
    assert (dovecot.seen(person), len(dovecot.box(person))) == (1, 2)

    monkeypatch.undo()
    db.session.rollback()
    assert mailbox.fetch(box.id) == 1
    assert (dovecot.seen(person), len(dovecot.box(person))) == (2, 2)


def test_r2_setting_a_mailbox_up_wrongly_empties_nothing(dovecot, person, box):
    dovecot.put(person, letter(1))
    config = {"imap": box.config["imap"] | {"folder": "Nowhere"}}
    with unit_of_work():
        accounts.change_email(box, name=box.name, address=box.address, config=config, by="system")
    trying.test_connection(box)
    with pytest.raises(ImapToolsError):
        mailbox.fetch(box.id)

    db.session.rollback()
    assert (dovecot.seen(person), len(dovecot.box(person))) == (0, 1)


def test_r3_poison_mail_goes_to_quarantine_and_the_rest_goes_on(dovecot, person, box):
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(2000))

    def put(raw):
        # As a mail server lays it down; Python's own parser would stumble over the first one.
        path = dovecot.base / "mail" / person / "new" / f"{len(raw)}.{hash(raw) % 10**9}.host"
        path.write_bytes(raw)
        dovecot.hand_over(dovecot.base / "mail" / person)

    poison = [
        b"From: a@b.example\n" + deep,
        b"\xff\xfe\x00\x00",
        b"no header at all",
        b"From: \nSubject: =?utf-8?b?////?=\n\nx",
        b"Content-Type: multipart/mixed; boundary=\n\n" + b"--\n" * 1000,
    ]
    dovecot.put(person, letter(1))
    for raw in poison:
        put(raw)
    dovecot.put(person, letter(2))

    assert mailbox.fetch(box.id) == len(poison) + 2
    take_in()

    kept = db.session.scalars(db.select(Inbound)).all()
    assert {row.state for row in kept} == {InboundState.DONE, InboundState.QUARANTINED}
    assert all(row.reason for row in kept if row.state == InboundState.QUARANTINED)
    assert {"<1@client.example>", "<2@client.example>"} <= set(messages())
    assert not work.dead_letters()


def test_r4_unread_mail_is_fetched_however_old_it_is(dovecot, person, box, clock):
    dovecot.put(person, letter("older", Date="Mon, 02 Mar 2020 10:00:00 +0000"))
    mailbox.fetch(box.id)
    for number in range(3):
        dovecot.put(person, letter(number, Date="Mon, 02 Mar 2020 10:00:00 +0000"), seen=bool(number % 2))
    clock.forward(dt.timedelta(days=40))

    assert mailbox.fetch(box.id) == 3
    take_in()

    assert len(messages()) == 4


def test_r5_what_was_thrown_away_here_does_not_come_back_from_the_mailbox(dovecot, person, box):
    dovecot.put(person, letter(1))
    mailbox.fetch(box.id)
    take_in()
    appeal = cast.accepted(db.session.scalars(db.select(Appeal)).one(), cast.anna())
    act(appeal, "spam", cast.anna(), comment="")

    dovecot.put(person, letter(1))  # somebody has moved it away and back
    assert mailbox.fetch(box.id) == 0
    time.sleep(1.1)  # Dovecot numbers by the second
    dovecot.renumber(person)
    assert mailbox.fetch(box.id) == 0
    take_in()

    assert len(messages()) == 1
    assert cast.reread(appeal).status == Status.SPAM


def test_r6_the_same_mail_in_two_mailboxes_is_an_appeal_in_each(dovecot, person, box):
    other = a_box(f"o{person[1:]}", dovecot.port)
    dovecot.put(person, letter(1))
    dovecot.put(f"o{person[1:]}", letter(1))

    assert (mailbox.fetch(box.id), mailbox.fetch(other.id)) == (1, 1)
    take_in()

    appeals = db.session.scalars(db.select(Appeal)).all()
    assert {appeal.channel_account_id for appeal in appeals} == {box.id, other.id}


@pytest.fixture
def held(dovecot, opensmtpd, trusting, person):
    """Give a function: an appeal of a client with a real mailbox, which Anna has in work, at a mailbox of ours."""

    def open_one(tls="tls", client="petrov", **config):
        account = a_box(person, dovecot.tls_port, smtp=opensmtpd.account(tls) | config, tls="tls")
        dovecot.put(person, letter(1, sender=f"Пётр Петров <{client}{person}@client.example>", to=account.address))
        mailbox.fetch(account.id)
        take_in()
        return cast.accepted(db.session.scalars(db.select(Appeal).order_by(Appeal.id.desc())).first(), cast.anna())

    return open_one


def deliver(clock):
    clock.forward(dt.timedelta(seconds=6))
    delivering.deliver_due()
    db.session.expire_all()


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_the_answer_is_read_in_the_client_s_mailbox_and_his_reply_continues_the_appeal(
    held, dovecot, person, clock, tls
):
    appeal = held(tls)
    message = answer(appeal, cast.anna(), "Здравствуйте! Заказ у курьера.")

    deliver(clock)

    assert message.state == MessageState.SENT
    read = dovecot.await_letter(f"petrov{person}", "Заказ у курьера")
    assert read["Subject"] == f"Re: Заказ [#{appeal.number}]"
    assert read["In-Reply-To"] == "<1@client.example>"
    assert email.utils.parseaddr(str(read["To"]))[1] == f"petrov{person}@client.example"
    assert [word for word in str(read["From"]).split() if "@" in word] == [f"<{person}@centre.example>"]

    reply = letter(2, sender=f"petrov{person}@client.example", In_Reply_To=read["Message-ID"])
    dovecot.put(person, reply)
    mailbox.fetch(appeal.channel_account_id)
    take_in()

    assert cast.reread(appeal).last_client_message_id > message.id


def test_a_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_mail(
    held, opensmtpd, monkeypatch, clock
):
    appeal = held()
    monkeypatch.delenv("SSL_CERT_FILE")
    message = answer(appeal, cast.anna())

    deliver(clock)

    assert (message.state, message.error) == (MessageState.QUEUED, sending.AWAY)
    with pytest.raises(GIVEN_UP):
        mailbox.fetch(appeal.channel_account_id)
    db.session.rollback()
    assert db.session.get_one(ChannelAccount, appeal.channel_account_id).out_error == sending.AWAY


def test_r9_a_wrong_password_loses_no_answer_it_goes_out_once_it_is_right(held, dovecot, person, clock):
    appeal = held()
    with unit_of_work():
        accounts.keep_passwords(appeal.account, {"smtp": "wrong"})
    message = answer(appeal, cast.anna(), "Никуда не пропало")

    deliver(clock)
    assert (message.state, message.error) == (MessageState.QUEUED, sending.NO_ENTRY)

    with unit_of_work():
        accounts.keep_passwords(db.session.get_one(ChannelAccount, appeal.channel_account_id), {"smtp": peers.PASSWORD})
    deliver(clock)

    assert message.state == MessageState.SENT
    assert dovecot.await_letter(f"petrov{person}", "Никуда не пропало")
    assert appeal.account.out_error is None


def test_r9_one_bad_recipient_does_not_keep_the_answer_from_the_others(held, dovecot, person, clock):
    appeal = held("none")
    message = answer(appeal, cast.anna(), "Обоим сразу")
    with unit_of_work():
        message.headers = {"to": [f"petrov{person}@client.example", f"gone{person}@client.example"]}

    deliver(clock)

    assert message.state == MessageState.SENT
    assert list(message.undelivered) == [f"gone{person}@client.example"]
    assert dovecot.await_letter(f"petrov{person}", "Обоим сразу")


def test_r9_an_answer_that_nobody_takes_has_failed_and_is_said(held, person, clock):
    appeal = held(client="gone")
    message = answer(appeal, cast.anna())

    deliver(clock)

    assert (message.state, message.error) == (MessageState.FAILED, sending.NO_RECIPIENT)
    assert "message.failed" in cast.story(appeal.key)
    assert not appeal.address.can_receive


def test_r10_a_lost_answer_is_unknown_and_never_sent_again_by_itself(held, dovecot, person, clock, postmaster):
    hangs = postmaster(last="drop")
    appeal = held()
    appeal.account.config = appeal.account.config | {"smtp": {"host": "127.0.0.1", "port": hangs.port, "tls": "none"}}
    db.session.commit()
    message = answer(appeal, cast.anna())

    for _ in range(3):
        deliver(clock)

    assert message.state == MessageState.UNKNOWN
    assert len(hangs.letters) == 1


def test_r15_machines_that_answer_each_other_stop_at_one(held, dovecot, person, clock):
    appeal = held()
    answer(appeal, cast.anna(), "Ответ оператора")
    deliver(clock)
    ours = dovecot.await_letter(f"petrov{person}", "Ответ оператора")
    close(appeal, cast.anna())
    sent_by_us = len(dovecot.letters(f"petrov{person}"))

    for number, facts in enumerate(
        [
            {"Auto_Submitted": "auto-replied"},
            {"Precedence": "bulk"},
            {"sender": f"no-reply@{person}.example"},
            {"sender": appeal.account.address},
            {"sender": "MAILER-DAEMON@client.example", "Auto_Submitted": "auto-generated"},
        ],
        start=10,
    ):
        dovecot.put(person, letter(number, **{"In_Reply_To": ours["Message-ID"], **facts}))
    mailbox.fetch(appeal.channel_account_id)
    take_in()
    deliver(clock)

    assert cast.reread(appeal).status == Status.CLOSED
    assert len(messages()) == 7
    assert db.session.scalar(db.select(db.func.count()).select_from(Appeal)) == 1
    assert len(dovecot.letters(f"petrov{person}")) == sent_by_us


def test_a_trial_goes_through_real_servers_with_tls(held):
    steps = trying.test_connection(held("starttls").account)

    assert [(step.name, step.is_done) for step in steps] == [
        (trying.SENT, True), (trying.SIGNED_IN, True), (trying.ARRIVED, True),
    ]  # fmt: skip


MISBEHAVING = [
    ({"RCPT": "451 greylisted"}, MessageState.QUEUED, sending.NO_RECIPIENT),
    ({"RCPT": "550 no such user"}, MessageState.FAILED, sending.NO_RECIPIENT),
    ({"MAIL": "421 too busy"}, MessageState.QUEUED, sending.NO_SENDER),
    ({"DATA": "554 no"}, MessageState.FAILED, sending.NOT_TAKEN),
    ({"DATA": "drop"}, MessageState.QUEUED, sending.AWAY),
    ({"last": "451 later"}, MessageState.QUEUED, sending.NOT_TAKEN),
    ({"last": "554 spam"}, MessageState.FAILED, sending.NOT_TAKEN),
    ({"last": "hang"}, MessageState.UNKNOWN, sending.NO_ANSWER),
    ({"last": "drop"}, MessageState.UNKNOWN, sending.NO_ANSWER),
]


@pytest.mark.parametrize(("answers", "state", "reason"), MISBEHAVING)
def test_whatever_a_mail_server_does_the_operator_sees_it_and_decides(
    postmaster, clock, monkeypatch, answers, state, reason
):
    monkeypatch.setattr(sending, "PATIENCE", sending.Patience(connect=3, command=1.5, last_answer=1, goodbye=0.5))
    server = postmaster(**answers)
    cast.a_mailbox().config = {"smtp": {"host": "127.0.0.1", "port": server.port, "tls": "none"}}
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    message = answer(appeal, cast.anna())
    deliver(clock)
    assert (message.state, message.error) == (state, reason)

    server.answers.clear()
    before = len(server.letters)
    clock.forward(dt.timedelta(minutes=5))
    delivering.deliver_due()
    db.session.expire_all()

    if state == MessageState.QUEUED:
        assert message.state == MessageState.SENT
        assert len(server.letters) == before + 1
    else:
        assert message.state == state, "only a person sends it once more"
        assert len(server.letters) == before
        with unit_of_work():
            conversation.retry(message.id, by=cast.anna())
        delivering.deliver_due()
        db.session.expire_all()
        assert (message.state, message.undelivered) == (MessageState.SENT, {})
        assert len(server.letters) == before + 1
