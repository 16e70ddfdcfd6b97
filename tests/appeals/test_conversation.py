"""Messages, notes and drafts (guide 3.2.4)."""

import datetime as dt
import email
import email.policy
import uuid

import pytest

from cec.appeals import conversation, delivering, drafts, queries
from cec.appeals.letters import Letter
from cec.appeals.models import Attachment, Draft, Message, MessageState, Status
from cec.appeals.recipients import Recipients
from cec.channels.channel import Unknown
from cec.channels.email import quoting
from cec.platform.db import db, unit_of_work
from cec.platform.errors import NotFound
from tests import cast
from tests.stories import answer, close

UNDO = dt.timedelta(seconds=5)


@pytest.fixture(autouse=True)
def _centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    db.session.commit()


@pytest.fixture
def appeal():
    return cast.accepted(cast.an_appeal("Где заказ?", message_id="<a@client.example>"), cast.anna())


def letters(post_office):
    return [path.read_text() for path in sorted(post_office.folder.glob("*.eml"))]


def send(appeal, text="Добрый день!", *, client_uuid=None, seen=None):
    with unit_of_work():
        return conversation.send(
            cast.reread(appeal), by=cast.anna(), letter=text if isinstance(text, Letter) else Letter(text),
            client_uuid=client_uuid or uuid.uuid4(),
            seen_message_id=appeal.last_client_message_id if seen is None else seen, undo=UNDO,
        )  # fmt: skip


def test_an_answer_leaves_after_the_seconds_of_undo_and_threads(appeal, clock, post_office):
    answer(appeal, cast.anna(), "Заказ у курьера.")

    assert delivering.deliver_due() == 0
    clock.forward(UNDO)
    assert delivering.deliver_due() == 1

    (letter,) = letters(post_office)
    assert "In-Reply-To: <a@client.example>" in letter
    assert f".{appeal.id}." in letter
    sent = db.session.scalars(db.select(Message).where(Message.direction == "out")).one()
    assert sent.state == MessageState.SENT
    assert "message.sent" in cast.story(appeal.key)


def test_an_answer_taken_back_never_leaves_and_its_text_is_a_draft_again(appeal, clock, post_office):
    message = answer(appeal, cast.anna(), "Ой, не то")

    with unit_of_work():
        text = conversation.undo(message.id, by=cast.anna())
    clock.forward(UNDO)
    delivering.deliver_due()

    assert text == "Ой, не то"
    assert letters(post_office) == []
    assert queries.drafts(cast.reread(appeal), of=cast.anna())[False].text == "Ой, не то"
    assert cast.reread(appeal).due_response is not None, "the client waits again"


def test_what_is_on_its_way_cannot_be_taken_back(appeal, clock):
    message = answer(appeal, cast.anna())
    clock.forward(UNDO)
    delivering.deliver_due()

    with pytest.raises(conversation.TooLateToUndo), unit_of_work():
        conversation.undo(message.id, by=cast.anna())


def test_pressing_send_twice_is_one_message(appeal):
    once = uuid.uuid4()

    first, second = send(appeal, client_uuid=once), send(appeal, client_uuid=once)

    assert first.id == second.id


def test_an_empty_message_is_refused_at_the_field(appeal):
    with pytest.raises(conversation.NothingToSend) as refused:
        send(appeal, "  \n ")

    assert "text" in refused.value.fields()


def test_an_answer_past_an_unseen_message_is_refused(appeal):
    seen = appeal.last_client_message_id
    cast.arrives(cast.a_letter("Уже не надо", References="<a@client.example>"))

    with pytest.raises(conversation.ClientWroteMeanwhile):
        send(appeal, seen=seen)


def test_a_closed_appeal_sends_nothing(appeal):
    close(appeal, cast.anna())

    with pytest.raises(conversation.NotInWork):
        send(appeal)


def test_a_note_is_kept_and_never_sent(appeal, clock, post_office):
    with unit_of_work():
        conversation.write_note(appeal, by=cast.anna(), text="Клиент сердит", client_uuid=uuid.uuid4())
    clock.forward(dt.timedelta(hours=1))
    delivering.deliver_due()

    assert letters(post_office) == []
    assert cast.reread(appeal).due_response is not None, "a note is no answer"


def test_a_draft_with_a_file_becomes_a_message_with_a_file(appeal, clock, post_office):
    with unit_of_work():
        draft = drafts.get(cast.reread(appeal), by=cast.anna())
        drafts.attach(draft, name="акт.txt", kind="text/plain", content=b"act", limit_megabytes=25)

    send(appeal, "см. файл")
    clock.forward(UNDO)
    delivering.deliver_due()

    assert db.session.scalar(db.select(db.func.count()).select_from(Draft)) == 0
    assert db.session.scalars(db.select(Attachment)).one().message_id is not None
    assert "YWN0" in letters(post_office)[0]


