"""Signatures between programs: the body, the moment and the secret, all three."""

import datetime as dt

import pytest

from cec.platform import clock as clocks
from cec.platform import signatures

BODY = b'{"text": "\xf0\x9f\x91\x8b"}'


def test_what_is_signed_fits_within_five_minutes_either_way(clock):
    signature = signatures.sign("secret", BODY)

    assert signatures.fits("secret", signature, BODY)
    clock.forward(dt.timedelta(minutes=5))
    assert signatures.fits("secret", signature, BODY)
    clock.forward(dt.timedelta(seconds=1))
    assert not signatures.fits("secret", signature, BODY)
    early = signatures.sign("secret", BODY, at=clocks.now() + dt.timedelta(minutes=5))
    late = signatures.sign("secret", BODY, at=clocks.now() + dt.timedelta(minutes=5, seconds=1))
    assert signatures.fits("secret", early, BODY)
    assert not signatures.fits("secret", late, BODY)


@pytest.mark.parametrize(
    "broken",
    ["", "v1=", "t=1,v1=", "t=abc,v1=00", "t=²,v1=00", "t=1795683600", "v1=é", "t=999999999999999,v1=00", "=" * 1000],
)
def test_what_is_broken_does_not_fit(clock, broken):
    assert not signatures.fits("secret", broken, BODY)


def test_another_body_moment_or_secret_does_not_fit(clock):
    moment, mac = signatures.sign("secret", BODY).split(",")

    assert not signatures.fits("secret", f"{moment},{mac}", BODY + b" ")
    assert not signatures.fits("secret", f"{moment[:-1]}1,{mac}", BODY)
    assert not signatures.fits("another", f"{moment},{mac}", BODY)
    assert not signatures.fits("", signatures.sign("", BODY), BODY)
