"""The functions of FEEL about numbers."""

import datetime as dt
import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cec.feel.arithmetic import multiply, subtract
from cec.feel.functions import function, place, taken
from cec.feel.refusals import Mismatch
from cec.feel.values import EXACT, Months, number, tidy
from cec.platform.i18n import gettext as _

LEAST_SCALE, MOST_SCALE = -6111, 6176
_WIDE = decimal.Context(prec=80, Emin=-999_999, Emax=999_999)


def _number(value: Any) -> int | Decimal:
    return number(taken(value, "number"))


def _rounding(name: str, way: str, *, whole: bool = False) -> None:
    def rounded(value: Any, scale: Any = 0) -> int | Decimal:
        scale = place(scale)
        if not LEAST_SCALE <= scale <= MOST_SCALE:
            raise Mismatch(_("the number is too large"))
        exact = Decimal(_number(value))
        # What has fewer digits than that is round already.
        if exact.adjusted() + scale > EXACT.prec or int(exact.as_tuple().exponent) >= -scale:
            return tidy(exact)
        return tidy(exact.quantize(Decimal(1).scaleb(-scale, _WIDE), rounding=way, context=_WIDE))

    function(name, "n, scale?" if whole else "n, scale")(rounded)


_rounding("decimal", decimal.ROUND_HALF_EVEN)
_rounding("floor", decimal.ROUND_FLOOR, whole=True)
_rounding("ceiling", decimal.ROUND_CEILING, whole=True)
_rounding("round up", decimal.ROUND_UP)
_rounding("round down", decimal.ROUND_DOWN)
_rounding("round half up", decimal.ROUND_HALF_UP)
_rounding("round half down", decimal.ROUND_HALF_DOWN)


@function("abs", "n")
def _abs(value: Any) -> Any:
    value = taken(value, "number", "days and time duration", "years and months duration")
    if isinstance(value, Months):
        return Months(abs(value.months))
    return abs(value) if isinstance(value, dt.timedelta) else tidy(EXACT.abs(number(value)))


@function("modulo", "dividend, divisor")
def _modulo(dividend: Any, divisor: Any) -> Any:
    dividend, divisor = _number(dividend), _number(divisor)
    if divisor == 0:
        raise Mismatch(_("a division by zero"))
    rest = EXACT.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
    return subtract(dividend, multiply(divisor, rest))


def _by_formula(name: str, formula: Callable[[Any], Decimal]) -> None:
    def worked_out(value: Any) -> int | Decimal:
        try:
            return tidy(formula(_number(value)))
        except ArithmeticError:
            raise Mismatch(_("the number is out of range")) from None

    function(name, "number")(worked_out)


_by_formula("sqrt", EXACT.sqrt)
_by_formula("exp", EXACT.exp)
_by_formula("log", EXACT.ln)


@function("odd", "number", is_test=True)
def _odd(value: Any) -> bool:
    return bool(_modulo(value, 2) == 1)


@function("even", "number", is_test=True)
def _even(value: Any) -> bool:
    return bool(_modulo(value, 2) == 0)
