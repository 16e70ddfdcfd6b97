"""Who used which template in which answer, changed or not (guide 3.3.1, 5.5); and which a person has starred."""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import insert

from cec.platform import clock
from cec.platform.db import db
from cec.replies import filling_in, finding
from cec.replies.models import ReplyFavourite, ReplyTemplate, ReplyUse
from cec.staff.models import Employee

# An answer in which fewer of a template's words are left was not written with it.
LEAST_LEFT = 0.3


class Answer(NamedTuple):
    """An answer as far as templates are concerned."""

    message_id: int
    appeal_id: int
    queue_id: int | None
    topic_id: int | None
    text: str


def record(answer: Answer, template_ids: Collection[int], values: Mapping[str, str], *, by: Employee) -> None:
    """Write down which templates an answer was written with, and whether their words were changed."""
    for template in finding.get_usable(list(template_ids), queue_id=answer.queue_id, of=by):
        is_edited = _is_edited(filling_in.fill(template.text, values).text, answer.text)
        if is_edited is None:
            continue
        use = ReplyUse(
            message_id=answer.message_id, template_id=template.id, employee_id=by.id, appeal_id=answer.appeal_id,
            queue_id=answer.queue_id, topic_id=answer.topic_id, at=clock.now(), is_edited=is_edited,
        )  # fmt: skip
        db.session.add(use)


def take_back(message_id: int) -> list[int]:
    """Forget the uses of an answer that was taken back; gives the templates."""
    gone = db.delete(ReplyUse).where(ReplyUse.message_id == message_id).returning(ReplyUse.template_id)
    return sorted(db.session.scalars(gone))


def star(template: ReplyTemplate, *, of: Employee) -> None:
    """Star a template; starred ones are listed first."""
    starred = insert(ReplyFavourite).values(employee_id=of.id, template_id=template.id)
    db.session.execute(starred.on_conflict_do_nothing())


def unstar(template: ReplyTemplate, *, of: Employee) -> None:
    """Take the star away again."""
    starred = ReplyFavourite.employee_id == of.id, ReplyFavourite.template_id == template.id
    db.session.execute(db.delete(ReplyFavourite).where(*starred))


def _is_edited(template: str, answer: str) -> bool | None:
    """Compare plain words: unchanged, changed, or not to be found any more."""
    wanted, said = template.split(), answer.split()
    if " ".join(wanted) in " ".join(said):
        return False
    words = set(re.findall(r"\w+", template.lower()))
    left = words & set(re.findall(r"\w+", answer.lower()))
    return True if len(left) >= LEAST_LEFT * len(words) else None
