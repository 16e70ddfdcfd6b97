"""A conversation of a web chat: in through the same intake as mail, out to whoever looks, nothing lost or doubled."""

import datetime as dt
import email
import email.policy
import uuid

import pytest

from cec.appeals import acting, carrying, conversation, intake_door, visiting
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message, MessageState, Rating, ResolutionKind
from cec.channels.models import ChannelAccount, Inbound, InboundState
from cec.channels.models import Visitor as Row
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast
from tests.visitor import Visitor, a_webchat, everything_is_done

GONE = dt.timedelta(seconds=120)


@pytest.fixture
def visitor(centre, client):
    """Ivan looks at a shelf."""
    a_webchat()
    return Visitor(client)


@pytest.fixture
def appeal(visitor):
    """Ivan has asked, and Anna has his appeal in work."""
    visitor.writes()
    everything_is_done()
    return cast.accepted(only_appeal(), cast.anna())


def only_appeal():
    return database.session.scalars(database.select(Appeal)).one()


def answers(appeal, words="Разберём и соберём.", **more):
    with unit_of_work():
        message = conversation.send(
            cast.reread(appeal), by=cast.anna(), letter=Letter(words), client_uuid=uuid.uuid4(), seen_message_id=0,
            undo=dt.timedelta(seconds=5), **more,
        )  # fmt: skip
    everything_is_done()
    return database.session.get_one(Message, message.id)


def closes(appeal):
    appeal = cast.reread(appeal)
    with unit_of_work():
        acting.act(
            appeal.id, "close", by=cast.anna(), expected_version=appeal.version,
            seen_message_id=appeal.last_message_id, confirmed=True,
            answers={"resolution_id": cast.a_resolution(ResolutionKind.SOLVED).id, "topic_id": cast.a_topic().id},
        )  # fmt: skip
    return cast.reread(appeal)


def test_a_question_becomes_an_appeal_with_the_page_where_it_was_asked(visitor):
    visitor.writes("Пройдёт ли он в лифт?", told={"name": "Иван"})
    everything_is_done()

    appeal = only_appeal()
    message = database.session.scalars(database.select(Message)).one()
    assert (appeal.channel, appeal.address.type, appeal.address.display) == ("webchat", "webchat", "Иван")
    assert message.headers["meta"] == {"page": "https://shop.example/shelf", "title": "Стеллаж"}
    assert visitor.lines() == ["> Пройдёт ли он в лифт?"]


def test_an_answer_goes_out_at_once_and_comes_to_the_visitor_as_plain_words(visitor, appeal):
    message = answers(appeal)

    assert message.state == MessageState.SENT
    assert visitor.lines() == ["> Пройдёт ли он в лифт?", "Разберём и соберём."]
    assert visitor.sees()["operator"] == "Анна"


def test_in_a_chat_one_may_answer_while_the_client_writes_on(visitor, appeal):
    visitor.writes("Или лучше по лестнице?")
    everything_is_done()

    assert answers(appeal).state == MessageState.SENT


def test_notes_and_what_is_on_its_way_are_not_for_the_visitor(visitor, appeal):
    with unit_of_work():
        conversation.write_note(cast.reread(appeal), by=cast.anna(), text="грубит", client_uuid=uuid.uuid4())
    with unit_of_work():
        conversation.send(
            cast.reread(appeal), by=cast.anna(), letter=Letter("Минуту"), client_uuid=uuid.uuid4(),
            seen_message_id=0, undo=dt.timedelta(),
        )  # fmt: skip

    assert visitor.lines() == ["> Пройдёт ли он в лифт?"]


def test_what_the_widget_reports_moves_states_forward_only(visitor, appeal):
    first, second = answers(appeal, "раз"), answers(appeal, "два")

    visitor.pulse(got=second.id, read=first.id)
    assert [message.state for message in cast_again(first, second)] == ["read", "delivered"]
    visitor.pulse(got=first.id)
    visitor.pulse(read=second.id)
    assert [message.state for message in cast_again(first, second)] == ["read", "read"]
    assert [line["state"] for line in visitor.sees()["lines"] if not line["mine"]] == ["read", "read"]


def cast_again(*messages):
    return [database.session.get_one(Message, message.id) for message in messages]


def test_nobody_reports_of_the_messages_of_others(visitor, appeal, client):
    message = answers(appeal)
    stranger = Visitor(client)

    stranger.pulse(got=message.id, read=message.id)

    assert stranger.lines() == []
    assert cast_again(message)[0].state == MessageState.SENT


def test_the_visitor_sees_that_he_was_read(visitor, appeal):
    with unit_of_work():
        conversation.mark_seen(cast.reread(appeal), by=cast.anna(), message_id=appeal.last_message_id)

    assert [line["state"] for line in visitor.sees()["lines"]] == ["seen"]


