"""What no browser sends, sent to the real server: refused in words, and the same processes go on (SPEC part 5, 8)."""

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.centre import Browser, Centre, Post, until

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=cut"
PIECE = b'--cut\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
MEGABYTE = 2**20
HEAD = b"POST /login HTTP/1.1\r\nHost: a\r\n"
BODIES = {
    "bytes that are no text": (FORM, b"text=%ff%fe%zz&login=\xff&client_uuid=%00"),
    "a NUL": (FORM, b"text=a%00b&login=anna%00&password=x"),
    "no form at all": (FORM, b"\x00\x01\x02<xml/>&&&==="),
    "nothing": (FORM, b""),
    "JSON that is cut off": ("application/json", b'{"login": "anna", "text": '),
    "JSON of the wrong kind": ("application/json", b'[1, {"login": []}]'),
    "JSON nested without end": ("application/json", b"[" * 100_000),
    "a form of parts that is cut off": (MULTIPART, PIECE + b"--cut\r\nContent-Dispo"),
    "a form of parts without a mark between them": ("multipart/form-data", PIECE),
    "a form of five thousand parts": (MULTIPART, PIECE * 5000 + b"--cut--\r\n"),
    "numbers that are none": (
        FORM,
        b"seen_message_id=1e999&client_uuid=not-a-uuid&version=-9999999999999999999&text=a",
    ),
}
ROUTES = ["/login", "/operator/status", "/operator/appeals/{appeal}/messages", "/operator/appeals/{appeal}/notes"]


@pytest.fixture(scope="module")
def centre(post: Post, pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """Give an open centre; whatever a test sends, the same processes are there afterwards and nothing broke."""
    centre = Centre(tmp_path_factory.mktemp("centre"), post, pattern)
    centre.furnish()
    centre.up()
    before = processes(centre)
    yield centre
    assert processes(centre) == before
    assert "Traceback" not in centre.said()
    centre.end()


@pytest.fixture(scope="module")
def anna(centre: Centre) -> Browser:
    """Anna has an appeal in work."""
    anna = Browser(centre, "anna")
    anna.sign_in()
    centre.hand_over(1)
    [(offer,)] = until(lambda: centre.ask("select id from assignment where state = 'offered'"), "it rings")
    assert anna.ask("POST", f"/operator/offers/{offer}/acceptance")[0] == 200
    return anna


def processes(centre: Centre) -> list[str]:
    web = centre.pid("web")
    return [str(web), *Path(f"/proc/{web}/task/{web}/children").read_text().split(), str(centre.pid("worker"))]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("what", BODIES)
def test_what_makes_no_sense_is_refused_in_russian_words(centre: Centre, anna: Browser, what: str, route: str) -> None:
    kind, body = BODIES[what]

    status, said = anna.send(route.format(appeal=1), body, kind)

    assert 400 <= status < 500, said[:500]
    words = json.loads(said)["error"] if "json" in kind else said
    assert any("а" <= letter <= "я" for letter in words), said[:500]
    assert centre.count("select count(*) from message") == 1


def test_a_body_over_the_limit_is_refused_with_the_limit_named(centre: Centre, anna: Browser) -> None:
    """Before any of it is read when it says how large it is, else where the limit is."""
    unread = _answer(centre, b"Content-Length: %d" % (30 * MEGABYTE), [])
    piece = b"100000\r\n" + b"x" * MEGABYTE + b"\r\n"
    cut_off = _answer(centre, b"Transfer-Encoding: chunked", [piece] * 30)

    for said in (unread, cut_off):
        assert said.startswith("HTTP/1.1 413"), said[:500]
        assert "25 МБ" in said
    assert anna.upload("/operator/appeals/1/draft/attachments", "act.txt", b"Good")[0] == 200


def _answer(centre: Centre, size: bytes, pieces: list[bytes]) -> str:
    """Send a form of parts until the server answers; it need not listen to the end."""
    said = b""
    with socket.create_connection(("127.0.0.1", centre.port), timeout=20) as line:
        line.sendall(HEAD + b"Connection: close\r\nContent-Type: %s\r\n%s\r\n\r\n" % (MULTIPART.encode(), size))
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                line.sendall(piece)
        with contextlib.suppress(ConnectionError):
            while heard := line.recv(MEGABYTE):
                said += heard
    return said.decode()


def test_a_note_of_a_hundred_thousand_russian_letters_is_kept(centre: Centre, anna: Browser) -> None:
    words = "Ы" * 100_000
    name = "0b6c1c80-0000-4000-8000-000000000001"

    assert anna.ask("POST", "/operator/appeals/1/notes", text=words, client_uuid=name)[0] == 200

    assert centre.ask("select text from message where client_uuid = %s", name) == [(words,)]
    assert anna.ask("POST", "/operator/appeals/1/notes", text=words + "!", client_uuid=name[:-1] + "2")[0] == 422
    centre.ask("delete from message where client_uuid = %s", name)


NO_HTTP = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "half a line": b"GET\r\n\r\n",
    "a length below nothing": HEAD + b"Content-Length: -5\r\n\r\n",
    "a header of 100 KB": HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    "pieces of no length": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("what", NO_HTTP)
def test_what_is_no_http_is_hung_up_on(centre: Centre, what: str) -> None:
    with socket.create_connection(("127.0.0.1", centre.port), timeout=20) as line:
        line.sendall(NO_HTTP[what])
        answer = line.recv(4096)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert centre.is_ready()


def test_who_hangs_up_in_the_middle_of_a_form_costs_nothing(centre: Centre) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", centre.port), timeout=20) as line:
            line.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: " + FORM.encode())
            line.sendall(b"\r\nContent-Length: 1000\r\n\r\nlogin=an")

    assert centre.is_ready()
