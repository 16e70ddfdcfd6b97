"""Mail and hostile HTML that other projects collected: read, named, cleaned; the figures are printed with -s."""

import email.utils
import json
import smtplib
import time

import pytest

from cec.channels import receiving
from cec.channels.channel import Unreadable
from cec.channels.email import cleaning, identity, parsing, plain_text, quoting
from cec.channels.email.door import Door
from cec.channels.models import Inbound
from tests import cast
from tests.channels.test_cleaning import dangers

SLOWEST = 2.0


def same(one, other):
    return "".join((one or "").split()) == "".join((other or "").split())


@pytest.fixture(scope="module")
def mails(corpora):
    folder = corpora / "mail"
    wanted = [path for path in sorted(folder.rglob("*")) if path.suffix in {".eml", ".box"}]
    return {str(path.relative_to(folder)): path.read_bytes() for path in wanted}


@pytest.fixture(scope="module")
def read(mails):
    """Read every mail; gives the events, and the reasons of the unreadable ones."""
    events, reasons, slow = {}, {}, {}
    for name, raw in mails.items():
        began = time.process_time()
        try:
            events[name] = parsing.parse(raw, {})
        except Unreadable as unreadable:
            reasons[name] = unreadable.reason
        slow[name] = time.process_time() - began
    ordinary = [slow[name] for name, raw in mails.items() if 4000 <= len(raw) <= 40_000]
    print(  # noqa: T201
        f"\n{len(mails)} mails: {len(events)} read, {len(reasons)} refused with a reason,"
        f" slowest {max(slow.values()):.3f} s,"
        f" {1000 * sum(ordinary) / len(ordinary):.2f} ms each of {len(ordinary)} with 4-40 kB"
    )
    return events, reasons, slow


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_mail_is_read_or_refused_with_a_reason(mails, read):
    events, reasons, slow = read

    assert len(events) + len(reasons) == len(mails) > 400
    assert all(reasons.values())
    assert len(events) >= 0.95 * len(mails)
    assert max(slow.values()) < SLOWEST
    for event in events.values():
        everything = [event.text, event.fresh_text or "", event.html or "", event.subject, event.profile, event.address]
        assert "\x00" not in "".join(everything)
        "".join([*everything, *(file.name for file in event.attachments)]).encode()
        assert dangers(event.html) == []


def test_zammad_s_answers_are_ours(corpora, read):
    events, _, _ = read
    expected = lines(corpora / "mail" / "zammad" / "expected.jsonl")
    right = dict.fromkeys(("sender", "name", "subject", "files", "with files"), 0)
    for answer in expected:
        event = events[f"zammad/{answer['file']}"]
        right["sender"] += event.address == answer["from_email"]
        right["name"] += event.profile == answer["from_display_name"]
        right["subject"] += event.subject == answer["subject"]
        if "attachments" in answer:
            # The HTML body itself is a file there.
            files = [
                file for file in answer["attachments"] if not file.get("preferences", {}).get("content-alternative")
            ]
            right["with files"] += 1
            right["files"] += len(event.attachments) == len(files)
    print(f"\nzammad: {right} of {len(expected)}")  # noqa: T201

    assert min(right["sender"], right["name"], right["subject"]) >= len(expected) - 1
    assert right["files"] >= right["with files"] - 1


def test_bounces_are_known_and_say_what_came_back(corpora, read):
    events, _, _ = read
    expected = lines(corpora / "mail" / "sisimai" / "expected.jsonl")
    not_returned = {"feedback", "vacation", "delivered"}
    bounces = [
        events[f"sisimai/{answer['file']}"]
        for answer in expected
        if answer["bounces"][0]["reason"] not in not_returned and f"sisimai/{answer['file']}" in events
    ]
    known = sum(event.about is not None for event in bounces)
    named = sum(bool(event.about) for event in bounces)
    print(f"\nsisimai: {known} of {len(bounces)} bounces known, {named} name the mail that came back")  # noqa: T201

    assert known >= 0.9 * len(bounces)
    assert named >= 0.75 * len(bounces)


