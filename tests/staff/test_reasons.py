"""The directory of reasons for a break."""

import pytest
from cast import anna, story

from cec.platform.db import unit_of_work
from cec.platform.errors import NotFound
from cec.staff import presence, reasons
from cec.staff.models import Presence


def lunch(name="Обед", icon="tools-kitchen-2"):
    with unit_of_work():
        return reasons.create(name=name, icon=icon, by="test")


def test_a_new_reason_can_be_chosen_and_is_a_fact(db):
    reason = lunch("  Обед   дома ")

    assert [each.name for each in reasons.list_all()] == ["Обед дома"]
    assert story(f"status_reason:{reason.id}") == ["status_reason.changed"]


@pytest.mark.parametrize(
    ("name", "icon", "refusal"),
    [
        ("", "coffee", reasons.NameMissing),
        ("x" * 25, "coffee", reasons.NameMissing),
        ("обед", "coffee", reasons.NameTaken),
        ("Чай", "skull", reasons.NoSuchIcon),
    ],
)
def test_a_wrong_reason_is_refused_at_its_field(db, name, icon, refusal):
    lunch()

    with pytest.raises(refusal) as refused, unit_of_work():
        reasons.create(name=name, icon=icon, by="test")

    assert refused.value.field in {"name", "icon"}
    assert len(reasons.list_all()) == 1


def test_a_retired_reason_is_not_offered_and_the_past_keeps_it(db):
    reason = lunch()
    with unit_of_work():
        presence.set_status(anna(), Presence.BREAK, reason_id=reason.id, by="test", source="self")

    with unit_of_work():
        reasons.change(reason, name="Обед", icon="coffee", is_active=False, by="test")

    assert reasons.list_all() == []
    assert [each.icon for each in reasons.list_all(retired=True)] == ["coffee"]
    assert presence.current(anna().id).reason.name == "Обед"


def test_an_unknown_reason_is_not_there(db):
    with pytest.raises(NotFound):
        reasons.get(99)
