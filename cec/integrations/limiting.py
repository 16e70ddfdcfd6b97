"""How often a key may ask: so many requests a second, counted over all processes of the centre."""

import datetime as dt
from http import HTTPStatus

from sqlalchemy import text

from cec.platform import clock
from cec.platform.db import db, rows_apart
from cec.platform.errors import Refusal

MOST = 50
_SECOND = dt.timedelta(seconds=1)

_COUNT = """
    INSERT INTO api_use AS u (api_key_id, second, used) VALUES (%(key)s, %(second)s, 1)
    ON CONFLICT (api_key_id, second) DO UPDATE SET used = u.used + 1 RETURNING used"""
_FORGET = text("DELETE FROM api_use WHERE second < :before")


class TooFast(Refusal):
    """This key asks more than {most} times a second: go on in a second."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    # Seconds, as the header Retry-After says them.
    retry_after = 1


def count(key_id: int) -> None:
    """Count a request, whatever becomes of it.

    :raises TooFast: when there were enough in this second.
    """
    second = clock.now().replace(microsecond=0)
    ((used,),) = rows_apart(_COUNT, key=key_id, second=second)
    if used > MOST:
        raise TooFast(most=MOST)


def forget() -> int:
    """Forget the seconds that are over; gives how many."""
    gone = db.session.execute(_FORGET, {"before": clock.now() - 60 * _SECOND})
    return int(getattr(gone, "rowcount", 0))
