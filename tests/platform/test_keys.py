"""The secret of the installation."""

import stat

import pytest
from cryptography.fernet import InvalidToken

from cec.platform import keys


def test_what_is_encrypted_is_read_again_and_nobody_else_can(db):
    secret = keys.encrypt("пароль ящика")

    assert keys.decrypt(secret) == "пароль ящика"
    assert "пароль".encode() not in secret
    with pytest.raises(InvalidToken):
        keys.decrypt(secret[:-2] + b"xx")


def test_the_key_is_for_its_owner_only_and_stays(tmp_path):
    path = keys.make(tmp_path)
    first = path.read_bytes()

    assert keys.make(tmp_path).read_bytes() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in tmp_path.iterdir()] == ["key"]


def test_a_signature_is_of_this_text_only(db):
    signature = keys.sign("appeal:42")

    assert keys.is_signed("appeal:42", signature)
    assert not keys.is_signed("appeal:43", signature)
    assert len(signature) >= 16
    assert signature.isalnum()
