"""The tree of topics (guide 3.2.3)."""

import pytest

from cec.platform.db import db
from cec.topics import queries
from cec.topics.models import Topic
from tests import cast


@pytest.fixture(autouse=True)
def _tree(db):
    cast.a_topic()
    db.session.add(Topic(name="Старое", is_active=False))
    db.session.flush()


def test_only_active_leaves_can_be_chosen():
    assert [topic.path for topic in queries.list_leaves()] == ["Доставка › Где заказ"]


@pytest.mark.parametrize("name", ["Доставка", "Старое"])
def test_a_branch_and_a_retired_topic_are_refused_at_the_field(name):
    topic = db.session.scalars(db.select(Topic).where(Topic.name == name)).one()

    with pytest.raises(queries.NoSuchTopic) as refused:
        queries.get_leaf(topic.id)

    assert "topic_id" in refused.value.fields()