def test_a_file_over_the_limit_is_refused_with_the_limit(appeal):
    draft = drafts.get(cast.reread(appeal), by=cast.anna())

    with pytest.raises(drafts.FileTooLarge) as refused:
        drafts.attach(draft, name="фильм.mp4", kind="video/mp4", content=b"x" * (2**20 + 1), limit_megabytes=1)

    assert "фильм.mp4" in refused.value.sentence()


def test_a_colleague_may_not_touch_another_operators_message(appeal):
    message = answer(appeal, cast.anna())

    with pytest.raises(NotFound), unit_of_work():
        conversation.undo(message.id, by=cast.igor())


def test_a_server_that_is_away_is_tried_again_later(appeal, clock, post_office):
    post_office.stop()
    answer(appeal, cast.anna())
    clock.forward(UNDO)

    delivering.deliver_due()

    message = db.session.scalars(db.select(Message).where(Message.direction == "out")).one()
    assert message.state == MessageState.QUEUED
    assert message.error
    post_office.start()
    clock.forward(dt.timedelta(seconds=2))
    db.session.get_one(type(message.account), message.channel_account_id).config = {
        "smtp": {"host": "127.0.0.1", "port": post_office.port, "tls": "none"}
    }
    db.session.commit()
    assert delivering.deliver_due() == 1
    assert len(letters(post_office)) == 1


def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself(appeal, clock, post_office):
    message = answer(appeal, cast.anna())
    clock.forward(UNDO)
    with unit_of_work():
        db.session.execute(db.update(Message).where(Message.id == message.id).values(state=MessageState.SENDING))
        delivering.settle(message.id, Unknown("no answer after DATA"))

    clock.forward(dt.timedelta(days=2))
    delivering.deliver_due()

    unknown = db.session.get_one(Message, message.id)
    assert unknown.state == MessageState.UNKNOWN
    assert letters(post_office) == []
    with unit_of_work():
        conversation.confirm_sent(message.id, by=cast.anna())
    assert db.session.get_one(Message, message.id).state == MessageState.SENT


def test_a_worker_that_dies_while_sending_leaves_an_unknown_message(appeal, clock):
    message = answer(appeal, cast.anna())
    clock.forward(UNDO)
    db.session.execute(
        db.update(Message)
        .where(Message.id == message.id)
        .values(state=MessageState.SENDING, leased_until=clock.forward(dt.timedelta(minutes=5)))
    )
    db.session.commit()

    clock.forward(dt.timedelta(minutes=6))
    delivering.settle_lost()

    db.session.expire_all()
    assert db.session.get_one(Message, message.id).state == MessageState.UNKNOWN


def test_a_failed_message_is_retried_by_a_person(appeal, clock, post_office):
    message = answer(appeal, cast.anna())
    clock.forward(UNDO)
    db.session.execute(db.update(Message).where(Message.id == message.id).values(state=MessageState.FAILED))
    db.session.commit()

    with unit_of_work():
        conversation.retry(message.id, by=cast.anna())
    delivering.deliver_due()

    assert len(letters(post_office)) == 1


def test_reading_is_remembered_on_the_server(appeal):
    assert queries.worklist(cast.anna()).in_work[0].unread == 1

    with unit_of_work():
        conversation.mark_seen(cast.reread(appeal), by=cast.anna(), message_id=appeal.last_message_id)

    assert queries.worklist(cast.anna()).in_work[0].unread == 0
    assert cast.reread(appeal).status == Status.IN_WORK


PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def sent_letter(post_office, clock):
    clock.forward(UNDO)
    delivering.deliver_due()
    (path,) = post_office.folder.glob("*.eml")
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def plain_of(letter):
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_formatted_text_goes_out_as_text_and_as_html(appeal, clock, post_office):
    send(appeal, Letter(html="<div>Заказ <b>у курьера</b></div><script>x</script><ul><li>ждите</li></ul>"))

    letter = sent_letter(post_office, clock)

    assert letter.get_content_type() == "multipart/alternative"
    assert plain_of(letter).startswith("Заказ у курьера\n\n- ждите\n\n-- \nАнна")
    assert "<div>Заказ <b>у курьера</b></div><ul><li>ждите</li></ul>" in letter.get_body(("html",)).get_content()
    assert "script" not in letter.get_body(("html",)).get_content()


