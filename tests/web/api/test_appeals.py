"""Appeals by key: read page by page, taken, answered and closed in the name of a person, each act once."""

import datetime as dt

import cast
import pytest

from cec.appeals import drafts
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message
from cec.integrations import limiting
from cec.integrations.models import Scope

ACT = "3f8a"


@pytest.fixture
def appeal(secret, db) -> Appeal:
    """An appeal of Petrov's that waits in its queue."""
    cast.petrov()
    return cast.an_appeal(message_id="<a@x>")


def test_a_program_takes_answers_and_closes_in_the_name_of_anna(asks, appeal, db):
    ask, topic = asks(), cast.a_topic()
    at = f"/appeals/{appeal.id}"

    taken = ask("PUT", f"{at}/operator")
    answered = ask("POST", f"{at}/messages", {"text": "Едет"}, Idempotency_Key=ACT)
    closed = ask("POST", f"{at}/closing", {"resolution": "solved", "topic_id": topic.id})

    assert (taken.status_code, taken.json["status"], taken.json["operator"]["name"]) == (200, "in_work", "Анна Котова")
    assert (answered.status_code, answered.json["state"]) == (201, "queued")
    assert (closed.status_code, closed.json["status"], closed.json["resolution"]) == (200, "closed", "solved")
    story = cast.story(appeal.key)
    assert story.count("appeal.accepted") == story.count("message.queued") == story.count("appeal.closed") == 1
    listed = ask("GET", f"{at}/messages").json["data"]
    assert [(each["direction"], each["author"]) for each in listed] == [("in", None), ("out", "Анна Котова")]


def test_an_act_under_one_name_is_done_once_and_answered_the_same(asks, appeal, db):
    ask, at = asks(), f"/appeals/{appeal.id}"
    ask("PUT", f"{at}/operator")

    first, again = (ask("POST", f"{at}/messages", {"text": "Едет"}, Idempotency_Key=ACT) for _ in range(2))
    other = ask("POST", f"{at}/messages", {"text": "Стоит"}, Idempotency_Key=ACT)

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert (other.status_code, other.json["code"]) == (409, "OtherRequest")
    assert db.session.query(Message).filter_by(direction="out").count() == 1


def test_a_refused_act_may_be_tried_again_under_its_name(asks, appeal):
    ask, at = asks(), f"/appeals/{appeal.id}"

    early = ask("POST", f"{at}/messages", {"text": "Едет"}, Idempotency_Key=ACT)
    ask("PUT", f"{at}/operator")
    later = ask("POST", f"{at}/messages", {"text": "Едет"}, Idempotency_Key=ACT)

    assert (early.status_code, early.json["code"]) == (409, "NotHis")
    assert later.status_code == 201


def test_what_anna_does_not_have_is_not_answered_for_her(asks, appeal):
    cast.accepted(appeal, cast.igor())
    ask, at = asks(), f"/appeals/{appeal.id}"

    assert ask("PUT", f"{at}/operator").json["code"] == "WithSomebodyElse"
    assert ask("POST", f"{at}/closing", {"resolution": "solved"}).json["code"] == "NotHis"


def test_anna_s_own_draft_is_not_taken_from_her(asks, appeal, db):
    ask, at = asks(), f"/appeals/{appeal.id}"
    ask("PUT", f"{at}/operator")
    drafts.save(appeal, by=cast.anna(), letter=Letter("Пишу"), is_note=False)
    db.session.commit()

    assert ask("POST", f"{at}/messages", {"text": "Едет"}).json["code"] == "DraftInTheWay"


def test_a_client_who_wrote_meanwhile_is_read_first(asks, appeal):
    ask, at = asks(), f"/appeals/{appeal.id}"
    seen = ask("PUT", f"{at}/operator").json["last_message_id"]
    cast.arrives(cast.a_letter("И ещё", In_Reply_To="<a@x>"))

    answers = [
        ask("POST", f"{at}/messages", {"text": "Едет", "seen_message_id": seen}),
        ask("POST", f"{at}/closing", {"resolution": "solved", "seen_message_id": seen}),
    ]

    assert [answer.json["code"] for answer in answers] == ["ClientWroteMeanwhile"] * 2


