"""Mail on its way out: real conversations with servers that take it, refuse it, or fall silent."""

import email
import email.policy
import time

import pytest

from cec.channels import accounts
from cec.channels.channel import Outbound, OutgoingFile, Refused, Sent, Unknown
from cec.channels.email import sending
from tests import cast

QUICK = sending.Patience(connect=3, command=1.5, last_answer=1, goodbye=0.5)
PETROV, IVANOV = "petrov@client.example", "ivanov@client.example"


@pytest.fixture(autouse=True)
def _clean(db):
    pass


def a_message(**facts):
    return Outbound(**{"message_id": "<1.ours@shop.example>", "to": [PETROV], "text": "Добрый день!"} | facts)


def send(server, **facts):
    return sending.send(cast.a_mailbox(port=server.port), a_message(**facts), patience=QUICK)


def read(server):
    (letter,) = server.letters
    return email.message_from_bytes(letter, policy=email.policy.default)


def test_a_message_is_taken_with_text_html_files_and_thread(postmaster):
    server = postmaster()

    outcome = send(
        server, subject="Re: Заказ [#2026-000001]", html="<p>Добрый день!</p>", sender_name="Анна, оператор",
        in_reply_to="<b@client.example>", references=["<a@client.example>"],
        files=[OutgoingFile("счёт.pdf", "application/pdf", b"%PDF"), OutgoingFile("x.eml", "message/rfc822", b"A: b")],
    )  # fmt: skip

    letter = read(server)
    assert outcome == Sent("<1.ours@shop.example>")
    assert letter["Message-ID"] == "<1.ours@shop.example>"
    assert letter["Subject"] == "Re: Заказ [#2026-000001]"
    assert letter["From"].addresses[0].addr_spec == cast.MAILBOX
    assert letter["From"].addresses[0].display_name == "Анна оператор"
    assert (letter["In-Reply-To"], letter["References"]) == (
        "<b@client.example>", "<a@client.example> <b@client.example>",
    )  # fmt: skip
    assert letter["Auto-Submitted"] is None
    assert letter.get_body(("plain",)).get_content().strip() == "Добрый день!"
    assert letter.get_body(("html",)).get_content().strip() == "<p>Добрый день!</p>"
    assert [file.get_filename() for file in letter.iter_attachments()] == ["счёт.pdf", "x.eml"]
    assert server.said[-1].upper() == "QUIT"


def test_what_a_machine_writes_says_so(postmaster):
    server = postmaster()

    send(server, auto=True)

    assert read(server)["Auto-Submitted"] == "auto-replied"


def test_nothing_typed_becomes_a_header_or_a_recipient(postmaster):
    server = postmaster()

    send(
        server, subject="Hi\r\nBcc: thief@evil.example", sender_name="Anna\r\nX-Evil: 1 <thief@evil.example>",
        in_reply_to="<a>\r\nX-Evil: 2", references=["<b>\nX-Evil: 3"],
        files=[OutgoingFile("a\r\nX-Evil: 4.txt", "text/plain\r\nX-Evil: 5", b"x")],
    )  # fmt: skip

    letter = read(server)
    assert letter["Bcc"] is None
    assert letter["X-Evil"] is None
    said = [line.lower() for line in server.said]
    assert [line for line in said if line.startswith("rcpt")] == [f"rcpt to:<{PETROV}>"]
    assert letter["From"].addresses[0].addr_spec == cast.MAILBOX
    assert all(part["X-Evil"] is None for part in letter.walk())


@pytest.mark.parametrize("to", [["a@b.example\r\nRCPT TO:<thief@evil.example>"], ["nobody"], ["a@b@c"], []])
def test_what_is_no_address_is_refused_for_good(postmaster, to):
    server = postmaster()

    outcome = send(server, to=to)

    assert isinstance(outcome, Refused)
    assert not outcome.retryable
    assert server.said == []


def test_a_line_with_a_dot_arrives_as_it_was(postmaster):
    server = postmaster()

    send(server, text="one\n.\n..two\n.")

    assert read(server).get_content().replace("\r\n", "\n") == "one\n.\n..two\n.\n"


def test_long_references_are_trimmed_to_the_first_and_the_newest(postmaster):
    server = postmaster()

    send(server, references=[f"<{number}@client.example>" for number in range(100)], in_reply_to="<99@client.example>")

    known = read(server)["References"].split()
    assert len(known) == 12
    assert (known[0], known[-1]) == ("<0@client.example>", "<99@client.example>")


