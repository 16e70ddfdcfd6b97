"""Reading the tree of topics."""

from sqlalchemy import text

from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.topics.models import Topic

_PATH = text("""
    WITH RECURSIVE up AS (
        SELECT parent_id, name AS path FROM topic WHERE id = :topic
        UNION ALL SELECT t.parent_id, t.name || ' › ' || up.path FROM topic t JOIN up ON t.id = up.parent_id)
    SELECT path FROM up WHERE parent_id IS NULL""")


class NoSuchTopic(Invalid):
    """Choose a topic from the list: it must be active and the last of its branch."""

    field = "topic_id"


def list_leaves() -> list[Topic]:
    """List the topics that can be chosen, in the order of the tree."""
    topics = list(db.session.scalars(db.select(Topic).order_by(Topic.id)))
    parents = {topic.parent_id for topic in topics}
    leaves = [topic for topic in topics if topic.is_active and topic.id not in parents]
    return sorted(leaves, key=lambda topic: topic.path)


def get_leaf(topic_id: int) -> Topic:
    """Get a topic that can be chosen.

    :raises NoSuchTopic: when it is gone, retired or a branch.
    """
    topic = db.session.get(Topic, topic_id)
    has_children = db.session.scalar(db.select(db.exists().where(Topic.parent_id == topic_id)))
    if topic is None or not topic.is_active or has_children:
        raise NoSuchTopic
    return topic


def path_of(topic_id: int) -> str | None:
    """Say where a topic stands, by one statement: Доставка › Перенос срока."""
    path: str | None = db.session.scalar(_PATH, {"topic": topic_id})
    return path
