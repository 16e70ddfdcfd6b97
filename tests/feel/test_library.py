"""The functions of the standard: what they answer, by place and by name."""

import datetime as dt
from decimal import Decimal

import pytest

from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression
from cec.feel.library import TABLE
from cec.feel.surroundings import Surroundings, noting
from cec.feel.values import Months

BY_THE_STANDARD = Surroundings(is_strict=False)

ANSWERS = [
    # conversions
    ('string([1, null, "a", [true]])', '[1, null, "a", [true]]'),
    ('string({a: "x", "b c": 1, "{": 2})', '{a: "x", b c: 1, "{": 2}'),
    ("string([1..5))", "[1..5)"),
    ("string((>= 5))", "(>= 5)"),
    ("string(7)", "7"),
    ('string(@"2026-11-23T10:00:00.500@Europe/Moscow")', "2026-11-23T10:00:00.5@Europe/Moscow"),
    ('number("1 000,5", " ", ",")', Decimal("1000.5")),
    ('number(from: "1.000", grouping separator: ".", decimal separator: ",")', 1000),
    ("date(2026, 11, 23)", dt.date(2026, 11, 23)),
    ('date(@"2026-11-23T10:00:00")', dt.date(2026, 11, 23)),
    ('time(10, 30, 15.5, @"PT3H")', dt.time(10, 30, 15, 500_000, dt.timezone(dt.timedelta(hours=3)))),
    ('time(@"2026-11-23T10:00:00Z")', dt.time(10, 0, tzinfo=dt.UTC)),
    ('date and time(@"2026-11-23", @"10:00:00")', dt.datetime(2026, 11, 23, 10)),  # noqa: DTZ001 - without a zone
    ('years and months duration(@"2024-01-31", @"2025-03-01")', Months(13)),
    # texts
    ('substring("foobar", -2, 1)', "a"),
    ('string join(["a", null, "b"], "-")', "a-b"),
    ('string join("a", "-")', "a"),
    # numbers
    ("decimal(2.5, 0)", 2),
    ("floor(-1.55, 1)", Decimal("-1.6")),
    ("ceiling(1.51, 1)", Decimal("1.6")),
    ("round up(-5.5, 0)", -6),
    ("round down(-5.5, 0)", -5),
    ("round half up(-2.5, 0)", -3),
    ("round half down(-2.5, 0)", -2),
    ("round half up(5.5, 6176)", Decimal("5.5")),
    ("abs(-5)", 5),
    ('abs(@"-P1Y")', Months(12)),
    ("modulo(-12, 5)", 3),
    ("sqrt(16)", 4),
    ("odd(5) and even(4)", True),
    # lists
    ("count([1, 2])", 2),
    ('min("b", "a")', "a"),
    ("median(8, 2, 5, 3, 4)", 4),
    ("mode([6, 3, 9, 6])", [6]),
    ("mode([])", []),
    ("stddev(2, 4, 6)", 2),
    ("product(2, 3, 4)", 24),
    ("all([true, false])", False),
    ("any([false, true])", True),
    ("sublist([1, 2, 3], -2)", [2, 3]),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], 2)", [1, 3]),
    ("list replace([2, 4, 7], 2, 5)", [2, 5, 7]),
    ("list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", [5, 5, 7]),
    ("reverse([1, 2])", [2, 1]),
    ("index of([1, 2, 1], 1)", [1, 3]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
    ("sort(list: [3, 1, 2])", [1, 2, 3]),
    # contexts
    ('get value({a: {b: 3}}, ["a", "b"])', 3),
    ("get entries({a: 1})", [{"key": "a", "value": 1}]),
    ('context([{key: "a", value: 1}, {key: "b", value: 2}])', {"a": 1, "b": 2}),
    ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
    ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
    ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
    ('is(@"10:00:00", @"10:00:00Z")', False),
    ("is(1, 1.0)", True),
    # dates
    ('day of week(@"2026-11-23")', "Monday"),
    ('day of year(@"2026-02-01")', 32),
    ('month of year(@"2026-11-23")', "November"),
    ('week of year(@"2021-01-01")', 53),
    ('range("[1..5)") = [1..5)', True),
    ('range("[@\\"2026-01-01\\"..@\\"2026-12-31\\"]").end', dt.date(2026, 12, 31)),
    ('range("(..5]") = (<= 5)', True),
    # far years
    ('string(date("-2017-12-31"))', "-2017-12-31"),
    ("string(date(999999999, 12, 31))", "999999999-12-31"),
    ('string(date and time("-2016-01-30T09:05:00@Europe/Moscow"))', "-2016-01-30T09:05:00@Europe/Moscow"),
    ('date and time(date("12345-01-02"), time("10:00:00")).hour', 10),
    ('date("12345-01-02").year', 12345),
    ('day of week(date("12345-01-02"))', "Tuesday"),
    ('date("-2017-12-31") < date("2017-01-01")', True),
    ('date("-2017-12-31") = date("-2017-12-31")', True),
    ('date(date and time("-2016-01-30T09:05:00")) = date("-2016-01-30")', True),
    ('time(date and time("-2016-01-30T09:05:00")) = time("09:05:00")', True),
    ('date and time("99999-12-31T11:22:33") > date and time("2026-01-01T00:00:00")', True),
    ('years and months duration(date("-2016-01-30"), date("-2017-02-28"))', Months(-11)),
    # a list of one stands for what it holds
    ('upper case(["a"])', "A"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), ANSWERS, ids=[text for text, _value in ANSWERS])
