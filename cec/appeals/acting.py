"""A person acts on an appeal: the locks and the checks before a task of the process is completed (CORE 2, 3, 6)."""

import datetime as dt
from typing import Any

from cec.appeals import conversation, lifecycle
from cec.appeals.conversation import ClientWroteMeanwhile
from cec.appeals.models import Appeal, Message, MessageState, Status
from cec.appeals.opening import Opened
from cec.platform import clock
from cec.platform.db import db
from cec.platform.errors import NotFound, Refusal
from cec.staff.models import Employee
from cec.workflow import engine, inbox
from cec.workflow.inbox import Outcome
from cec.workflow.models import UserTask

# Outcomes that leave the client without an answer if he has written meanwhile.
PUTTING_ASIDE = frozenset({"wait", "postpone"})
AFTER_THE_LAST_WORD = PUTTING_ASIDE | {"close"}
# What waits can be pulled back, or closed where it is.
RECALLABLE = frozenset({Status.WAITING, Status.POSTPONED})
UNDO_CLOSING = dt.timedelta(seconds=60)


class AnswerFirst(ClientWroteMeanwhile):
    """The client wrote meanwhile: read the new message and answer it first."""


class UndeliveredMessages(Refusal):
    """An answer of yours has not reached the client: look at it before you close."""


class NothingToRecall(Refusal):
    """This appeal is not waiting for anything any more."""


class TooLateToReopen(Refusal):
    """A closing can be taken back for one minute: start from the client's next message."""


def task_of(appeal: Appeal) -> UserTask | None:
    """Find what its operator has to do: the open task; while the appeal waits, the one that he did last."""
    if appeal.status in RECALLABLE:
        return inbox.find_last(appeal.key)
    return inbox.find_open(appeal.key) if appeal.status == Status.IN_WORK else None


def outcomes(appeal: Opened) -> list[Outcome]:
    """List what its operator may do with an appeal that is shown."""
    return _choosable(inbox.outcomes_at(*appeal.task), appeal.status) if appeal.task else []


def find_outcome(appeal: Appeal, outcome_id: str) -> tuple[UserTask, Outcome]:
    """Find what its operator wants to do with an appeal, and the task that it ends.

    :raises NotFound: when that cannot be chosen now.
    """
    task = task_of(appeal)
    if task is not None:
        for outcome in _choosable(inbox.outcomes(task), appeal.status):
            if outcome.id == outcome_id:
                return task, outcome
    raise NotFound


def _choosable(offered: list[Outcome], status: str) -> list[Outcome]:
    """Keep what can be chosen: all that the diagram offers; what waits can only be closed."""
    if status in RECALLABLE:
        return [outcome for outcome in offered if outcome.id == "close"]
    return offered if status == Status.IN_WORK else []


def act(
    appeal_id: int,
    outcome: str,
    *,
    by: Employee,
    expected_version: int,
    seen_message_id: int,
    answers: dict[str, Any],
    confirmed: bool = False,
) -> Appeal:
    """Complete the open task of an appeal with an outcome of its diagram; what waits is closed from there (CORE 1).

    :raises StaleVersion: when somebody changed the appeal meanwhile.
    :raises ClientWroteMeanwhile: when a newer message of the client waits for an answer.
    :raises ColleagueWroteMeanwhile: when somebody else has answered him since.
    """
    appeal = _lock(appeal_id, by, expected_version)
    if outcome in PUTTING_ASIDE and conversation.client_wrote_after(appeal, seen_message_id):
        raise AnswerFirst
    if outcome in AFTER_THE_LAST_WORD and not (confirmed and outcome == "close"):
        conversation.must_have_seen(appeal, seen_message_id, by=by)
    if outcome == "close" and not confirmed:
        _must_be_delivered(appeal)
    if outcome == "close" and appeal.status in RECALLABLE:
        _pull_back(appeal, by=by, back_to=outcome, **answers)
    else:
        engine.complete(inbox.get_open(appeal.key), outcome=outcome, by=by.key, **answers)
    return appeal


def recall(appeal_id: int, *, by: Employee, back_to: str, expected_version: int) -> Appeal:
    """Pull an appeal back from waiting or postponement: to work or to its queue (CORE 1).

    :raises NothingToRecall: when it has come back by itself.
    """
    appeal = _lock(appeal_id, by, expected_version)
    _pull_back(appeal, by=by, back_to=back_to)
    return appeal


def _pull_back(appeal: Appeal, *, by: Employee, back_to: str, **answers: Any) -> None:
    if not engine.send(appeal.key, "recalled", by=by.key, back_to=back_to, **answers):
        raise NothingToRecall


def undo_closing(appeal_id: int, *, by: Employee) -> Appeal:
    """Take a closing back within a minute: the appeal comes back to its operator."""
    engine.lock(f"appeal:{appeal_id}")
    appeal = lifecycle.lock(appeal_id)
    if appeal.operator_id != by.id:
        raise NotFound
    if appeal.status != Status.CLOSED or not appeal.closed_at or clock.now() - appeal.closed_at > UNDO_CLOSING:
        raise TooLateToReopen
    reopen(appeal, by=by.key)
    return appeal


def reopen(appeal: Appeal, *, by: str) -> None:
    """Start the current version of the process again for a closed appeal; its last operator is preferred."""
    appeal.preferred_operator_id = appeal.operator_id
    if appeal.queue:
        appeal.preferred_until = clock.now() + appeal.queue.sticky
    appeal.closed_at = appeal.close_kind = appeal.resolution_id = None
    start(appeal, by=by)


def start(appeal: Appeal, *, by: str) -> None:
    """Start the process that handles an appeal."""
    engine.start("appeal_handling", appeal.key, by=by, appeal_id=appeal.id)


def _lock(appeal_id: int, by: Employee, expected_version: int) -> Appeal:
    engine.lock(f"appeal:{appeal_id}")
    appeal = lifecycle.lock(appeal_id)
    lifecycle.must_be_current(appeal, expected_version)
    if appeal.operator_id != by.id:
        raise NotFound
    return appeal


def _must_be_delivered(appeal: Appeal) -> None:
    stuck = db.select(
        db.exists().where(
            Message.appeal_id == appeal.id,
            Message.author_id.is_not(None),
            Message.state.in_([MessageState.FAILED, MessageState.UNKNOWN]),
        )
    )
    if db.session.scalar(stuck):
        raise UndeliveredMessages
