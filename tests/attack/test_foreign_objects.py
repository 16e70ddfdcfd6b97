"""What is Anna's stays Anna's: every route that names an object, asked for hers by everybody else.

The routes are read from the application, so that a new one is attacked on the day it is written.
"""

import pytest
from cast import a_key, boris, igor, marina, reread, vera

from cec.appeals.first_messages import FirstMessage
from cec.appeals.models import Appeal, Message
from cec.integrations.models import Scope
from cec.platform import journal
from cec.replies.models import ReplyTemplate

from .conftest import WORDS

HIDDEN = {403, 404, 410}
# Widths are numbers in an address, nobody's.
# What is up for taking may be asked for by every operator; what is not is refused. Pins are everybody's own.
# Recalling asks first whether the page was drawn from what stands now, and says no more than that it was not.
ANSWERED = {
    ("GET", "layout.show_widths"): 200,
    ("POST", "worklist.take"): 409,
    ("POST", "finishing.recall"): 409,
    ("DELETE", "layout.unpin"): 200,
}
# A form that is filled in well, so that only the object can be what is refused.
FIELDS = {
    "client_uuid": "6f1b0f4e-55a7-4f0a-9df0-0f6c6ac38f0b",
    "seen_message_id": "999",
    "expected_version": "1",
    "version": "1",
    "text": "Чужие слова",
    "reason": "busy",
    "until": "2026-12-01T10:00",
    "topic_id": "1",
    "then": "work",
}


def routes_with(app, names):
    """Give endpoint, method and path of each route whose objects are among those named."""
    for rule in app.url_map.iter_rules():
        if not rule.arguments or not rule.arguments <= set(names):
            continue
        path = rule.build(names, append_unknown=False)[1]
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def untouched(db, prey):
    """Give what an attack must not change."""
    db.session.expire_all()
    appeal = db.session.get(Appeal, prey.ids["appeal_id"])
    template = db.session.get(ReplyTemplate, prey.ids["template_id"])
    message = db.session.get(Message, prey.ids["message_id"])
    facts = [entry.name for entry in journal.history(appeal.key)]
    planned = db.session.scalars(db.select(FirstMessage)).one()
    facts += [planned.draft.text, planned.due_at, len(planned.draft.attachments)]
    return appeal.status, appeal.operator_id, appeal.version, template.text, template.removed_at, message.state, facts


@pytest.mark.parametrize("attacker", [igor, marina, vera], ids=lambda person: person.__name__)
def test_nobody_reaches_through_an_operators_route_what_is_annas(app, db, prey, enters, attacker):
    browser = enters(attacker())
    before = untouched(db, prey)
    reached = []

    for endpoint, method, path in routes_with(app, prey.ids):
        if path.startswith(("/operator/", "/profile/", "/notifications/")):
            answer = browser.open(path, method=method, data=None if method == "GET" else FIELDS)
            refused = answer.status_code in HIDDEN or answer.status_code == ANSWERED.get((method, endpoint))
            if not refused or WORDS in answer.text:
                reached.append((endpoint, method, path, answer.status))

    assert not reached, "\n".join(map(str, reached))
    assert untouched(db, prey) == before


def test_the_matrix_has_all_of_an_operators_routes(app, prey):
    attacked = {endpoint for endpoint, _method, _path in routes_with(app, prey.ids)}
    named = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.arguments and rule.rule.startswith(("/operator/", "/profile/", "/notifications/"))
    }

    assert named - attacked == set()
    assert len(attacked) > 40


def test_a_file_that_waits_at_annas_draft_is_hers_alone(prey, enters):
    for person in (igor(), boris(), vera(), marina()):
        browser = enters(person)
        for method in ("GET", "DELETE"):
            for part in ("", "/letter", "/picture"):
                answer = browser.open(f"/operator/attachments/{prey.other_attachment}{part}", method=method)
                assert answer.status_code in {403, 404, 405}, (person.login, method, part)


def test_what_is_not_there_looks_like_what_is_not_ours(app, prey, enters):
    browser = enters(igor())
    nothing = {name: 999_999 if isinstance(number, int) else number for name, number in prey.ids.items()}
    told = []

    theirs = {(e, m): path for e, m, path in routes_with(app, prey.ids)}
    for endpoint, method, path in routes_with(app, nothing):
        if method == "GET" and path.startswith("/operator/"):
            none, foreign = browser.get(path), browser.get(theirs[endpoint, method])
            if (none.status_code, len(none.text)) != (foreign.status_code, len(foreign.text)):
                told.append((path, none.status, foreign.status))

    assert told == []


def test_a_key_without_scopes_and_a_key_of_igors_reach_nothing_of_annas(app, db, prey, client):
    numbers = {**prey.ids, "client_id": 1}
    before = untouched(db, prey)
    useless = a_key(Scope.SEND_MESSAGES, employee=igor())
    igors = a_key(Scope.HANDLE_APPEALS, employee=igor())
    db.session.commit()
    reached = []

    for _endpoint, method, path in routes_with(app, numbers):
        if not path.startswith("/api/"):
            continue
        for token in (useless, igors, "cec_made_up", ""):
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.open(path, method=method, headers=headers, json={"text": WORDS, "resolution": "solved"})
            if answer.status_code < 400 or WORDS in answer.text:
                reached.append((method, path, answer.status))

    assert reached == []
    assert untouched(db, prey) == before
    assert reread(db.session.get(Appeal, prey.ids["appeal_id"])).operator_id is not None
