"""Values of FEEL as plain values that fit into JSON."""

import datetime as dt
from decimal import Decimal
from typing import Any

from cec.feel.conversions import text_of
from cec.feel.far import FarDate, FarMoment
from cec.feel.values import Invocable, Months, Other, Range


def plain(value: Any) -> Any:
    """Turn a value of FEEL into one of JSON: dates and durations as text."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, Decimal):
        return float(value)
    written = dt.date | dt.time | dt.timedelta | Months | FarDate | FarMoment | Range | Other | Invocable
    return text_of(value) if isinstance(value, written) else value
