"""Bytes of files, named by their sha-256."""

import hashlib

from cec.platform import storage


def test_bytes_come_back_as_they_were_and_are_kept_once(db):
    first, again = storage.put(b"an invoice"), storage.put(b"an invoice")

    assert first == again == hashlib.sha256(b"an invoice").hexdigest()
    assert storage.get(first) == b"an invoice"
    assert [path.name for path in storage.path(first).parent.iterdir()].count(first) == 1
