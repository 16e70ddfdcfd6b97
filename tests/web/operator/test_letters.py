"""Guide 3.2.4: who else takes part, whether the sender is who he says, letters inside letters."""

from email.message import EmailMessage

import cast
import pytest

from cec.appeals.models import Attachment, Message
from cec.platform.db import unit_of_work

MX = "mx.centre.example"


@pytest.fixture
def trusting(appeal):
    """Let the shop's mailbox believe its server."""
    with unit_of_work():
        account = cast.a_mailbox()
        account.config = {**account.config, "authserv": "MX.Centre.example"}


def a_forwarded_letter(appeal, inner):
    letter = cast.a_letter("Переслал", References="<a@client.example>", subject=f"Re: [#{appeal.number}]")
    letter.add_attachment(inner, filename="Жалоба.eml") if isinstance(inner, EmailMessage) else letter.add_attachment(
        inner, maintype="application", subtype="octet-stream", filename="Жалоба.eml"
    )
    return cast.arrives(letter)


@pytest.mark.parametrize(
    ("found", "told"), [("dmarc=pass", "отправитель подтверждён"), ("dmarc=fail", "Отправитель может быть подделан")]
)
def test_what_our_server_found_out_about_the_sender_is_told(desk, appeal, trusting, client_writes, words, found, told):
    letter = cast.a_letter("Ещё вопрос", subject=f"Re: [#{appeal.number}]")
    letter["Authentication-Results"] = f"{MX}; {found}"
    cast.arrives(letter)

    assert told in words(desk.page(f"/appeals/{appeal.id}"))


@pytest.mark.parametrize("header", ["other.example; dmarc=pass", "client.example; dmarc=fail"])
def test_whom_the_mailbox_does_not_trust_nobody_believes(desk, appeal, trusting, words, header):
    letter = cast.a_letter("Ещё вопрос", subject=f"Re: [#{appeal.number}]")
    letter["Authentication-Results"] = header
    message = cast.arrives(letter)

    page = words(desk.page(f"/appeals/{appeal.id}"))
    assert "check" not in message.headers
    assert "подтверждён" not in page
    assert "подделан" not in page


def test_who_got_a_copy_answers_under_his_own_name(desk, appeal, words):
    asked = cast.a_letter(
        "Где?", subject=f"Re: [#{appeal.number}]", Cc="Жена <wife@client.example>, boss@client.example"
    )
    first = cast.arrives(asked)
    cast.arrives(cast.a_letter("И мне", sender="Вера <wife@client.example>", In_Reply_To=first.provider_event_id))

    page = words(desk.page(f"/appeals/{appeal.id}"))
    assert "Копия: wife@client.example, boss@client.example" in page
    assert "<b>Вера</b>" in desk.page(f"/appeals/{appeal.id}")
    assert "Пётр Петров" in page


def test_a_forwarded_letter_is_a_file_whose_words_can_be_read(desk, appeal, db, words):
    inner = EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "Склад <depot@shop.example>", cast.PETROV, "Отказ"
    inner.set_content("Товара нет. <script>alert(1)</script>")
    inner.add_attachment(b"x", maintype="application", subtype="pdf", filename="акт.pdf")
    message = a_forwarded_letter(appeal, inner)

    (file,) = message.attachments
    part = desk.part(f"/attachments/{file.id}/letter")
    assert "Жалоба.eml" in desk.page(f"/appeals/{appeal.id}")
    assert "Прочитать вложенное письмо" in desk.page(f"/appeals/{appeal.id}")
    for said in ("Склад &lt;depot@shop.example&gt;", "Отказ", "Товара нет. &lt;script&gt;", "акт.pdf"):
        assert said in part


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 500, b"Content-Type: multipart/mixed; boundary=b\n\n" * 2000])
def test_what_is_no_letter_inside_is_shown_as_far_as_it_goes(desk, appeal, content):
    (file,) = a_forwarded_letter(appeal, content or b"\n").attachments

    assert "quote" in desk.part(f"/attachments/{file.id}/letter")


def test_other_files_and_others_letters_do_not_open(desk, appeal, db, signed_in):
    (letter,) = a_forwarded_letter(appeal, EmailMessage()).attachments
    with unit_of_work():
        db.session.add(
            Attachment(
                message_id=appeal.last_client_message_id, name="a.pdf", type="application/pdf", size=1,
                sha256=letter.sha256,
            )
        )  # fmt: skip
    other = db.session.scalars(db.select(Attachment).where(Attachment.name == "a.pdf")).one()

    desk.part(f"/attachments/{other.id}/letter", 404)
    assert signed_in(cast.igor()).get(f"/operator/attachments/{letter.id}/letter").status_code == 404
    assert db.session.get(Message, letter.message_id) is not None
