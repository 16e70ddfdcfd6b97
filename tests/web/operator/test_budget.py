"""What the operator's list and his appeal may ask of the database: at most eight statements, however much there is."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import cast
import pytest
import stories

from bench import statements
from cec.appeals import conversation
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Status
from cec.distribution import choosing
from cec.platform.db import unit_of_work
from cec.replies import templates
from cec.replies.templates import Wanted

MOST = 8
SIGNED = "FROM session"


@pytest.fixture
def asked(db: Any) -> Callable[[], Any]:
    """Give what notes the statements that are said meanwhile."""
    return statements.said


def _held(count: int) -> None:
    """Let Anna hold some more appeals of Petrov's: in work, waiting, postponed."""
    for number in range(count):
        appeal = cast.an_appeal(f"Вопрос {number}", subject=f"Заказ {number}")
        status = (Status.IN_WORK, Status.WAITING, Status.POSTPONED)[number % 3]
        with unit_of_work():
            appeal.status, appeal.operator_id = status, cast.anna().id
            appeal.topic = cast.a_topic()
            if status != Status.IN_WORK:
                appeal.wake_at = appeal.created_at + dt.timedelta(hours=2)


def test_the_list_asks_the_same_few_questions_for_one_appeal_and_for_fifty(desk, asked) -> None:
    counts = []
    for more in (1, 49):
        _held(more)
        with asked() as said:
            drawn = desk.part("/worklist")
        counts.append(len(said))
        assert any(SIGNED in statement for statement in said), "the look-up of the session counts too"
    assert drawn.count('class="wl-item') == 50
    assert counts[0] == counts[1] <= MOST


def test_an_offer_over_the_list_costs_two_questions(desk, asked) -> None:
    cast.petrov()
    cast.an_appeal()
    cast.at_work(cast.anna())
    assert choosing.distribute() == 1
    with asked() as said:
        assert "alertdialog" in desk.part("/worklist")
    assert len(said) <= MOST, said


def test_an_appeal_asks_the_same_few_questions_with_one_message_and_with_fifty(desk, appeal: Appeal, asked) -> None:
    """Also with a draft, files, a linked client, a topic, events of others, and fifty earlier appeals beside it."""
    anna = cast.anna()
    desk.act(f"/appeals/{appeal.id}/draft", method="put", text="Заказ у курьера", is_note=1, client_uuid=uuid.uuid4())
    with unit_of_work():
        cast.reread(appeal).topic = cast.a_topic()
    counts = []
    for more in (1, 49):
        _held(more)
        for number in range(more):
            stories.answer(appeal, anna, f"Ответ {number}")
        with asked() as said:
            drawn = desk.part(f"/appeals/{appeal.id}")
        counts.append(len(said))
    assert drawn.count('<article class="msg') == 51
    assert "Заказ у курьера" in drawn
    assert counts[0] == counts[1] <= MOST, said


def test_an_appeal_that_waits_asks_no_more(desk, appeal: Appeal, asked) -> None:
    stories.wait(appeal, cast.anna())
    with asked() as said:
        assert "outcome-close" in desk.part(f"/appeals/{appeal.id}")
    assert len(said) <= MOST, said


def test_the_prompter_asks_one_question_however_much_was_used(desk, appeal: Appeal, asked, db) -> None:
    counts = []
    for more in (1, 20):
        for number in range(more):
            with unit_of_work():
                words = f"Ответ {more} {number}"
                template = templates.create(Wanted(words, words), by="test")
                seen = cast.reread(appeal).last_message_id
                letter, undo = Letter(words, templates=(template.id,)), dt.timedelta(seconds=5)
                conversation.send(
                    cast.reread(appeal), by=cast.anna(), letter=letter, client_uuid=uuid.uuid4(),
                    seen_message_id=seen, undo=undo,
                )  # fmt: skip
        with asked() as said:
            drawn = desk.part(f"/appeals/{appeal.id}/suggestions")
        counts.append([statement for statement in said if "reply_use" in statement])
    assert drawn.count("data-suggested") == 4
    assert [len(statements) for statements in counts] == [1, 1]
