"""Mailboxes: made and changed by an administrator; passwords are never to be read in the database."""

import pytest

from cec.channels import accounts
from cec.platform.errors import Invalid, InvalidFields, NotFound
from tests import cast

SMTP = {"host": "mail.shop.example", "port": 587, "tls": "starttls", "user": "shop"}
IMAP = {"host": "mail.shop.example", "port": 993, "tls": "tls", "user": "shop"}

pytestmark = pytest.mark.usefixtures("db")


def create(**facts):
    wanted = {"name": "Shop", "code": "shop", "address": "shop@shop.example", "config": {"smtp": SMTP}}
    return accounts.create_email(**wanted | facts, by=cast.vera().key)


def test_a_mailbox_is_made_and_its_passwords_are_encrypted():
    account = create(config={"smtp": SMTP, "imap": IMAP}, passwords={"smtp": "secret", "imap": "hidden"})

    assert accounts.get(account.id) is account
    assert b"secret" not in account.secrets
    assert "secret" not in str(account.config)
    assert accounts.passwords_of(account) == {"smtp": "secret", "imap": "hidden"}
    assert cast.story(f"account:{account.id}") == ["account.created"]


def test_a_password_that_is_not_told_stays():
    account = create(passwords={"smtp": "secret", "imap": "hidden"})

    accounts.change_email(
        account, name="Shop", address=account.address, config={"smtp": SMTP}, by="system",
        passwords={"smtp": "new", "imap": ""},
    )  # fmt: skip

    assert accounts.passwords_of(account) == {"smtp": "new", "imap": "hidden"}


def test_another_imap_server_is_read_from_its_beginning():
    account = create(config={"smtp": SMTP, "imap": IMAP})
    account.cursor, account.last_error = {"uidvalidity": 1}, "gone"

    accounts.change_email(account, name="S", address=account.address, config={"imap": IMAP}, by="system")
    assert (account.cursor, account.last_error) == ({"uidvalidity": 1}, None)
    accounts.change_email(account, name="S", address=account.address, config={"imap": IMAP | {"port": 1}}, by="system")
    assert account.cursor == {}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"code": "Shop 1"}, "code"),
        ({"code": "1shop"}, "code"),
        ({"address": "nobody"}, "address"),
        ({"address": "a@b\r\nc"}, "address"),
        ({"address": "a@b..example"}, "address"),
        ({"address": "a b@shop.example"}, "address"),
        ({"config": {"smtp": SMTP | {"host": ""}}}, "smtp_host"),
        ({"config": {"smtp": SMTP | {"host": "a b"}}}, "smtp_host"),
        ({"config": {"smtp": SMTP | {"port": 0}}}, "smtp_port"),
        ({"config": {"smtp": SMTP | {"port": "abc"}}}, "smtp_port"),
        ({"config": {"imap": IMAP | {"tls": "maybe"}}}, "imap_tls"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(facts, field):
    with pytest.raises(Invalid) as refusal:
        create(**facts)

    assert list(refusal.value.fields()) == [field]


def test_all_wrong_fields_are_told_at_once():
    with pytest.raises(InvalidFields) as refusal:
        create(config={"smtp": {"host": "", "port": 0}, "imap": {"host": "x", "port": 70000}})

    assert set(refusal.value.fields()) == {"smtp_host", "smtp_port", "imap_port"}


def test_an_address_and_a_code_belong_to_one_mailbox():
    account = create()

    with pytest.raises(accounts.AddressTaken):
        create(code="other", address="SHOP@shop.example")
    with pytest.raises(accounts.CodeTaken):
        create(address="other@shop.example")
    accounts.change_email(account, name="Shop", address="Shop@shop.example", config={}, by="system")


def test_a_mailbox_is_found_by_its_address_whatever_the_case():
    account = create()

    assert accounts.find_email(" SHOP@Shop.example ") is account
    assert accounts.find_email("other@shop.example") is None
    account.is_active = False
    assert accounts.find_email("shop@shop.example") is None
    assert accounts.list_active("email") == []
    with pytest.raises(NotFound):
        accounts.get(99)