def test_who_comes_back_goes_on_in_his_open_appeal_and_reopens_one_that_was_just_closed(visitor, appeal):
    visitor.writes("И ещё вопрос")
    everything_is_done()
    assert only_appeal().id == appeal.id

    closes(appeal)
    for number in range(7):
        visitor.writes(f"Нет, подождите {number}")
    everything_is_done()

    assert only_appeal().closed_at is None
    assert "appeal.reopened" in cast.story(appeal.key)
    assert len(visitor.lines()) == 9


def test_messages_sent_again_and_at_once_are_one_each_and_in_their_order(visitor, app, at_once):
    ids = [str(uuid.uuid4()) for _ in range(5)]
    for number, name in enumerate(ids):
        for _ in range(3):
            assert visitor.writes(f"слово {number}", id=name).status_code == 202
    account, key = a_webchat().id, visitor.token.partition(".")[0]
    database.session.commit()

    def take(_worker):
        def act():
            with unit_of_work():
                intake_door.take_in_next(account, key)

        return act

    assert set(at_once(*map(take, range(8)))) == {None}
    everything_is_done()

    assert visitor.lines() == [f"> слово {number}" for number in range(5)]
    assert {row.state for row in database.session.scalars(database.select(Inbound))} == {InboundState.DONE}


def test_who_leaves_before_an_answer_has_abandoned_and_who_leaves_after_it_has_left(visitor, appeal, clock):
    clock.forward(GONE + dt.timedelta(seconds=1))
    with unit_of_work():
        assert visiting.find_gone(GONE) == 1
    visitor.pulse()
    answers(appeal)
    clock.forward(GONE + dt.timedelta(seconds=1))
    with unit_of_work():
        assert visiting.find_gone(GONE) == 1
        assert visiting.find_gone(GONE) == 0

    told = [name for name in cast.story(appeal.key) if name.startswith(("client.", "appeal.abandoned"))]
    assert told == ["appeal.abandoned", "client.returned", "client.left"]


def test_who_is_there_is_not_gone(visitor, appeal, clock):
    clock.forward(GONE - dt.timedelta(seconds=1))
    visitor.pulse(page="https://shop.example/cart", title="Корзина")
    clock.forward(dt.timedelta(seconds=60))

    with unit_of_work():
        assert visiting.find_gone(GONE) == 0
    assert database.session.scalars(database.select(Row)).one().title == "Корзина"


def test_a_rating_by_a_button_is_one_of_the_appeal(visitor, appeal):
    assert visitor.ask("POST", "rating", {"mark": 5}).status_code == 409
    answers(appeal)
    closes(appeal)
    assert visitor.sees()["ratable"] is True

    for wrong in (0, 6, "5", None, True, 4.5):
        assert visitor.ask("POST", "rating", {"mark": wrong}).status_code == 422
    assert visitor.ask("POST", "rating", {"mark": 4, "comment": "Долго"}).status_code == 204

    rating = database.session.scalars(database.select(Rating)).one()
    assert (rating.mark, rating.comment, rating.message_id) == (4, "Долго", None)
    assert visitor.sees()["mark"] == 4


def test_the_conversation_goes_out_by_mail_once_somebody_has_answered(visitor, appeal, postmaster):
    server = postmaster()
    mailbox = cast.a_mailbox()
    mailbox.config = {"smtp": {"host": "127.0.0.1", "port": server.port, "tls": "none"}}
    assert visitor.ask("POST", "transcript", {"email": "ivan@client.example"}).status_code == 409
    answers(appeal)

    assert visitor.ask("POST", "transcript", {"email": "ivan"}).status_code == 422
    assert visitor.ask("POST", "transcript", {"email": "ivan@client.example"}, language="ru").status_code == 202
    assert visitor.ask("POST", "transcript", {"email": "other@client.example"}).status_code == 409
    everything_is_done()

    (raw,) = server.letters
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert letter["To"] == "ivan@client.example"
    assert "References" not in letter
    assert "Пройдёт ли он в лифт?" in letter.get_content()
    assert "Разберём и соберём." in letter.get_content()
    assert visitor.lines() == ["> Пройдёт ли он в лифт?", "Разберём и соберём."]


def test_an_account_with_a_queue_of_its_own_fills_that_one(centre, client):
    cast.a_queue("chats")
    a_webchat(queue="chats")
    Visitor(client).writes("доставка")
    everything_is_done()

    assert only_appeal().queue.code == "chats"


def test_what_a_chat_cannot_carry_is_refused_at_the_field(appeal):
    account = database.session.get_one(ChannelAccount, appeal.channel_account_id)
    able = carrying.of(appeal, account)

    assert (able.html, able.at_once, able.typing) == (False, True, True)
    with pytest.raises(carrying.TooLongForChannel):
        answers(appeal, "а" * 4001)
