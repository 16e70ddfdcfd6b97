"""2.2.6: colleagues of the demo read the pages of the centre as they are drawn: list, appeal, forms."""

import cast
from cast import anna

from cec.distribution import choosing
from cec.distribution.models import Assignment
from cec.living import reading
from cec.platform.db import db

WINDOW = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_the_list_tells_what_rings_what_is_in_work_and_whether_new_ones_come(signed_in, appeal):
    window = signed_in(anna())
    assert not reading.worklist(window.get("/operator/worklist", headers=WINDOW).text).is_active
    cast.at_work(anna())
    other = cast.an_appeal("Чек не пришёл", sender="other@client.example", message_id="<other@client.example>")
    choosing.distribute()
    [offer] = db.session.scalars(db.select(Assignment.id).where(Assignment.appeal_id == other.id))

    seen = reading.worklist(window.get("/operator/worklist", headers=WINDOW).text)

    assert seen.is_active
    assert seen.offers == (offer,)
    assert seen.in_work == (appeal.id,)
    assert seen.unread == {appeal.id}


def test_an_appeal_tells_who_said_what_and_what_can_be_done(signed_in, appeal):
    window = signed_in(anna())

    opened = reading.appeal(window.get(f"/operator/appeals/{appeal.id}", headers=WINDOW).text)

    assert [(each.is_ours, bool(each.text)) for each in opened.said] == [(False, True)]
    assert opened.fields == {"expected_version": str(appeal.version), "seen_message_id": str(appeal.last_message_id)}
    assert opened.outcomes >= {"close", "wait", "postpone", "transfer", "spam"}
    assert (opened.answers, opened.is_lost, opened.is_chat) == (0, False, False)
    assert opened.unseen == appeal.last_client_message_id


def test_a_form_tells_its_choices_and_the_moments_that_it_proposes(signed_in, appeal):
    window = signed_in(anna())

    closing = window.get(f"/operator/appeals/{appeal.id}/outcomes/close", headers=WINDOW).text
    waiting = window.get(f"/operator/appeals/{appeal.id}/outcomes/wait", headers=WINDOW).text

    assert reading.options(closing, "resolution_id")
    assert not reading.options(closing, "nothing_of_the_kind")
    # The story begins at noon in Moscow; the first moment is a quarter of an hour away.
    assert reading.moments(waiting)[0] == "2026-11-23T12:15"
