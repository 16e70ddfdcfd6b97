"""A form with extra fields: what was not asked for is not changed, on any route that changes anything.

The same day is played twice, route by route; the second time every request also carries a field for each column that
its view has no business with. After each request both centres must be the same.
"""

import json
import re
from inspect import getsource, getsourcefile
from pathlib import Path

import cast
import pytest
from conftest import CLEAN

from cec.appeals.models import Appeal
from cec.distribution import choosing
from cec.distribution.models import Assignment
from cec.platform.db import Table, unit_of_work
from cec.staff import reasons, roles, skills

pytestmark = pytest.mark.long
PEOPLE = {"operator": cast.anna, "business_admin": cast.vera, "supervisor": cast.boris, "marketer": cast.marina}
SAFE = {"GET", "HEAD", "OPTIONS"}
# Differs from one time to the next by itself.
RANDOM = re.compile(
    r"token|sha256|uuid|password_hash|^state$|transaction|provider_event_id|verdicts|raw|headers|secrets|config|duration"
)
QUEUE = {
    "group-1": "1", "is_active": "1", "strategy": "longest_idle", "ring": "30 s", "sticky": "1 min", "weight": "1",
    "tier": "1", "target": "10 min", "first_response": "8 h", "next_response": "8 h", "resolve_within": "3 d",
    "service_goal": "80", "service_within": "10 min", "reopen_within": "1 d", "wait_for_client": "3 d",
    "calendar_id": "", "closed_queue_id": "", "overflow_queue_id": "", "sender_account_id": "",
}  # fmt: skip
# What a person would fill in, where less would only be refused.
FILLED = {
    "signing_in.sign_in": {"login": "igor", "password": cast.PASSWORD},
    "signing_in.change_password": {"old_password": cast.PASSWORD, "new_password": "another long one"},
    "profile.change": {"language": "en", "theme": "dark"},
    "people.add": {"name": "Олег Новый", "login": "oleg", "roles": "operator", "branch_id": "1"},
    "people.set_up": {"name": "Игорь", "roles": "operator", "branch_id": "1", "units": "4", "level-english": "3"},
    "skills.add": {"name": "Немецкий", "code": "german"},
    "skills.change": {"name": "Английский", "is_active": "1"},
    "groups.add": {"name": "Курьеры", "code": "couriers"},
    "groups.change": {"name": "Первая", "members": "1", "queue-1": "1"},
    "calendars.add": {"name": "Офис", "zone": "Europe/Moscow", "day-0": "9-18", "date": "2027-01-01", "hours": "-"},
    "calendars.change": {"name": "Офис", "zone": "UTC", "day-1": "9-18"},
    "shifts.write": {"week": "2026-11-23", "shift-1-2026-11-23": "9-18"},
    "queues.add": {"name": "Новая", "code": "fresh", "groups": "1"},
    "queues.add_from_form": {"name": "Ещё одна", "code": "another", **QUEUE},
    "queues.change": {"name": "Другая", "is_default": "1", **QUEUE},
    "mailboxes.add": {"name": "Ящик", "code": "box", "address": "box@centre.example", "smtp_host": "127.0.0.1",
                      "smtp_port": "9", "smtp_tls": "none"},
    "statuses.add": {"name": "Обед", "icon": "coffee"},
    "statuses.change": {"name": "Ланч", "icon": "coffee", "is_active": "1"},
    "presence.change": {"status": "active"},
    "presence.choose_next": {"status": "break"},
    "finishing.act": {"version": "4", "seen_message_id": "1", "reason": "other", "until": "2026-11-24T10:00",
                      "return_to": "me"},
    "worklist.decline": {"reason": "busy"},
    "conversation.write_note": {"text": "Перезвонить", "client_uuid": "7d1d7a7e-3f2b-4b8e-9a53-0f5d0c0f3a12"},
    "conversation.save_draft": {"text": "Здравст"},
    "appeal.mark_seen": {"message_id": "1"},
    "appeal.set_topic": {"topic_id": "2"},
    "replies.keep": {"name": "Склад", "text": "Уточню у склада"},
    "own_templates.add": {"name": "Мой", "text": "Уточню у склада"},
    "reply_templates.add": {"name": "Завтра", "text": "Приедем завтра", "is_active": "1"},
    "reply_templates.change": {"name": "Послезавтра", "text": "Приедем", "is_active": "1"},
    "reply_catalogues.add": {"name": "Доставка", "parent_id": "", "queue_id": ""},
    "reply_catalogues.change": {"name": "Оплата", "parent_id": "", "queue_id": ""},
    "conversation.send": {"text": "Здравствуйте!", "seen_message_id": "1",
                          "client_uuid": "7d1d7a7e-3f2b-4b8e-9a53-0f5d0c0f3a11"},
}  # fmt: skip
# Values that would hurt if they were taken.
POISON = {"id": "2", "employee_id": "2", "operator_id": "2", "is_active": "0", "points": "999", "cap": "99"}


