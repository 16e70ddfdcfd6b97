"""What FEEL says: the language of conditions, timers and table cells."""

import datetime as dt
import re
import timeit
from decimal import Decimal

import pytest

from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression, compile_unary_tests
from cec.feel.values import Months, Range
from cec.platform import i18n

APPEAL = {
    "status": "queued",
    "points": 17,
    "share": 0.25,
    "subject": "Где мой заказ",
    "missing": None,
    "facts": {"queue_chosen": True, "client": {"segment": "vip"}},
    "transfers": [{"to": "delivery", "minutes": 5}, {"to": "payment", "minutes": 30}],
    "until": dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC),
}


def worked_out(text):
    return compile_expression(text)(APPEAL)


SAYS = [
    # numbers
    ("1 + 2 * 3 - 4", 3),
    ("0.1 + 0.2", Decimal("0.3")),
    ("10 / 4", Decimal("2.5")),
    ("6 / 2", 3),
    ("2 ** 10", 1024),
    ("-3 + 1", -2),
    ("--3", 3),
    (".5 * 2", 1),
    ("share * 4", 1),
    ("1e3", 1000),
    ("points + null", None),
    # texts
    ('"при" + "вет"', "привет"),
    (r'"a\"b\n\u0041"', 'a"b\nA'),
    ('string length("🙂")', 1),
    ('upper case("я") + lower case("Я")', "Яя"),
    ('substring("foobar", 4)', "bar"),
    ('substring("foobar", -3, 2)', "ba"),
    ('substring before("a@b", "@")', "a"),
    ('substring after("a@b", "@")', "b"),
    ('contains(lower case(subject), "заказ")', True),
    ('starts with(subject, "Где")', True),
    ('ends with(subject, "Где")', False),
    ('split("a;b", ";")', ["a", "b"]),
    ('replace("a-b", "-", "+")', "a+b"),
    ('string join(["a", null, "b"], "; ")', "a; b"),
    ("string(1.50)", "1.5"),
    ("string(true)", "true"),
    ('trim("  a ")', "a"),
    # comparisons and logic of three values
    ('status = "queued"', True),
    ('status != "queued"', False),
    ("points >= 17 and points < 18", True),
    ("missing = null", True),
    ("missing > 5", None),
    ("missing > 5 or true", True),
    ("missing > 5 and true", None),
    ("missing > 5 and false", False),
    ("not(missing)", None),
    ("not(false)", True),
    ('1 = "1"', None),
    ("points between 10 and 17", True),
    ("points in [17..20)", True),
    ("points in (17..20]", False),
    ("points in ]17..20[", False),
    ("points in (1, 2, [10..20])", True),
    ("points in < 5", False),
    ("points in (> 16)", True),
    ('status in ("queued", "offered")', True),
    # dates and durations
    ('date("2024-01-31") + duration("P1M")', dt.date(2024, 2, 29)),
    ('@"2024-03-01" - @"2024-02-01"', dt.timedelta(days=29)),
    ('until + duration("PT30M")', dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)),
    ('until > date and time("2026-11-23T12:00:00+03:00")', True),
    ('date and time("2026-11-23T12:30:00@Europe/Moscow") = until', True),
    ('date and time("2026-11-23T09:30:00") = until', True),
    ('duration("P1DT2H").hours', 2),
    ('duration("P1Y2M")', Months(14)),
    ('duration("PT1H") * 1.5', dt.timedelta(minutes=90)),
    ('duration("PT1H") / duration("PT15M")', 4),
    ('string(duration("PT90M"))', "PT1H30M"),
    ("until.hour", 9),
    ('time("10:00:00") < time("10:00:01")', True),
    ('day of week(date("2026-11-23"))', "Monday"),
    ('years and months duration(date("2024-01-31"), date("2025-03-01"))', Months(13)),
    # lists, contexts, paths, filters
    ("facts.client.segment", "vip"),
    ("facts.nothing", None),
    ("transfers.to", ["delivery", "payment"]),
    ('transfers[to = "payment"].minutes', [30]),
    ("transfers[-1].to", "payment"),
    ("transfers[3]", None),
    ("[1, 2, 3][item > 1]", [2, 3]),
    ("{minutes: 5, later: minutes * 2}.later", 10),
    ('{"to whom": "anna"}', {"to whom": "anna"}),
    ("count(transfers)", 2),
    ("sum(transfers.minutes)", 35),
    ("max([1, 3, 2])", 3),
    ("mean(1, 2)", Decimal("1.5")),
    ("list contains(transfers.to, status)", False),
    ("flatten([1, [2, [3]]])", [1, 2, 3]),
    ("distinct values([1, 2, 1])", [1, 2]),
    ("sort([3, 1, 2])", [1, 2, 3]),
    ("concatenate([1], [2])", [1, 2]),
    # choices and loops
    ('if points > 10 then "high" else "low"', "high"),
    ("some t in transfers satisfies t.minutes > 20", True),
    ("every t in transfers satisfies t.minutes > 20", False),
    ("for i in 1..3 return i * i", [1, 4, 9]),
    ("for a in [1, 2], b in [10] return a + b", [11, 12]),
    # numbers again
    ("floor(1.7) + ceiling(1.2)", 3),
    ("decimal(2.5, 0)", 2),
    ("round half up(2.5, 0)", 3),
    ("modulo(-5, 3)", 1),
    ('number("1,5", ".", ",")', Decimal("1.5")),
    ('substring(string: "foobar", start position: 4)', "bar"),
    ("points // a remark\n > 5 /* another */", True),
]


