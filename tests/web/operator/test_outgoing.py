"""Guide 3.2.6: the operator writes first, from the client, from what he reads or from the search."""

import uuid

from cec.appeals.models import Appeal
from cec.platform.db import db
from tests import cast

FIELDS = {"email": "sidorov@client.example", "subject": "Заказ 7", "text": "Готов!", "on_silence": "me"}


def test_it_is_begun_from_the_client_or_with_a_new_address(desk, appeal):
    drawn = desk.part(f"/outgoing?of={appeal.id}")
    assert cast.PETROV in drawn
    assert f"/operator/outgoing?of={appeal.id}" in desk.part(f"/appeals/{appeal.id}")
    assert "email=new@client.example" in desk.part("/search?words=new@client.example")

    fields = {**FIELDS, "client_uuid": str(uuid.uuid4()), "queue_id": str(appeal.queue_id)}
    desk.act("/outgoing", **fields)

    begun = db.session.scalars(db.select(Appeal).where(Appeal.direction == "out")).one()
    assert desk.answer.headers["HX-Redirect"] == f"/operator/appeals/{begun.id}"
    drawn = desk.part(f"/appeals/{begun.id}")
    assert "Готов!" in drawn
    assert 'id="outcome-close"' in drawn, "it can be closed while it waits"
