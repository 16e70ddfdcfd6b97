"""Mail of others through the SMTP door to appeals: kept, read as its collectors expect, never answered by a machine."""

import hashlib
import smtplib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from cec import demo
from cec.appeals import auto_answering
from cec.appeals.models import Message
from cec.channels import accounts
from cec.channels.email import plain_text
from cec.channels.email.door import Door
from cec.channels.models import Inbound, InboundState
from cec.conformance import mail_cases as collected
from cec.conformance.mail_cases import Case
from cec.measuring import Figure
from cec.platform import storage, work
from cec.platform.db import db, unit_of_work
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted

HOST = "127.0.0.1"
SENDER = "sender@outside.example"
# Of twelve mail programs one may be unknown; what all replies are read better than by the library alone.
ALL_BUT_ONE, BETTER = 11 / 12, 0.10
_SHOWN = 8
# What the centre answers whoever is no machine.
EVERYBODY = Wanted("Received", Event.ARRIVED.value, "Received: {{appeal.number}}.")


@dataclass(frozen=True)
class Result:
    """What became of a case."""

    case: Case
    # done, quarantined, or empty when it is nowhere.
    state: str
    sender: str = ""
    subject: str = ""
    text: str = ""
    fresh: str = ""
    is_auto: bool = False
    md5s: tuple[str, ...] = ()


def measure(folder: Path, app: Flask) -> Iterator[Figure]:
    """Send every mail through the door to a mailbox of its own, let the worker read it, and compare."""
    cases = collected.read(folder)
    with app.app_context():
        with unit_of_work():
            demo.fill(dict.fromkeys(demo.PEOPLE, "unused-password"), smtp={"host": HOST, "port": 9, "tls": "none"})
            boxes = [_mailbox(number) for number in range(len(cases))]
            auto_replies.create(EVERYBODY, by="system")
        refused = _send(app, cases, boxes)
        while work.run_due():
            pass
        with unit_of_work():
            results = [_result(case, box) for case, box in zip(cases, boxes, strict=True)]
    yield _kept(results, refused)
    yield from _as_collected(results)
    yield from _quoted(results)
    yield _answered(results)


def _mailbox(number: int) -> str:
    address = f"case{number}@conformance.example"
    smtp = {"host": HOST, "port": 9, "tls": "none"}
    accounts.create_email(name=address, code=f"case{number}", address=address, config={"smtp": smtp}, by="system")
    return address


def _send(app: Flask, cases: list[Case], boxes: list[str]) -> dict[str, str]:
    """Hand every mail in twice, as relays do; gives what the door said to those it did not take."""
    refused = {}
    with Door(app, HOST, 0) as door, smtplib.SMTP(HOST, door.port) as smtp:
        for case, box in zip(cases, boxes, strict=True):
            for _ in range(2):
                try:
                    smtp.sendmail(SENDER, [box], case.raw)
                except smtplib.SMTPException as error:
                    refused[case.name] = str(error)[:200]
                    smtp.connect(HOST, door.port)
    return refused


def _result(case: Case, box: str) -> Result:
    account = accounts.find_email(box)
    kept = list(db.session.scalars(db.select(Inbound).where(Inbound.account == account)))
    messages = list(db.session.scalars(db.select(Message).where(Message.inbound_id.in_([one.id for one in kept]))))
    state = kept[0].state if len(kept) == 1 else ""
    if len(messages) != (state == InboundState.DONE):
        return Result(case, "")
    if not messages:
        return Result(case, state)
    message = messages[0]
    return Result(
        case,
        state,
        sender=message.headers["from"],
        subject=message.subject or "",
        text=message.text,
        fresh=message.text if message.fresh_text is None else message.fresh_text,
        is_auto=auto_answering.is_of_machine(message) and not _is_answered(message),
        md5s=tuple(map(_md5, message.attachments)),
    )


def _is_answered(message: Message) -> bool:
    """Tell whether the centre has answered an appeal by itself."""
    answers = db.select(Message.id).where(
        Message.appeal_id == message.appeal_id, Message.headers.has_key(auto_answering.NAME)
    )
    return db.session.scalar(db.select(answers.exists())) or False


def _md5(attachment: Any) -> str:
    return hashlib.md5(storage.get(attachment.sha256), usedforsecurity=False).hexdigest()


def _kept(results: list[Result], refused: dict[str, str]) -> Figure:
    states = Counter(result.state for result in results)
    stored, set_aside = states[InboundState.DONE], states[InboundState.QUARANTINED]
    lost = [result.case.name for result in results if result.state not in {InboundState.DONE, InboundState.QUARANTINED}]
    note = f"{stored} became messages, {set_aside} are in quarantine with a reason, {len(refused)} refused at the door"
    return _figure("mail.kept", len(results) - len(lost), len(results), goal=1.0, note=note, wrong=lost)


