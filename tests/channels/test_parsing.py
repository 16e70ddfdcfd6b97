"""Mail as people and machines really write it: read, or refused with a reason; never an exception, never for long."""

import contextlib
import time

import pytest

from cec.channels.channel import Unreadable
from cec.channels.email import headers, parsing, parts

HEAD = b"From: Petrov <petrov@client.example>\nSubject: x\nMessage-ID: <1@client.example>\n"
RUSSIAN = "Здравствуйте! Где мой заказ? Курьер не приехал, а деньги списали."


def parse(raw, **envelope):
    return parsing.parse(raw if isinstance(raw, bytes) else raw.encode(), envelope)


def a_text(content, charset):
    label = f'; charset="{charset}"' if charset else ""
    return HEAD + f"Content-Type: text/plain{label}\nContent-Transfer-Encoding: 8bit\n\n".encode() + content


def multipart(*pieces, kind="mixed"):
    body = b"".join(b"--b\n" + piece + b"\n" for piece in pieces)
    return HEAD + f'Content-Type: multipart/{kind}; boundary="b"\n\n'.encode() + body + b"--b--\n"


# -- texts and charsets


@pytest.mark.parametrize("written", ["utf-8", "windows-1251", "koi8-r", "cp866", "iso-8859-5"])
@pytest.mark.parametrize("label", ["same", "", "us-ascii", "iso-8859-1", "x-unknown", "utf-8"])
def test_russian_is_read_whatever_the_label_says(written, label):
    event = parse(a_text(RUSSIAN.encode(written), written if label == "same" else label))

    assert event.text == RUSSIAN


@pytest.mark.parametrize(("written", "label"), [("koi8-r", "windows-1251"), ("windows-1251", "koi8-r")])
def test_the_two_russian_charsets_are_told_apart(written, label):
    assert parse(a_text(RUSSIAN.encode(written), label)).text == RUSSIAN


@pytest.mark.parametrize("shout", ["ГДЕ МОЙ ЗАКАЗ, КУРЬЕР НЕ ПРИЕХАЛ", "Ёж", "Да"])
@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251"])
def test_a_right_label_is_believed(charset, shout):
    assert parse(a_text(shout.encode(charset), charset)).text == shout


