"""Idempotency keys: an act that is asked twice under one name is done once and answered twice the same.

The name is taken first, in the transaction of the act: of two that come at once one waits for the other's commit. An
act that is refused leaves nothing behind, so that it may be tried again under its name.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from cec.integrations.models import ApiAnswer, ApiKey
from cec.platform import clock
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal

LONGEST = 200
KEPT = dt.timedelta(hours=24)

Answered = tuple[dict[str, Any], int]


class NameTooLong(Invalid):
    """An idempotency key has 1 to 200 printable characters."""

    field = "Idempotency-Key"


class OtherRequest(Refusal):
    """This idempotency key was used for another request: give each act a key of its own."""


def once(key: ApiKey, name: str | None, request: bytes, act: Callable[[], Answered]) -> Answered:
    """Do an act once under a name; without a name it is done each time it is asked.

    :raises OtherRequest: when another act has the name.
    """
    if name is None:
        return act()
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise NameTooLong
    sha256 = hashlib.sha256(request).hexdigest()
    taken = insert(ApiAnswer).values(
        api_key_id=key.id, name=name, request_sha256=sha256, status=0, answer={}, at=clock.now()
    )
    if db.session.execute(taken.on_conflict_do_nothing().returning(ApiAnswer.name)).scalar() is None:
        return _known(key, name, sha256)
    answer, status = act()
    mine = db.update(ApiAnswer).where(ApiAnswer.api_key_id == key.id, ApiAnswer.name == name)
    db.session.execute(mine.values(answer=answer, status=status))
    return answer, status


def _known(key: ApiKey, name: str, sha256: str) -> Answered:
    known = db.session.get_one(ApiAnswer, (key.id, name), populate_existing=True)
    if known.request_sha256 != sha256:
        raise OtherRequest
    return known.answer, known.status


def forget() -> int:
    """Forget the names of yesterday; gives how many."""
    old = db.delete(ApiAnswer).where(ApiAnswer.at < clock.now() - KEPT).returning(ApiAnswer.name)
    return len(db.session.execute(old).all())