@pytest.mark.parametrize(
    ("answers", "retryable", "reason"),
    [
        ({"hello": "421 busy"}, True, sending.AWAY),
        ({"hello": "hang"}, True, sending.AWAY),
        ({"hello": "drop"}, True, sending.AWAY),
        ({"MAIL": "451 later"}, True, sending.NO_SENDER),
        ({"MAIL": "550 not you"}, False, sending.NO_SENDER),
        ({"RCPT": "450 greylisted"}, True, sending.NO_RECIPIENT),
        ({"RCPT": "550 nobody"}, False, sending.NO_RECIPIENT),
        ({"RCPT": "hang"}, True, sending.AWAY),
        ({"DATA": "451 later"}, True, sending.NOT_TAKEN),
        ({"DATA": "554 no"}, False, sending.NOT_TAKEN),
        ({"DATA": "drop"}, True, sending.AWAY),
        ({"last": "451 later"}, True, sending.NOT_TAKEN),
        ({"last": "421 later"}, True, sending.NOT_TAKEN),
        ({"last": "554 spam"}, False, sending.NOT_TAKEN),
    ],
)
def test_a_no_is_certain_and_says_whether_to_try_again(postmaster, answers, retryable, reason):
    outcome = send(postmaster(**answers))

    assert isinstance(outcome, Refused)
    assert (outcome.retryable, outcome.reason) == (retryable, reason)
    assert outcome.detail


@pytest.mark.parametrize("last", ["hang", "drop", "what?"])
def test_a_lost_answer_after_the_last_line_is_unknown(postmaster, last):
    server = postmaster(last=last)

    outcome = send(server)

    assert isinstance(outcome, Unknown)
    assert len(server.letters) == 1


def test_a_connection_lost_inside_the_text_is_certainly_not_sent(postmaster):
    big = [OutgoingFile("big.bin", "application/octet-stream", b"x" * 8_000_000)]

    outcome = send(postmaster(body="drop"), files=big)

    assert isinstance(outcome, Refused)
    assert outcome.retryable


def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(postmaster):
    server = postmaster(**{IVANOV: "550 moved away"})

    outcome = send(server, cc=[IVANOV])

    assert isinstance(outcome, Sent)
    assert [(one.address, one.reason, one.is_final, one.is_hard) for one in outcome.undelivered] == [
        (IVANOV, "550 moved away", True, True)
    ]
    assert len(server.letters) == 1


def test_while_one_recipient_may_be_accepted_later_it_is_tried_again(postmaster):
    outcome = send(postmaster(**{IVANOV: "450 later", PETROV: "550 no"}), cc=[IVANOV])

    assert isinstance(outcome, Refused)
    assert outcome.retryable


def test_a_server_that_is_not_there_is_tried_again_and_does_not_hold_us_up(unused_port):
    began = time.monotonic()

    outcome = sending.send(cast.a_mailbox(port=unused_port), a_message(), patience=QUICK)

    assert outcome.retryable
    assert time.monotonic() - began < 5


def test_a_server_without_encryption_is_not_talked_to_when_it_is_demanded(postmaster):
    server = postmaster(STARTTLS="454 not here")
    account = cast.a_mailbox(port=server.port)
    account.config = {"smtp": account.config["smtp"] | {"tls": "starttls"}}

    outcome = sending.send(account, a_message(), patience=QUICK)

    assert outcome.retryable
    assert server.letters == []


def test_a_wrong_password_waits_for_the_administrator(postmaster):
    server = postmaster(EHLO="250-here\r\n250 AUTH PLAIN LOGIN", AUTH="535 wrong")
    account = cast.a_mailbox(port=server.port)
    account.config = {"smtp": account.config["smtp"] | {"user": "shop"}}
    accounts.keep_passwords(account, {"smtp": "secret"})

    outcome = sending.send(account, a_message(), patience=QUICK)

    assert (outcome.reason, outcome.retryable) == (sending.NO_ENTRY, True)
    assert "secret" not in outcome.detail


def test_a_mailbox_without_a_server_says_so(postmaster):
    account = cast.a_mailbox()
    account.config = {}

    assert sending.send(account, a_message()) == Refused(sending.NO_SERVER, retryable=False, blames_account=True)


def test_a_russian_domain_is_written_as_servers_know_it(postmaster):
    server = postmaster()

    outcome = send(server, to=["иван@почта.рф".replace("иван", "ivan")])

    assert isinstance(outcome, Sent)
    assert "rcpt to:<ivan@xn--80a1acny.xn--p1ai>" in [line.lower() for line in server.said]


def test_a_russian_name_before_the_at_needs_a_server_that_can(postmaster):
    cannot, can = postmaster(), postmaster(EHLO="250-here\r\n250 SMTPUTF8")

    assert not send(cannot, to=["иван@client.example"]).retryable
    account = cast.a_mailbox()
    account.config = {"smtp": {"host": "127.0.0.1", "port": can.port}}
    assert isinstance(sending.send(account, a_message(to=["иван@client.example"]), patience=QUICK), Sent)
