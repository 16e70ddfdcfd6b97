"""What programs send: JSON checked field by field, pages by cursor, numbers in an address."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from flask import request

from cec.channels.api import schema
from cec.channels.api.schema import BadBody, Check
from cec.platform.db import LARGEST_ID
from cec.platform.i18n import gettext, mark

USUAL, MOST = 50, 100

NOT_NUMBER = mark("It is a whole number.")
NOT_LIMIT = mark("It is a number from 1 to {most}.")
NOT_CURSOR = mark("It is no cursor of this list: begin anew without one.")


def read(known: Mapping[str, Check], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Read the JSON object of a request.

    :raises BadBody: naming each wrong field.
    """
    told = schema.read(request.get_data())
    errors = schema.fields(told, known, needed)
    if errors:
        raise BadBody(errors)
    return {name: value for name, value in told.items() if value is not None}


def number(value: Any) -> dict[str, str]:
    """Check a whole number, such as that of a message."""
    is_good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_ID
    return {} if is_good else {"": gettext(NOT_NUMBER)}


def asked_number(name: str) -> int | None:
    """Read a number from the query.

    :raises BadBody: when it is none.
    """
    said = request.args.get(name)
    if said is None:
        return None
    if not (said.isascii() and said.isdigit() and int(said) <= LARGEST_ID):
        raise BadBody({name: gettext(NOT_NUMBER)})
    return int(said)


def limit() -> int:
    """Read how many are wanted at once.

    :raises BadBody: when that is too many.
    """
    wanted = asked_number("limit")
    if wanted is None:
        return USUAL
    if not 1 <= wanted <= MOST:
        raise BadBody({"limit": gettext(NOT_LIMIT).format(most=MOST)})
    return wanted


def cursor() -> int | None:
    """Read where the last page ended.

    :raises BadBody: when it is no cursor of ours.
    """
    said = request.args.get("cursor")
    if not said:
        return None
    try:
        told = base64.urlsafe_b64decode(said.encode() + b"==").decode()
    except (binascii.Error, ValueError):
        told = ""
    if not (told.isascii() and told.isdigit() and int(told) <= LARGEST_ID):
        raise BadBody({"cursor": gettext(NOT_CURSOR)})
    return int(told)


def page(rows: list[Any], size: int, described: Any) -> dict[str, Any]:
    """Give a page: of one row more than wanted the last one only tells that there are more."""
    shown = rows[:size]
    following = None
    if len(rows) > size:
        following = base64.urlsafe_b64encode(str(shown[-1].id).encode()).decode().rstrip("=")
    return {"data": [described(row) for row in shown], "next": following}
