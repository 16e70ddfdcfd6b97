"""Sums, differences, products, quotients and powers of FEEL, of numbers as of dates and durations."""

import datetime as dt
import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cec.feel.far import FAR
from cec.feel.moments import as_moment, later
from cec.feel.refusals import Mismatch, mismatch
from cec.feel.values import EXACT, MAX_TEXT, WHOLE, Months, aware, kind_of, number, tidy
from cec.platform.i18n import gettext as _

Two = Callable[[Any, Any], Any]
_NUMBER, _TEXT, _DATE, _MOMENT, _TIME = "number", "string", "date", "date and time", "time"
_DAYS, _MONTHS = "days and time duration", "years and months duration"


def _numbers(act: Callable[[Decimal | int, Decimal | int], Decimal]) -> Two:
    return lambda a, b: tidy(act(number(a), number(b)))


def _joined(left: str, right: str) -> str:
    if len(left) + len(right) > MAX_TEXT:
        raise Mismatch(_("the text is too long"))
    return left + right


def _between_times(left: dt.time, right: dt.time) -> dt.timedelta:
    day = dt.date(2000, 1, 1)
    return dt.datetime.combine(day, aware(left)) - dt.datetime.combine(day, aware(right))


def _between(left: Any, right: Any) -> dt.timedelta:
    if isinstance(left, FAR) or isinstance(right, FAR):
        raise OverflowError
    length: dt.timedelta = aware(as_moment(left)) - aware(as_moment(right))
    return length


def _length(left: dt.timedelta, factor: Any) -> dt.timedelta:
    return dt.timedelta(microseconds=int(EXACT.multiply(left // dt.timedelta(microseconds=1), number(factor))))


def _share(left: dt.timedelta, divisor: Any) -> dt.timedelta:
    return dt.timedelta(microseconds=int(EXACT.divide(left // dt.timedelta(microseconds=1), number(divisor))))


def _ratio(left: dt.timedelta, right: dt.timedelta) -> int | Decimal:
    tick = dt.timedelta(microseconds=1)
    return tidy(EXACT.divide(left // tick, right // tick))


_ADD: dict[tuple[str, str], Two] = {
    (_NUMBER, _NUMBER): _numbers(EXACT.add),
    (_TEXT, _TEXT): _joined,
    (_DAYS, _DAYS): lambda a, b: a + b,
    (_MONTHS, _MONTHS): lambda a, b: Months(a.months + b.months),
    **{(day, length): later for day in (_DATE, _MOMENT) for length in (_DAYS, _MONTHS)},
    **{(length, day): lambda a, b: later(b, a) for day in (_DATE, _MOMENT) for length in (_DAYS, _MONTHS)},
    (_TIME, _DAYS): later,
    (_DAYS, _TIME): lambda a, b: later(b, a),
}
_SUB: dict[tuple[str, str], Two] = {
    (_NUMBER, _NUMBER): _numbers(EXACT.subtract),
    (_DAYS, _DAYS): lambda a, b: a - b,
    (_MONTHS, _MONTHS): lambda a, b: Months(a.months - b.months),
    **{(day, other): _between for day in (_DATE, _MOMENT) for other in (_DATE, _MOMENT)},
    **{(day, _DAYS): lambda a, b: later(a, -b) for day in (_DATE, _MOMENT, _TIME)},
    **{(day, _MONTHS): lambda a, b: later(a, Months(-b.months)) for day in (_DATE, _MOMENT)},
    (_TIME, _TIME): _between_times,
}
_MUL: dict[tuple[str, str], Two] = {
    (_NUMBER, _NUMBER): _numbers(EXACT.multiply),
    (_DAYS, _NUMBER): _length,
    (_NUMBER, _DAYS): lambda a, b: _length(b, a),
    (_MONTHS, _NUMBER): lambda a, b: Months(int(EXACT.multiply(a.months, number(b)))),
    (_NUMBER, _MONTHS): lambda a, b: Months(int(EXACT.multiply(b.months, number(a)))),
}
_DIV: dict[tuple[str, str], Two] = {
    (_NUMBER, _NUMBER): _numbers(EXACT.divide),
    (_DAYS, _NUMBER): _share,
    (_DAYS, _DAYS): _ratio,
    (_MONTHS, _NUMBER): lambda a, b: Months(int(EXACT.divide(a.months, number(b)))),
    (_MONTHS, _MONTHS): lambda a, b: tidy(EXACT.divide(Decimal(a.months), b.months)),
}
_POW: dict[tuple[str, str], Two] = {(_NUMBER, _NUMBER): _numbers(EXACT.power)}


def _operation(sign: str, table: dict[tuple[str, str], Two]) -> Two:
    def work_out(left: Any, right: Any) -> Any:
        if left is None or right is None:
            return None
        kinds = kind_of(left), kind_of(right)
        act = table.get(kinds)
        if act is None:
            raise mismatch(f"“{sign}”", *kinds)
        try:
            return act(left, right)
        except (decimal.DivisionByZero, ZeroDivisionError):
            raise Mismatch(_("a division by zero")) from None
        except (ArithmeticError, ValueError):
            raise Mismatch(_("the result of “{sign}” is too large").format(sign=sign)) from None

    return work_out


_slow_add, _slow_sub, _slow_mul = _operation("+", _ADD), _operation("-", _SUB), _operation("*", _MUL)
divide, power = _operation("/", _DIV), _operation("**", _POW)


def add(left: Any, right: Any) -> Any:
    """Add, or join two texts."""
    if type(left) is int and type(right) is int and -WHOLE < (total := left + right) < WHOLE:
        return total
    return _slow_add(left, right)


def subtract(left: Any, right: Any) -> Any:
    """Subtract; two moments give the time between them."""
    if type(left) is int and type(right) is int and -WHOLE < (rest := left - right) < WHOLE:
        return rest
    return _slow_sub(left, right)


def multiply(left: Any, right: Any) -> Any:
    """Multiply."""
    return _slow_mul(left, right)


def negate(value: Any) -> Any:
    """Turn the sign of a number or a duration round."""
    if isinstance(value, Months):
        return Months(-value.months)
    if isinstance(value, dt.timedelta):
        return -value
    return None if value is None else subtract(0, number(value))
