"""Cases that others collected: put through the door, and each compared with the answer its collector expects."""

import json

import pytest

from cec import cli
from cec.app import create_app

HELLO = b"From: Petrov <petrov@client.example>\nSubject: Hello\nMessage-ID: <%d@client.example>\n\nHello\n"
REPLY = HELLO.replace(b"%d", b"7") + b"\nOn Mon, Nov 23, 2026 at 12:00 PM The Shop\n<shop@shop.example> wrote:\n> Old\n"
BOUNCE = b"From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail\nMessage-ID: <8@mx.example>\n\nSorry\n"
WITH_FILE = (
    b'From: petrov@client.example\nSubject: Photo\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nHere\n--b\n'
    b"Content-Disposition: attachment; filename=a.txt\n\nabc\n--b--\n"
)
ABC = "900150983cd24fb0d6963f7d28e17f72"


@pytest.fixture
def folder(tmp_path):
    """A folder as others lay it out, with a case of each kind."""
    for name, raw in {
        "desk/one.box": HELLO.replace(b"%d", b"1"),
        "desk/two.box": WITH_FILE,
        "talon/replies/gmail.eml": REPLY,
        "sisimai/maildir/bsd/x-01.eml": BOUNCE,
        "sisimai/mailbox/two": b"From x@y Fri Apr 17 07:54:16 2009\n%s\nFrom z Fri Apr 17 07:54:17 2009\n%s"
        % (BOUNCE.replace(b"<8", b"<9"), BOUNCE.replace(b"<8", b"<10")),
        "notes/LICENSE": b"Do as you like.\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    answers = [
        {"file": "one.box", "from_email": "petrov@client.example", "subject": "Hello"},
        {"file": "two.box", "from_email": "petrov@client.example", "subject": "Photo", "attachments": [{"md5": ABC}]},
    ]
    (tmp_path / "desk/expected.jsonl").write_text("\n".join(map(json.dumps, answers)))
    replies = [
        {"src": "talon", "kind": "eml", "file": "talon/replies/gmail.eml", "expect": "Hello"},
        {"src": "talon", "kind": "text", "input": "Yes\n\n> No\n", "expect": "Yes"},
    ]
    (tmp_path / "quote_expected.jsonl").write_text("\n".join(map(json.dumps, replies)))
    return tmp_path


@pytest.fixture
def conformance(server, tmp_path_factory, monkeypatch, capsys):
    """Give a function that measures a folder and gives the code of the command and the figures by name."""
    monkeypatch.setattr(cli.logs, "set_up", lambda _level: None)
    monkeypatch.setenv("DATABASE_URL", server)
    monkeypatch.setenv("CEC_DATA", str(tmp_path_factory.mktemp("data")))
    file = tmp_path_factory.mktemp("told") / "mail.json"

    def measure(folder):
        code = cli.main(create_app, ["conformance", "mail", str(folder), "--json", str(file)])
        figures = json.loads(file.read_text()) if file.exists() else []
        return code, {figure["name"]: figure for figure in figures}, capsys.readouterr()

    return measure


def test_cases_that_are_read_as_expected_hold(conformance, folder):
    code, figures, _ = conformance(folder)

    assert {name: (figure["value"], figure["limit"]) for name, figure in figures.items() if name != "mail.quoted"} == {
        "mail.kept": (7, 7),
        "mail.heads": (2, 2),
        "mail.files": (1, 1),
        "mail.programs": (1, 1),
        "mail.unanswered": (3, 3),
    }
    assert (figures["mail.quoted"]["value"], figures["mail.quoted"]["unit"]) == (2, "of 2")
    assert [name for name, figure in figures.items() if not figure["holds"] and name != "mail.quoted"] == []
    assert code == (0 if figures["mail.quoted"]["holds"] else 1)


def test_a_case_that_is_read_otherwise_is_named(conformance, folder):
    (folder / "desk/one.box").write_bytes(HELLO.replace(b"Hello\nM", b"Farewell\nM"))
    (folder / "desk/two.box").write_bytes(WITH_FILE.replace(b"abc", b"abd"))
    (folder / "talon/replies/gmail.eml").write_bytes(REPLY.replace(b"\nHello\n", b"\nGoodbye\n"))
    (folder / "sisimai/maildir/bsd/x-01.eml").write_bytes(HELLO.replace(b"%d", b"8"))

    code, figures, _ = conformance(folder)

    assert code == 1
    assert figures["mail.heads"]["holds"] is figures["mail.unanswered"]["holds"] is False
    assert {name: figure["wrong"] for name, figure in figures.items() if figure["wrong"]} == {
        "mail.heads": ["desk/one.box"],
        "mail.files": ["desk/two.box"],
        "mail.programs": ["gmail"],
        "mail.quoted": ["talon/replies/gmail.eml"],
        "mail.unanswered": ["sisimai/maildir/bsd/x-01.eml"],
    }


def test_no_folder_is_a_sentence(conformance, tmp_path):
    code, figures, said = conformance(tmp_path / "nowhere")

    assert (code, figures) == (1, {})
    assert said.err == f"cec: {tmp_path / 'nowhere'} is no folder of cases.\n"
