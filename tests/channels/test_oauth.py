"""Signing in with a token: renewed before it ends, refused in a sentence, asked for at harmless addresses only.

The mail server is a real Dovecot, which asks the provider of the test whose a token is; Anna's mailbox is at a large
webmail that takes no passwords.
"""

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from cec.channels import accounts
from cec.channels.channel import Outbound, Refused, Sent
from cec.channels.email import mailbox, oauth, pop3, sending, trouble
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast


class Provider(BaseHTTPRequestHandler):
    """Gives access tokens for refresh tokens, and tells whose an access token is."""

    def do_POST(self):
        """Give an access token."""
        server = self.server
        asked = {name: values[0] for name, values in parse_qs(self.body()).items()}
        server.asked.append(asked)
        if server.answer:
            self.say(*server.answer)
        elif asked["refresh_token"] != server.refresh_token:
            self.say(400, {"error": "invalid_grant"})
        else:
            server.token = f"token-{len(server.asked)}"
            self.say(200, {"access_token": server.token, "expires_in": 3600} | server.more)

    def do_GET(self):
        """Tell whose an access token is."""
        token = parse_qs(urlsplit(self.path).query)["access_token"][0]
        known = token == self.server.token
        self.say(200 if known else 401, {"email": self.server.person} if known else {"error": "invalid_token"})

    def body(self):
        """Read what was sent."""
        return self.rfile.read(int(self.headers["Content-Length"])).decode()

    def say(self, status, body):
        """Answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/latest")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def person(request):
    return "".join(letter for letter in request.node.name if letter.isalnum())[-25:]


@pytest.fixture
def provider(dovecot, person):
    server = ThreadingHTTPServer(("127.0.0.1", dovecot.tokens_port), Provider)
    server.asked, server.answer, server.more = [], None, {}
    server.refresh_token, server.token, server.person = "refresh-1", "", person
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def account(db, dovecot, person, provider):
    there = {"host": "localhost", "tls": "none", "user": person}
    url = f"http://127.0.0.1:{provider.server_port}/token"
    with unit_of_work():
        account = accounts.create_email(
            name="Shop", code=person, address=f"{person}@shop.example", by="system",
            config={
                "imap": {**there, "port": dovecot.port}, "smtp": {**there, "port": 9},
                "oauth": {"token_url": url, "client_id": "cec", "scope": "mail"},
            },
            passwords={"oauth_secret": "s3cret", "refresh_token": "refresh-1"},
        )  # fmt: skip
    oauth.forget(account)
    return account


def test_mail_is_fetched_with_a_token_that_is_asked_for_once(dovecot, person, account, provider):
    dovecot.put(person, cast.a_letter())

    assert mailbox.fetch(account.id) == 1
    assert mailbox.fetch(account.id) == 0
    assert provider.asked == [
        {
            "grant_type": "refresh_token", "refresh_token": "refresh-1", "client_id": "cec", "client_secret": "s3cret",
            "scope": "mail",
        }
    ]  # fmt: skip


def test_pop3_takes_the_token_too(dovecot, person, account, provider, clock):
    dovecot.put(person, cast.a_letter())
    with unit_of_work():
        imap = account.config["imap"]
        account.config = {"pop3": {**imap, "port": dovecot.pop3_port}, "oauth": account.config["oauth"]}

    assert pop3.fetch(account.id) == 1


def test_a_token_that_ends_soon_is_renewed_first(account, provider, clock):
    first = oauth.token_for(account)
    clock.forward(dt.timedelta(minutes=50))
    assert oauth.token_for(account) == first

    clock.forward(dt.timedelta(minutes=9))

    assert oauth.token_for(account) != first
    assert len(provider.asked) == 2


def test_a_newer_refresh_token_takes_the_place_of_the_old_one(account, provider, clock):
    provider.more = {"refresh_token": "refresh-2"}

    oauth.token_for(account)

    database.session.rollback()
    database.session.expire_all()
    assert accounts.passwords_of(accounts.get(account.id))["refresh_token"] == "refresh-2"
    assert accounts.passwords_of(accounts.get(account.id))["oauth_secret"] == "s3cret"


def test_a_token_that_the_server_does_not_take_is_asked_for_anew(account, provider):
    oauth.token_for(account)
    provider.token = "another"

    with pytest.raises(mailbox.NETWORK) as no:
        mailbox.fetch(account.id)

    assert trouble.of(no.value, hide={})[0] == trouble.NO_ENTRY
    assert mailbox.fetch(account.id) == 0


@pytest.mark.parametrize(
    "answer", [(400, {"error": "invalid_grant"}), (200, {}), (200, b"<html>"), (500, b""), (200, [1]), (302, b"")]
)
def test_what_gives_no_token_is_said_in_a_sentence(account, provider, answer):
    provider.answer = answer

    with pytest.raises(oauth.NoToken) as no:
        mailbox.fetch(account.id)

    assert trouble.of(no.value, hide=accounts.passwords_of(account))[0] == trouble.NO_TOKEN
    assert len(provider.asked) == 1, "no redirect is followed"


def test_mail_goes_out_with_the_token_and_a_refusal_blames_the_mailbox(account, provider, postmaster):
    server = postmaster(EHLO="250-here\r\n250 AUTH XOAUTH2", AUTH="235 welcome")
    with unit_of_work():
        account.config = {**account.config, "smtp": {**account.config["smtp"], "port": server.port}}
    letter = Outbound(message_id="<1@shop.example>", to=[cast.PETROV], text="Здравствуйте")

    outcome = sending.send(account, letter)
    (said,) = [line for line in server.said if line.startswith("AUTH")]
    provider.answer = (400, {"error": "invalid_grant"})
    oauth.forget(account)
    refused = sending.send(account, letter)

    assert outcome == Sent("<1@shop.example>")
    assert said == f"AUTH XOAUTH2 {oauth.encoded(account.config['smtp']['user'], 'token-1')}"
    assert refused == Refused(sending.NO_TOKEN, retryable=True, detail="400 invalid_grant", blames_account=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/token", "http://169.254.169.254/token", "https://169.254.169.254/token",
        "https://[fe80::1]/token", "https://0.0.0.0/token", "https://2852039166/token", "https://0xa9fea9fe/token",
        "https://[::ffff:169.254.169.254]/token", "http://10.0.0.1/token",
    ],
)  # fmt: skip
def test_tokens_are_asked_for_at_no_address_of_the_machine_s_own_network(account, url, monkeypatch):
    monkeypatch.setattr(oauth.socket, "create_connection", lambda *_: pytest.fail("somebody was asked"))
    account.config = {**account.config, "oauth": {**account.config["oauth"], "token_url": url}}

    with pytest.raises((oauth.BadEndpoint, OSError)):
        oauth.token_for(account)
