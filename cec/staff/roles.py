"""Rights, and the four roles as sets of rights: the answer to "who may do this?"."""

from collections.abc import Iterable
from enum import StrEnum

from cec.platform.i18n import gettext, mark


class Right(StrEnum):
    """What a person may do; a route asks for one."""

    HANDLE_APPEALS = "handle_appeals"
    SEE_APPEALS = "see_appeals"
    SEE_QUARANTINE = "see_quarantine"
    LEAD_OPERATORS = "lead_operators"
    MANAGE_CENTRE = "manage_centre"
    ANNOUNCE = "announce"


class Role(StrEnum):
    """What a person works as; chosen at the start page, one at a time."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    BUSINESS_ADMIN = "business_admin"
    MARKETER = "marketer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: frozenset({Right.HANDLE_APPEALS}),
    Role.SUPERVISOR: frozenset({Right.SEE_APPEALS, Right.SEE_QUARANTINE, Right.LEAD_OPERATORS, Right.ANNOUNCE}),
    Role.BUSINESS_ADMIN: frozenset({Right.SEE_APPEALS, Right.SEE_QUARANTINE, Right.MANAGE_CENTRE, Right.ANNOUNCE}),
    Role.MARKETER: frozenset({Right.SEE_APPEALS}),
}

_NAMES = {
    Role.OPERATOR: mark("Operator"),
    Role.SUPERVISOR: mark("Supervisor"),
    Role.BUSINESS_ADMIN: mark("Administrator"),
    Role.MARKETER: mark("Marketer"),
}


def name(role: str) -> str:
    """Name a role in the reader's language."""
    return gettext(_NAMES[Role(role)])


def may(role: str | None, rights: Iterable[Right]) -> bool:
    """Tell whether a role has at least one of the rights."""
    return role is not None and not RIGHTS[Role(role)].isdisjoint(rights)
