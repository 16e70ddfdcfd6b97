"""5.1: the administrator's queues."""

import datetime as dt
import re

import pytest
from cast import a_centre, a_group, a_mailbox, a_queue, accepted, an_appeal, anna, reread, vera

from cec.platform import journal, work
from cec.queues import calendar_directory, editing
from cec.queues.calendar_directory import Plan
from cec.queues.models import Queue
from forms import changer, filled


@pytest.fixture
def window(signed_in):
    vera().language = "en"
    return signed_in(vera())


@pytest.fixture
def change(window):
    return changer(window, "/centre/queues")


def the_queue(code):
    return next(queue for queue in editing.list_all() if queue.code == code)


def test_a_queue_is_added_with_the_groups_that_serve_it(window, db):
    group = a_group()
    a_queue()

    answer = window.post("/centre/queues", data={"name": "Доставка", "code": "delivery", "groups": group.id})

    queue = db.session.scalars(db.select(Queue).where(Queue.code == "delivery")).one()
    assert answer.status_code == 303
    assert queue.groups == [group]
    assert not queue.is_default
    assert "Доставка" in window.get("/centre/queues").text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "Доставка", "code": "Delivery", "groups": "own"}, "code"),
        ({"name": "Доставка", "code": "", "groups": "own"}, "code"),
        ({"name": "Доставка", "code": "general", "groups": "own"}, "code"),
        ({"name": " ", "code": "delivery", "groups": "own"}, "name"),
        ({"name": "General", "code": "delivery", "groups": "own"}, "name"),
        ({"name": "Доставка", "code": "delivery"}, "groups"),
        ({"name": "Доставка", "code": "first_line", "groups": "own"}, "code"),
    ],
)
def test_what_is_wrong_with_a_queue_is_said_at_its_field(window, data, field):
    a_queue()

    answer = window.post("/centre/queues", data=data)

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert [queue.code for queue in editing.list_all()] == ["general"]


