"""5.11: the administrator's skills."""

import pytest
from cast import anna, vera

from cec.platform import journal
from cec.staff import skills


@pytest.fixture
def window(signed_in):
    vera().language = "en"
    return signed_in(vera())


def test_a_skill_is_added_and_renamed_and_keeps_its_code(window):
    window.post("/centre/skills", data={"name": " English  language ", "code": "english"})
    skill = skills.list_all()[0]

    window.post(f"/centre/skills/{skill.id}", data={"name": "English", "code": "german", "is_active": "1"})

    assert (skill.name, skill.code, skill.is_active) == ("English", "english", True)
    assert journal.history(f"skill:{skill.id}")[-1].facts["changed"] == {"name": ["English language", "English"]}
    assert "English" in window.get("/centre/skills").text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "German", "code": "German"}, "code"),
        ({"name": "German", "code": "english"}, "code"),
        ({"name": "", "code": "german"}, "name"),
        ({"name": "ENGLISH", "code": "german"}, "name"),
        ({"name": "x" * 61, "code": "german"}, "name"),
    ],
)
def test_what_is_wrong_with_a_skill_is_said_at_its_field(window, data, field):
    skills.create(code="english", name="English", by="test")

    answer = window.post("/centre/skills", data=data)

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text


def test_a_skill_out_of_use_stays_with_who_has_it_and_is_not_given_anew(window):
    skill = skills.create(code="english", name="English", by="test")
    skills.set_levels(anna(), {"english": 7})

    window.post(f"/centre/skills/{skill.id}", data={"name": "English"})

    assert skills.levels(anna()) == {"english": 7}
    assert "English (out of use)" in window.get(f"/centre/people/{anna().id}").text
    assert "level-english" not in window.get(f"/centre/people/{vera().id}").text
    assert "Анна Котова" in window.get(f"/centre/skills/{skill.id}").text


def test_a_skill_changed_meanwhile_is_not_overwritten(window):
    skill = skills.create(code="english", name="English", by="test")

    assert window.post(f"/centre/skills/{skill.id}", data={"name": "Mine", "seen": "before"}).status_code == 409
    assert window.get("/centre/skills/99").status_code == 404
