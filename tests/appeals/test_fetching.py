"""Files that come as an address: fetched by the worker, never from our own network, told when they cannot be had."""

import datetime as dt

import cast
import orjson
import pytest

from cec.appeals import fetching
from cec.appeals.models import AwaitedFile, Message
from cec.channels import webhooks
from cec.platform import signatures, storage, work
from cec.platform.db import unit_of_work


@pytest.fixture
def arrives(db):
    """Give a function that lets a message with a file come in."""
    cast.a_centre()
    _account, secret = cast.an_api_channel(files_from="127.0.0.1")
    db.session.commit()

    def come(url, **file):
        told = {"external_id": "1", "sender": {"id": "42"}, "attachments": [{"url": url, **file}]}
        body = orjson.dumps(told)
        with unit_of_work():
            webhooks.take("app", {signatures.HEADER: signatures.sign(secret, body)}, body)
        while work.run_due():
            pass
        return db.session.scalars(db.select(Message)).one()

    return come


def test_the_message_is_there_at_once_and_its_file_a_moment_later(arrives, program, db):
    program.body = b"\x89PNG\r\n\x1a\n"
    message = arrives(program.url + "../\u200bbill.png".encode("ascii", "ignore").decode(), mime="image/png")
    assert message.attachments == []

    assert fetching.fetch_due() == 1

    (file,) = cast.reread_message(message).attachments
    assert (file.name, file.type, storage.get(file.sha256)) == ("bill.png", "image/png", program.body)
    assert db.session.query(AwaitedFile).count() == 0


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://10.0.0.1/x", "http://[::ffff:10.0.0.1]/x"])
def test_our_own_network_is_never_asked_for_files(arrives, url):
    message = arrives(url, name="secret.txt")

    fetching.fetch_due()

    (told,) = cast.reread_message(message).headers["unfetched"]
    assert told == {"name": "secret.txt", "reason": fetching.NOT_OUTSIDE}


def test_a_server_that_stumbles_is_asked_again_and_one_that_refuses_is_not(arrives, program, clock):
    program.answers, program.body = [503, 404], b"x"
    message = arrives(program.url + "a.txt")

    fetching.fetch_due()
    assert "unfetched" not in cast.reread_message(message).headers
    clock.forward(dt.timedelta(minutes=1))
    fetching.fetch_due()

    assert cast.reread_message(message).headers["unfetched"] == [{"name": "a.txt", "reason": fetching.NOT_GIVEN}]


def test_a_redirect_is_not_followed(arrives, program):
    program.answers = [(302, {"Location": "http://169.254.169.254/"})]
    message = arrives(program.url + "a.txt")

    fetching.fetch_due()

    assert cast.reread_message(message).headers["unfetched"][0]["reason"] == fetching.NOT_GIVEN
