"""winmail.dat: what Outlook packs into it is unpacked; what is broken in it stays a file and keeps nobody waiting."""

import struct
import time

import pytest

from cec.channels.email import parsing, tnef

MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def attribute(identity, data, level=1):
    return struct.pack("<BHHI", level, identity, 0, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*values):
    """Write properties of MAPI: (identity, type, bytes or number)."""
    written = struct.pack("<I", len(values))
    for identity, kind, value in values:
        written += struct.pack("<HH", kind, identity)
        if isinstance(value, int):
            written += struct.pack("<I", value)
        else:
            written += struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return written


def a_package(*attributes):
    return struct.pack("<IH", 0x223E9F78, 1) + attribute(0x9007, struct.pack("<II", 1251, 0)) + b"".join(attributes)


def a_file(name, content, *more):
    told = properties((0x3707, 0x1F, f"{name}\0".encode("utf-16-le")), *more)
    return (
        attribute(0x9002, b"\0" * 14, 2)
        + attribute(0x8010, b"SHORT~1.PDF\0", 2)
        + attribute(0x800F, content, 2)
        + attribute(0x9005, told, 2)
    )


def a_mail(package, words="Добрый день!"):
    inner = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{words}\n" if words else ""
    head = f'From: petrov@client.example\nContent-Type: multipart/mixed; boundary="b"\n\n{inner}'
    return head.encode() + b"--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\n" + package + b"\n--b--\n"


def parse(package, **more):
    return parsing.parse(a_mail(package, **more), {})


def test_the_files_are_there_byte_for_byte_under_their_long_names():
    content = b"%PDF-1.4 \x00\x01\xff\x00\x00"

    event = parse(a_package(a_file("Договор № 7.pdf", content, (0x370E, 0x1E, b"application/pdf\0"))))

    assert event.text == "Добрый день!"
    assert [(file.name, file.type, file.content) for file in event.attachments] == [
        ("Договор № 7.pdf", "application/pdf", content)
    ]


def test_the_words_count_when_the_mail_has_no_others():
    words = attribute(0x9003, properties((0x1000, 0x1E, "Где заказ?\0".encode("cp1251"))))

    assert parse(a_package(words)).text == "Добрый день!"
    assert parse(a_package(words), words="").text == "Где заказ?"


def test_html_is_read_in_the_code_page_that_it_names():
    html = "<p>Где <b>заказ</b>?</p><script>alert(1)</script>".encode("koi8-r")

    event = parse(a_package(attribute(0x9003, properties((0x3FDE, 0x3, 20866), (0x1013, 0x102, html)))), words="")

    assert (event.text, event.html) == ("Где заказ?", "<p>Где <b>заказ</b>?</p>")


def test_a_message_inside_gives_its_words_and_files():
    inner = a_package(
        attribute(0x9003, properties((0x0037, 0x1E, b"Old\0"), (0x1000, 0x1E, b"as agreed\0"))),
        a_file("offer.txt", b"100"),
    )
    outer = attribute(0x9002, b"\0" * 14, 2) + attribute(0x9005, properties((0x3701, 0x0D, MESSAGE + inner)), 2)

    event = parse(a_package(outer))

    assert [(file.name, file.content) for file in event.attachments] == [
        ("Old.txt", b"as agreed"),
        ("offer.txt", b"100"),
    ]


def test_names_are_as_harmless_as_those_of_other_files():
    (file,) = parse(a_package(a_file("..\\..\\\u202eexe.cod\u200b", b"x"))).attachments

    assert file.name == "exe.cod"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"abc", struct.pack("<IH", 0x223E9F78, 1), struct.pack("<IH", 0x223E9F78, 1) + b"\xff" * 40,
        a_package(attribute(0x9003, struct.pack("<I", 0xFFFFFFFF))), a_package(attribute(0x9003, b"\xff" * 400)),
        a_package(attribute(0x9003, struct.pack("<IHHI", 9, 0x101E, 0x1000, 0xFFFFFFFF))),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked_stays_a_file_at_once(content):
    began = time.process_time()
    event = parse(content)

    assert [file.name for file in event.attachments] == (["winmail.dat"])
    assert time.process_time() - began < 1


def test_a_million_attributes_and_a_well_of_messages_end_soon():
    many, deep = a_package(attribute(0x8004, b"") * 500_000), a_package(a_file("x.txt", b"x"))
    for _ in range(50):
        held = properties((0x3701, 0x0D, MESSAGE + deep))
        deep = a_package(attribute(0x9002, b"", 2) + attribute(0x9005, held, 2))
    began = time.process_time()

    assert tnef.unpack(many) == tnef.Package()
    assert tnef.unpack(deep) is not None
    assert time.process_time() - began < 2


def test_a_package_cut_off_gives_what_is_there():
    whole = a_package(a_file("a.txt", b"abc"), a_file("b.txt", b"abcdef" * 100))

    assert [file.name for file in tnef.unpack(whole[:-700]).files] == ["a.txt"]
