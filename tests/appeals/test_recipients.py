"""Whom an answer goes to (guide 3.2.4)."""

import pytest

from cec.appeals import recipients
from cec.appeals.recipients import Recipients
from tests import cast


@pytest.fixture
def appeal(db):
    cast.a_centre()
    cast.a_mailbox("sales@centre.example")
    copies = {"Cc": "sales@centre.example, Wife@client.example"}
    return cast.an_appeal("Где заказ?", to=f"{cast.MAILBOX}, boss@client.example", **copies)


def test_an_answer_goes_to_the_sender_and_everybody_else_but_us(appeal):
    wanted = recipients.reply_to_all(appeal, recipients.last_incoming(appeal, "email"))

    assert wanted == Recipients([cast.PETROV], ["boss@client.example", "Wife@client.example"])


def test_names_commas_and_lines_are_read():
    typed = recipients.typed({"to": "Пётр <a@x.example>; b@x.example,", "cc": "c@x.example\nA@x.example", "bcc": ""})

    assert recipients.check(typed) == Recipients(["a@x.example", "b@x.example"], ["c@x.example"])


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
def test_what_is_no_address_is_told_at_its_field(field):
    with pytest.raises(recipients.NotAnAddress) as refused:
        recipients.check(recipients.typed({"to": "a@x.example", field: "петров"}))

    assert "петров" in refused.value.fields()[field]


def test_somebody_must_get_it():
    with pytest.raises(recipients.NobodyToWriteTo):
        recipients.check(recipients.typed({"cc": "a@x.example"}))


def test_fifty_get_an_answer_and_no_more():
    crowd = ",".join(f"p{n}@x.example" for n in range(50))

    assert len(recipients.check(recipients.typed({"to": crowd})).to) == 50
    with pytest.raises(recipients.TooManyRecipients):
        recipients.check(recipients.typed({"to": crowd, "bcc": "one@more.example"}))