def test_addresses_that_will_never_receive_are_told_from_those_that_may(corpora, read):
    events, _, _ = read
    expected = lines(corpora / "mail" / "sisimai" / "expected.jsonl")
    reports = [(events.get(f"sisimai/{answer['file']}"), answer["bounces"]) for answer in expected]
    told = [
        (any(bounce["hardbounce"] for bounce in bounces), any(one.is_hard for one in event.undelivered))
        for event, bounces in reports
        if event is not None
    ]
    hard, found = sum(wanted for wanted, _ in told), told.count((True, True))
    soft, wrong = len(told) - hard, told.count((False, True))
    # Most of the wrong ones say "user unknown" in their own words, and Sisimai knows better from the sender.
    print(f"\nsisimai: {found} of {hard} hard bounces found, {wrong} of {soft} others taken for hard")  # noqa: T201

    assert found >= 0.85 * hard
    assert wrong <= 0.1 * soft


def test_stalwart_s_answers_are_ours(corpora, read):
    events, _, _ = read
    folder = corpora / "mail" / "stalwart"
    right = {"subject": 0, "sender": 0}
    compared = 0
    for path in sorted(folder.rglob("*.eml")):
        event, answer = events.get(str(path.relative_to(folder.parent))), path.with_suffix(".json")
        if event is None or not answer.exists():
            continue
        listed = json.loads(answer.read_text())["parts"][0]["headers"]
        headers = {header["name"]: header["value"] for header in listed if isinstance(header["name"], str)}
        sender = next(iter(headers.get("from", {}).get("Address", {}).get("List", [])), None)
        if sender is None or "Text" not in headers.get("subject", {}):
            continue
        compared += 1
        right["subject"] += same(event.subject, headers["subject"]["Text"])
        right["sender"] += email.utils.parseaddr(event.address)[1] == (sender["address"] or "").strip()
    print(f"\nstalwart: {right} of {compared}")  # noqa: T201

    assert compared >= 10
    assert min(right.values()) >= 0.8 * compared


def test_the_newly_written_part_is_found(corpora):
    folder = corpora / "mail"
    expected = [answer for answer in lines(folder / "quote_expected.jsonl") if "expect" in answer]
    right = sum(same(fresh(folder, answer), wanted(answer)) for answer in expected)
    print(f"\nquoted history: {right} of {len(expected)} as expected")  # noqa: T201

    assert right >= 0.85 * len(expected)


def fresh(folder, answer):
    if answer["kind"] == "eml":
        event = parsing.parse((folder / answer["file"]).read_bytes(), {})
        return event.text if event.fresh_text is None else event.fresh_text
    text = answer["input"] if "input" in answer else (folder / answer["file"]).read_text()
    return quoting.fresh(plain_text.of_html(text) if answer["kind"].startswith("html") else text)


def wanted(answer):
    return plain_text.of_html(answer["expect"]) if answer["kind"] == "html-inline" else answer["expect"]


def test_through_the_door_nothing_is_lost_and_nothing_is_doubled(mails, app, db):
    cast.a_mailbox()
    db.session.commit()
    sample = list(mails.values())[:: max(1, len(mails) // 200)][:200]
    sent = [*sample, *sample[::10]]  # some of them twice
    with Door(app, "127.0.0.1", 0) as door, smtplib.SMTP("127.0.0.1", door.port) as smtp:
        for raw in sent:
            smtp.sendmail("client@client.example", [cast.MAILBOX], raw)

    db.session.rollback()
    kept = db.session.scalars(db.select(Inbound)).all()
    stored = quarantined = 0
    for inbound in kept:
        try:
            stored += bool(parsing.parse(receiving.raw(inbound), inbound.envelope).address)
        except Unreadable:
            quarantined += 1
    names = [row.provider_event_id for row in kept]
    repeats = len(sent) - len({identity.event_id(raw) for raw in sent})
    print(f"\ndoor: {len(sent)} sent = {stored} stored + {quarantined} quarantined + {repeats} repeats")  # noqa: T201

    assert len(set(names)) == len(names)
    assert stored + quarantined + repeats == len(sent)
    assert repeats >= len(sample[::10])


def payloads(corpora):
    folder = corpora / "security"
    for case in json.loads((folder / "html_payloads.json").read_text()):
        yield case["payload"]
    for case in json.loads((folder / "html_mail_pairs.json").read_text()):
        yield case["input"]


def test_of_hostile_html_nothing_dangerous_remains(corpora):
    hostile = list(payloads(corpora))
    left = [html for html in hostile if dangers(cleaning.clean(html))]
    through_mail = [
        html
        for html in hostile
        if dangers(
            parsing.parse(b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n" + html.encode(), {}).html
        )
    ]
    print(f"\n{len(hostile)} hostile pieces of HTML, {len(left)} dangerous after cleaning")  # noqa: T201

    assert len(hostile) > 90
    assert left == []
    assert through_mail == []
