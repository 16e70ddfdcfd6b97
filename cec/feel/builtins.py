"""The functions of FEEL: texts, numbers, dates, contexts. Nothing else can be called from a diagram or a table."""

import datetime as dt
import decimal
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cec.feel import moments
from cec.feel.arithmetic import multiply, subtract
from cec.feel.functions import function, place, taken
from cec.feel.refusals import Mismatch, Misread
from cec.feel.values import EXACT, MAX_ITEMS, Months, kind_of, number, same, tidy
from cec.platform import clock
from cec.platform.i18n import gettext as _

MAX_SCALE = 34
_DATED = ("date", "date and time")
_REGULAR = re.compile(r"(?<!\\)[\^$.|?*+()\[\]{}]|\\[A-Za-z0-9]")


def _text(value: Any) -> str:
    return str(taken(value, "string"))


# Texts.


@function("string", "from")
def text_of(value: Any) -> str:
    """Write any value as text."""
    kind = kind_of(value)
    if kind == "string":
        return str(value)
    if kind in {"boolean", "number"}:
        return str(value).lower() if kind == "boolean" else format(number(value), "f")
    if kind in {"list", "context", "range"}:
        raise Mismatch(_("expected {expected}, got {found}").format(expected=_("a simple value"), found=kind))
    return moments.write(value)


@function("string length", "string")
def _string_length(text: Any) -> int:
    return len(_text(text))


@function("substring", "string, start position, length?")
def _substring(text: Any, start: Any, length: Any = None) -> str | None:
    text, start = _text(text), place(start)
    if start == 0 or abs(start) > len(text):
        return None
    begin = start - 1 if start > 0 else len(text) + start
    return str(text[begin:] if length is None else text[begin : begin + max(place(length), 0)])


@function("upper case", "string")
def _upper_case(text: Any) -> str:
    return _text(text).upper()


@function("lower case", "string")
def _lower_case(text: Any) -> str:
    return _text(text).lower()


@function("trim", "string")
def _trim(text: Any) -> str:
    return _text(text).strip()


@function("substring before", "string, match")
def _substring_before(text: Any, match: Any) -> str:
    before, found, _rest = _text(text).partition(_text(match) or "\0")
    return before if found else ""


@function("substring after", "string, match")
def _substring_after(text: Any, match: Any) -> str:
    if not _text(match):
        return _text(text)
    return _text(text).partition(match)[2]


@function("contains", "string, match", is_test=True)
def _contains(text: Any, match: Any) -> bool:
    return _text(match) in _text(text)


@function("starts with", "string, match", is_test=True)
def _starts_with(text: Any, match: Any) -> bool:
    return _text(text).startswith(_text(match))


@function("ends with", "string, match", is_test=True)
def _ends_with(text: Any, match: Any) -> bool:
    return _text(text).endswith(_text(match))


@function("split", "string, delimiter")
def _split(text: Any, delimiter: Any) -> list[str]:
    return _text(text).split(_plain(delimiter))


@function("replace", "input, pattern, replacement")
def _replace(text: Any, pattern: Any, replacement: Any) -> str:
    parts = _text(text).split(_plain(pattern))
    if (len(parts) - 1) * len(_text(replacement)) > MAX_ITEMS * 10:
        raise Mismatch(_("the text is too long"))
    return str(replacement).join(parts)


def _plain(pattern: Any) -> str:
    """Take a pattern without regular expressions: one of them can keep a computer busy for hours."""
    text = _text(pattern)
    if not text or _REGULAR.search(text):
        raise Mismatch(_("expected plain text; regular expressions are not supported"))
    return re.sub(r"\\(.)", r"\1", text)


@function("string join", "list, delimiter?", sees_null=True)
def _string_join(parts: Any, delimiter: Any = None) -> str | None:
    if parts is None:
        return None
    between = "" if delimiter is None else _text(delimiter)
    texts = [_text(part) for part in taken(parts, "list") if part is not None]
    if sum(map(len, texts)) + len(texts) * len(between) > MAX_ITEMS * 10:
        raise Mismatch(_("the text is too long"))
    return between.join(texts)


# Numbers.


@function("number", "from, grouping separator?, decimal separator?", sees_null=True)
def _number(text: Any, grouping: Any = None, point: Any = None) -> int | Decimal | None:
    if text is None:
        return None
    if kind_of(text) == "number":
        return number(text)
    plain = _text(text).replace(grouping, "") if grouping in (" ", ",", ".") else _text(text)
    plain = plain.replace(",", ".") if point == "," else plain
    if not re.fullmatch(r"-?(?:[0-9]{1,40}(?:\.[0-9]{1,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?", plain):
        raise Misread(f"“{plain[:40]}”", _("a number"))
    return number(Decimal(plain))


