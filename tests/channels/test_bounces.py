"""Reports of mail systems: whom a letter of ours has not reached, and whether that address ever will receive."""

import pytest

from cec.channels.email import bounces, parsing

OURS = "<ours@shop.example>"


def dsn(*groups, original=f"Message-ID: {OURS}\n\nold"):
    """Write a delivery report as Postfix does."""
    about = "\n\n".join(["Reporting-MTA: dns; mx.client.example", *groups])
    return (
        "From: MAILER-DAEMON@mx.client.example\nTo: shop@centre.example\nSubject: Undelivered Mail\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n{about}\n\n"
        f"--b\nContent-Type: message/rfc822\n\n{original}\n--b--\n"
    ).encode()


def recipient(address, *, action="failed", status="5.1.1", words="550 5.1.1 User unknown", **fields):
    """Write one group of a report."""
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return (
        f"{more}Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {words}"
    )


def test_each_recipient_has_his_own_fate():
    event = parsing.parse(
        dsn(
            recipient("gone@client.example"),
            recipient("full@client.example", status="5.2.2", words="552 5.2.2 Mailbox full"),
            recipient("late@client.example", action="delayed", status="4.4.1", words="connection timed out"),
            recipient("fine@client.example", action="delivered", status="2.0.0", words="250 ok"),
        ),
        {"mail_from": ""},
    )

    assert event.about == OURS
    assert [(one.address.partition("@")[0], one.is_final, one.is_hard) for one in event.undelivered] == [
        ("gone", True, True), ("full", True, False), ("late", False, False),
    ]  # fmt: skip
    assert event.undelivered[0].reason == "550 5.1.1 User unknown"


def test_whom_we_wrote_to_counts_and_not_where_it_was_forwarded():
    group = recipient("inner@elsewhere.example", Original_Recipient="rfc822; petrov@client.example")

    (one,) = parsing.parse(dsn(group), {}).undelivered

    assert (one.address, one.seen_as) == ("petrov@client.example", "inner@elsewhere.example")


def test_a_report_without_a_status_is_read_as_it_was_written():
    raw = (
        b"From: MAILER-DAEMON@mx.client.example\nReturn-Path: <>\nSubject: failure notice\n\n"
        b"I wasn't able to deliver your message to the following addresses.\n\n"
        b"<gone@client.example>:\n550 no mailbox by that name here\n\n<full@client.example>:\nmailbox is full\n\n"
        b"--- Below this line is a copy of the message.\n\nMessage-ID: <ours@shop.example>\nTo: other@client.example\n"
    )

    event = parsing.parse(raw, {})

    assert event.about == OURS
    assert [(one.address, one.is_hard) for one in event.undelivered] == [
        ("gone@client.example", True), ("full@client.example", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "status", "hard"),
    [
        ("550 5.1.1 User unknown", "", True),
        ("550 5.1.10 RESOLVER.ADR.RecipNotFound", "", True),
        ("Host or domain name not found", "5.4.4", True),
        ("550 Нет такого пользователя", "", True),
        ("552 5.2.2 user over quota", "", False),
        ("550 5.7.1 Message rejected as spam", "", False),
        ("550 5.7.26 unauthenticated sender", "", False),
        ("450 4.1.1 User unknown, try again later", "", False),
        ("", "4.4.7", False),
        ("", "5.1.1", True),
        ("554 Relay access denied", "5.7.1", False),
    ],
)
def test_only_an_address_that_will_never_receive_is_hard(words, status, hard):
    assert bounces.is_hard(words, status) is hard


def test_a_bare_refusal_is_about_the_recipient_only_when_he_was_just_named():
    assert bounces.is_hard("550 no", is_recipient=True)
    assert not bounces.is_hard("550 no")
    assert not bounces.is_hard("550 blocked by policy", is_recipient=True)
    assert not bounces.is_hard("552 no", is_recipient=True)


def test_thousands_of_recipients_in_a_report_are_read_in_time():
    event = parsing.parse(dsn(*[recipient(f"{number}@client.example") for number in range(5000)]), {})

    assert len(event.undelivered) == 50
