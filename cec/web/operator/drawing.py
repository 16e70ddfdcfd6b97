"""What the parts of the operator's desk are drawn from: the list, the appeal, the client, the empty desk."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, render_template, request
from markupsafe import Markup

from cec.appeals import acting, queries, queueing, reading, visiting, ways
from cec.appeals.letters import Quotation
from cec.appeals.models import Appeal, Direction, Draft, Status
from cec.appeals.opening import Opened
from cec.appeals.reading import Said
from cec.appeals.recipients import Recipients
from cec.channels.channel import Capabilities
from cec.channels.email import adapting, formatting
from cec.distribution import broadcasting, standing
from cec.distribution import queries as distribution
from cec.distribution.empty_handed import why_idle
from cec.distribution.models import Assignment
from cec.platform import clock, names
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark, ngettext
from cec.staff import desk as desk_of
from cec.staff.readers import Person
from cec.web.operator import answering, feed, pictures, rows, talk
from cec.web.session import current_reader
from cec.web.templating import part
from cec.workflow.inbox import Outcome

# Why an offer is declined: code in the journal, words on the button.
DECLINE_REASONS = {
    "busy": mark("Busy with another client"),
    "not_mine": mark("Not my subject"),
    "leaving": mark("Leaving for a break"),
}


# How the list is ordered: code kept with the person, words on the switch and in its menu.
ORDERS = {
    "urgent": (mark("By urgency"), mark("Urgent ones first")),
    "newest": (mark("By time"), mark("Newest words first")),
    "manual": (mark("By pins"), mark("As they came, pinned ones first")),
}


@dataclass(frozen=True)
class Marks:
    """What a redrawn feed keeps: its line before what is new, and the message with which it begins."""

    new_from: int | None = None
    oldest: int | None = None


def kept() -> dict[str, Any]:
    """Read what a redrawn panel keeps: its composer, and the marks of its feed."""
    asked = request.values
    return {
        "composer": asked.get("composer", ""),
        "marks": Marks(asked.get("new_from", type=int), asked.get("oldest", type=int)),
    }


def is_part() -> bool:
    """Tell whether a part is redrawn in place; going back in the browser's history draws the whole page."""
    return request.headers.get("HX-Request-Type") == "partial"


@dataclass(frozen=True)
class OfferCard:
    """An offer as its card shows it."""

    assignment: Assignment
    appeal: Appeal
    name: str
    vip: bool
    words: str
    why: str


def _card(offer: distribution.Offer) -> OfferCard:
    appeal = offer.appeal
    vip = bool(appeal.client and appeal.client.segment == "vip")
    words = queries.first_words(appeal)
    return OfferCard(offer.assignment, appeal, feed.name_of(appeal), vip, words, why_me(offer.assignment.why))


def why_me(why: dict[str, Any]) -> str:
    """Say why an appeal came to its operator."""
    if not why:
        return ""
    if why.get("begun"):
        return _("You wrote to the client first.")
    if why.get("owner"):
        return _("You had this appeal before.")
    if why.get("preferred"):
        return _("You served this client last, or it was handed to you.")
    return _("The most urgent one of “{queue}”; {load} of your {cap} slots were taken.").format(
        queue=why.get("queue", ""), load=why.get("load", 0), cap=why.get("cap", 0)
    )


def list_of(employee: Person, *, open_id: int | None = None, found: queries.Worklist | None = None) -> dict[str, Any]:
    """Gather the list, the offers, the slots and the counters; `found` is what he holds, if it was just read."""
    found = found or queries.worklist(employee)
    offers = [_card(offer) for offer in distribution.offers(employee)] if found.offered else []
    open_id = open_id or request.args.get("open", type=int)
    state = standing.of(employee.id)
    return {
        "groups": [*_groups(found, employee, open_id), *_taking(employee, state)],
        "sort": desk_of.order_of(employee),
        "sorts": ORDERS,
        "offers": offers,
        "reasons": DECLINE_REASONS,
        "state": state,
        "counts": [
            (len(found.in_work), _("in work")),
            (len(found.waiting), ngettext("waiting", "waiting", len(found.waiting))),
            (len(found.postponed), ngettext("postponed", "postponed", len(found.postponed))),
            (found.unread, ngettext("new", "new", found.unread)),
        ],
    }


