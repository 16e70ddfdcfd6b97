"""Words that would be more than words: SQL in every parameter, lines in logs and headers, fields nobody offered."""

import logging
import re
from pathlib import Path

import pytest
from cast import PASSWORD, a_centre, anna, boris, marina, vera

import cec.web

SOURCES = [path.read_text("utf-8") for path in Path(cec.web.__file__).parent.rglob("*.py")]
# Whatever a view reads by name, wherever it reads it.
PARAMETERS = sorted({name for text in SOURCES for name in re.findall(r"""(?:get|getlist|\[)\(?"([a-z_]+)\"""", text)})
SQL = ["'; select pg_sleep(30)--", '1" or "1"="1', "%_\\", "99999999999999999999"]
TOLD = re.compile(r"psycopg2|sqlalchemy|syntax error at|PostgreSQL \d", re.IGNORECASE)


def pages(app):
    """Give the paths that are looked at and name no object."""
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", "anyone")
        if "GET" in rule.methods and not rule.arguments and guard != "programs" and rule.rule != "/live":
            yield rule.rule


def asked(browser, path, **options):
    """Give what is wrong with an answer; nothing if it is an answer like any other."""
    try:
        answer = browser.open(path, **options)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{path}: {type(error).__name__} {str(error)[:120]}"
    if answer.status_code >= 500 or TOLD.search(answer.data.decode(errors="replace")):
        return f"{path}: {answer.status}"
    return None


def mixed(turn):
    """Give every parameter words of its own, others at each turn."""
    return {name: SQL[(place + turn) % len(SQL)] for place, name in enumerate(PARAMETERS)}


@pytest.mark.parametrize("person", [anna, vera], ids=lambda person: person.__name__)
def test_sql_in_every_parameter_of_every_page_is_only_words(app, db, enters, person):
    a_centre()
    browser = enters(person())
    assert len(PARAMETERS) > 40

    broken = [asked(browser, path, query_string=mixed(turn)) for path in pages(app) for turn in (0, 3)]

    assert not any(broken), "\n".join(filter(None, broken))


@pytest.mark.parametrize("person", [anna, boris, vera], ids=lambda person: person.__name__)
def test_a_number_larger_than_any_is_not_there(app, db, enters, person):
    a_centre()
    browser = enters(person())

    broken = []
    for rule in app.url_map.iter_rules():
        if rule.arguments and rule.endpoint != "static":
            huge = rule.build(dict.fromkeys(rule.arguments, 99_999_999_999_999_999_999), append_unknown=False)[1]
            broken += [asked(browser, huge, method=method) for method in rule.methods - {"HEAD", "OPTIONS"}]

    assert not any(broken), "\n".join(filter(None, broken))


def test_no_line_is_put_into_the_log_and_no_secret_stands_there(app, db, client, caplog):
    caplog.set_level(logging.DEBUG)
    anna()

    client.post("/login", data={"login": "anna\r\n2026 INFO forged", "password": "a-very-secret-word"})
    client.post("/login", data={"login": "anna", "password": PASSWORD})
    client.get("/operator%0d%0aforged/path", headers={"User-Agent": "forged agent"})

    lines = [record.getMessage() for record in caplog.records]
    assert lines
    secret = client.get_cookie("cec_session").value
    for line in lines:
        assert "\nforged" not in line
        assert "\r" not in line
        assert "2026 INFO forged" not in line
        assert not any(word in line for word in ("a-very-secret-word", PASSWORD, secret))


@pytest.mark.parametrize("words", ["/%0d%0aX-Evil:%201", "/\r\nX-Evil: 1", "%0aX-Evil:1", "//evil.example/%0d%0a"])
def test_no_header_is_put_into_an_answer(db, client, words):
    anna()

    for path in ("/login", "/start", "/operator/"):
        answer = client.open(path, query_string={"next": words, "language": words})
        assert "X-Evil" not in answer.headers
        assert all("\n" not in value and "\r" not in value for _name, value in answer.headers)
        assert not (answer.location or "").startswith(("//", "http://evil", "https://evil"))


def test_fields_that_no_form_offers_change_nothing(db, enters):
    browser = enters(anna())
    was = {
        name: getattr(anna(), name) for name in ("roles", "login", "is_active", "units", "branch_id", "password_hash")
    }

    browser.post(
        "/profile",
        data={
            "language": "en",
            "theme": "dark",
            "roles": "business_admin",
            "role": "business_admin",
            "login": "root",
            "is_active": "",
            "units": "99",
            "branch_id": "999",
            "password_hash": "x",
            "id": "1",
        },
    )

    assert anna().theme == "dark"
    assert {name: getattr(anna(), name) for name in was} == was


@pytest.mark.parametrize("person", [anna, boris, vera, marina], ids=lambda person: person.__name__)
def test_every_page_forbids_scripts_and_styles_that_are_not_ours(app, db, enters, person):
    a_centre()
    browser = enters(person())
    seen = 0

    for path in pages(app):
        answer = browser.get(path)
        if answer.mimetype == "text/html":
            seen += 1
            policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
            assert policy["default-src"] == "'self'", path
            assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'", path
            assert [name for name, value in policy.items() if "unsafe" in value] == [], path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
    assert seen > 10
