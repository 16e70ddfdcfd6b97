"""The form of a queue: what a person typed becomes its terms, and its terms become what the form shows (guide 5.1)."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from flask import request

from cec.platform import durations
from cec.platform.errors import Invalid, Refusal
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark
from cec.queues import calendar_directory, editing, terms
from cec.queues.models import Queue, Strategy
from cec.queues.terms import Terms
from cec.staff import groups
from cec.web import parts
from cec.web.filling import Filled, whole

STRATEGIES = {
    Strategy.LONGEST_IDLE: mark("who has been free longest"),
    Strategy.LEAST_LOADED: mark("who has the most room"),
    Strategy.ROUND_ROBIN: mark("in turn"),
    Strategy.HIGHEST_SKILL: mark("who knows best"),
    Strategy.BROADCAST: mark("whoever takes it: offered to nobody, seen by all"),
}
# The tabs of the form, and the fields that each holds; those of the first are all others.
TABS = {
    "queue": mark("Queue"),
    "distribution": mark("Distribution"),
    "deadlines": mark("Deadlines"),
    "words": mark("Answers"),
}
_TAB_OF = {
    "distribution": ("strategy", "target", "weight", "tier", "ring", "sticky", "least_active", "channel_units",
                     "units-", "widening", "longest", "overflow_queue_id"),
    "deadlines": ("calendar_id", "closed_queue_id", "first_response", "next_response", "resolve_within", "service_goal",
                  "service_within", "wait_for_client", "reopen_within", "idle_minutes", "idle-"),
    "words": ("sender_name", "sender_account_id", "signature"),
}  # fmt: skip
DROP = "drop"
LEVELS = range(1, 5)
# Lines for steps that are not there yet.
EMPTY_LINES = 2
PER_CENT = 100
DURATIONS = (
    "ring", "sticky", "target", "first_response", "next_response", "resolve_within",
    "service_within", "reopen_within", "wait_for_client",
)  # fmt: skip


def read(queue: Queue | None) -> Terms:
    """Read the form.

    :raises InvalidFields: with a sentence for each field that cannot be read.
    """
    form = Filled()
    read_terms = Terms(
        name=form.text("name"),
        levels={group.id: int(level) for group in groups.list_all() if (level := _level(form, group.id))},
        description=form.text("description"),
        is_active=form.tick("is_active"),
        is_default=form.tick("is_default"),
        topic_required=form.tick("topic_required"),
        signature=request.form.get("signature", ""),
        sender_name=form.text("sender_name"),
        sender_account_id=form.maybe_id("sender_account_id", [box.id for box in editing.mailboxes(queue)]),
        **_distribution(form),
        **_ways(form),
        **_spans(form),
    )
    form.done()
    return read_terms


def _spans(form: Filled) -> dict[str, Any]:
    return {name: form.duration(name) for name in DURATIONS}


def _distribution(form: Filled) -> dict[str, Any]:
    return {
        "strategy": form.one_of("strategy", set(Strategy)),
        "auto_accept": form.tick("auto_accept"),
        "sticky_above": form.tick("sticky_above"),
        "weight": form.read("weight", _decimal, 1.0),
        "tier": form.number("tier", 1, terms.TIERS),
        "widening": _steps(form),
        "channel_units": _by_channel(form, "units", terms.MOST_UNITS),
        "idle_minutes": _by_channel(form, "idle", terms.MOST_IDLE),
        "service_goal": form.number("service_goal", 1, PER_CENT),
        "least_active": form.maybe_number("least_active", 1, terms.MOST_ACTIVE),
    }


def _ways(form: Filled) -> dict[str, Any]:
    others = [other.id for other in editing.list_all()]
    return {
        "calendar_id": form.maybe_id("calendar_id", [calendar.id for calendar in calendar_directory.list_all()]),
        "closed_queue_id": form.maybe_id("closed_queue_id", others),
        "longest": form.maybe_number("longest", 1, terms.MOST_WAITING),
        "overflow_queue_id": form.maybe_id("overflow_queue_id", others),
    }


def _level(form: Filled, group_id: int) -> str:
    return form.one_of(f"group-{group_id}", {"", *map(str, LEVELS)}) if f"group-{group_id}" in request.form else ""


def _decimal(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise terms.WeightUnfit from None


def _steps(form: Filled) -> list[dict[str, Any]]:
    steps = []
    for after, act in zip(request.form.getlist("step_after"), request.form.getlist("step_act"), strict=False):
        if not after.strip() and not act:
            continue
        try:
            share = whole(after.strip().removesuffix("%").strip(), 1, int(terms.LATEST_STEP * PER_CENT)) / PER_CENT
            steps.append({"after": share, **_act(act)})
        except Invalid as refusal:
            form.errors["widening"] = refusal.sentence()
    return steps


def _act(act: str) -> dict[str, Any]:
    if act == DROP:
        return {"drop": "wishes"}
    return {"level": whole(act, LEVELS[0], LEVELS[-1])}


def _by_channel(form: Filled, what: str, most: int) -> dict[str, int]:
    wanted = {channel: form.maybe_number(f"{what}-{channel}", 1, most) for channel, _word in parts.channels()}
    return {channel: number for channel, number in wanted.items() if number is not None}


def shown(shown_terms: Terms, queue: Queue | None, *, error: Refusal | None) -> dict[str, Any]:
    """Give what the form shows: the terms as people write them, and what can be chosen."""
    others = [(other.id, other.name) for other in editing.list_all() if queue is None or other.id != queue.id]
    calendars = calendar_directory.list_all()
    return {
        **tabs(error.fields() if error else ()),
        "terms": shown_terms,
        "spans": {name: durations.write(getattr(shown_terms, name)) for name in DURATIONS},
        "groups": groups.list_all(),
        "levels": level_choices(),
        "strategies": [(strategy.value, _(word)) for strategy, word in STRATEGIES.items()],
        "calendars": [("", _("round the clock")), *((calendar.id, calendar.name) for calendar in calendars)],
        "closed": [("", _("wait here")), *others],
        "overflow": [("", "—"), *others],
        "mailboxes": [("", _("Where the client wrote to")), *((b.id, b.address) for b in editing.mailboxes(queue))],
        "channels": parts.channels(),
        "steps": _shown_steps(shown_terms, typed=bool(error)),
        "acts": [("", "—"), (DROP, _("drop wished skills")), *((level, _adding(level)) for level in LEVELS[1:])],
    }


def tabs(wrong: Collection[str]) -> dict[str, Any]:
    """Give the tabs with how many of their fields are wrong, and which is open: the first that has such a field."""
    counts = Counter(map(_tab_of, wrong))
    first = next((key for key in TABS if counts[key]), next(iter(TABS)))
    return {"form_tabs": [(key, _(word), counts[key] or None) for key, word in TABS.items()], "open_tab": first}


def _tab_of(field: str) -> str:
    kind, sign, _rest = field.partition("-")
    return next((key for key, fields in _TAB_OF.items() if kind + sign in fields), next(iter(TABS)))


def _adding(level: int) -> str:
    return _("add groups of level %(n)d") % {"n": level}


def level_choices() -> list[tuple[str | int, str]]:
    """List the levels at which a group can serve a queue."""
    return [("", "—"), *((level, _level_word(level)) for level in LEVELS)]


def _level_word(level: int) -> str:
    return _("1: at once") if level == 1 else _("%(n)d: when it widens") % {"n": level}


def _shown_steps(shown_terms: Terms, *, typed: bool) -> list[tuple[str, str]]:
    if typed:
        return list(zip(request.form.getlist("step_after"), request.form.getlist("step_act"), strict=False))
    steps = [(f"{step['after'] * PER_CENT:g}", str(step.get("level", DROP))) for step in shown_terms.widening]
    return steps + [("", "")] * EMPTY_LINES
