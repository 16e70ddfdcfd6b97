"""Mail as Russian people, programs and machines write it: tests/channels/corpus through the real intake.

Each line of expected.jsonl is an answer; what it does not name is not asked. <OURS> in a mail stands for the Message-ID
of an answer of ours, NUMBER for the number of its appeal.
"""

import json
from pathlib import Path

import pytest

from cec.appeals.models import Appeal, Message, MessageState
from cec.channels.email import identity
from cec.channels.email import threading as signatures
from cec.platform.db import unit_of_work
from tests import cast
from tests.stories import answer

CORPUS = Path(__file__).parent / "corpus"
ANSWERS = [json.loads(line) for line in (CORPUS / "expected.jsonl").read_text().splitlines()]


def an_answered_appeal() -> tuple[Appeal, Message]:
    """Petrov has written, and Anna has answered."""
    cast.petrov()
    appeal = cast.accepted(cast.an_appeal(message_id="<lost@relay.example>"), cast.anna())
    out = answer(appeal, cast.anna(), "Ваш заказ едет.")
    with unit_of_work():
        out.state = MessageState.SENT
    return cast.reread(appeal), out


def test_the_corpus_is_whole():
    assert {answer["file"] for answer in ANSWERS} == {path.name for path in CORPUS.glob("*.eml")}
    assert len(ANSWERS) >= 60


@pytest.mark.parametrize("expected", ANSWERS, ids=[answer["file"] for answer in ANSWERS])
def test_a_russian_mail_is_read_as_its_sender_means_it(db, expected):
    cast.a_centre()
    raw = (CORPUS / expected["file"]).read_bytes()
    appeal, out = an_answered_appeal() if {"continues", "about"} & expected.keys() else (None, None)
    if appeal and out:
        raw = raw.replace(b"<OURS>", signatures.message_id(out.id, appeal.id, cast.MAILBOX).encode())
        raw = raw.replace(b"NUMBER", appeal.number.encode())

    message = cast.arrives_raw(raw, identity.event_id(raw), mail_from="relay@mx.example")

    assert message is not None
    facts = told(message) | (about(message, cast.reread(appeal), out) if appeal and out else {})
    assert {name: facts[name] for name in expected if name != "file"} | {"file": expected["file"]} == expected


def told(message: Message) -> dict[str, object]:
    """Tell how a message is read."""
    return {
        "sender": message.headers["from"],
        "name": message.headers["name"],
        "subject": message.subject,
        "fresh": message.text if message.fresh_text is None else message.fresh_text,
        "html": bool(message.html),
        "auto": message.headers["auto"],
        "files": [file.name for file in message.attachments],
    }


def about(message: Message, appeal: Appeal, out: Message) -> dict[str, object]:
    """Tell what it means for an appeal and the answer in it."""
    return {
        "continues": message.appeal_id == appeal.id and message.about_id is None,
        "about": message.about_id == out.id,
        "hard": [] if appeal.address.can_receive else [appeal.address.value],
        "failed": [address for address, fate in out.undelivered.items() if fate["final"]],
    }
