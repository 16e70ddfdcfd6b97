"""2.2.2: language and theme of a person."""

import pytest
from cast import anna


def test_language_and_theme_are_kept_and_the_next_page_has_them(signed_in, db):
    window = signed_in(anna())

    answer = window.post("/profile", data={"language": "en", "theme": "dark"})
    page = " ".join(window.get(answer.location).text.split())

    assert answer.status_code == 303
    assert 'lang="en" data-bs-theme="dark"' in page
    assert "Saved." in page
    assert (anna().language, anna().theme) == ("en", "dark")


def test_the_sign_in_page_keeps_the_language(signed_in):
    window = signed_in(anna())
    window.post("/profile", data={"language": "en", "theme": "dark"})
    window.post("/leaving")

    assert 'lang="en"' in window.get("/login").text


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"theme": "pink"}, {"theme": '"><script>'}])
def test_what_is_not_offered_is_refused_and_nothing_changes(signed_in, wrong):
    window = signed_in(anna())

    answer = window.post("/profile", data={"language": "en", "theme": "dark", **wrong})

    assert answer.status_code == 422
    assert (anna().language, anna().theme) == ("ru", "system")
    assert "<script>" not in answer.text.replace("<script src", "")


def test_extra_fields_change_nothing(signed_in):
    window = signed_in(anna())

    window.post("/profile", data={"language": "en", "theme": "dark", "roles": "business_admin", "is_active": ""})

    assert anna().roles == ["operator"]
    assert anna().is_active
