"""5.2: after a publishing Vera looks who of those who wait would move, and lets them be judged anew."""

import pytest
from cast import boris, vera

from cec.appeals import rejudging
from cec.platform import shipped, work
from cec.platform.db import db, unit_of_work
from cec.rulebook import files, shipping
from tests import cast

AT = "/admin/rules/prioritization/reranking"


@pytest.fixture
def window(signed_in):
    cast.a_centre()
    vera().language = "en"
    return signed_in(vera())


def test_who_would_move_is_shown_then_they_move(window, words):
    appeal = cast.an_appeal("Напишу жалобу")
    text = shipping.newest(shipped.folder("rules"), "prioritization").replace("<text>10</text>", "<text>15</text>")
    before = words(window.get(AT).text)
    with unit_of_work():
        files.publish("prioritization", text, by="vera")

    preview = words(window.get(AT).text)
    begun = words(window.post(AT, follow_redirects=True).text)
    while work.run_due():
        pass
    db.session.expire_all()
    done = words(window.get(AT).text)

    assert "Nobody would move" in before
    assert "1 appeal would move" in preview
    assert appeal.number in preview
    assert "Those who wait are being judged anew." in begun
    assert "1 appeal has moved." in done
    assert "Nobody would move" in done
    assert cast.reread(appeal).points == 15


def test_only_the_table_that_gives_points_has_it_and_a_supervisor_has_none(window, signed_in):
    assert window.get("/admin/rules/routing/reranking").status_code == 404
    assert window.post("/admin/rules/routing/reranking").status_code == 404
    assert signed_in(boris()).post(AT).status_code == 403
    assert rejudging.last() is None
