"""Guide 3.2.4: answers with their undo, notes, drafts, files, letters as they were sent."""

import io
import uuid

import cast
import pytest
import stories

from cec.appeals import delivering
from cec.appeals.models import Draft, Message, MessageState
from cec.platform.db import unit_of_work


@pytest.fixture
def answer(desk, appeal):
    """Give a function that sends an answer as the composer does."""
    seen = appeal.last_client_message_id

    def send(text: str, status: int = 200, **fields: object) -> str:
        typed = {"client_uuid": uuid.uuid4(), "seen_message_id": seen, "text": text, **fields}
        return desk.act(f"/appeals/{appeal.id}/messages", status, **typed)

    return send


def sent_by(db) -> list[Message]:
    """The answers, as they stand."""
    return list(db.session.scalars(db.select(Message).where(Message.direction == "out").order_by(Message.id)))


def test_an_answer_is_queued_and_shows_how_to_take_it_back(desk, answer, words, db):
    part = answer("Уже везём")

    assert "Уже везём" in words(part)
    assert "Отменить" in words(part)
    assert [message.state for message in sent_by(db)] == [MessageState.QUEUED]


def test_a_repeated_request_is_one_message(answer, db):
    same = uuid.uuid4()

    answer("Уже везём", client_uuid=same)
    answer("Уже везём", client_uuid=same)

    assert len(sent_by(db)) == 1


def test_an_empty_answer_is_told_at_its_field(answer, db):
    part = answer("   ", status=422)

    assert 'data-field="text"' in part
    assert sent_by(db) == []


def test_a_newer_message_of_the_client_is_shown_first_and_may_be_passed(answer, client_writes, words):
    answer("Уже везём")
    client_writes("А когда?")

    refused = answer("Завтра", status=409)
    assert 'data-refusal="ClientWroteMeanwhile"' in refused

    assert "Завтра" in words(answer("Завтра", confirmed="1"))


def test_a_newer_answer_of_a_colleague_is_shown_first_and_may_be_passed(desk, answer, appeal, hidden, words):
    colleague = cast.igor()
    cast.at_work(colleague)
    stories.transfer(appeal, cast.anna(), "operator", operator_id=colleague.id)
    stories.answer(cast.accepted(appeal, colleague), colleague, "Привезём завтра")
    stories.transfer(appeal, colleague, "operator", operator_id=cast.anna().id)
    cast.accepted(appeal, cast.anna())

    refused = answer("Уже везём", status=409)
    assert 'data-refusal="ColleagueWroteMeanwhile"' in refused
    assert "коллега" in words(refused)

    seen = hidden(desk.part(f"/appeals/{appeal.id}"), "seen_message_id")
    answer("Как сказал Игорь, завтра", seen_message_id=seen)
    assert "Уже везём" in words(answer("Уже везём", confirmed="1"))


def test_an_answer_taken_back_returns_to_the_composer(desk, answer, db, words):
    answer("Ошибка в сумме")

    part = desk.act(f"/messages/{sent_by(db)[0].id}", method="delete")

    assert "<div>Ошибка в сумме</div>" in part
    assert sent_by(db)[0].state == MessageState.CANCELLED


def test_what_failed_says_why_and_can_be_tried_again(desk, appeal, answer, db, words):
    answer("Уже везём")
    with unit_of_work():
        message = sent_by(db)[0]
        message.state, message.error = MessageState.FAILED, "The mailbox does not exist"

    part = words(desk.part(f"/appeals/{appeal.id}"))
    assert "Не доставлено" in part
    assert "Повторить" in part

    desk.act(f"/messages/{sent_by(db)[0].id}/retry")

    assert sent_by(db)[0].state == MessageState.QUEUED


def test_a_person_decides_about_what_nobody_knows_to_have_arrived(desk, appeal, answer, db, words):
    answer("Уже везём")
    with unit_of_work():
        sent_by(db)[0].state = MessageState.UNKNOWN
    assert "Оно отправлено" in words(desk.part(f"/appeals/{appeal.id}"))

    desk.act(f"/messages/{sent_by(db)[0].id}/arrival")

    assert sent_by(db)[0].state == MessageState.SENT
    assert delivering.deliver_due() == 0


