"""Reading the tree of topics."""

from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.topics.models import Topic


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