def test_a_function_answers_as_the_standard_says(text, value):
    found = compile_expression(text)({})

    assert found == value
    assert type(found) is type(value)


REFUSED = [
    'context([{key: "a", value: 1}, {key: "a", value: 2}])',
    'context([{key: "a"}])',
    'substring("foobar", 0)',
    'substring("foobar", 1, 0)',
    "sublist([1, 2], 2, 5)",
    'number("1,5", ",", ",")',
    'number("one", " ", ",")',
    "list replace([1], 5, 1)",
    "sort([1, 2], function(a, b) 5)",
    "sort([1, 2], 5)",
    'range("[5..1]")',
    'range("[1..]")',
    'range("1..5")',
    'range("[now()..5]")',
    'time(10, 0, 0, @"PT99H")',
    "decimal(1, 99999)",
    'date("12345-01-02") + duration("P1D")',
    'date("12345-01-02") - date("2026-01-01")',
    'date("0000-01-01")',
    'date("01234-01-01")',
    'date("12345-02-30")',
    "date(1000000000, 1, 1)",
    "meets(1, [1..2])",
    "before([1..2], (> 5))",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_function_says_what_it_cannot_work_with(text):
    with pytest.raises((FeelError, FeelSyntaxError), match="1"):
        compile_expression(text)({})

    with noting() as notes:
        assert compile_expression(text, around=BY_THE_STANDARD)({}) is None
    assert notes


SPANS = [
    ("before(1, 10)", True), ("before(10, 1)", False), ("before([1..10), 10)", True),
    ("before([1..10], [10..20])", False),
    ("after([11..20], 10)", True), ("after((10..20], [1..10])", True),
    ("meets([1..5], [5..10])", True), ("meets([1..5), [5..10])", False), ("met by([5..10], [1..5])", True),
    ("overlaps([1..5], [3..8])", True), ("overlaps([1..5), [5..8])", False),
    ("overlaps before([1..5], [3..8])", True), ("overlaps after([3..8], [1..5])", True),
    ("finishes(10, [1..10])", True), ("finishes([5..10), [1..10])", False), ("finished by([1..10], [5..10])", True),
    ("includes([1..10], 5)", True), ("includes((1..10], 1)", False), ("includes([1..10], [4..6])", True),
    ("during(5, [1..10])", True), ("during([4..6], [1..10])", True),
    ("starts(1, [1..10])", True), ("starts((1..5], [1..10])", False), ("started by([1..10], [1..5])", True),
    ("coincides(5, 5)", True), ("coincides([1..5], [1..5))", False),
    ('before(@"2026-01-01", @"2026-01-02")', True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SPANS, ids=[text for text, _value in SPANS])
def test_points_and_ranges_lie_to_each_other_as_they_do(text, value):
    assert compile_expression(text)({}) is value


STANDARD = """
string | number | date | date and time | time | duration | years and months duration | range
substring | string length | upper case | lower case | substring before | substring after | replace | contains
starts with | ends with | matches | split | string join
list contains | list replace | count | min | max | sum | mean | all | any | sublist | append | concatenate
insert before | remove | reverse | index of | union | distinct values | flatten | product | median | stddev | mode
sort | decimal | floor | ceiling | round up | round down | round half up | round half down | abs | modulo
sqrt | log | exp | odd | even
before | after | meets | met by | overlaps | overlaps before | overlaps after | finishes | finished by | includes
during | starts | started by | coincides
is | day of year | day of week | month of year | week of year | now | today
get value | get entries | context | context put | context merge
"""


def test_every_function_of_the_standard_is_there():
    names = {name.strip() for line in STANDARD.strip().split("\n") for name in line.split("|")}

    assert names - TABLE.keys() == set()