@pytest.mark.parametrize(
    ("content", "label", "text"),
    [
        ("Grüße aus München".encode("latin-1"), "", "Grüße aus München"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("ツール".encode("shift_jis"), "iso-2022-jp", "ツール"),
        ("ツール".encode("iso-2022-jp"), "iso-2022-jp", "ツール"),
        ("绩效管理".encode("gb18030"), "gb2312", "绩效管理"),
        ("Привет".encode("utf-16"), "utf-16", "Привет"),
        (b"5 \x80", "iso-8859-1", "5 €"),
        (b"a\x00b\x07", "us-ascii", "ab"),
        (b"abc", "idna", "abc"),
        (b"abc", "rot13", "abc"),
        (b"=", "undefined", "="),
    ],
)
def test_other_charsets_are_read_too(content, label, text):
    assert parse(a_text(content, label)).text == text


def test_base64_and_quoted_printable_with_mistakes_are_read():
    assert parse(HEAD + b"Content-Transfer-Encoding: base64\n\nSGVsbG8gd29ybGQ\n\n").text == "Hello world"
    assert parse(HEAD + b"Content-Transfer-Encoding: base64\n\nSGVs bG8gd29ybGQ=!\n").text == "Hello world"
    assert parse(HEAD + b"Content-Transfer-Encoding: quoted-printable\n\na=3Db=ZZ=\nc").text == "a=b=ZZc"


# -- headers


@pytest.mark.parametrize(
    ("header", "name", "address"),
    [
        ("Пётр Петров <petrov@client.example>", "Пётр Петров", "petrov@client.example"),
        ("=?koi8-r?B?8MXUcg==?= <petrov@client.example>", "Петr", "petrov@client.example"),
        ('"=?utf-8?Q?=D0=9F=D1?= =?utf-8?Q?=91?=" <p@c.example>', "Пё", "p@c.example"),
        ("petrov@client.example (Peter Petrov)", "Peter Petrov", "petrov@client.example"),
        ("Petrov, Peter <petrov@client.example>", "Petrov, Peter", "petrov@client.example"),
        ("=?utf-8?Q?Peter_<petrov@client.example>?=", "Peter", "petrov@client.example"),
        ("<mailto:petrov@client.example>", "", "petrov@client.example"),
        ("Peter petrov@client.example", "Peter", "petrov@client.example"),
        ('"a@b.example" <petrov@client.example>', "a@b.example", "petrov@client.example"),
        ('"Company" <>, "LTD" <petrov@client.example>', "LTD", "petrov@client.example"),
    ],
)
def test_the_sender_is_found_however_he_is_written(header, name, address):
    event = parse(f"From: {header}\nSubject: x\n\ntext")

    assert (event.profile, event.address) == (name, address)


def test_who_has_no_from_is_known_by_where_he_wants_the_answer():
    assert parse("From: <>\nReply-To: p@c.example\n\nx").address == "p@c.example"
    assert parse("Subject: x\n\nx", mail_from="p@c.example").address == "p@c.example"


@pytest.mark.parametrize("head", ["Subject: x\n", "From: Peter\n", "From: <>\n", "", "From:\n"])
def test_a_mail_from_nobody_goes_to_quarantine(head):
    with pytest.raises(parsing.NoSender) as refusal:
        parse(f"{head}\ntext")

    assert refusal.value.reason == "The mail has no sender to answer."


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?UTF-8?B?0JfQsNC60LDQtw==?=", "Заказ"),
        ("=?utf-8?B?0JfQsA==?=\n =?utf-8?B?0LrQsNC3?=", "Заказ"),
        ("=?utf-8?B?0A==?= =?utf-8?B?lw==?=", "З"),
        ("=?utf-8*ru?Q?=D0=97?= x", "З x"),
        ("=?x-none?Q?abc?=", "abc"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
        ("a\tb\x00\n  c", "a b c"),
        ("Заказ", "Заказ"),
    ],
)
def test_the_subject_is_decoded(header, subject):
    assert parse(f"From: p@c.example\nSubject: {header}\n\nx").subject == subject


def test_a_raw_subject_is_read_in_the_charset_of_the_text():
    raw = "From: p@c.example\nSubject: Заказ\nContent-Type: text/plain; charset=windows-1251\n\nДа"

    assert parse(raw.encode("windows-1251")).subject == "Заказ"


def test_what_it_answers_is_told_the_nearest_first():
    event = parse(HEAD + b"In-Reply-To: <c@x>\nReferences: <a@x>\n <b@x> <c@x>\n\nx")

    assert event.in_reply_to == ["<c@x>", "<b@x>", "<a@x>"]


def test_date_and_recipients_are_read():
    event = parse(
        HEAD + b"Date: Mon, 23 Nov 2026 12:00:00 +0300\nTo: A <a@x.example>, b@x.example\nCc: c@x.example\n\nx"
    )

    assert event.sent_at.isoformat() == "2026-11-23T09:00:00+00:00"
    assert (event.to, event.cc) == (["a@x.example", "b@x.example"], ["c@x.example"])
    assert parse(HEAD + b"Date: Mon, 99 Foo 99999\n\nx").sent_at is None


# -- which mail is it


def test_a_mail_is_named_by_its_message_id_or_by_what_its_sender_wrote():
    bare = "From: p@c.example\nDate: Mon, 23 Nov 2026 12:00:00 +0300\nSubject: x\n\nWhere is it?\n"
    relayed = f"Received: from a by b\nX-Spam: no\n{bare}".replace("\n", "\r\n")

    assert parse(HEAD + b"\nx").provider_event_id == "<1@client.example>"
    assert parse(bare).provider_event_id == parse(relayed).provider_event_id
    assert parse(bare).provider_event_id != parse(bare + "Now!").provider_event_id
    assert parse("Message-ID: <" + "x" * 3000 + ">\n" + bare).provider_event_id.startswith("sha256:")


# -- parts and files


