"""Whose files were not kept is told which and why (guide 5.6), after what he was told before, and once."""

import datetime as dt

import orjson
import pytest

from cec.appeals import auto_answering, auto_refusals, delivering, fetching
from cec.appeals.models import Message
from cec.channels import webhooks
from cec.channels.email import bodies
from cec.platform import signatures, work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted
from tests import cast
from tests.appeals.test_auto_answering import automatic, later, withheld
from tests.stories import answer, close
from tests.visitor import Visitor, a_webchat, everything_is_done

WORDS = "Не сохранили:\n{{files.refused}}"


@pytest.fixture(autouse=True)
def _centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    auto_replies.create(Wanted("Файлы", Event.FILES_REFUSED, WORDS), by="system")
    database.session.commit()


@pytest.fixture
def posts():
    """The shop's application posts a message of a client with files at addresses."""
    _account, secret = cast.an_api_channel(files_from="127.0.0.1")
    database.session.commit()

    def post(*urls, name="1"):
        files = [{"url": url} for url in urls]
        body = orjson.dumps({"external_id": name, "sender": {"id": "42"}, "text": "Чек", "attachments": files})
        with unit_of_work():
            webhooks.take("app", {signatures.HEADER: signatures.sign(secret, body)}, body)
        everything()
        return database.session.scalars(database.select(Message).order_by(Message.id)).first().appeal

    return post


def everything():
    while work.run_due() or fetching.fetch_due():
        pass


def a_letter_of(count, **more):
    letter = cast.a_letter("Смотрите", **more)
    for number in range(count):
        letter.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{number}.txt")
    return letter


def test_the_application_s_client_is_told_of_all_his_files_at_once(posts, program):
    program.answers = [404, 200, 404]

    appeal = posts(program.url + "a.pdf", program.url + "b.pdf", program.url + "c.pdf")

    (told,) = automatic(appeal)
    assert [line.partition(":")[0] for line in told.splitlines()] == ["Не сохранили", "a.pdf", "c.pdf"]
    assert len(automatic(appeal)) == 1
    everything()
    assert len(automatic(appeal)) == 1


def test_who_has_just_had_another_answer_is_told_when_the_pause_is_over(posts, program, clock):
    with unit_of_work():
        auto_replies.create(Wanted("Приняли", Event.ARRIVED, "Приняли."), by="system")
    program.answers = [404]
    appeal = posts(program.url + "a.pdf")

    assert automatic(appeal) == ["Приняли."]
    later(clock, 9)
    assert automatic(appeal) == ["Приняли."]
    later(clock, 1)
    assert [words.split()[0] for words in automatic(appeal)] == ["Приняли.", "Не"]
    assert withheld(appeal) == []


def test_a_letter_with_more_files_than_are_taken_is_told_of_the_last_ones(post_office):
    message = cast.arrives(a_letter_of(bodies.MAX_FILES + 12))
    everything()
    delivering.deliver_due()

    message = cast.reread_message(message)
    assert len(message.attachments) == bodies.MAX_FILES
    (told,) = automatic(message.appeal)
    assert told.splitlines()[1:2] == ["200.txt: Центр берёт первые 200 файлов письма."]
    assert told.splitlines()[-1] == "и ещё 2 файла"
    assert len(list(post_office.folder.glob("*.eml"))) == 1


def test_words_of_the_queue_in_which_it_stands_are_said():
    queue = cast.a_queue()
    with unit_of_work():
        auto_replies.create(Wanted("Свои", Event.FILES_REFUSED, "Очередь.", queue_id=queue.id), by="system")

    message = cast.arrives(a_letter_of(bodies.MAX_FILES + 1))
    everything()

    assert automatic(message.appeal) == ["Очередь."]


@pytest.mark.parametrize("machine", [{"Auto_Submitted": "auto-replied"}, {"List_Id": "<news.example>"}])
def test_a_machine_is_not_told(machine):
    message = cast.arrives(a_letter_of(bodies.MAX_FILES + 1, **machine))
    everything()

    assert automatic(message.appeal) == []


def test_what_ended_meanwhile_is_not_told(posts, program, clock):
    with unit_of_work():
        auto_replies.create(Wanted("Приняли", Event.ARRIVED, "Приняли."), by="system")
    program.answers = [404]
    appeal = cast.accepted(posts(program.url + "a.pdf"), cast.anna())
    answer(appeal, cast.anna())
    close(appeal, cast.anna())
    later(clock, 10)

    assert automatic(appeal) == ["Приняли."]


def test_of_many_who_look_at_once_one_answers(posts, program, at_once):
    program.answers = [404]
    appeal = posts(program.url + "a.pdf")
    message = database.session.scalars(database.select(Message).where(Message.direction == "in")).one()
    with unit_of_work():
        database.session.execute(database.delete(Message).where(Message.direction == "out"))
        headers = {name: value for name, value in message.headers.items() if name != auto_refusals.ANSWERED}
        database.session.get_one(Message, message.id).headers = headers
        for _look in range(4):
            work.enqueue("auto_replies.files", appeal_id=appeal.id, message_id=message.id)

    at_once(work.run_due, work.run_due, work.run_due)
    everything()

    assert len(automatic(appeal)) == 1


def test_what_the_chat_refuses_to_the_face_is_not_told_again(client, app, monkeypatch):
    a_webchat()
    visitor = Visitor(client)
    with monkeypatch.context() as smaller:
        smaller.setitem(app.config, "MAX_CONTENT_LENGTH", 2000)
        refused = visitor.attaches("movie.avi", b"x" * 3000)
    visitor.writes()
    everything_is_done()

    assert refused.status_code == 413
    assert visitor.lines() == ["> Пройдёт ли он в лифт?"]


def test_its_placeholder_is_known_of_this_event_only():
    for event in set(Event) - {Event.FILES_REFUSED}:
        more = {"after": dt.timedelta(minutes=5)} if event in auto_replies.BY_TIME else {}
        with pytest.raises(auto_replies.NotKnownThen):
            auto_replies.create(Wanted("Иначе", event, WORDS, **more), by="system")
    assert {Event.FILES_REFUSED} <= auto_answering.PATIENT
