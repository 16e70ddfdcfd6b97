"""Outgoing appeals (guide 3.2.6): the operator writes first, and the client's answer comes back to him."""

import datetime as dt
import email
import email.policy

import pytest

from cec.appeals import delivering, drafts, first_messages, outgoing, ways
from cec.appeals.first_messages import FirstMessage, Wanted
from cec.appeals.models import Appeal, Draft, Message
from cec.appeals.outgoing import Leave
from cec.clients import addresses
from cec.distribution.models import Capacity
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.platform.errors import Invalid
from cec.replies import filling_in
from cec.workflow import engine
from tests import cast
from tests.stories import answer, close
from tests.visitor import Visitor, a_webchat, everything_is_done

SIDOROV = "sidorov@client.example"


@pytest.fixture(autouse=True)
def _centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    database.session.commit()


def begun(known=None, *, confirmed=False, per_day=0, **more):
    facts = {"queue_id": cast.a_queue().id, "text": "Ваш заказ готов.", "subject": "Заказ 7", "email": SIDOROV}
    with unit_of_work():
        wanted = Wanted(**{"name": cast.a_uuid(), **facts, **more})
        appeal = outgoing.begin(wanted, by=cast.anna(), known=known, leave=Leave(confirmed, per_day))
    return cast.reread(appeal)


def load_of(employee):
    return database.session.scalar(database.select(Capacity.load).where(Capacity.employee_id == employee.id))


def test_anna_writes_first_and_the_answer_comes_back_to_her(post_office):
    cast.at_work(cast.anna())

    appeal = begun(topic_id=cast.a_topic().id)

    assert (appeal.status, appeal.direction, appeal.operator_id) == ("waiting_for_client", "out", cast.anna().id)
    assert load_of(cast.anna()) == 0, "what waits takes no room"
    assert cast.story(appeal.key)[:3] == ["appeal.begun", "appeal.queued", "appeal.accepted"]
    delivering.deliver_due()
    (path,) = post_office.folder.glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (letter["To"], letter["Subject"]) == (SIDOROV, f"Заказ 7 [#{appeal.number}]")
    assert letter["Auto-Submitted"] is None

    cast.arrives(cast.a_letter("Спасибо!", sender=SIDOROV, subject="Re", In_Reply_To=letter["Message-ID"]))
    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id) == ("in_work", cast.anna().id)
    assert load_of(cast.anna()) == 1
    assert appeal.due_response is not None, "now the client waits"
    answer(appeal, cast.anna())
    assert close(appeal, cast.anna()).status == "closed"


def test_what_nobody_answers_is_closed_in_time_and_can_be_closed_before(clock):
    appeal, other = begun(), begun(email="other@client.example")

    assert close(other, cast.anna()).status == "closed"
    clock.forward(dt.timedelta(days=4))
    engine.run_due()
    assert cast.reread(appeal).close_kind == "no_client_answer"


def test_a_repeated_request_is_one_appeal():
    name = cast.a_uuid()

    assert begun(name=name).id == begun(name=name).id
    assert database.session.scalar(database.select(database.func.count()).select_from(Message)) == 1


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"email": "sidorov"}, "NotAnAddress"), ({"email": ""}, "NobodyChosen"),
        ({"email": cast.MAILBOX}, "ToOurselves"),
        ({"subject": " "}, "SubjectUnfit"), ({"text": " "}, "NothingToSend"), ({"queue_id": 0}, "NoSuchQueue"),
        ({"topic_id": 99}, "NoSuchTopic"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_nothing_is_left(wrong, refusal):
    with pytest.raises(Invalid) as refused:
        begun(**wrong)

    assert type(refused.value).__name__ == refusal
    assert database.session.scalar(database.select(database.func.count()).select_from(Appeal)) == 0


def test_what_is_unwise_wants_to_be_confirmed():
    with unit_of_work():
        addresses.mark_unreachable("email", {SIDOROV: "No such user"})
    with pytest.raises(outgoing.NothingArrives):
        begun()
    first = begun(confirmed=True)

    with unit_of_work():
        addresses.find_or_add("email", SIDOROV)
    with pytest.raises(outgoing.OpenThere, match=first.number) as refused:
        begun()
    assert refused.value.way_on[0] == f"/operator/appeals/{first.id}"
    assert begun(confirmed=True).id != first.id


def test_of_two_windows_the_second_is_told_that_it_has_left():
    name = cast.a_uuid()
    first = begun(name=name, text="Заказ {{appeal.number}} готов.")

    with pytest.raises(outgoing.AlreadyLeft, match=first.number) as refused:
        begun(name=name, text="Заказ готов и едет.")

    assert refused.value.way_on[0] == f"/operator/appeals/{first.id}"
    assert begun(name=name, text="Заказ {{appeal.number}} готов.").id == first.id, "pressed twice it is one appeal"


def test_files_and_formatting_go_out_with_the_first_message_and_its_number_is_put_in(post_office):
    name = cast.a_uuid()
    with unit_of_work():
        draft = first_messages.draft_of(name, by=cast.anna())
        drafts.attach(draft, name="счёт.pdf", kind="", content=b"%PDF-1.4 ...", limit_megabytes=1)

    appeal = begun(name=name, html="<div>Заказ <b>{{ appeal.number }}</b> готов</div>", text="")

    delivering.deliver_due()
    (path,) = post_office.folder.glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert [part.get_filename() for part in letter.iter_attachments()] == ["счёт.pdf"]
    assert f"<b>{appeal.number}</b>" in letter.get_body(("html",)).get_content()
    assert database.session.scalar(database.select(database.func.count()).select_from(FirstMessage)) == 0
    assert database.session.scalar(database.select(database.func.count()).select_from(Draft)) == 0


def test_a_placeholder_that_nobody_filled_in_is_never_sent():
    with pytest.raises(filling_in.PlaceholderLeft) as refused:
        begun(text="Здравствуйте, {{client.first_name}}!")

    assert refused.value.field == "text"


def test_a_client_is_written_to_first_so_often_a_day_and_no_more(clock):
    for _time in range(2):
        begun(confirmed=True, per_day=2)
        clock.forward(dt.timedelta(hours=2))

    with pytest.raises(outgoing.TooOften, match="2 a day"):
        begun(confirmed=True, per_day=2)
    begun(email="other@client.example", per_day=2)
    clock.forward(dt.timedelta(hours=21))
    assert begun(confirmed=True, per_day=2).direction == "out"


def test_nothing_is_sent_to_the_black_list():
    with pytest.raises(outgoing.OnTheBlackList):
        begun(confirmed=True, email="abuse@blocked.example")


def test_a_visitor_who_left_is_written_to_in_the_chat_and_answers_there(client):
    with unit_of_work():
        a_webchat()
    visitor = Visitor(client)
    visitor.writes()
    everything_is_done()
    past = cast.accepted(database.session.scalars(database.select(Appeal)).one(), cast.anna())
    answer(past, cast.anna())
    close(past, cast.anna())
    (way,) = [way.name for way in ways.list_of(cast.reread(past)) if not way.is_letter]

    appeal = begun(past, email="", way=way, subject="", text="Стол привезли!")
    everything_is_done()

    assert visitor.lines()[-1] == "Стол привезли!"
    visitor.writes("Ура")
    everything_is_done()
    assert cast.reread(appeal).status == "in_work"