def test_text_html_and_files_are_told_apart():
    event = parse(multipart(
        b"Content-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/plain\n\nHello\n"
        b"--c\nContent-Type: text/html\n\n<p>Hello<img src=cid:logo@x></p>\n--c--\n",
        b"Content-Type: image/png; name=logo.png\nContent-ID: <logo@x>\nContent-Disposition: inline\n\nPNG",
        b"Content-Type: application/ms-tnef\nContent-Disposition: attachment; filename=winmail.dat\n\n\x78\x9f",
        b"Content-Type: message/rfc822\n\nFrom: a@b.example\nSubject: Forwarded\n\ninside",
        b"Content-Disposition: attachment; filename=list.txt\n\n1\n2",
    ))  # fmt: skip

    assert event.text == "Hello"
    assert event.html == '<p>Hello<img src="cid:logo@x"></p>'
    assert [(file.name, file.type, file.content_id) for file in event.attachments] == [
        ("logo.png", "image/png", "logo@x"),
        ("winmail.dat", "application/ms-tnef", None),
        ("Forwarded.eml", "message/rfc822", None),
        ("list.txt", "text/plain", None),
    ]
    assert event.attachments[2].content == b"From: a@b.example\nSubject: Forwarded\n\ninside"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("filename*=UTF-8''%D1%81%D1%87%D1%91%D1%82.pdf", "счёт.pdf"),
        ("filename*0*=UTF-8''%D1%81%D1%87; filename*1*=%D1%91%D1%82; filename*2=.pdf", "счёт.pdf"),
        ('filename="=?utf-8?B?0YHRh9GR0YIucGRm?="', "счёт.pdf"),
        ('filename="счёт.pdf"', "счёт.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        (r'filename="C:\\Users\\a\\b.txt"', "b.txt"),
        ('filename="a\u200b.htaccess\u202egpj.exe"', "a.htaccessgpj.exe"),
        ('filename="  .. "', "file"),
        (f'filename="{"x" * 300}.pdf"', "x" * 139 + ".pdf"),
    ],
)
def test_names_of_files_are_readable_and_harmless(header, name):
    event = parse(multipart(f"Content-Type: application/pdf\nContent-Disposition: attachment; {header}\n\nx".encode()))

    assert [file.name for file in event.attachments] == [name]


def test_text_of_html_stands_in_when_there_is_no_text():
    html = (
        b"<style>p{}</style><p>Hello,<br>  where is <b>it</b>?</p><ul><li>one<li>two</ul><blockquote>old</blockquote>"
    )

    event = parse(HEAD + b"Content-Type: text/html\n\n" + html)

    assert event.text == "Hello,\nwhere is it?\n\n- one\n- two\n\n> old"
    assert event.fresh_text == "Hello,\nwhere is it?\n\n- one\n- two"


def test_a_boundary_that_never_closes_loses_nothing():
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: x/y\n\nend"

    event = parse(raw)

    assert (event.text, [file.content for file in event.attachments]) == ("Hello", [b"end"])


def test_a_mail_said_to_have_parts_and_without_any_is_its_text():
    assert parse(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\nHello").text == "Hello"


def test_html_without_end_is_kept_as_a_file():
    event = parse(HEAD + b"Content-Type: text/html\n\n" + b"<p>x</p>" * 200_000)

    assert event.html is None
    assert event.text.startswith("x")
    assert [file.name for file in event.attachments] == ["message.html"]


# -- machines


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (x)", "X-Autoreply: yes", "Precedence: bulk",
        "Precedence: list", "X-Precedence: auto_reply", "List-Id: <x>", "Return-Path: <>", "From: no-reply@x.example",
        "From: MAILER-DAEMON@x.example", "From: post_master@x.example", "From: no_reply@x.example",
        "From: MAILER-DAEMON <>", "List-Unsubscribe: <mailto:x@y.example>", "X-Auto-Response-Suppress: OOF, AutoReply",
        "Subject: Автоответ: Заказ 7", "Subject: Automatic reply: order", "Subject: Вне офиса",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=x",
    ],
)  # fmt: skip
def test_what_a_machine_wrote_is_known(header):
    sender = "" if header.startswith("From") else "From: p@c.example\n"

    assert parse(f"{sender}{header}\n\nI am away").auto


