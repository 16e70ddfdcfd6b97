"""Why an appeal went first and why to this operator: what the claim wrote down, in words (guide 3.1).

For a waiting appeal see waiting.py, for an operator without appeals empty_handed.py.
"""

import datetime as dt
from typing import Any

from cec.platform import durations
from cec.platform.db import db
from cec.platform.i18n import gettext as _
from cec.platform.i18n import ngettext
from cec.queues.models import Strategy
from cec.staff.models import Employee


def sentences(why: dict[str, Any]) -> list[str]:
    """Say what decided, to the operator who has the appeal; nothing once it has been forgotten."""
    if why.get("begun"):
        return [_("You wrote to the client first.")]
    if why.get("owner"):
        return [_("You had this appeal before.")]
    if why.get("taken"):
        return [_("You took it yourself from those up for taking.")]
    if why.get("preferred"):
        above = [_("It came one unit above your capacity, as its queue allows.")] if why.get("above") else []
        return [_("It was kept for you: you served this client last, or it was handed to you."), *above]
    if not why:
        return []
    return [*_rank(why), *_person(why)]


def _rank(why: dict[str, Any]) -> list[str]:
    said = [
        _(
            "“{queue}”: waited {waited}, the target is {target}; with {points} points and weight {weight}"
            " the head of its line had an urgency of {urgency}."
        ).format(
            queue=why.get("queue", ""),
            waited=span(why.get("waited", 0)),
            target=span(why.get("target", 0)),
            points=why.get("points", 0),
            weight=_plain(why.get("weight", 1)),
            urgency=_plain(why.get("urgency", 0)),
        )
    ]
    if why.get("next_queue"):
        next_one = {"queue": why["next_queue"], "urgency": _plain(why.get("next_urgency") or 0)}
        said.append(_("Next would have been “{queue}” with {urgency}.").format(**next_one))
    if why.get("share"):
        said.append(
            _("You serve it from {share} of the target on: it had widened.").format(share=percent(why["share"]))
        )
    return said


def _person(why: dict[str, Any]) -> list[str]:
    by = {
        Strategy.LONGEST_IDLE: _("Of those free you had been idle longest: {idle}."),
        Strategy.LEAST_LOADED: _("Of those free you had the most room: {load} of {cap} units were taken."),
        Strategy.ROUND_ROBIN: _("It was your turn."),
        Strategy.HIGHEST_SKILL: _("Of those free your skills fit best: {level} points of level."),
    }.get(why.get("strategy", ""))
    said = [
        by.format(
            idle=span(why.get("idle", 0)), load=why.get("load", 0), cap=why.get("cap", 0), level=why.get("level", 0)
        )
    ] if by else []  # fmt: skip
    others = why.get("free")
    if others:
        free = ngettext("%(n)d other was free", "%(n)d others were free", others) % {"n": others}
        said.append(_("{free}; next would have been {name}.").format(free=free, name=_name(why.get("next_person"))))
    elif others == 0:
        said.append(_("Nobody else was free for it."))
    return said


def _name(employee_id: int | None) -> str:
    employee = db.session.get(Employee, employee_id) if employee_id else None
    return employee.name if employee else "—"


def _plain(number: float) -> str:
    return f"{number:g}"


def span(seconds: float) -> str:
    """Say a length of time by its two largest units: 45 s, 12 min, 3 h 20 min."""
    return durations.write(dt.timedelta(seconds=max(0, round(float(seconds)))), most=2)


def percent(share: float) -> str:
    """Say a share: 50 %."""
    return f"{round(100 * share)}\N{NO-BREAK SPACE}%"