def _groups(found: queries.Worklist, employee: Person, open_id: int | None) -> list[tuple[str, int, Markup]]:
    """Draw the groups of the list: title, number of rows, rows; keys open the first ones of what is in work."""
    groups = [
        (_("In work"), found.in_work),
        (_("Waiting for the client"), found.waiting),
        (_("Postponed ones"), found.postponed),
    ]
    ranks = {item.id: rank for rank, item in enumerate([*found.in_work, *found.waiting, *found.postponed])}
    shown = rows.Shown(open_id, ranks, set(desk_of.pins(employee)))
    return [
        (title, len(items), rows.drawn(_ordered(items, employee), shown, numbered=items is found.in_work))
        for title, items in groups
    ]


def _taking(employee: Person, state: standing.Standing) -> list[tuple[str, int, Markup]]:
    """Draw what is up for taking; only who serves such a queue has this group, and asks for it."""
    if not state.takes:
        return []
    found = broadcasting.up_for_taking(employee)
    return [(_("Up for taking"), len(found), rows.taking(found))]


def _ordered(items: list[queries.WorklistItem], employee: Person) -> list[queries.WorklistItem]:
    """Put a group in the person's order, what he pinned at its head; it comes with the most urgent first."""
    order = desk_of.order_of(employee)
    if order == "newest":
        items = sorted(items, key=lambda item: item.last_at, reverse=True)
    elif order == "manual":
        items = sorted(items, key=lambda item: item.id)
    place = {pinned: index for index, pinned in enumerate(desk_of.pins(employee))}
    return sorted(items, key=lambda item: place.get(item.id, len(place)))


# What a letter can carry; its files are weighed with the whole request.
LETTER = Capabilities(html=True, longest_text=adapting.LONGEST_TEXT, most_files=adapting.MOST_FILES)


@dataclass(frozen=True)
class Panel:
    """Everything the appeal panel shows beside the appeal itself."""

    appeal: Opened
    lines: list[feed.Line]
    drafts: dict[bool, Draft]
    composer: str
    new_from: int | None
    # The first message of a feed that has older ones above.
    oldest: int | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    # Why an outcome cannot be chosen now, by its id.
    reasons: dict[str, str] = field(default_factory=dict)
    unseen: int | None = None
    reopenable: dt.datetime | None = None
    # What an answer can carry, and whether the client is there no more where his channel tells it.
    able: Capabilities = LETTER
    gone: bool = False
    # How the client told that he can be reached besides: {"email", "phone"}.
    told: dict[str, str] = field(default_factory=dict)
    # By which way an answer goes, and its channel; and what that cannot carry of what is written.
    way: str = ways.OWN
    channel: str = ""
    address: str = ""
    trouble: str = ""
    # Whether an answer is a letter; if so, whom it goes to, and what goes out below it.
    letter: bool = True
    recipients: Recipients = field(default_factory=Recipients)
    quotation: Quotation | None = None
    signature: str = ""
    note_uuid: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def written(self) -> Markup:
        """Give the answer being written as the editor shows it."""
        draft = self.drafts.get(False)
        if draft is None:
            return Markup()
        return Markup(pictures.shown(draft.html or formatting.of_text(draft.text) if draft.text or draft.html else ""))  # noqa: S704 - cleaned when it was kept

    @property
    def conversation(self) -> Markup:
        """Draw the conversation."""
        return talk.drawn(self.lines)

    @property
    def name(self) -> str:
        """Name the client."""
        return feed.name_of(self.appeal)

    @property
    def initials(self) -> str:
        """Give two letters for the face."""
        return names.initials(self.name)

    @property
    def writable(self) -> bool:
        """Tell whether the client can be answered."""
        return self.appeal.status == Status.IN_WORK

    @property
    def recallable(self) -> bool:
        """Tell whether the appeal can be pulled back."""
        return self.appeal.status in acting.RECALLABLE