def test_everything_about_a_queue_is_set_as_people_write_it(window, change):
    queue, second, other = a_queue(), a_group("second_line", vera()), a_queue("payment")
    calendar = calendar_directory.create(Plan("Office", "UTC", [[(540, 1080)]] * 7), by="test")

    answer = change(
        queue,
        **{f"group__{second.id}": 2},
        description="All the rest", calendar_id=calendar.id, closed_queue_id=other.id, strategy="round_robin",
        ring="45 s", auto_accept="1", sticky="2 мин", sticky_above="1", weight="2,5", tier=2, target="1 h 30 min",
        step_after=["50", "100 %"], step_act=["drop", "2"], units__email=3, longest=200, overflow_queue_id=other.id,
        first_response="4 h", next_response="2 ч", resolve_within="2 days", service_goal=90, service_within="5 min",
        reopen_within="0 s", wait_for_client="1 week", topic_required=None, least_active=2,
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    assert editing.levels_of(queue) == {queue.groups[0].id: 1, second.id: 2} or len(queue.groups) == 2
    assert (queue.description, queue.calendar, queue.closed_queue_id) == ("All the rest", calendar, other.id)
    assert (queue.strategy, queue.auto_accept, queue.sticky_above) == ("round_robin", True, True)
    assert (queue.weight, queue.tier, queue.target) == (2.5, 2, dt.timedelta(minutes=90))
    assert queue.widening == [{"after": 0.5, "drop": "wishes"}, {"after": 1.0, "level": 2}]
    assert (queue.channel_units, queue.longest, queue.overflow_queue_id) == ({"email": 3}, 200, other.id)
    assert (queue.ring, queue.sticky) == (dt.timedelta(seconds=45), dt.timedelta(minutes=2))
    assert (queue.service_goal, queue.service_within) == (90, dt.timedelta(minutes=5))
    assert (queue.reopen_within, queue.wait_for_client) == (dt.timedelta(), dt.timedelta(days=7))
    assert (queue.first_response, queue.next_response) == (dt.timedelta(hours=4), dt.timedelta(hours=2))
    assert (queue.resolve_within, queue.topic_required, queue.least_active) == (dt.timedelta(days=2), False, 2)
    assert editing.levels_of(queue)[second.id] == 2


def test_a_form_that_is_saved_as_it_is_changes_nothing(change):
    queue = a_queue()
    change(queue, step_after=["25"], step_act=["drop"], weight="0.5")
    told = len(journal.history(f"queue:{queue.id}"))

    assert change(queue).status_code == 303

    assert len(journal.history(f"queue:{queue.id}")) == told


def test_a_wrong_field_opens_its_tab_and_each_tab_says_how_many_it_has(change, window):
    queue = a_queue()
    opened = window.get(f"/centre/queues/{queue.id}").text
    assert 'id="tab-queue" aria-controls="panel-queue" aria-selected="true"' in opened

    answer = change(queue, idle__email="abc", units__email="0", weight="heavy")

    assert answer.status_code == 422
    counts = re.findall(r'id="tab-(\w+)"[^>]*aria-selected="(\w+)"[^>]*>[^<]*(?:<span[^>]*>(\d))?', answer.text)
    assert counts == [("queue", "false", ""), ("distribution", "true", "2"), ("deadlines", "false", "1"),
                      ("words", "false", "")]  # fmt: skip
    assert 'id="panel-queue" role="tabpanel" aria-labelledby="tab-queue" hidden' in answer.text
    assert 'value="abc"' in answer.text


def test_after_how_many_minutes_an_appeal_is_idle_is_set_by_channel(change):
    queue = a_queue()

    assert change(queue, idle__email="15", idle__webchat="").status_code == 303
    assert queue.idle_minutes == {"email": 15}
    assert change(queue, idle__email="1441").status_code == 422


def test_a_change_is_written_down_with_what_was_before(change):
    queue = a_queue()

    change(queue, name="Всё", target="5 min", code="other")

    assert queue.code == "general"
    assert journal.history(f"queue:{queue.id}")[-1].facts == {
        "code": "general",
        "changed": {"name": ["General", "Всё"], "target": ["0:10:00", "0:05:00"]},
    }


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "Payment"}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"strategy": "by_dice"}, "strategy"),
        ({"ring": "1 s"}, "ring"),
        ({"ring": "30"}, "ring"),
        ({"target": "0 min"}, "target"),
        ({"target": "скоро"}, "target"),
        ({"weight": "0"}, "weight"),
        ({"weight": "nan"}, "weight"),
        ({"weight": "heavy"}, "weight"),
        ({"tier": "10"}, "tier"),
        ({"step_after": ["50"], "step_act": [""]}, "widening"),
        ({"step_after": ["x"], "step_act": ["drop"]}, "widening"),
        ({"step_after": ["50", "50"], "step_act": ["drop", "drop"]}, "widening"),
        ({"step_after": ["50"], "step_act": ["3"]}, "widening"),
        ({"units__email": "0"}, "units-email"),
        ({"longest": "5"}, "overflow_queue_id"),
        ({"longest": "-1"}, "longest"),
        ({"overflow_queue_id": "999", "longest": "5"}, "overflow_queue_id"),
        ({"overflow_queue_id": "own", "longest": "5"}, "overflow_queue_id"),
        ({"closed_queue_id": "other"}, "closed_queue_id"),
        ({"calendar_id": "99"}, "calendar_id"),
        ({"service_goal": "101"}, "service_goal"),
        ({"least_active": "0"}, "least_active"),
        ({"first_response": "0 s"}, "first_response"),
        ({"sender_account_id": "99"}, "sender_account_id"),
        ({"sender_account_id": "x"}, "sender_account_id"),
        ({"signature": "x" * 2001}, "signature"),
        ({"group": ""}, "groups"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(change, data, field):
    queue, other = a_queue(), a_queue("payment")
    ids = {"own": queue.id, "other": other.id}
    data = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in data.items()}
    if "group" in data:
        data = {f"group__{group.id}": "" for group in queue.groups}

    answer = change(queue, **{"signature": "Typed by Vera", **data})

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert field == "signature" or "Typed by Vera" in answer.text
    assert (queue.name, queue.signature) == ("General", "")


def test_all_that_is_wrong_is_said_at_once(change):
    page = change(a_queue(), target="soon", ring="never", weight="heavy").text

    assert "3 fields cannot be saved as they are." in page