def test_a_pasted_picture_goes_out_inside_the_letter_and_one_taken_out_does_not(appeal, clock, post_office):
    with unit_of_work():
        draft = drafts.get(cast.reread(appeal), by=cast.anna())
        shown, removed = (
            drafts.attach_picture(draft, name=name, content=PIXEL, limit_megabytes=25) for name in ("а.png", "б.png")
        )
        drafts.attach(draft, name="акт.pdf", kind="application/pdf", content=b"%PDF", limit_megabytes=25)

    send(appeal, Letter(html=f'<div>Вот: <img src="cid:{shown.content_id}" alt="а"></div>'))
    letter = sent_letter(post_office, clock)

    related = next(part for part in letter.walk() if part.get_content_type() == "multipart/related")
    (picture,) = [part for part in related.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == f"<{shown.content_id}>"
    assert picture.get_content() == PIXEL
    assert f'src="cid:{shown.content_id}"' in letter.get_body(("html",)).get_content()
    assert [file.get_filename() for file in letter.iter_attachments()] == ["акт.pdf"]
    assert db.session.get(Attachment, removed.id) is None


def test_what_is_no_picture_by_its_bytes_is_refused(appeal):
    draft = drafts.get(cast.reread(appeal), by=cast.anna())

    with pytest.raises(drafts.NotAPicture):
        drafts.attach_picture(draft, name="кот.png", content=b"<svg onload=alert(1)>", limit_megabytes=25)


def test_the_clients_words_are_quoted_below_the_signature(appeal, clock, post_office):
    cast.reread(appeal).queue.signature = "Магазин"
    db.session.commit()
    send(appeal, Letter(html="<div>Едет</div>", quotes=True))

    letter = sent_letter(post_office, clock)
    text, html = plain_of(letter), letter.get_body(("html",)).get_content()

    assert "Едет\n\n-- \nАнна\nМагазин\n\n" in text
    assert f"<{cast.PETROV}> написал(а):\n> Где заказ?" in text
    assert "<blockquote>Где заказ?</blockquote>" in html
    assert quoting.fresh(text).startswith("Едет")
    assert "Где заказ?" not in quoting.fresh(text)


def test_copies_are_seen_and_blind_copies_are_not(appeal, clock, post_office):
    send(appeal, Letter("Да", recipients=Recipients([cast.PETROV], ["wife@client.example"], ["boss@centre.example"])))

    letter = sent_letter(post_office, clock)

    assert letter["Cc"] == "wife@client.example"
    assert "boss@centre.example" not in letter.as_string()
    (message,) = db.session.scalars(db.select(Message).where(Message.direction == "out"))
    assert message.headers["bcc"] == ["boss@centre.example"]


def test_a_queue_speaks_with_its_own_name_and_mailbox(appeal, clock, post_office):
    sales = cast.a_mailbox("sales@centre.example", port=post_office.port)
    queue = cast.reread(appeal).queue
    queue.sender_name, queue.sender_account_id = "Отдел продаж", sales.id
    db.session.commit()
    send(appeal, "Да")

    sender = sent_letter(post_office, clock)["From"].addresses[0]

    assert (sender.display_name, sender.addr_spec) == ("Отдел продаж", "sales@centre.example")


def test_an_answer_taken_back_returns_whole_before_what_was_written_since(appeal):
    wanted = Recipients([cast.PETROV], ["wife@client.example"])
    message = send(appeal, Letter(html="<div>Ой, <b>не то</b></div>", recipients=wanted, quotes=True))
    with unit_of_work():
        drafts.save(cast.reread(appeal), by=cast.anna(), letter=Letter(html="<div>Дальше</div>"), is_note=False)

    with unit_of_work():
        conversation.undo(message.id, by=cast.anna())

    draft = queries.drafts(cast.reread(appeal), of=cast.anna())[False]
    assert draft.html == "<div>Ой, <b>не то</b></div><div>Дальше</div>"
    assert draft.recipients["cc"] == ["wife@client.example"]
    assert draft.quotes


def saved(appeal, words, window, known):
    with unit_of_work():
        return drafts.save(
            cast.reread(appeal), by=cast.anna(), letter=Letter(words), is_note=False, window=window, known=known
        )


def test_an_older_window_does_not_write_over_a_newer_draft(appeal):
    first, second = uuid.uuid4(), uuid.uuid4()
    saved(appeal, "Первый", first, 0)

    with pytest.raises(drafts.ChangedElsewhere):
        saved(appeal, "Второй", second, 0)
    assert saved(appeal, "Второй, зная первый", second, 1).version == 2
    with pytest.raises(drafts.ChangedElsewhere):
        saved(appeal, "Первый дальше", first, 1)


def test_a_window_whose_saving_was_not_answered_goes_on(appeal):
    window = uuid.uuid4()
    saved(appeal, "Первое", window, 0)

    assert saved(appeal, "Первое и второе", window, 0).text == "Первое и второе"


def test_a_draft_saved_after_its_answer_has_gone_is_none(appeal):
    window = uuid.uuid4()
    send(appeal, "Ушло", client_uuid=window)

    assert saved(appeal, "Ушло", window, 1) is None
    assert queries.drafts(cast.reread(appeal), of=cast.anna()) == {}
