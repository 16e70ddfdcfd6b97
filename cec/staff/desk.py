"""How a person arranges his window: order and pins of the list, density; widths for each workplace (2.2.6)."""

from typing import Any

from cec.platform.errors import Invalid
from cec.staff.models import Employee
from cec.staff.readers import Person

SORTS = ("urgent", "newest", "manual")
DENSITIES = ("compact", "roomy")
# Pixels of the list and of the applications (DESIGN 2).
LIST, APPS = (240, 420), (280, 560)
MOST_PINS = 100
# {"sort", "pins", "density", "widths": {workplace: {"list", "apps"}}} among his preferences.
AREA = "desk"


class NoSuchOrder(Invalid):
    """Choose one of the orders of the list."""

    field = "sort"


class NoSuchWidth(Invalid):
    """The width of a part is a whole number of pixels."""

    field = "width"


def arrange(employee: Employee, **wishes: Any) -> None:
    """Keep how a person wants his window."""
    employee.preferences = {**employee.preferences, AREA: {**_of(employee), **wishes}}


def density_of(employee: Person) -> str:
    """Tell how dense a person wants his window."""
    return str(_of(employee).get("density", DENSITIES[0]))


def sort(employee: Employee, order: str) -> None:
    """Choose the order of the list.

    :raises NoSuchOrder: when there is no such order.
    """
    if order not in SORTS:
        raise NoSuchOrder
    arrange(employee, sort=order)


def order_of(employee: Person) -> str:
    """Tell the order of the list: the most urgent first, unless the person wants another."""
    return str(_of(employee).get("sort", SORTS[0]))


def pin(employee: Employee, appeal_id: int) -> None:
    """Keep an appeal at the head of its group; the pin set last stands last."""
    others = [each for each in pins(employee) if each != appeal_id]
    arrange(employee, pins=[*others, appeal_id][-MOST_PINS:])


def unpin(employee: Employee, appeal_id: int) -> None:
    """Let an appeal stand where its order puts it."""
    arrange(employee, pins=[each for each in pins(employee) if each != appeal_id])


def pins(employee: Person) -> list[int]:
    """List the pinned appeals, the first one at the head."""
    return list(_of(employee).get("pins", []))


def set_widths(employee: Employee, workplace_id: int | None, *, of_list: int | None, of_apps: int | None) -> None:
    """Keep the widths of the list and of the applications at a workplace, within their bounds.

    :raises NoSuchWidth: when one is no number.
    """
    if of_list is None or of_apps is None:
        raise NoSuchWidth
    kept = {"list": within(of_list, LIST), "apps": within(of_apps, APPS)}
    arrange(employee, widths={**_of(employee).get("widths", {}), str(workplace_id or 0): kept})


def widths(employee: Person, workplace_id: int | None) -> dict[str, int]:
    """Give the widths that a person chose at a workplace; nothing if he never did."""
    return dict(_of(employee).get("widths", {}).get(str(workplace_id or 0), {}))


def within(width: int, bounds: tuple[int, int]) -> int:
    """Give the width that is nearest within some bounds."""
    return max(bounds[0], min(bounds[1], width))


def _of(employee: Person) -> dict[str, Any]:
    return dict(employee.preferences.get(AREA, {}))
