"""A glance at mail that could not be read tells what can be told, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cec.channels.email import glance


def test_it_tells_sender_subject_and_the_first_words():
    head = b"From: =?utf-8?b?0J7RgtC00LXQuw==?= <zakupki@marker.example>\r\nSubject: Price\r\n"

    seen = glance(head + b"\r\nForty shelves, please.\r\n")

    assert seen.sender == "Отдел <zakupki@marker.example>"
    assert seen.subject == "Price"
    assert seen.beginning == "Forty shelves, please."


def test_of_a_letter_nested_too_deeply_it_tells_the_head():
    depth = 40
    raw = b"From: robot@marker.example\r\nSubject: Deep\r\n"
    for number in range(depth):
        raw += f'Content-Type: multipart/mixed; boundary="b{number}"\r\n\r\n--b{number}\r\n'.encode()

    seen = glance(raw + b"Content-Type: text/plain\r\n\r\nAt the bottom\r\n")

    assert seen.subject == "Deep"


def test_html_becomes_words():
    raw = b"From: a@marker.example\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>there</b></p><script>alert(1)</script>"

    assert glance(raw).beginning == "Hello there"


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\xff\xfe\x00", b"x" * 300_000, b"a: b\r\n" * 5_000])
def test_nothing_makes_it_fail(raw):
    assert len(glance(raw).beginning) <= 2_000


@given(some.binary(max_size=400))
def test_whatever_comes_it_answers(raw):
    glance(b"From: " + raw)
