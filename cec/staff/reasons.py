"""The directory of reasons for a break: lunch, training, a meeting; each with an icon of its own (guide 2.2.2)."""

from cec.platform import journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.platform.i18n import gettext, mark
from cec.staff.models import StatusReason

# The icons to choose from, in words for those who do not see them.
ICONS = {
    "coffee": mark("Cup"),
    "tools-kitchen-2": mark("Fork and knife"),
    "school": mark("Training"),
    "users": mark("People"),
    "phone": mark("Telephone"),
    "briefcase": mark("Briefcase"),
    "clock": mark("Clock"),
}
LONGEST = 24


class NameMissing(Invalid):
    """Give the reason a name of at most 24 characters."""

    field = "name"


class NameTaken(Invalid):
    """There is a reason of this name already."""

    field = "name"


class NoSuchIcon(Invalid):
    """Choose an icon from the list."""

    field = "icon"


def icons() -> list[tuple[str, str]]:
    """List the icons with their names in the reader's language."""
    return [(icon, gettext(word)) for icon, word in ICONS.items()]


def list_all(*, retired: bool = False) -> list[StatusReason]:
    """List the reasons in the order of their making; the retired ones too, if wanted."""
    wanted = db.select(StatusReason).order_by(StatusReason.id)
    return list(db.session.scalars(wanted if retired else wanted.where(StatusReason.is_active)))


def get(reason_id: int) -> StatusReason:
    """Get a reason.

    :raises NotFound: when there is none.
    """
    reason = db.session.get(StatusReason, reason_id)
    if reason is None:
        raise NotFound
    return reason


def create(*, name: str, icon: str, by: str) -> StatusReason:
    """Add a reason to the directory."""
    reason = StatusReason(name=_checked(name), icon=_known(icon))
    db.session.add(reason)
    db.session.flush()
    journal.record("status_reason.changed", f"status_reason:{reason.id}", by=by, called=reason.name)
    return reason


def change(reason: StatusReason, *, name: str, icon: str, is_active: bool, by: str) -> None:
    """Rename a reason, give it another icon, or retire it: intervals of the past keep it."""
    reason.name, reason.icon, reason.is_active = _checked(name, but=reason), _known(icon), is_active
    db.session.flush()
    journal.record("status_reason.changed", f"status_reason:{reason.id}", by=by, called=reason.name, active=is_active)


def _checked(name: str, *, but: StatusReason | None = None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST:
        raise NameMissing
    same = db.select(StatusReason.id).where(db.func.lower(StatusReason.name) == name.lower())
    if db.session.scalars(same.where(StatusReason.id != (but.id if but else 0))).first():
        raise NameTaken
    return name


def _known(icon: str) -> str:
    if icon not in ICONS:
        raise NoSuchIcon
    return icon