@pytest.fixture
def play(app, db, broom):
    """Give a function that plays the day in a new centre and gives its state after each request."""

    def day(*, extra):
        broom.execute(CLEAN)
        db.session.expunge_all()
        _furnish(db)
        browsers = {}
        return {
            (method, rule.rule): (_send(app, db, browsers, rule, method, extra=extra), _state(db))
            for method, rule in _routes(app)
        }

    return day


def _furnish(db):
    cast.a_centre()
    for person in (cast.igor, *PEOPLE.values()):
        person()
    with unit_of_work():
        reasons.create(name="Чай", icon="coffee", by="test")
        skills.create(code="english", name="English", by="test")
    cast.accepted(cast.an_appeal("Первое"), cast.anna())
    cast.an_appeal("Второе")
    choosing.distribute()
    db.session.commit()


def _routes(app):
    found = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - SAFE)
        if rule.endpoint != "static"
    ]
    # Who leaves does it last.
    return sorted(found, key=lambda pair: ("leav" in pair[1].rule, pair[1].rule, pair[0]))


def _send(app, db, browsers, rule, method, *, extra):
    view = app.view_functions[rule.endpoint]
    role = next((role for role in PEOPLE if _may(role, view.guard)), "operator")
    browser = _browser(app, browsers, role) if view.guard != "anyone" else app.test_client()
    fields = dict(FILLED.get(rule.endpoint, {}))
    if "version" in fields:
        fields["version"] = str(db.session.get_one(Appeal, 1).version)
    if extra:
        fields |= {name: POISON.get(name, "1") for name in _columns() - _known(view) - set(fields)}
    path = rule.build({name: _argument(db, name) for name in rule.arguments}, append_unknown=False)[1]
    return browser.open(path, method=method, data=fields, headers={"HX-Request": "true"}).status_code


def _browser(app, browsers, role):
    if role not in browsers or browsers[role].get("/profile").status_code != 200:
        browsers[role] = _signed_in(app, PEOPLE[role]())
    return browsers[role]


def _may(role, guard):
    return not isinstance(guard, frozenset) or roles.may(role, guard)


def _signed_in(app, person):
    browser = app.test_client()
    login = person.login
    for password in (cast.PASSWORD, "another long one"):
        answer = browser.post("/login", data={"login": login, "password": password})
        if answer.status_code == 303:
            break
    if answer.location.startswith("/start"):
        choice = {"role": person.roles[0], "branch_id": "1", "workplace_id": "1", "take_over": "1"}
        browser.post("/start", data=choice)
    return browser


def _argument(db, name):
    ringing = db.select(Assignment.id).where(Assignment.state == "offered")
    found = {
        "outcome_id": "postpone",
        "employee_id": cast.marina().id,
        "assignment_id": db.session.scalar(ringing) or 1,
    }
    return found.get(name, 1)


def _columns():
    return {column.name for table in Table.metadata.tables.values() for column in table.columns}


def _known(view):
    """The words of the view's module, of who reads its form for it, and of the forms: what it may ask for."""
    place = Path(getsourcefile(view.__wrapped__))
    source = place.read_text("utf-8") + getsource(view.__wrapped__)
    for reader in re.findall(r"from cec\.web\.business_admin import (\w+_form)", source):
        source += place.with_name(f"{reader}.py").read_text("utf-8")
    forms = " ".join(path.read_text("utf-8") for path in (Path(__file__).parents[2] / "forms").glob("*.json"))
    return set(re.findall(r'"(\w+)"', source + forms))


def _state(db):
    """Everything that is kept, table by table."""
    db.session.rollback()
    kept = {}
    for table in Table.metadata.sorted_tables:
        columns = [column for column in table.columns if not RANDOM.search(column.name)]
        rows = db.session.execute(db.select(*columns).select_from(table)).all()
        kept[table.name] = sorted(json.dumps([str(value) for value in row], ensure_ascii=False) for row in rows)
    db.session.rollback()
    return kept


def test_extra_fields_change_nothing_anywhere(play):
    plain, laden = play(extra=False), play(extra=True)

    wrong = [
        (
            route,
            status,
            laden[route][0],
            {name: (rows, laden[route][1][name]) for name, rows in state.items() if rows != laden[route][1][name]},
        )
        for route, (status, state) in plain.items()
        if (status, state) != laden[route]
    ]
    assert wrong[:1] == []
    assert sum(status < 400 for status, _state in plain.values()) >= 24, "too few forms were filled in well enough"