def test_a_person_s_answer_is_no_mailing_though_her_desk_marks_it_so():
    raw = "From: p@c.example\nList-Unsubscribe: <mailto:u@c.example>\nIn-Reply-To: <1@shop.example>\n\nYes"

    assert not parse(raw, mail_from="p@c.example").auto


@pytest.mark.parametrize(
    "subject", ["Re: Автоответ: Заказ 7", "Автоответ не пришёл", "Out of office chairs", "Complaint about message"]
)
def test_what_a_person_says_about_machines_is_a_person_s(subject):
    assert not parse(f"From: p@c.example\nSubject: {subject}\n\nx", mail_from="p@c.example").auto


def test_a_mail_system_that_hides_its_address_is_no_client_for_whom_it_was_handed_in():
    event = parse("From: MAILER-DAEMON <>\nSubject: Mail delivery failed\n\nx", mail_from="relay@mx.example")

    assert (event.address, event.auto) == ("MAILER-DAEMON", True)


def test_lines_that_end_as_on_old_macs_are_lines():
    raw = b"From: p@c.example\rSubject: Hello\rMessage-ID: <m@c.example>\r\rone\rtwo\r\n"

    event = parse(raw)

    assert (event.subject, event.text, event.message_id) == ("Hello", "one\ntwo", "<m@c.example>")
    assert event.provider_event_id == "<m@c.example>"


def test_a_null_sender_at_the_door_is_a_machine_and_a_person_is_none():
    assert parse(HEAD + b"\nx", mail_from="").auto
    assert not parse(HEAD + b"Auto-Submitted: no\nPrecedence: normal\n\nx", mail_from="p@c.example").auto


def a_report(action, original=b"Message-ID: <ours@shop.example>\nSubject: Re\n\nold"):
    return multipart(
        b"Content-Type: text/plain\n\nIt did not work",
        b"Content-Type: message/delivery-status\n\nReporting-MTA: x\n\nAction: " + action + b"\nStatus: 5.1.1",
        b"Content-Type: message/rfc822\n\n" + original,
        kind="report; report-type=delivery-status",
    ).replace(b"petrov@client.example", b"MAILER-DAEMON@x.example")


def test_a_bounce_names_the_message_that_came_back():
    event = parse(a_report(b"failed"))

    assert event.about == "<ours@shop.example>"
    assert event.auto


def test_a_delay_reaches_nobody_yet_and_a_bounce_may_not_know_what_came_back():
    assert parse(a_report(b"delayed")).about == "<ours@shop.example>"
    assert parse(a_report(b"delayed")).undelivered == []
    assert parse(a_report(b"failed", b"Subject: Re\n\nold")).about == ""
    assert parse(HEAD + b"\nundelivered mail <ours@shop.example>").about is None


def test_a_mail_system_without_an_address_is_heard():
    raw = a_report(b"failed").replace(b"Petrov <MAILER-DAEMON@x.example>", b"Mail System <MAILER-DAEMON>")

    assert parse(raw).address == "MAILER-DAEMON"
    assert parse(raw.replace(b"Mail System <MAILER-DAEMON>", b"<>")).address == "mailer-daemon"


# -- hostile


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (HEAD + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(500)),
         parts.TooDeep),
        (multipart(*[b"\nx"] * 100_000), parts.TooManyParts),
        (b"X: y\n" * 200_000 + b"\nx", parts.TooManyHeaders),
    ],
)  # fmt: skip
def test_what_nobody_writes_goes_to_quarantine_at_once(raw, reason):
    began = time.process_time()

    with pytest.raises(reason):
        parse(raw)

    assert time.process_time() - began < 1


