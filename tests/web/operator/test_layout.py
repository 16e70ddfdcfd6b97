"""Guide 2.2.1, 2.2.6: order and pins of the list, widths of the columns, density and keys: kept with the person."""

import datetime as dt
import re

import cast
import pytest

from cec.appeals.models import Appeal, Message
from cec.platform.db import unit_of_work
from cec.staff import desk as desk_of


@pytest.fixture
def three(desk, db) -> list[Appeal]:
    """Give three appeals that Anna has in work, the first of which is due first."""
    names = [("a@client.example", "Ада"), ("b@client.example", "Боб"), ("c@client.example", "Вит")]
    return [cast.accepted(cast.an_appeal(sender=f"{name} <{mail}>"), cast.anna()) for mail, name in names]


def order(drawn: str) -> list[int]:
    """The appeals of a drawn list, from the head."""
    return [int(number) for number in re.findall(r'<a class="wl-item[^>]*data-id="(\d+)"', drawn)]


def test_the_newest_can_stand_first(desk, three, words, db, clock):
    first, second, third = (appeal.id for appeal in three)
    begun = db.session.get_one(Message, three[1].last_client_message_id).provider_event_id
    clock.forward(dt.timedelta(minutes=5))
    cast.arrives(cast.a_letter("Ещё слово", sender="b@client.example", In_Reply_To=begun))
    assert order(desk.part("/worklist")) == [first, second, third]

    part = desk.act("/worklist/order", method="put", sort="newest")

    assert "Новые" in words(part)
    assert order(part) == [second, first, third]
    assert order(desk.part("/worklist")) == order(part)


def test_an_unknown_order_is_refused(desk, three):
    desk.act("/worklist/order", status=422, method="put", sort="by_moon")


def test_a_pinned_appeal_stands_at_the_head_until_it_is_let_go(desk, three):
    first, second, third = (appeal.id for appeal in three)

    assert order(desk.act(f"/appeals/{third}/pin", method="put")) == [third, first, second]
    assert order(desk.act(f"/appeals/{second}/pin", method="put")) == [third, second, first]
    assert order(desk.act(f"/appeals/{third}/pin", method="delete")) == [second, first, third]


def test_others_appeals_cannot_be_pinned(desk, db):
    waiting = cast.an_appeal()

    desk.act(f"/appeals/{waiting.id}/pin", status=404, method="put")


def test_the_list_is_one_stop_for_the_tab_key(desk, three):
    page = desk.page(f"/appeals/{three[1].id}")

    assert re.findall(r'id="wl-\d+"[^>]*? tabindex="(-?\d)"', page) == ["-1", "0", "-1"]


def test_widths_are_kept_within_their_bounds_and_there_from_the_first_paint(desk):
    assert "/operator/layout/" not in desk.page("")

    desk.act("/layout", status=204, method="put", list="300", apps="9000")

    page = desk.page("")
    (address,) = re.findall(r'href="(/operator/layout/[^"]+)"', page)
    sheet = desk.browser.get(address)
    assert (sheet.mimetype, sheet.text) == ("text/css", ":root { --list-w: 300px; --apps-w: 560px; }")
    assert "immutable" in sheet.headers["Cache-Control"]
    assert 'aria-valuenow="300"' in page


def test_a_width_that_is_no_number_is_refused(desk):
    desk.act("/layout", status=422, method="put", list="wide", apps="300")

    assert "/operator/layout/" not in desk.page("")


def test_another_workplace_has_widths_of_its_own(desk, db):
    with unit_of_work():
        desk_of.set_widths(cast.anna(), 7, of_list=400, of_apps=300)

    assert desk_of.widths(cast.anna(), 7) == {"list": 400, "apps": 300}
    assert desk_of.widths(cast.anna(), None) == {}
    assert "/operator/layout/" not in desk.page("")


def test_the_density_is_chosen_in_the_profile(desk):
    assert 'data-density="compact"' in desk.page("")

    desk.browser.post("/profile", data={"language": "ru", "theme": "dark", "density": "roomy"})

    page = desk.page("")
    assert 'data-density="roomy"' in page
    wrong = desk.browser.post("/profile", data={"language": "ru", "theme": "dark", "density": "airy"})
    assert wrong.status_code == 422
