"""The administrator's mailboxes: add, change, and test the connection."""

import socketserver
import threading

import pytest
from cast import a_mailbox, vera

from cec.channels import accounts
from cec.channels.email import sending, trouble, trying

SHOP = {
    "name": "Магазин",
    "code": "shop",
    "address": "shop@centre.example",
    "smtp_host": "127.0.0.1",
    "smtp_port": "9",
    "smtp_tls": "none",
    "smtp_user": "shop",
    "smtp_password": "outgoing secret",
}


OAUTH = {"oauth_token_url": "https://provider.example/token", "oauth_client_id": "cec", "refresh_token": "long one"}


class MailStore(socketserver.StreamRequestHandler):
    """Just enough IMAP: one user, one folder, mails that were taken by the post office next door."""

    def handle(self):
        """Answer line by line."""
        self.say("* OK here")
        for line in self.rfile:
            tag, _, words = line.decode().strip().partition(" ")
            if self.answer(tag, words.upper(), words):
                return

    def answer(self, tag, command, words):
        """Answer a line; true when it was the last one."""
        if command.startswith("CAPABILITY"):
            self.say("* CAPABILITY IMAP4rev1")
        elif command.startswith("LOGIN") and '"incoming secret"' not in words:
            self.say(f"{tag} NO wrong name or password")
            return False
        elif command.startswith("SELECT"):
            self.say("* 1 EXISTS")
        elif command.startswith("UID SEARCH"):
            message_id = words.partition('"')[2].rstrip('"')
            self.say("* SEARCH 1" if message_id in self.server.taken() else "* SEARCH")
        elif command.startswith("UID STORE"):
            self.server.deleted = True
        self.say(f"{tag} OK done")
        return command.startswith("LOGOUT")

    def say(self, words):
        """Send a line."""
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def mail_store(post_office):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailStore)
    server.daemon_threads, server.deleted = True, False
    server.taken = lambda: "".join(path.read_text() for path in post_office.folder.glob("*.eml"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def window(signed_in, monkeypatch):
    monkeypatch.setattr(trying, "PAUSE", 0)
    vera().language = "en"
    return signed_in(vera())


def test_a_mailbox_is_added_and_its_password_never_shown(window, db):
    answer = window.post("/centre/mailboxes", data=SHOP)

    account = accounts.find_email("shop@centre.example")
    page = window.get(answer.location).text
    assert account.config["smtp"] == {"host": "127.0.0.1", "port": 9, "tls": "none", "user": "shop"}
    assert "imap" not in account.config
    assert accounts.passwords_of(account) == {"smtp": "outgoing secret"}
    assert b"outgoing" not in account.secrets
    assert "outgoing secret" not in page
    assert "Kept encrypted" in page
    assert "Магазин" in window.get("/centre/mailboxes").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("code", "Shop!"),
        ("address", "shop"),
        ("address", "a@b\r\nBcc: x@y"),
        ("smtp_host", "http://host/"),
        ("smtp_port", "0"),
        ("smtp_port", "99999"),
        ("smtp_port", "x"),
        ("smtp_tls", "ssl3"),
        ("imap_host", "a b"),
        ("authserv", "mx; dmarc=pass"),
        ("oauth_token_url", "http://provider.example/token"),
        ("oauth_token_url", "https://user@provider.example/token"),
    ],
)
def test_what_is_wrong_with_a_mailbox_is_said_at_its_field(window, db, field, value):
    answer = window.post("/centre/mailboxes", data={**SHOP, **OAUTH, field: value})

    assert answer.status_code == 422
    wrong = "imap_port" if field == "imap_port" else field
    assert f'data-error="{wrong}"' in answer.text
    assert "outgoing secret" not in answer.text
    assert accounts.list_active("email") == []


def test_a_mailbox_may_be_read_by_pop3_and_with_a_token(window, db):
    incoming = {"incoming": "pop3", "imap_host": "pop.example", "imap_port": "995", "imap_tls": "tls", "imap_user": "x"}
    answer = window.post("/centre/mailboxes", data={**SHOP, **incoming, "imap_password": "incoming", **OAUTH})

    account = accounts.find_email("shop@centre.example")
    page = window.get(answer.location).text
    assert account.config["pop3"] == {"host": "pop.example", "port": 995, "tls": "tls", "user": "x"}
    assert "imap" not in account.config
    assert account.config["oauth"] == {"token_url": OAUTH["oauth_token_url"], "client_id": "cec", "scope": ""}
    assert accounts.passwords_of(account) == {
        "smtp": "outgoing secret", "pop3": "incoming", "refresh_token": "long one",
    }  # fmt: skip
    assert '<option value="pop3" selected>POP3' in page
    assert "long one" not in page


