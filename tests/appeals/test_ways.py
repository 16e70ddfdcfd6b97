"""The channel changes inside an appeal (guide 3.2.4): chat, mail and back are one conversation."""

import datetime as dt
import email
import email.policy
import uuid

import pytest

from cec.appeals import conversation, drafts, reading, ways
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast
from tests.visitor import Visitor, a_webchat, everything_is_done

IVAN = "ivan@client.example"


@pytest.fixture
def visitor(db, post_office, client):
    """Ivan, who has told his mail address, asks in the chat of the shop."""
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    a_webchat(asks={"name": "must", "email": "must", "phone": "may"})
    visitor = Visitor(client)
    visitor.writes(told={"name": "Иван", "email": IVAN, "phone": "+7 900 000-00-00"})
    everything_is_done()
    return visitor


@pytest.fixture
def appeal(visitor):
    """Anna has it in work."""
    return cast.accepted(database.session.scalars(database.select(Appeal)).one(), cast.anna())


def send(appeal, words, way=""):
    appeal = cast.reread(appeal)
    with unit_of_work():
        message = conversation.send(
            appeal, by=cast.anna(), letter=Letter(words, way=way), client_uuid=uuid.uuid4(),
            seen_message_id=appeal.last_message_id, undo=dt.timedelta(),
        )  # fmt: skip
    everything_is_done()
    return database.session.get_one(Message, message.id)


def by_mail(appeal, address=IVAN):
    with unit_of_work():
        return ways.by_mail(cast.reread(appeal), address).name


def letters(post_office):
    paths = sorted(post_office.folder.glob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]


def channels(appeal):
    return [said.channel for said in reading.messages(cast.reread(appeal))]


def test_from_the_chat_to_mail_and_back_is_one_appeal(appeal, visitor, post_office):
    send(appeal, "Какой у вас лифт?")
    send(appeal, "Чертёж лучше письмом.", way=by_mail(appeal))

    (letter,) = letters(post_office)
    assert letter["To"] == IVAN
    assert appeal.number in letter["Subject"]
    assert visitor.lines() == ["> Пройдёт ли он в лифт?", "Какой у вас лифт?"], "a letter is no word of the chat"

    came = cast.arrives(cast.a_letter("Вот план.", sender=IVAN, In_Reply_To=letter["Message-ID"]))
    assert came.appeal_id == appeal.id
    send(appeal, "Получили, спасибо.")
    assert letters(post_office)[-1]["In-Reply-To"] == came.provider_event_id, "the answer goes where the client wrote"

    visitor.writes("А когда привезёте?")
    everything_is_done()
    send(appeal, "В пятницу.")
    assert visitor.lines()[-2:] == ["> А когда привезёте?", "В пятницу."]
    assert channels(appeal) == ["webchat", "webchat", "email", "email", "email", "webchat", "webchat"]
    assert database.session.scalar(database.select(database.func.count()).select_from(Appeal)) == 1
    assert cast.story(appeal.key).count("appeal.channel_changed") == 2


def test_a_letter_with_the_number_alone_joins_the_chat_that_was_gone_on_with_by_mail(appeal):
    send(appeal, "Пишем письмом.", way=by_mail(appeal))

    known = cast.arrives(cast.a_letter("Это я", sender=IVAN, subject=f"Re: [#{appeal.number}]"))
    stranger = cast.arrives(cast.a_letter("И я", sender="other@x.example", subject=f"Re: [#{appeal.number}]"))

    assert known.appeal_id == appeal.id
    assert stranger.appeal_id != appeal.id


def test_an_appeal_that_came_by_mail_goes_on_in_the_chat_of_its_client(appeal, visitor):
    cast.petrov()
    chat = cast.reread(appeal)
    with unit_of_work():
        chat.address.client_id = cast.petrov().id
    mail = cast.accepted(cast.an_appeal("Письмо", sender=cast.PETROV), cast.anna())
    with unit_of_work():
        way = next(each for each in ways.list_of(cast.reread(mail)) if each.account.channel == "webchat")
        name = way.name

    send(mail, "Ответили в чате.", way=name)

    assert visitor.lines()[-1] == "Ответили в чате."
    visitor.writes("Вижу")
    everything_is_done()
    assert [said.text for said in reading.messages(cast.reread(mail))][-1] == "Вижу"
    visitor.pulse(got=10**6, read=10**6)
    assert reading.messages(cast.reread(mail))[-2].state == "read"


def test_only_the_ways_of_an_appeal_can_be_taken(appeal):
    stranger = cast.an_appeal("Чужое", sender="other@x.example")
    theirs = f"{stranger.channel_account_id}:{stranger.address_id}"

    with pytest.raises(ways.NotAWay):
        send(appeal, "Не туда", way=theirs)
    with pytest.raises(ways.NotAnAddress), unit_of_work():
        ways.by_mail(cast.reread(appeal), "no address")


def test_what_is_written_goes_along_and_pictures_become_files(appeal, visitor):
    cast.an_appeal("Письмо", sender=IVAN)
    mail = cast.accepted(
        database.session.scalars(database.select(Appeal).order_by(Appeal.id.desc())).first(), cast.anna()
    )
    with unit_of_work():
        draft = drafts.get(mail, by=cast.anna())
        picture = drafts.attach_picture(draft, name="a.png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 9, limit_megabytes=1)
        html = f'<div>Смотрите <b>сюда</b></div><img src="cid:{picture.content_id}">'
        drafts.save(mail, by=cast.anna(), letter=Letter(html=html), is_note=False)
        chat = database.session.scalars(database.select(Appeal).where(Appeal.channel == "webchat")).one()

        draft = drafts.go(mail, ways.own(chat), by=cast.anna())

    assert draft.html is None
    assert "Смотрите сюда" in draft.text
    assert [file.content_id for file in draft.attachments] == [None]
