"""Servers outside are asked, ours never: private, loopback and metadata hosts in every notation, by every trick."""

import socket
import time

import pytest

from cec.platform import outside

INSIDE = ["127.0.0.1"]
OURS = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "0", "0.0.0.0", "localhost",  # noqa: S104 - asked, not listened to
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]",
    "[fd00:ec2::254]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.0.192",
    "168.63.129.16", "[fe80::1]", "[fc00::1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255", "240.0.0.1",
]  # fmt: skip
NO_ADDRESSES = [
    "ftp://example.org/", "file:///etc/passwd", "gopher://127.0.0.1/", "//example.org/", "http://", "http:///x", "x",
    "http://a@example.org/", "http://example.org:99999/", "http://exa mple.org/", "http://example.org/\r\nX: y",
    "http://ex\x00ample.org/", "http://127.0.0.1:0/", "javascript:alert(1)", "http://[::1/",
]  # fmt: skip


@pytest.mark.parametrize("host", OURS)
def test_our_own_network_is_not_asked_in_whatever_notation(host):
    with pytest.raises((outside.NotThere, outside.NotReached)) as no:
        outside.ask("GET", f"http://{host}/latest/meta-data")

    # What is no address at all here is not reached; what is one is refused before anything is asked.
    assert no.type is outside.NotThere or "gaierror" in str(no.value)


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_is_not_asked(url):
    with pytest.raises(outside.NotThere):
        outside.ask("GET", url)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "8.8.8.8"])
def test_addresses_outside_are(address):
    assert outside.is_outside(address)


def test_a_redirect_is_an_answer_and_nobody_follows_it(program):
    program.answers = [(302, {"Location": "http://169.254.169.254/"})]

    answer = outside.ask("GET", program.url, inside=INSIDE)

    assert answer.status == 302


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(program, monkeypatch):
    port, asked = int(program.url.rstrip("/").rpartition(":")[2]), []

    def rebinding(host, port, *_args, **_kwargs):
        asked.append(host)
        address = {"127.0.0.1": host}.get(host, "127.0.0.1" if len(asked) == 1 else "127.0.0.2")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(outside.socket, "getaddrinfo", rebinding)

    assert outside.ask("POST", f"http://changing.example:{port}/", inside=["changing.example"]).status == 200
    assert asked.count("changing.example") == 1
    assert program.headers[0]["host"] == f"changing.example:{port}"


def test_a_name_with_one_good_and_one_bad_address_is_not_asked(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(outside.socket, "getaddrinfo", lambda *_, **__: both)

    with pytest.raises(outside.NotThere):
        outside.ask("GET", "http://both.example/")


def test_no_more_is_read_than_is_taken(program):
    program.body = b"x" * 1001

    with pytest.raises(outside.TooMuch):
        outside.ask("GET", program.url, inside=INSIDE, largest=1000)


def test_who_drips_is_left_when_the_time_is_over():
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        with pytest.raises(outside.NoAnswer) as late:
            outside.ask("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", inside=INSIDE, timeout=0.3)

    assert time.monotonic() - began < 2
    # It was told something and did not answer: nobody knows what it made of it.
    assert late.type is outside.NoAnswer


def test_a_server_that_is_away_has_heard_nothing():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(outside.NotReached):
        outside.ask("GET", f"http://127.0.0.1:{port}/", inside=INSIDE)