def test_an_empty_password_leaves_the_old_one(window, db):
    window.post("/centre/mailboxes", data=SHOP)
    account = accounts.find_email("shop@centre.example")

    window.post(f"/centre/mailboxes/{account.id}", data={**SHOP, "name": "Лавка", "smtp_password": ""})

    assert account.name == "Лавка"
    assert accounts.passwords_of(account) == {"smtp": "outgoing secret"}


def test_the_connection_is_tested_step_by_step(window, post_office, mail_store, words):
    account = a_mailbox(port=post_office.port)
    imap = {"host": "127.0.0.1", "port": mail_store.server_address[1], "tls": "none", "user": "shop"}
    account.config = {**account.config, "imap": imap}
    accounts.keep_passwords(account, {"imap": "incoming secret"})

    page = words(window.post(f"/centre/mailboxes/{account.id}/test").text)

    assert "Outgoing server: signed in, the mail to the mailbox itself is sent" in page
    assert "Incoming server: signed in, the mailbox is open" in page
    assert "The mail has come back; it is removed from the mailbox" in page
    assert mail_store.deleted
    assert "To: shop@centre.example" in mail_store.taken()


def test_a_wrong_password_of_the_incoming_server_is_told(window, post_office, mail_store, words):
    account = a_mailbox(port=post_office.port)
    imap = {"host": "127.0.0.1", "port": mail_store.server_address[1], "tls": "none", "user": "shop"}
    account.config = {**account.config, "imap": imap}
    accounts.keep_passwords(account, {"imap": "another secret"})

    page = words(window.post(f"/centre/mailboxes/{account.id}/test").text)

    assert "Incoming server: the mailbox does not open" in page
    assert "The server did not accept the name or password." in page
    assert "another secret" not in page


def test_a_mail_that_does_not_come_back_is_told(window, post_office, mail_store, words):
    account = a_mailbox(port=post_office.port)
    mail_store.taken = lambda: ""
    imap = {"host": "127.0.0.1", "port": mail_store.server_address[1], "tls": "none", "user": "shop"}
    account.config = {**account.config, "imap": imap}
    accounts.keep_passwords(account, {"imap": "incoming secret"})

    assert "The mail has not come back yet" in words(window.post(f"/centre/mailboxes/{account.id}/test").text)


def test_servers_that_are_away_are_told(window, words):
    account = a_mailbox()
    account.config = {**account.config, "imap": {"host": "127.0.0.1", "port": 9, "tls": "none", "user": "shop"}}

    page = words(window.post(f"/centre/mailboxes/{account.id}/test").text)

    assert "Outgoing server: the mail to the mailbox itself is not sent" in page
    assert "Incoming server: the mailbox does not open. The server could not be reached." in page


def test_a_mailbox_that_is_not_there_is_not_found(window):
    assert window.get("/centre/mailboxes/999").status_code == 404
    assert window.post("/centre/mailboxes/999", data=SHOP).status_code == 404
    assert window.post("/centre/mailboxes/999/test").status_code == 404


def test_what_is_wrong_with_a_mailbox_is_said_where_mailboxes_are_listed(window, db, words):
    account = a_mailbox()
    account.config = {**account.config, "imap": {"host": "127.0.0.1", "port": 9, "tls": "none", "user": "shop"}}
    account.last_error, account.error_detail = trouble.AWAY, "ConnectionRefusedError: 111"
    account.out_error = sending.NO_ENTRY
    db.session.commit()

    for page in ("/centre/mailboxes", f"/centre/mailboxes/{account.id}"):
        told = words(window.get(page).text)
        assert "Incoming: The server could not be reached. ConnectionRefusedError: 111" in told
        assert "Outgoing: The mail server did not accept the name or password of the mailbox." in told
        assert "Not looked into yet" in told

    window.post(f"/centre/mailboxes/{account.id}", data={**SHOP, "smtp_port": "25"})

    assert "In order" in words(window.get("/centre/mailboxes").text)


def test_a_mailbox_has_quiet_hours_and_keeps_its_servers(signed_in, db):
    desk, account = signed_in(vera()), a_mailbox()
    db.session.commit()
    door = f"/centre/mailboxes/{account.id}"
    quiet = {"quiet": "1", "quiet_from": "22:00", "quiet_to": "22:00", "quiet_zone": "Europe/Moscow"}

    answer = desk.post(door, data={**SHOP, **quiet})
    assert answer.status_code == 422
    assert 'id="error-quiet_to"' in answer.text
    desk.post(door, data={**SHOP, **quiet, "quiet_to": "09:00"})

    db.session.expire_all()
    assert account.config["quiet"] == {"from": "22:00", "to": "09:00", "zone": "Europe/Moscow"}
    assert account.config["smtp"]["user"] == "shop"