def test_wrong_fields_are_named(asks, appeal):
    ask, at = asks(), f"/appeals/{appeal.id}"
    ask("PUT", f"{at}/operator")

    answers = [
        ask("POST", f"{at}/messages", {"text": 7, "seen_message_id": "x", "more": 1}),
        ask("POST", f"{at}/closing", {}),
        ask("POST", f"{at}/closing", {"resolution": "nothing"}),
        ask("POST", f"{at}/closing", {"resolution": "solved", "topic_id": 999}),
        ask("GET", "/appeals?limit=101"),
        ask("GET", "/appeals?cursor=!!"),
        ask("GET", "/appeals?status=gone"),
    ]

    told = [(answer.status_code, sorted(error["path"] for error in answer.json["errors"])) for answer in answers]
    assert told == [
        (400, ["more", "seen_message_id", "text"]),
        (400, ["resolution"]),
        (422, ["resolution"]),
        (422, ["topic_id"]),
        (400, ["limit"]),
        (400, ["cursor"]),
        (400, ["status"]),
    ]


def test_a_list_is_read_page_by_page_and_nothing_twice(asks, secret, db):
    made = [cast.an_appeal(f"Письмо {number}") for number in range(5)]
    ask = asks(Scope.READ_APPEALS)

    seen, cursor = [], ""
    while cursor is not None:
        page = ask("GET", f"/appeals?limit=2&cursor={cursor}").json
        seen += [each["id"] for each in page["data"]]
        cursor = page["next"]

    assert seen == [appeal.id for appeal in reversed(made)]
    assert [each["number"] for each in ask("GET", f"/appeals?number={made[2].number}").json["data"]] == [made[2].number]
    assert ask("GET", "/appeals?queue=nothing").json["data"] == []


def test_a_client_is_found_by_his_address(asks, appeal):
    ask = asks(Scope.READ_CLIENTS)

    (found,) = ask("GET", f"/clients?address={cast.PETROV.upper()}").json["data"]

    assert found["name"] == "Пётр Петров"
    assert ask("GET", f"/clients/{found['id']}").json == found
    assert ask("GET", "/clients/99999999999").status_code == 404


ROUTES = {
    Scope.READ_APPEALS: [
        "GET /appeals",
        "GET /appeals/1",
        "GET /appeals/1/messages",
        "GET /resolutions",
        "GET /topics",
    ],
    Scope.READ_CLIENTS: ["GET /clients", "GET /clients/1"],
    Scope.HANDLE_APPEALS: ["PUT /appeals/1/operator", "POST /appeals/1/messages", "POST /appeals/1/closing"],
    Scope.SEND_MESSAGES: ["POST /channels/app/messages", "GET /channels/app/messages/in-1"],
}


@pytest.mark.parametrize("scope", Scope)
def test_a_key_opens_what_its_scopes_say_and_nothing_else(asks, appeal, scope):
    ask = asks(scope)

    for other, routes in ROUTES.items():
        for route in routes:
            status = ask(*route.split(), {} if route.startswith("POST") else None).status_code
            assert (status == 403) == (other is not scope), route


def test_a_key_of_one_channel_sees_nothing_of_the_others(asks, appeal):
    account, _secret = cast.an_api_channel("own")
    ask = asks(account=account)

    assert ask("GET", "/appeals").json["data"] == ask("GET", "/clients").json["data"] == []
    for path in ("", "/messages"):
        assert ask("GET", f"/appeals/{appeal.id}{path}").status_code == 404
    assert ask("PUT", f"/appeals/{appeal.id}/operator").status_code == 404


def test_whoever_asks_too_fast_is_told_when_to_go_on(asks, secret, monkeypatch, clock):
    monkeypatch.setattr(limiting, "MOST", 3)
    ask, other = asks(Scope.READ_APPEALS), asks(Scope.READ_APPEALS)

    statuses = [ask("GET", "/topics").status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 429, 429]
    assert ask("GET", "/topics").headers["Retry-After"] == "1"
    assert other("GET", "/topics").status_code == 200
    clock.forward(dt.timedelta(seconds=1))
    assert ask("GET", "/topics").status_code == 200


def test_a_cookie_opens_nothing_here_and_a_key_no_pages(asks, signed_in, appeal):
    assert signed_in(cast.vera()).get("/api/v1/appeals").status_code == 401
    ask = asks()
    page = ask.client.get("/centre/keys", headers={"Authorization": f"Bearer {ask.token}"})
    assert page.status_code == 303
