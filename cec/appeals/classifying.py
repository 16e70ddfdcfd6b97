"""Topic of an appeal (guide 3.2.3): one, chosen from the active leaves of the tree; changing it keeps history."""

from cec.appeals import lifecycle
from cec.appeals.models import Appeal
from cec.platform import journal
from cec.platform.errors import NotFound
from cec.staff.models import Employee
from cec.topics import queries as topics


def set_topic(appeal_id: int, topic_id: int, *, by: Employee) -> Appeal:
    """Choose the topic of one's own appeal."""
    appeal = lifecycle.lock(appeal_id)
    if appeal.operator_id != by.id:
        raise NotFound
    topic = topics.get_leaf(topic_id)
    before = appeal.topic_id
    appeal.topic, appeal.topic_id = topic, topic.id
    journal.record("appeal.topic_changed", appeal.key, by=by.key, topic=topic.path, topic_id=topic.id, before=before)
    return appeal