def test_who_was_slower_is_told_and_keeps_what_he_typed(window, change, db):
    queue = a_queue()
    page = window.get(f"/centre/queues/{queue.id}").text
    change(queue, target="5 min")

    answer = window.post(f"/centre/queues/{queue.id}", data=filled(page, name="Всё"))

    assert answer.status_code == 409
    assert 'value="Всё"' in answer.text
    assert queue.name == "General"
    assert window.post(f"/centre/queues/{queue.id}", data=filled(answer.text)).status_code == 303
    assert (queue.name, queue.target) == ("Всё", dt.timedelta(minutes=10))


def test_a_queue_is_made_after_a_sample(window, change):
    queue = a_queue()
    change(queue, target="7 min", weight="3", signature="Магазин", step_after=["50"], step_act=["drop"])

    form = window.get(f"/centre/queues/new?sample={queue.id}").text
    answer = window.post("/centre/queues/new", data=filled(form, name="Доставка", code="delivery"))

    assert answer.status_code == 303, answer.text
    copy = the_queue("delivery")
    same = {"name": "Доставка", "is_default": False}
    assert editing.values(copy) == {**editing.values(queue), **same}


def test_one_queue_takes_what_no_other_can(change):
    general, payment = a_queue(), a_queue("payment")

    assert change(general, is_default=None).status_code == 409
    assert change(general, is_active=None).status_code == 409
    assert (general.is_default, general.is_active) == (True, True)
    change(payment, is_default="1")

    assert (general.is_default, payment.is_default) == (False, True)
    assert change(general, is_active=None).status_code == 303


def test_what_waits_in_a_queue_that_is_closed_goes_to_the_default_queue(window, change, words):
    a_centre()
    delivery = a_queue("delivery", a_group("couriers", vera()))
    appeal, kept = an_appeal("Где курьер?"), an_appeal("Доставка опаздывает", sender="other@client.example")
    assert {appeal.queue.code, kept.queue.code} == {"delivery"}
    assert "2 wait, 0 with operators" in words(window.get(f"/centre/queues/{delivery.id}").text)

    change(delivery, is_active=None)

    while work.run_due():
        pass
    assert reread(appeal).queue.code == "general"
    assert appeal.lane.queue.code == "general"
    assert journal.history(appeal.key)[-1].facts["from"] == "Delivery"
    assert accepted(appeal, anna()).operator_id == anna().id


def test_a_queue_keeps_somebody_who_serves_it(change):
    queue = a_queue()

    answer = change(queue, **{f"group__{group.id}": "" for group in queue.groups}, name="Всё")

    assert answer.status_code == 422
    assert queue.name == "General"


def test_a_queue_that_is_not_there_is_not_found(window):
    assert window.get("/centre/queues/999").status_code == 404
    assert window.get("/centre/queues/new?sample=999").status_code == 404
    assert window.post("/centre/queues/999", data={"name": "x"}).status_code == 404


def test_a_queue_gets_a_voice_of_its_own(window, change):
    queue, box = a_queue(), a_mailbox()

    change(
        queue, signature="Магазин\r\n8 800", sender_name=" Отдел  продаж ", sender_account_id=box.id
    )  # fmt: skip

    assert (queue.signature, queue.sender_name, queue.sender_account_id) == ("Магазин\n8 800", "Отдел продаж", box.id)
    assert "8 800</textarea>" in window.get(f"/centre/queues/{queue.id}").text


def test_the_list_says_whether_a_queue_takes_appeals(signed_in, words, db):
    a_queue()
    a_queue("payment")
    a_queue("delivery").is_active = False
    db.session.commit()

    page = words(signed_in(vera()).get("/centre/queues").text)

    for state in ("Принимает всё, что не подошло другим", "Принимает обращения", "Не принимает обращений"):
        assert state in page
    assert page.count("10 мин") == 3


def test_the_check_tells_each_finding_with_a_link_and_a_remedy(window, words):
    a_centre()
    queue = a_queue("vip")

    page = window.get("/centre/queues/check").text

    assert f'href="/centre/queues/{queue.id}"' in page
    assert "Add a row to the table" in words(page)


def test_the_check_of_a_centre_in_order_says_so(window):
    a_centre()
    for code in ("delivery", "payment"):
        a_queue(code)

    assert "Everything is in order" in window.get("/centre/queues/check").text