def panel_of(appeal: Opened, employee: Person, *, composer: str = "", marks: Marks = Marks()) -> Panel:
    """Gather the panel of an appeal; a redrawn one keeps its composer and the marks of its feed."""
    messages = reading.messages(appeal, since=marks.oldest)
    oldest = messages[0] if reading.has_older(messages) else None
    if any(message.client_uuid == composer for message in messages):
        # Its answer is on the way: the next one needs a name of its own.
        composer = ""
    unread = _unread(appeal, messages)
    new_from = marks.new_from or (unread[0] if unread and not composer else None)
    drafts, events = queries.drafts(appeal, of=employee), queries.events(appeal)
    return Panel(
        appeal=appeal,
        lines=feed.lines(appeal, messages, feed.between(events, oldest, None), reader=employee, new_from=new_from),
        gone=visiting.is_gone(appeal, events),
        drafts=drafts,
        composer=composer or str(uuid.uuid4()),
        new_from=new_from,
        oldest=oldest.id if oldest else None,
        outcomes=acting.outcomes(appeal),
        reasons=_reasons(appeal),
        unseen=unread[-1] if unread else None,
        reopenable=undo_until(appeal),
        told=ways.told_of(message.headers for message in messages if message.direction == Direction.IN),
        **answering.beside(appeal, messages, drafts.get(False), employee),
    )


def _unread(appeal: Opened, messages: list[Said]) -> list[int]:
    """List what the client wrote and nobody has seen; what came back is told where it belongs."""
    words = (message for message in messages if message.direction == Direction.IN and message.about_id is None)
    return [message.id for message in words if message.id > appeal.seen_message_id]


def undo_until(appeal: Appeal | Opened) -> dt.datetime | None:
    """Tell until when a closing can be taken back, if it still can."""
    if appeal.status != Status.CLOSED or not appeal.closed_at:
        return None
    over = appeal.closed_at + acting.UNDO_CLOSING
    return over if over > clock.now() else None


def _reasons(appeal: Opened) -> dict[str, str]:
    if queueing.client_waits(appeal):
        return {"wait": _("The last message is the client’s: answer first")}
    return {}


def together(first: str, parts: dict[str, str]) -> str:
    """Send the part that was asked for, and others along with it to take their places."""
    beside = [
        f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{drawn}</hx-partial>'
        for name, drawn in parts.items()
        if name != first
    ]
    return parts[first] + "".join(beside)


def appeal_part(
    appeal: Opened,
    employee: Person,
    *,
    composer: str = "",
    marks: Marks = Marks(),
) -> dict[str, str]:
    """Draw the appeal panel alone."""
    panel = panel_of(appeal, employee, composer=composer, marks=marks)
    return {"appeal": part("operator/appeal.html", appeal=appeal, panel=panel, megabytes=_megabytes())}


def opened_parts(appeal: Opened | None, employee: Person) -> dict[str, str]:
    """Draw the middle of the desk and the column of the client."""
    if appeal is None:
        nothing = part("operator/nothing.html", state=standing.of(employee.id), **_nothing(employee))
        return {"appeal": nothing, "apps": part("operator/apps.html", appeal=None, panel=None)}
    context = {"appeal": appeal, "panel": panel_of(appeal, employee)}
    return {
        "appeal": part("operator/appeal.html", megabytes=_megabytes(), **context),
        "apps": part("operator/apps.html", **context),
    }


def _nothing(employee: Person) -> dict[str, Any]:
    """Gather what the empty desk says: how many wait, and why none of them comes."""
    return {"waiting": distribution.waiting_for(employee), "idle": why_idle(employee)}


def list_parts(
    employee: Person, *, open_id: int | None = None, found: queries.Worklist | None = None
) -> dict[str, str]:
    """Draw the list and the counters of the top panel."""
    context = list_of(employee, open_id=open_id, found=found)
    return {
        "worklist": part("operator/worklist.html", **context),
        "desk-state": part("operator/state.html", **context),
    }


def desk(employee: Person, appeal: Opened | None = None) -> str:
    """Draw the whole page."""
    panel = panel_of(appeal, employee) if appeal else None
    widths = desk_of.widths(employee, current_reader().workplace_id)
    return render_template(
        "operator/desk.html",
        **list_of(employee, open_id=appeal.id if appeal else None),
        appeal=appeal,
        panel=panel,
        **({} if appeal else _nothing(employee)),
        widths=widths,
        megabytes=_megabytes(),
    )


def _megabytes() -> int:
    return int(current_app.config["CEC"].max_megabytes)