@pytest.mark.parametrize(("text", "value"), SAYS, ids=[text for text, _value in SAYS])
def test_an_expression_means_what_the_standard_says(text, value):
    found = worked_out(text)

    assert found == value
    assert type(found) is type(value)


CELLS = [
    ("-", "anything", True),
    ('"email", "webchat"', "webchat", True),
    ('"email", "webchat"', "api", False),
    ("< 5", 4, True),
    (">= 5", 4, False),
    ("[1..5]", 5, True),
    ("[1..5)", 5, False),
    ('not("email")', "api", True),
    ('not("email", "api")', "api", False),
    ("not(< 5)", 7, True),
    ("? > 3", 4, True),
    ('contains(?, "возврат")', "хочу возврат", True),
    ('not(contains(?, "возврат"))', "хочу возврат", False),
    ('contains(?, "оплат"), contains(?, "возврат")', "хочу возврат", True),
    ("true", False, False),
    ("false", False, True),
    ("limit", 5, True),
    ("> limit", 5, False),
    ("limit > 3", "whatever", True),
    ("null", None, True),
    ("< 5", None, None),
    ("-5", -5, True),
    ('> date("2026-01-01")', dt.date(2026, 11, 23), True),
    ('["vip", "gold"]', "vip", True),
    ("1, [5..7], > 100", 6, True),
]


@pytest.mark.parametrize(("text", "asked", "answer"), CELLS, ids=[f"{text} of {asked}" for text, asked, _a in CELLS])
def test_a_cell_asks_the_value_of_its_column(text, asked, answer):
    assert compile_unary_tests(text)({"?": asked, "limit": 5}) is answer


WRONG = [
    ("1 +", 1, 4, "a value"),
    ("a b", 1, 3, "an operator"),
    ("(1", 1, 3, "“)”"),
    ("[1, 2", 1, 6, "“]”"),
    ('"abc', 1, 1, "a closing quotation mark"),
    ("a #", 1, 3, "a name, a value or an operator"),
    ("a =\n  = 2", 2, 3, "a value"),
    ("if a then b", 1, 12, "“else”"),
    ('date("2024-13-01")', 1, 1, "a date like 2026-12-31"),
    ('duration("5 minutes")', 1, 1, "a duration like PT5M, P1DT12H or P1Y6M"),
    ("launch(1)", 1, 1, "a known function"),
    ("contains(1)", 1, 1, "contains with: string, match"),
    ("substring(text: 1)", 1, 1, "string, start position, length"),
    ("? > 5", 1, 1, "a name; “?” is for cells of a table"),
    ("", 1, 1, "a value"),
]


@pytest.mark.parametrize(("text", "line", "column", "expected"), WRONG, ids=[wrong[0] for wrong in WRONG])
@pytest.mark.usefixtures("english")
def test_an_error_names_line_column_and_what_was_expected(text, line, column, expected):
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text, where="appeal_handling/outcome")

    assert (caught.value.line, caught.value.column) == (line, column)
    assert expected in caught.value.expected
    assert str(caught.value).startswith(f"appeal_handling/outcome: Line {line}, column {column}: ")


@pytest.mark.parametrize(("text", "line", "column"), [wrong[:3] for wrong in WRONG], ids=[wrong[0] for wrong in WRONG])
def test_a_russian_reader_is_told_the_same_place_in_russian(text, line, column):
    with i18n.reader("ru", "Europe/Moscow"), pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)

    with i18n.reader("ru", "Europe/Moscow"):
        told = caught.value.sentence()
    assert told.startswith(f"Строка {line}, столбец {column}: найдено ")
    assert "ожидалось: " in told
    assert not re.search("found|expected|an? [a-z]+", told)


@pytest.mark.parametrize(
    "text", ["nobody", "status > 5", "1 / 0", "status + 1", "status.length", "sort([1, null])", "points.day", "-status"]
)
def test_what_cannot_be_worked_out_is_told_and_not_guessed(text):
    with pytest.raises(FeelError, match="Line 1, column"):
        worked_out(text)


def test_an_expression_tells_which_names_it_needs():
    needed = compile_expression("a.b > limit and (some t in list satisfies t > {x: 1, y: x}.y)").names

    assert needed == {"a", "limit", "list"}


def test_names_with_spaces_are_read_when_they_are_known():
    points = compile_expression(
        'Client Segment = "vip" and Years-of Service > 2', spaced=["Client Segment", "Years-of Service"]
    )

    assert points({"Client Segment": "vip", "Years-of Service": 3}) is True


def test_now_and_today_ask_the_clock_of_the_centre(clock):
    yesterday = compile_expression('now() - duration("P1D")')({})

    assert yesterday == dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
    assert compile_expression("today()")({}) == dt.date(2026, 11, 23)

    clock.forward(dt.timedelta(days=1))

    assert compile_expression("today()")({}) == dt.date(2026, 11, 24)


def test_a_range_is_a_value():
    assert worked_out("[1..points)") == Range(1, 17, with_end=False)


def test_a_list_in_a_text_is_a_new_list_each_time():
    skills = compile_expression('["ru"]')

    skills({}).append("en")

    assert skills({}) == ["ru"]


def test_a_simple_comparison_costs_about_a_microsecond():
    compare = compile_expression("points > 5")

    best = min(timeit.repeat(lambda: compare(APPEAL), number=20_000, repeat=5)) / 20_000

    assert best < 5e-6
