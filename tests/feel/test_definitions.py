"""Functions that a text defines, and types that it asks."""

import pytest

from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression
from cec.feel.surroundings import Surroundings, noting
from cec.feel.typing import Type

VALUES = [
    ("(function(a, b) a + b)(1, 2)", 3),
    ("{add: function(a, b) a + b, sum: add(b: 1, a: 2)}.sum", 3),
    ("{adder: function(a) function(b) a + b, sum: adder(10)(5)}.sum", 15),
    ("{a: 1, f: function(a) a, x: f(5)}.x", 5),
    ("{rate: 2, f: function(n) n * rate, x: for i in [1, 2] return f(i)}.x", [2, 4]),
    ("{fac: function(n) if n < 2 then 1 else n * fac(n - 1), x: fac(10)}.x", 3628800),
    ("{max: function(a) 99, x: max(5)}.x", 99),
    ("{date: 5, x: date(2026, 1, 1).year + date}.x", 2031),
    ('(function(first name: string) upper case(first name))("anna")', "ANNA"),
    ("(function(n: number) n)([5])", 5),
    ("{apply: function(f, n) f(n), x: apply(abs, -3)}.x", 3),
    ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", [1, 2, 6, 24]),
    ("for i in 1..2 return partial", [[], [[]]]),
    ("1 + if true then 1 else 2", 2),
    ("[1, 2, 3][2]", 2),
    ("{i: 2, x: [1, 2, 3][i]}.x", 2),
    ("[][1]", None),
    ('{full name: "anna", greeting: "Hello " + full name}.greeting', "Hello anna"),
    ('{"full name": 5}.full name', 5),
    ("for each one in [1, 2] return each one * 2", [2, 4]),
    ("1 < 2 = true", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _value in VALUES])
def test_a_function_is_a_value_that_remembers_its_names(text, value):
    assert compile_expression(text)({}) == value


@pytest.mark.parametrize(
    "text",
    [
        "(function(a) a)(1, 2)",
        '(function(n: number) n)("five")',
        "{f: function(a) a, x: f(b: 1)}.x",
        "{f: 5, x: f(1)}.x",
        "{f: function(n) f(n + 1), x: f(1)}.x",
        "{f: function(n) g(n), g: function(n) f(n), x: f(1)}.x",
        "{f: function(n) [f(n), f(n)], x: f(1)}.x",
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_made_is_told(text):
    with pytest.raises((FeelError, FeelSyntaxError)):
        compile_expression(text)({})


TYPES = [
    ("1 instance of number", True),
    ("1 instance of string", False),
    ("null instance of Any", False),
    ("null instance of Null", True),
    ("[1, 2] instance of list<number>", True),
    ('[1, "a"] instance of list<number>', False),
    ("{a: 1, b: 2} instance of context<a: number>", True),
    ("{a: 1} instance of context<a: number, b c: string>", False),
    ("[1..5] instance of range<number>", True),
    ("(function(a: number) a) instance of function<number>->Any", True),
    ("(function(a: string) a) instance of function<number>->Any", False),
    ("(function(a, b) a) instance of function<number>->Any", False),
    ('@"P1D" instance of days and time duration', True),
    ('@"2026-01-01T00:00:00" instance of date and time', True),
    ('@"2026-01-01" instance of date and time', False),
    ("{a: [1]}.a instance of list<number> = true", True),
    ('"vip" instance of tLevel', True),
]


@pytest.mark.parametrize(("text", "value"), TYPES, ids=[text for text, _value in TYPES])
def test_a_value_is_asked_for_its_type(text, value):
    around = Surroundings(types={"tLevel": Type("string")})

    assert compile_expression(text, around=around)({}) is value


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("1 instance of nonsense", 15, "a known type"),
        ("1 instance of list<", 20, "a type"),
        ("1 instance of list<number", 26, "“>”"),
        ("1 instance of function<number>", 31, "“->”"),
        ("1 instance of " + "list<" * 100, 120, "a simpler type"),
        ("(function(a: nonsense) a)(1)", 14, "a known type"),
    ],
)
@pytest.mark.usefixtures("english")
def test_a_type_that_is_none_is_refused_with_its_place(text, column, expected):
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)

    assert (caught.value.line, caught.value.column, caught.value.expected) == (1, column, expected)


def test_by_the_standard_an_error_is_null_in_its_place_and_is_noted():
    text = '[1 / 0, 1 + "a", nobody, launch(1), contains(1), 5]'

    with noting() as notes:
        value = compile_expression(text, around=Surroundings(is_strict=False))({})

    assert value == [None, None, None, None, None, 5]
    assert {note.column for note in notes} == {2, 9, 18, 26, 37}


def test_by_the_standard_work_without_end_still_stops():
    text = "{f: function(n) f(n + 1), x: f(1)}.x"

    with pytest.raises(FeelError):
        compile_expression(text, around=Surroundings(is_strict=False))({})