def _as_collected(results: list[Result]) -> Iterator[Figure]:
    told = [result for result in results if "from_email" in result.case.expected]
    wrong = [result.case.name for result in told if not _is_same(result)]
    note = "subject and sender as another help desk reads them"
    yield _figure("mail.heads", len(told) - len(wrong), len(told), goal=0.97, note=note, wrong=wrong)
    files, found, missing = 0, 0, []
    for result in told:
        expected, ours = _expected_files(result.case), Counter(result.md5s)
        there = sum((expected & ours).values())
        files, found = files + expected.total(), found + there
        if there < expected.total():
            missing.append(result.case.name)
    yield _figure("mail.files", found, files, goal=0.95, note="attachments, byte for byte", wrong=missing)


def _is_same(result: Result) -> bool:
    expected = result.case.expected
    return (result.sender, result.subject) == (expected["from_email"], expected.get("subject") or "")


def _expected_files(case: Case) -> Counter[str]:
    # The HTML body itself is a file there.
    told = (file for file in case.expected.get("attachments", ()) if not _is_body(file))
    return Counter(file["md5"] for file in told if "md5" in file)


def _is_body(file: dict[str, Any]) -> bool:
    return bool((file.get("preferences") or {}).get("content-alternative"))


def _quoted(results: list[Result]) -> Iterator[Figure]:
    told = [result for result in results if result.case.quoted]
    ours = {result.case.name: _agrees(result.case, result.fresh) for result in told}
    programs: dict[str, bool] = {}
    for result in told:
        if result.case.quoted["kind"] in {"eml", "html"}:
            program = Path(result.case.quoted["file"]).stem
            programs[program] = programs.get(program, True) and ours[result.case.name]
    wrong = [name for name, is_right in programs.items() if not is_right]
    note = "mail programs whose replies are told from the history they quote, word for word"
    yield _figure("mail.programs", len(programs) - len(wrong), len(programs), goal=ALL_BUT_ONE, note=note, wrong=wrong)
    alone = _library()
    theirs = [_agrees(result.case, alone(result.text)) for result in told] if alone else []
    right = sum(ours.values())
    wrong = [name for name, is_right in ours.items() if not is_right]
    beside = f"mail-parser-reply alone {sum(theirs)}" if alone else "mail-parser-reply is not installed"
    goal = sum(theirs) / len(told) + BETTER if told else 0.0
    yield _figure("mail.quoted", right, len(told), goal=min(goal, 1.0), note=beside, wrong=wrong) | {
        "limit": sum(theirs) if alone else "-"
    }


def _agrees(case: Case, said: str) -> bool:
    answer = case.quoted
    expected = answer["expect"]
    if answer["kind"] == "html-inline":
        expected = plain_text.of_html(expected)
    if answer.get("compare") == "ignore-whitespace":
        return "".join(said.split()) == "".join(expected.split())
    return _plain(said) == _plain(expected)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _library() -> Callable[[str], str] | None:
    """Give what the library would do alone, in all languages that it knows; None when it is not installed."""
    try:
        from mailparser_reply import EmailReplyParser  # noqa: PLC0415 - for the comparison alone
        from mailparser_reply.constants import MAIL_LANGUAGES  # noqa: PLC0415
    except ImportError:
        return None
    parser = EmailReplyParser(languages=list(MAIL_LANGUAGES))
    return lambda text: parser.parse_reply(text=text) or ""


def _answered(results: list[Result]) -> Figure:
    machines = [result for result in results if result.case.is_of_machine and result.state == InboundState.DONE]
    wrong = [result.case.name for result in machines if not result.is_auto]
    note = "bounces and automatic answers that no machine would answer"
    return _figure("mail.unanswered", len(machines) - len(wrong), len(machines), goal=0.99, note=note, wrong=wrong)


def _figure(name: str, right: int, of: int, *, goal: float, note: str, wrong: Iterable[str] = ()) -> Figure:
    ratio = right / of if of else 0.0
    wrong = list(wrong)
    shown = f"; not: {', '.join(wrong[:_SHOWN])}{' …' if len(wrong) > _SHOWN else ''}" if wrong else ""
    return {
        "name": name,
        "value": right,
        "unit": f"of {of}",
        "limit": of,
        "ratio": round(ratio, 4),
        "goal": round(goal, 4),
        "holds": of > 0 and ratio >= goal,
        "note": note + shown,
        "wrong": wrong,
    }
