"""Mails that others collected, and replies with quoted history: read from a folder laid out by project.

Each folder is a project. Beside its mails a project may have expected.jsonl, one line {"file", …} a mail:
`from_email`, `subject`, `attachments` [{"md5", "preferences"}] say what its own parser found, `bounces` that a mail
system wrote it. quote_expected.jsonl above them has what a person newly wrote: {"src", "kind", "file" or "input",
"expect", "compare"}.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import orjson

MAILS = frozenset({".eml", ".box", ".mbox", ".msg", ".mail"})
_HEADER = re.compile(rb"(?:From [^\r\n]*\r?\n)?(?:[A-Za-z][A-Za-z0-9-]{1,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){3}")
_IN_MBOX = re.compile(rb"^From \S+ .*\d{4}\r?$", re.MULTILINE)
# Names that others give to what a machine wrote.
_MACHINE = re.compile(
    r"auto[-_ ]?(?:reply|repl|respon|matic)|vacation|out[-_ ]?of[-_ ]?office|bounce|\bndr\b", re.IGNORECASE
)
WRITTEN_BY_MACHINES = frozenset({"sisimai"})


@dataclass
class Case:
    """A mail, and what is expected of it."""

    name: str
    raw: bytes
    expected: dict[str, Any] = field(default_factory=dict)
    # What the person newly wrote: {"src", "kind", "expect", "compare"}.
    quoted: dict[str, Any] = field(default_factory=dict)

    @property
    def project(self) -> str:
        """Tell who collected it."""
        return self.name.partition("/")[0]

    @property
    def is_of_machine(self) -> bool:
        """Tell whether a machine wrote it, as far as its collector says so."""
        if "/not/" in self.name:
            return False
        return self.project in WRITTEN_BY_MACHINES or _MACHINE.search(self.name) is not None


def read(folder: Path) -> list[Case]:
    """Read all mails of a folder, in the order of their names, and then the replies that are no mails yet."""
    cases = {case.name: case for case in _mails(folder)}
    for path in sorted(folder.glob("*/expected.jsonl")):
        for answer in _lines(path):
            case = cases.get(f"{path.parent.name}/{answer['file']}")
            if case is not None:
                case.expected = answer
    replies = folder / "quote_expected.jsonl"
    for number, answer in enumerate(_lines(replies) if replies.exists() else ()):
        if "expect" not in answer:
            continue
        case = cases.get(answer.get("file", "")) if answer["kind"] == "eml" else None
        if case is None:
            case = Case(_name(answer, number), _as_mail(folder, answer, number))
            cases[case.name] = case
        case.quoted = answer
    return list(cases.values())


def _lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def _mails(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.parent == folder:
            continue
        name, raw = path.relative_to(folder).as_posix(), path.read_bytes()
        if path.suffix.lower() in MAILS:
            yield Case(name, raw)
        elif not path.suffix and _HEADER.match(raw):
            begins = [found.start() for found in _IN_MBOX.finditer(raw)] or [0]
            for number, (start, end) in enumerate(zip(begins, [*begins[1:], len(raw)], strict=True)):
                yield Case(f"{name}:{number}" if len(begins) > 1 else name, raw[start:end])


def _name(answer: dict[str, Any], number: int) -> str:
    return f"{answer['src']}/{number}/{answer.get('file') or answer.get('test')}"


def _as_mail(folder: Path, answer: dict[str, Any], number: int) -> bytes:
    """Make a mail of a reply that was collected without its headers."""
    if answer["kind"] == "eml":
        return Path(folder, answer["file"]).read_bytes()
    mail = EmailMessage(policy=SMTP.clone(utf8=False))
    mail["From"], mail["To"], mail["Subject"] = "person@replies.example", "shop@replies.example", "Re: Test"
    mail["Message-ID"] = f"<reply.{number}@replies.example>"
    content = answer["input"] if "input" in answer else Path(folder, answer["file"]).read_text(encoding="utf-8")
    mail.set_content(content, subtype="html" if answer["kind"].startswith("html") else "plain")
    raw: bytes = mail.as_bytes()
    return raw
