"""People, appeals and messages of the page of all components: kept nowhere, shown in each state they can have."""

import datetime as dt
import itertools
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from cec.appeals import form_options
from cec.appeals.letters import Quotation
from cec.appeals.models import Direction, MessageState, Status
from cec.appeals.reading import Said
from cec.appeals.recipients import Recipients
from cec.distribution import explaining
from cec.distribution.guarding import Margin
from cec.distribution.standing import Standing
from cec.platform import clock, shipped
from cec.platform.i18n import gettext as _
from cec.platform.i18n import ngettext
from cec.staff.models import Presence
from cec.web.operator import drawing, feed, finishing
from cec.workflow import forms
from cec.workflow.forms import Option
from cec.workflow.inbox import Outcome

NAME, ADDRESS, WORDS = "Ольга Нестерова", "o.nesterova@primer.example", "А если в воскресенье утром?"
# States of which the feed says nothing, and the first one.
NOT_TOLD = (MessageState.RECEIVED, MessageState.KEPT, MessageState.CANCELLED)
ASIDE = Outcome("postpone", "Postpone", "postpone_appeal", "F6", "clock-pause")


def appeal(number: int = 1, status: Status = Status.IN_WORK, **different: Any) -> Any:
    """Give an appeal."""
    now = clock.now()
    known: dict[str, Any] = {
        "id": number, "number": f"{now:%Y}-{number:06d}", "version": 1, "channel": "email", "status": status,
        "subject": "Заказ 81-5206", "points": 20, "queue": SimpleNamespace(name="Доставка"), "topic": None,
        "topic_id": None, "last_message_id": None, "created_at": now, "client": SimpleNamespace(name=NAME),
        "address": SimpleNamespace(value=ADDRESS, display=NAME, can_receive=True),
        "operator": SimpleNamespace(name="Анна Котова"),
    }  # fmt: skip
    return SimpleNamespace(**{**known, **different})


def grid() -> dict[str, Any]:
    """Give the rows of a grid, and the last words of one of them."""
    bare = {"queue": None, "operator": None, "client": None}
    said = SimpleNamespace(created_at=clock.now(), fresh_text=None, text=WORDS)
    return {"appeals": [appeal(1), appeal(2, Status.QUEUED, **bare), appeal(3, Status.CLOSED)], "last": {1: said}}


def deadlines() -> list[tuple[dt.datetime, dt.datetime]]:
    """Give a deadline that is far, one that is near, one that has passed, and one of another day."""
    now, hour = clock.now(), dt.timedelta(hours=1)
    return [(now + 3 * hour, now), (now + hour / 10, now - hour), (now - hour / 20, now - hour), (now + 40 * hour, now)]


def rows() -> list[Any]:
    """Give lines of a list: chosen, pinned, unread, postponed."""
    now, numbers = clock.now(), itertools.count(1)
    plain: dict[str, Any] = {
        "channel": "email", "segment": None, "last_text": "Когда привезут?", "last_direction": "in", "last_at": now,
        "unread": 0, "due_response": now + dt.timedelta(hours=2), "due_since": now, "wake_at": None,
    }  # fmt: skip
    different: list[dict[str, Any]] = [
        {"name": NAME, "segment": "vip"},
        {"name": "Руслан Гайнутдинов", "last_direction": "out"},
        {"name": "Посетитель с длинным именем, которое не помещается в строку", "unread": 3},
        {"name": "Тамара Фролова", "due_response": None, "wake_at": now + dt.timedelta(days=1)},
    ]
    return [SimpleNamespace(id=next(numbers), **{**plain, **each}) for each in different]


def lines() -> list[feed.Line]:
    """Give messages in each state in which one can be."""
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


def panel() -> drawing.Panel:
    """Give what a composer is drawn from: an answer with a file, and a note."""
    file = SimpleNamespace(id=1, name="накладная.pdf", size=48_000, content_id=None)
    kept = {"version": 1, "saved_at": clock.now(), "html": None, "quotes": True, "templates": []}
    drafts: dict[bool, Any] = {
        False: SimpleNamespace(text="Воскресенье подойдёт.", attachments=[file], **kept),
        True: SimpleNamespace(text="Бригада свободна с утра.", attachments=[], **kept),
    }
    return drawing.Panel(
        appeal=appeal(),
        lines=[],
        drafts=drafts,
        composer="kit",
        new_from=None,
        recipients=Recipients(to=[ADDRESS]),
        quotation=Quotation(NAME, WORDS),
        signature="Анна, магазин",
        note_uuid="kit-note",
    )


def sheet() -> Markup:
    """Draw the form of an outcome."""
    form = forms.parse((shipped.folder("forms") / f"{ASIDE.form}.json").read_text("utf-8"))
    lists = {"reasons": [Option(code, _(name)) for code, name in form_options.REASONS.items()]}
    return Markup(finishing.sheet(appeal(), ASIDE, form, lists, client_waits=True))  # noqa: S704 - a template escapes by itself


def offer() -> Any:
    """Give an offer that rings."""
    now = clock.now()
    ring = SimpleNamespace(id=1, offered_at=now, ring_until=now + dt.timedelta(seconds=30))
    why = drawing.why_me({"queue": "Доставка", "load": 3, "cap": 5})
    return SimpleNamespace(assignment=ring, appeal=appeal(), name=NAME, vip=True, words=WORDS, why=why)


def state() -> dict[str, Any]:
    """Give the status of an operator with the one that follows, his slots and counters, and what he may choose."""
    return {
        "state": Standing(Presence.ACTIVE, clock.now(), next=Presence.BREAK, cap=5, load=4),
        "margins": [Margin("Доставка", 1, 2)],
        "statuses": [Presence.ACTIVE, Presence.NOT_ACCEPTING],
        "offers": [offer()],
        "counts": [(3, _("in work")), (14, ngettext("new", "new", 14))],
        "held": 3,
    }


def why() -> dict[str, Any]:
    """Give the rows behind a number of points."""
    return {
        "word": _("Urgent").lower(),
        "version": 1,
        "rows": [{"row": 2, "reason": _("VIP client"), "points": 20}],
        "routing": [{"row": 1, "reason": "Доставка"}],
        "diverted": [],
        "errors": [],
        "mine": explaining.sentences({"preferred": True}),
    }