HOSTILE = {
    "quotes": b"From: " + b'"\\"\\"\\"' * 4000 + b"\n\nx",
    "commas": b"From: " + b"a," * 12_000 + b"\n\nx",
    "one word": b"From: " + b"a" * 25_000 + b"\n\nx",
    "encoded words": HEAD + b"Cc: " + b"=?utf-8?q?" * 2500 + b"\n\nx",
    "parameters": HEAD + b"Content-Type: text/plain" + b';a="' * 6000 + b"\n\nx",
    "boundary": HEAD + b'Content-Type: multipart/mixed; boundary="-"\n\n' + b"---" * 1_000_000,
    "lookalikes": HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--bx\n" * 1_000_000,
    "empty lines": HEAD + b"\n" + b"\n" * 500_000,
    "attributions": HEAD + b"\n" + b"On 1.1.2020 a@b.c wrote x\n" * 20_000,
    "a long line": HEAD + b"\n" + b"On " * 200_000,
    "quotations": HEAD + b"\n" + b">" * 200_000 + b"\n> > >\n" * 20_000,
    "header blocks": HEAD + b"\n" + b"From: a\nTo: b\n\n" * 20_000,
    "deep html": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "deep quotes": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>x" * 4999,
    "attributes": HEAD + b"Content-Type: text/html\n\n<p " + b"a=b " * 200_000 + b">",
    "brackets": HEAD + b"Content-Type: text/html\n\n" + b"<" * 400_000,
    "uuencode": HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + b"M" * 100_000,
    "25 MB": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * 6_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_takes_long(name):
    began = time.process_time()

    with contextlib.suppress(Unreadable):
        parse(HOSTILE[name])

    assert time.process_time() - began < 2


def test_a_header_with_five_thousand_addresses_is_read_in_time_and_cut():
    everybody = b", ".join(b"Person %d <p%d@client.example>" % (number, number) for number in range(5000))

    event = parse(HEAD + b"Cc: " + everybody + b"\nTo: " + everybody + b"\n\nx")

    assert 100 <= len(event.cc) <= headers.MAX_ADDRESSES
    assert 100 <= len(event.to) <= headers.MAX_ADDRESSES


@pytest.mark.parametrize("encoded", [b"=?utf-8?q?Hi=0D=0ABcc:_thief@evil.example?=", b"=?utf-8?b?SGkNCkJjYzogeEB5?="])
def test_what_is_encoded_into_a_subject_or_a_name_stays_one_line(encoded):
    event = parse(b"From: " + encoded + b" <p@c.example>\nSubject: " + encoded + b"\n\nx")

    for told in (event.subject, event.profile):
        assert told.startswith("Hi Bcc: ")
        assert "\n" not in told
        assert "\r" not in told
    assert event.address == "p@c.example"


def test_an_address_with_a_line_break_is_none():
    event = parse(b"From: =?utf-8?q?p=0D=0ARCPT_TO:=3Ct@evil.example=3E@c.example?=\n\nx", mail_from="p@c.example")

    assert "\n" not in event.address
    assert "\r" not in event.address


def test_what_is_not_seen_neither_turns_a_subject_round_nor_hides_in_a_name():
    subject = "Счёт \u202egpj.exe\u200b\u2066 👨\u200d👩\u200d👧 שלום"

    event = parse(f"From: Anna\u202e\u200b <p@c.example>\nSubject: {subject}\n\n\u202ex\u200b 😡".encode())

    assert event.subject == "Счёт gpj.exe 👨\u200d👩\u200d👧 שלום"
    assert event.profile == "Anna"
    assert event.text == "\u202ex\u200b 😡", "the words themselves stay as they were written"


def test_a_packed_bomb_stays_packed():
    bomb = b"PK\x03\x04" + b"\x00" * 40 + b"QUJD" * 1000
    piece = b"Content-Type: application/zip; name=42.zip\nContent-Disposition: attachment\n\n" + bomb

    (file,) = parse(multipart(piece)).attachments

    assert (file.name, len(file.content)) == ("42.zip", len(bomb))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("a\u200b.htaccess\u200b", "a.htaccess"),
        ("a%00.exe", "a.exe"), ("a%0D%0AX-Evil: 1.txt", "a X-Evil 1.txt"), ("x" * 300 + ".pdf", "x" * 139 + ".pdf"),
        ("...", "file"), ("C:\\fakepath\\photo.png", "photo.png"), ("\u202egpj.exe", "gpj.exe"),
    ],
)  # fmt: skip
def test_the_name_of_a_file_is_harmless(name, kept):
    encoded = "".join(f"%{byte:02X}" for byte in name.replace("%00", "\0").replace("%0D%0A", "\r\n").encode())
    piece = f"Content-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''{encoded}\n\nx".encode()

    (file,) = parse(multipart(piece)).attachments

    assert file.name == kept
