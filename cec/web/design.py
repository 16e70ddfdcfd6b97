"""All components in all their states, drawn by the macros of the product: for those who build it (DESIGN 9)."""

import datetime as dt
import itertools
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, render_template, request

from cec.appeals.models import Direction, MessageState, Status
from cec.appeals.reading import Said
from cec.platform import clock
from cec.staff.models import Presence
from cec.web.guards import allow
from cec.web.operator import feed, rows, talk

bp = Blueprint("design", __name__)

THEMES = ("light", "dark")
# States of which the feed says nothing, and the first one.
NOT_TOLD = (MessageState.RECEIVED, MessageState.KEPT, MessageState.CANCELLED)


@bp.get("/design")
@allow.anyone
def show() -> str:
    """Draw the page of all components; ?theme=dark shows the dark one."""
    theme = request.args.get("theme", THEMES[0])
    return render_template(
        "design/show.html",
        shown=theme if theme in THEMES else THEMES[0],
        themes=THEMES,
        statuses=list(Status),
        presences=list(Presence),
        deadlines=_deadlines(),
        appeals=rows.drawn(_rows(), rows.Shown(1, dict.fromkeys(range(1, 9), 0), {2}), numbered=True),
        conversation=talk.drawn(_lines(), marked=False, mine=False),
    )


def _deadlines() -> list[tuple[dt.datetime, dt.datetime]]:
    """Give a deadline that is far, one that is near, one that has passed, and one of another day."""
    now, hour = clock.now(), dt.timedelta(hours=1)
    return [(now + 3 * hour, now), (now + hour / 10, now - hour), (now - hour / 20, now - hour), (now + 40 * hour, now)]


def _rows() -> list[Any]:
    """Give lines of a list: chosen, pinned, unread, postponed."""
    now, numbers = clock.now(), itertools.count(1)
    plain: dict[str, Any] = {
        "channel": "email", "segment": None, "last_text": "Когда привезут?", "last_direction": "in", "last_at": now,
        "unread": 0, "due_response": now + dt.timedelta(hours=2), "due_since": now, "wake_at": None,
    }  # fmt: skip
    different: list[dict[str, Any]] = [
        {"name": "Ольга Нестерова", "segment": "vip"},
        {"name": "Руслан Гайнутдинов", "last_direction": "out"},
        {"name": "Посетитель с длинным именем, которое не помещается в строку", "unread": 3},
        {"name": "Тамара Фролова", "due_response": None, "wake_at": now + dt.timedelta(days=1)},
    ]
    return [SimpleNamespace(id=next(numbers), **{**plain, **each}) for each in different]


def _lines() -> list[feed.Line]:
    """Give messages in each state in which one can be; they are kept nowhere."""
    states = [MessageState.RECEIVED, *(state for state in MessageState if state not in NOT_TOLD)]
    return [
        feed.Line(
            "message", f"m-{state}", clock.now(), text="Записали вас", author="Анна Котова", message=_message(state)
        )
        for state in states
    ]


def _message(state: MessageState) -> Said:
    return Said(
        id=list(MessageState).index(state) + 1,
        direction=Direction.IN if state == MessageState.RECEIVED else Direction.OUT,
        state=state,
        created_at=clock.now(),
        error="The mailbox does not exist" if state == MessageState.FAILED else None,
        attempts=1,
    )