def test_a_note_is_kept_and_never_sent(desk, appeal, words, db):
    part = desk.act(f"/appeals/{appeal.id}/notes", client_uuid=uuid.uuid4(), is_note="1", text="VIP, осторожно")

    assert "Внутренняя заметка" in words(part)
    assert "VIP, осторожно" in words(part)
    assert sent_by(db) == []


def save(desk, appeal, status=200, **fields):
    told = {"client_uuid": uuid.uuid4(), "version": 0, **fields}
    return desk.act(f"/appeals/{appeal.id}/draft", status, method="put", **told)


def test_a_draft_is_kept_on_each_pause(desk, appeal):
    save(
        desk,
        appeal,
        html="<div>Здравствуйте, <b>Пё</b></div><script>x</script>",
        to="petrov@client.example, wife@x.example",
    )

    part = desk.part(f"/appeals/{appeal.id}")

    assert desk.answer.status_code == 200
    assert "<div>Здравствуйте, <b>Пё</b></div></div>" in part
    assert 'value="petrov@client.example, wife@x.example"' in part
    assert "Черновик сохранён 12:00" in part


def test_the_older_of_two_windows_is_told(desk, appeal, words, db):
    save(desk, appeal, html="<div>Первый</div>")

    refused = save(desk, appeal, 409, html="<div>Второй</div>")

    assert "в другом окне" in words(refused)
    assert db.session.scalars(db.select(Draft)).one().text == "Первый"
    save(desk, appeal, html="<div>Второй</div>", version="over")
    assert db.session.scalars(db.select(Draft)).one().text == "Второй"


def test_an_answer_with_formatting_is_shown_so_and_harmless(answer, db):
    part = answer(
        "",
        html='<div>Уже <b>везём</b> <a href="https://shop.example/1">заказ</a><img src="http://tracker.example/a"></div>',
    )

    assert (
        'Уже <b>везём</b> <a href="https://shop.example/1" target="_blank" rel="noopener noreferrer nofollow">' in part
    )
    assert "tracker.example" not in part
    assert sent_by(db)[0].text == "Уже везём заказ (https://shop.example/1)"


def test_a_wrong_address_is_told_at_its_field(answer, db):
    part = answer("Да", status=422, to="petrov@client.example", cc="петров")

    assert 'data-field="cc"' in part
    assert sent_by(db) == []


def test_what_a_browser_had_kept_is_sent_once_even_if_the_appeal_has_moved_on(desk, appeal, answer, db):
    same = uuid.uuid4()
    facts = {"Accept": "application/json"}
    typed = {"client_uuid": same, "seen_message_id": appeal.last_client_message_id, "text": "Уже везём"}
    first = desk.browser.post(f"/operator/appeals/{appeal.id}/messages", data=typed, headers=facts)
    with unit_of_work():
        cast.reread(appeal).operator_id = cast.igor().id

    again = desk.browser.post(f"/operator/appeals/{appeal.id}/messages", data=typed, headers=facts)
    other = desk.browser.post(
        f"/operator/appeals/{appeal.id}/messages", data={**typed, "client_uuid": uuid.uuid4()}, headers=facts
    )

    assert first.json == again.json == {"message_id": sent_by(db)[0].id}
    assert other.status_code == 404
    assert len(sent_by(db)) == 1


def test_a_picture_is_put_into_the_text_and_shown_from_our_own_address(desk, appeal, answer, signed_in, db):
    content = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
    desk.act(f"/appeals/{appeal.id}/draft/pictures", file=(io.BytesIO(content), "кот.png"))
    address = desk.answer.json["address"]

    part = answer("", html=f'<div>Вот: <img src="{address}" alt="кот"></div>')
    shown = desk.browser.get(address)

    assert f'<img src="{address}" alt="кот">' in part
    assert (shown.data, shown.mimetype) == (content, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert signed_in(cast.igor()).get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [("кот.png", b"<svg onload=alert(1)>"), ("кот.gif", b"<script>"), ("кот.jpg", b"")],
)
def test_what_is_no_picture_is_neither_taken_as_one_nor_shown_as_one(desk, appeal, words, name, content, db):
    refused = desk.act(f"/appeals/{appeal.id}/draft/pictures", 422, file=(io.BytesIO(content), name))
    assert name in words(refused)
    desk.act(f"/appeals/{appeal.id}/draft/attachments", file=(io.BytesIO(content), name))
    attachment = db.session.scalars(db.select(Draft)).one().attachments[0]

    assert desk.browser.get(f"/operator/attachments/{attachment.id}/picture").status_code == 404


