"""Pictures are known by their bytes; one that would fill the memory of a browser stays a file."""

import struct

import pytest

from cec.appeals import pictures

JPEG_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00\x04ab"


def png(width, height):
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


def gif(width, height):
    return b"GIF89a" + struct.pack("<HH", width, height)


def jpeg(width, height):
    return JPEG_HEAD + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03"


def webp(width, height, form=b"VP8X"):
    told = {
        b"VP8X": b"\x00" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
        b"VP8L": b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14),
        b"VP8 ": b"\x00" * 3 + b"\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[form]
    return b"RIFF\x00\x00\x00\x00WEBP" + form + b"\x00" * 4 + told


KINDS = {"image/png": png, "image/gif": gif, "image/jpeg": jpeg, "image/webp": webp}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_a_telephone_is_shown_and_a_bomb_is_a_file(kind):
    assert pictures.picture_type(KINDS[kind](8000, 6000)) == kind
    assert pictures.picture_type(KINDS[kind](16_000, 16_000)) is None
    assert pictures.kind_of(KINDS[kind](16_000, 16_000), said=kind) == "application/octet-stream"


@pytest.mark.parametrize("form", [b"VP8L", b"VP8 "])
def test_each_form_of_webp_tells_its_size(form):
    assert pictures.picture_type(webp(4000, 3000, form)) == "image/webp"
    assert pictures.picture_type(webp(16_000, 16_000, form)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_broken_off_is_still_one(kind):
    assert pictures.picture_type(KINDS[kind](9, 9)[:14]) == kind


def test_what_is_no_picture_is_none_whatever_it_is_called():
    assert pictures.picture_type(b"<svg onload=alert(1)>") is None
    assert pictures.kind_of(b"PK\x03\x04", said="image/png") == "application/octet-stream"
    assert pictures.kind_of(b"PK\x03\x04", said="application/zip") == "application/zip"


def test_segments_without_end_are_left_soon():
    assert pictures.picture_type(b"\xff\xd8\xff" + b"\x00" * 10_000_000) == "image/jpeg"
    assert pictures.picture_type(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 500_000) == "image/jpeg"
