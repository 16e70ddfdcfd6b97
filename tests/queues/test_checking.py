"""The check of the queues: who serves them, what leads to them, where they lead."""

import pytest

from cec.appeals import queue_contents
from cec.platform import i18n
from cec.queues import checking, lanes
from cec.queues.models import Calendar, queue_group
from cec.rulebook import files
from cec.staff import skills
from tests import cast


@pytest.fixture(autouse=True)
def centre(db):
    with i18n.reader("en", "UTC"):
        cast.a_centre()
        cast.a_queue("delivery")
        cast.a_queue("payment")
        yield


def said(**about):
    return [(finding.queue.code if finding.queue else None, finding.sentence) for finding in checking.check(**about)]


def routes(db, *rows):
    """The table routing, with these rows: words, queue, skills."""
    text = files.text_of("routing", files.find_current("routing").sha256)
    head, rule = text.index("<rule "), text.rindex("</rule>") + len("</rule>")
    cells = "".join(
        f'<rule id="row_{n}"><inputEntry id="a{n}"><text>-</text></inputEntry>'
        f'<inputEntry id="b{n}"><text>-</text></inputEntry><inputEntry id="f{n}"><text>-</text></inputEntry>'
        f'<inputEntry id="c{n}"><text>{words}</text></inputEntry>'
        f'<outputEntry id="d{n}"><text>{queue}</text></outputEntry>'
        f'<outputEntry id="e{n}"><text>{wanted}</text></outputEntry></rule>'
        for n, (words, queue, wanted) in enumerate(rows)
    )
    files.publish("routing", text[:head] + cells + text[rule:], by="test")


def test_a_centre_in_order_has_no_findings():
    assert said() == []


def test_a_queue_whose_groups_have_nobody_who_works_here_is_found(db):
    cast.a_queue("delivery").groups = [cast.a_group("couriers", cast.vera())]
    db.session.flush()

    assert said() == [("delivery", "Nobody serves it: its groups have no operator who works here.")]


def test_a_queue_that_nobody_serves_at_once_and_a_level_that_no_step_adds_are_found(db):
    queue, second = cast.a_queue("delivery"), cast.a_group("second", cast.igor())
    queue.groups = [second]
    db.session.flush()
    db.session.execute(queue_group.update().where(queue_group.c.queue_id == queue.id).values(level=2))

    assert [sentence.partition(":")[0] for _code, sentence in said()] == [
        "Nobody serves it at once",
        "Group “Second” never serves it",
    ]
    queue.widening = [{"after": 0.5, "level": 3}]
    db.session.flush()
    assert [sentence.partition(":")[0] for _code, sentence in said()] == ["Nobody serves it at once"]


def test_a_skill_that_routing_asks_for_and_nobody_has_is_found(db):
    skills.create(code="english", name="English", by="test")
    routes(db, ("-", '"general"', '["english>=5", "vip?"]'))
    cast.a_queue("delivery").is_active = cast.a_queue("payment").is_active = False
    db.session.flush()
    asked = [("general", "The table “routing” asks here for english>=5: nobody who serves the queue has it.")]

    skills.set_levels(cast.anna(), {"english": 4})
    assert said() == asked
    skills.set_levels(cast.vera(), {"english": 9})
    assert said() == asked
    skills.set_levels(cast.anna(), {"english": 5})
    assert said() == []


def test_appeals_that_wait_for_a_skill_that_nobody_has_are_found(db):
    skills.create(code="english", name="English", by="test")
    appeal = cast.an_appeal("Перенос доставки")
    appeal.lane_id = lanes.open_lane(cast.a_queue("delivery"), "email", ["english"]).id
    db.session.flush()

    assert said() == []
    assert said(waiting_lanes=queue_contents.waiting_lanes()) == [
        ("delivery", "Appeals wait here that need english: nobody who serves the queue has it.")
    ]
    skills.set_levels(cast.igor(), {"english": 1})
    assert said(waiting_lanes=queue_contents.waiting_lanes()) == []
    cast.igor().channel_units = {"email": 0}
    assert len(said(waiting_lanes=queue_contents.waiting_lanes())) == 1


def test_appeals_for_a_group_are_served_by_its_members_whatever_queue_they_are_in(db):
    appeal = cast.an_appeal("Перенос доставки")
    cast.a_group("payments", cast.an_operator("oleg", "Олег Сомов"))
    appeal.lane_id = lanes.open_lane(cast.a_queue("delivery"), "email", ["group:payments"]).id
    db.session.flush()

    assert said(waiting_lanes=queue_contents.waiting_lanes()) == []
    appeal.lane_id = lanes.open_lane(cast.a_queue("delivery"), "email", ["group:nobody"]).id
    db.session.flush()
    assert len(said(waiting_lanes=queue_contents.waiting_lanes())) == 1


def test_a_queue_to_which_nothing_leads_is_found_and_one_behind_an_overflow_is_not(db):
    vip = cast.a_queue("vip")
    assert [code for code, _sentence in said()] == ["vip"]

    cast.a_queue("payment").overflow_queue_id = vip.id
    db.session.flush()

    assert said() == []


def test_a_row_that_never_hits_leads_nowhere_and_one_that_is_worked_out_leads_anywhere(db):
    routes(db, ("-", '"general"', "[]"), ('contains(?, "x")', '"delivery"', "[]"))
    assert [code for code, _sentence in said()] == ["delivery", "payment"]

    routes(db, ("-", 'if channel = "email" then "delivery" else account', "[]"))
    assert said() == []


def test_a_row_that_names_a_closed_queue_is_found(db):
    cast.a_queue("delivery").is_active = False
    db.session.flush()

    assert said() == [(None, "The table “routing” sends appeals to “delivery”, which is not there or takes none.")]


def test_circles_of_overflow_and_of_closing_hours_are_found_once_each(db):
    general, delivery, payment = (cast.a_queue(code) for code in ("general", "delivery", "payment"))
    general.overflow_queue_id, delivery.overflow_queue_id, payment.overflow_queue_id = (
        delivery.id,
        payment.id,
        delivery.id,
    )
    general.closed_queue_id, delivery.closed_queue_id = delivery.id, general.id
    db.session.flush()

    assert sorted(said()) == [
        ("delivery", "Overflow goes round in a circle: “Delivery” → “Payment” → “Delivery”."),
        ("general", "Outside hours appeals go round in a circle: “General” → “Delivery” → “General”."),
    ]


def test_a_way_to_a_closed_queue_and_a_calendar_without_hours_are_found(db):
    closed, general = cast.a_queue("vip"), cast.a_queue()
    closed.is_active = False
    general.overflow_queue_id = closed.id
    general.calendar = Calendar(name="Никогда", zone="UTC", week=[[]] * 7)
    db.session.flush()

    assert [sentence for _code, sentence in said()] == [
        "Its calendar “Никогда” has no hours: nothing is ever due.",
        "It sends appeals on to “Vip”, which takes none.",
    ]