def test_no_thumbnail_is_asked_for_of_what_only_says_that_it_is_a_picture(desk, appeal, db):
    letter = cast.a_letter("Смотрите", References="<a@client.example>", subject=f"Re: [#{appeal.number}]")
    for name, content in (("кот.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20), ("не кот.png", b"<svg onload=alert(1)>")):
        letter.add_attachment(content, maintype="image", subtype="png", filename=name)
    message = cast.arrives(letter)

    drawn = desk.part(f"/appeals/{message.appeal_id}")

    first, second = (file.id for file in message.attachments)
    assert f'src="/operator/attachments/{first}/picture"' in drawn
    assert f"/operator/attachments/{second}/picture" not in drawn
    assert f'href="/operator/attachments/{second}"' in drawn


def test_a_file_waits_at_the_draft_and_can_be_removed(desk, appeal, words, db):
    part = desk.act(
        f"/appeals/{appeal.id}/draft/attachments", text="см. файл", file=(io.BytesIO(b"act"), "..\\акт.pdf")
    )
    assert "акт.pdf" in words(part)
    attachment = db.session.scalars(db.select(Draft)).one().attachments[0]
    assert attachment.name == "акт.pdf"

    desk.act(f"/attachments/{attachment.id}", method="delete")

    assert db.session.scalars(db.select(Draft)).one().attachments == []


def test_a_file_is_saved_never_shown(desk, appeal, db):
    desk.act(f"/appeals/{appeal.id}/draft/attachments", text="", file=(io.BytesIO(b"<script>"), "page.html"))
    attachment = db.session.scalars(db.select(Draft)).one().attachments[0]

    with desk.browser.get(f"/operator/attachments/{attachment.id}", buffered=True) as answer:
        pass

    assert answer.data == b"<script>"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_others_files_and_letters_do_not_exist(desk, appeal, signed_in, db):
    desk.act(f"/appeals/{appeal.id}/draft/attachments", text="", file=(io.BytesIO(b"1"), "1.txt"))
    attachment = db.session.scalars(db.select(Draft)).one().attachments[0]
    igor = signed_in(cast.igor())

    assert igor.get(f"/operator/attachments/{attachment.id}").status_code == 404
    assert igor.delete(f"/operator/attachments/{attachment.id}").status_code == 404
    assert igor.get(f"/operator/messages/{appeal.last_client_message_id}/letter/content").status_code == 404


def test_a_letter_is_shown_in_a_frame_that_can_do_nothing(desk, appeal, db):
    with unit_of_work():
        message = db.session.get_one(Message, appeal.last_client_message_id)
        message.html = '<p>Фото <img data-remote="https://tracker.example/a.png"></p>'

    frame = desk.part(f"/messages/{message.id}/letter")
    closed = desk.browser.get(f"/operator/messages/{message.id}/letter/content")
    opened = desk.browser.get(f"/operator/messages/{message.id}/letter/content?pictures=1")

    assert "allow-scripts" not in frame
    assert "allow-same-origin" not in frame
    assert "Показать картинки" in frame
    assert "img-src data:;" in closed.headers["Content-Security-Policy"]
    assert "sandbox" in closed.headers["Content-Security-Policy"]
    assert ' src="https://tracker.example' not in closed.text
    assert ' src="https://tracker.example/a.png"' in opened.text


def test_a_file_attached_while_words_are_saved_is_no_other_window(desk, appeal):
    desk.act(f"/appeals/{appeal.id}/draft/attachments", file=(io.BytesIO(b"talon"), "талон.txt"))

    answer = desk.browser.put(
        f"/operator/appeals/{appeal.id}/draft",
        data={"text": "Высылаем талон", "client_uuid": str(uuid.uuid4()), "version": "0"},
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 200
    assert answer.json["version"] == 1