def _rounding(name: str, way: str, *, whole: bool = False) -> None:
    def rounded(value: Any, scale: Any = 0) -> int | Decimal:
        if abs(place(scale)) > MAX_SCALE:
            raise Mismatch(_("the number is too large"))
        exact = Decimal(number(value))
        if exact.adjusted() + scale > MAX_SCALE:
            return tidy(exact)
        return tidy(exact.quantize(Decimal(1).scaleb(-scale), rounding=way, context=decimal.Context(prec=80)))

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
    if isinstance(value, Months):
        return Months(abs(value.months))
    return abs(value) if isinstance(value, dt.timedelta) else tidy(EXACT.abs(number(value)))


@function("modulo", "dividend, divisor")
def _modulo(dividend: Any, divisor: Any) -> Any:
    dividend, divisor = number(dividend), number(divisor)
    if divisor == 0:
        raise Mismatch(_("a division by zero"))
    rest = EXACT.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
    return subtract(dividend, multiply(divisor, rest))


def _by_formula(name: str, formula: Callable[[Any], Decimal]) -> None:
    def worked_out(value: Any) -> int | Decimal:
        try:
            return tidy(formula(number(value)))
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


# Dates, times and durations.


@function("now", "", is_pure=False)
def _now() -> dt.datetime:
    return clock.now()


@function("today", "", is_pure=False)
def _today() -> dt.date:
    return clock.now().date()


@function("date", "from", "year, month, day")
def _date(source: Any, month: Any = None, day: Any = None) -> dt.date:
    if month is not None and day is not None:
        return moments.read_date(f"{place(source):04}-{place(month):02}-{place(day):02}")
    if isinstance(source, dt.datetime):
        return source.date()
    return moments.read_date(source) if isinstance(source, str) else taken(source, "date")


@function("time", "from", "hour, minute, second, offset?", sees_null=True)
def _time(source: Any, minute: Any = None, second: Any = None, offset: Any = None) -> dt.time | None:
    if source is None:
        return None
    if minute is not None and second is not None:
        base = moments.read_time(f"{place(source):02}:{place(minute):02}:{place(second):02}")
        return base if offset is None else base.replace(tzinfo=dt.timezone(taken(offset, "days and time duration")))
    if isinstance(source, str):
        return moments.read_time(source)
    if isinstance(source, dt.time):
        return source
    return moments.as_moment(taken(source, *_DATED)).timetz()


@function("date and time", "from", "date, time")
def _date_and_time(source: Any, hour: Any = None) -> dt.datetime:
    if hour is not None:
        day = taken(source, *_DATED)
        day = day.date() if isinstance(day, dt.datetime) else day
        return moments.as_moment(dt.datetime.combine(day, taken(hour, "time")))
    return moments.read_moment(source) if isinstance(source, str) else moments.as_moment(taken(source, *_DATED))


@function("duration", "from")
def _duration(text: Any) -> dt.timedelta | Months:
    if isinstance(text, dt.timedelta | Months):
        return text
    return moments.read_duration(_text(text))


@function("years and months duration", "from, to")
def _years_and_months(start: Any, end: Any) -> Months:
    return moments.months_between(_date(taken(start, *_DATED)), _date(taken(end, *_DATED)))


@function("day of week", "date")
def _day_of_week(date: Any) -> str:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[taken(date, *_DATED).weekday()]


@function("day of year", "date")
def _day_of_year(date: Any) -> int:
    return int(taken(date, *_DATED).timetuple().tm_yday)


@function("week of year", "date")
def _week_of_year(date: Any) -> int:
    return int(taken(date, *_DATED).isocalendar().week)


@function("month of year", "date")
def _month_of_year(date: Any) -> str:
    names = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
             "November", "December")  # fmt: skip
    return names[taken(date, *_DATED).month - 1]


# Contexts, ranges and the rest.


@function("get value", "m, key", "context, key")
def _get_value(context: Any, key: Any) -> Any:
    return taken(context, "context").get(_text(key))


@function("get entries", "m", "context")
def _get_entries(context: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in taken(context, "context").items()]


@function("is defined", "value", sees_null=True, is_test=True)
def _is_defined(value: Any) -> bool:
    return value is not None


@function("is", "value1, value2", sees_null=True, is_test=True)
def _is(left: Any, right: Any) -> bool:
    return same(left, right) is True and (left is None or kind_of(left) == kind_of(right))
