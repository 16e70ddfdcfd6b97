"""Hostile texts: nothing runs, nothing hangs, nothing grows without end."""

import contextlib
import datetime as dt
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression, compile_unary_tests
from cec.feel.definitions import Standard
from cec.feel.far import FarDate, FarMoment
from cec.feel.library import TABLE
from cec.feel.refusals import Mismatch
from cec.feel.surroundings import Surroundings, noting
from cec.feel.values import Months, Other, Range

ESCAPES = [
    '__import__("os").system("id")',
    "import os",
    'exec("import os")',
    'eval("1+1")',
    'compile("1", "", "eval")',
    'open("/etc/passwd").read()',
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    'getattr("", "__class__")',
    'setattr(facts, "a", 1)',
    'delattr(facts, "a")',
    'type("")',
    "object()",
    "super()",
    "breakpoint()",
    "input()",
    "exit()",
    "help()",
    "lambda: 1",
    "lambda x: x",
    "[x for x in facts]",
    "().__class__.__mro__[1].__subclasses__()",
    "().__class__.__bases__[0].__subclasses__()",
    '"".__class__',
    '"".__class__.__mro__',
    "[].__class__.__base__",
    "{}.__class__",
    "facts.__class__",
    "facts.__class__.__mro__",
    "facts.__init__.__globals__",
    "facts.items()",
    'facts.pop("a")',
    "facts.update({a: 1})",
    'facts["a"] = 1',
    "facts.keys.__self__",
    "moment.__class__",
    "moment.__reduce__()",
    'moment.strftime("%Y")',
    "moment.tzinfo",
    "moment.resolution",
    "count.__globals__",
    "count.act",
    "count",
    "now.__self__",
    '"{0.__class__}".format(1)',
    '"%s" % facts',
    'f"{1}"',
    "`id`",
    "a := 1",
    'print("a")',
    "while true: 1",
    "def f(): return 1",
    "yield 1",
    "await x",
    '${runtime.exec("id")}',
    "#{1+1}",
    '${"".getClass().forName("java.lang.Runtime")}',
    '"".getClass().forName("java.lang.Runtime").getMethod("exec")',
    'T(java.lang.Runtime).getRuntime().exec("id")',
    'new java.lang.ProcessBuilder("id").start()',
    "{{7*7}}",
    "{% import os %}",
    '{f: function(x) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}}.f(1)',
    'get value(facts, "__class__")',
    "get entries(facts)[1].value.__class__",
    "for x in [facts] return x.__class__",
    "[facts][__class__ != null]",
    "{x: facts.__class__}.x",
    "__builtins__",
    "__builtins__.open",
    "__name__",
    "?.__class__",
    '@"__class__"',
    "date.__class__",
    'date("2026-01-01").__class__',
    'duration("PT1H").__class__',
    "[1..2].__class__",
    "os.environ",
    "sys.modules",
    "self.__dict__",
    "context",
    "open('/etc/passwd')",
    "'a' + 'b'",
    "\\x5f\\x5fimport\\x5f\\x5f",
    "ⅇval(1)",
    "__\u200bimport__(1)",
    "ｅｖａｌ(1)",
    "еval(1)",
    "facts.__сlass__",
    "﹍﹍import﹍﹍",
    '{f: function() external {java: {class: "java.lang.Runtime", method signature: "exec(String)"}}, x: f()}.x',
    "(function(x) x.__class__)(facts)",
    "{f: abs, x: f.__globals__}.x",
    "{f: function(x) x, g: f.__call__}.g",
    "{f: function(x) x, g: f._around}.g",
    "sort([1, 2], count.__class__)",
    "1 instance of __class__",
    "1 instance of list<os.system>",
    "(function(x: builtins.object) x)(1)",
    'context put(facts, "__class__", 1).__class__.__mro__',
    'get value(facts, ["__class__", "__mro__"])',
    'range("[__import__(1)..2]")',
    'range("[eval(1)..2]")',
    'matches("a", "(?{os.system})")',
    'replace("a", "a", "\\g<0>")',
    "string(function(x) x).__class__",
    "[1..5].__init__",
    "(< 5).__class__",
    "partial",
    "item.__class__",
    "for x in facts return x.__dict__",
]  # fmt: skip


def refused(act):
    """Give the refusal, if it comes to one."""
    try:
        act()
    except (FeelSyntaxError, FeelError) as why:
        return why
    return None


@pytest.mark.parametrize("text", ESCAPES)
@pytest.mark.parametrize("compiled", [compile_expression, compile_unary_tests], ids=["condition", "cell"])
def test_an_escape_is_refused_or_comes_to_nothing(compiled, text):
    context = {"facts": {"a": "1"}, "moment": dt.datetime(2026, 11, 23, tzinfo=dt.UTC), "?": "x"}

    try:
        value = compiled(text)(context)
    except (FeelSyntaxError, FeelError):
        return

    assert value in (None, False, [], [None])
    assert context["facts"] == {"a": "1"}


ENDLESS = [
    "for i in 1..10**9 return i",
    "for i in 1..1000, j in 1..1000 return i",
    "for i in 1..9999 return for j in 1..9999 return 1",
    "some i in 1..9000, j in 1..9000 satisfies false",
    "for i in 1..9000 return count(distinct values(for j in 1..900 return j))",
    "sum(for i in 1..9000 return sum(for j in 1..9000 return j))",
    "9**9**9**9",
    "1e6144 * 10",
    "10**6145",
    "string(1e6000)" + " + string(1e6000)" * 100,
    "(" * 4000 + "1" + ")" * 4000,
    "[" * 3000 + "]" * 3000,
    "{a:" * 2000 + "1" + "}" * 2000,
    "-" * 9000 + "1",
    "not(" * 2000 + "true" + ")" * 2000,
    "1" + "+1" * 4900,
    "a" + ".a" * 4900,
    "a" + "[1]" * 3000,
    "if true then " * 700 + "1" + " else 1" * 700,
    "for a in [1] return " * 400 + "1",
    "for " + ", ".join(f"a{i} in [1, 2]" for i in range(60)) + " return 1",
    '"' + "a" * 20_000 + '"',
    "1" * 9_999,
    "{a0: [1, 2], " + ", ".join(f"a{i + 1}: [a{i}, a{i}]" for i in range(60)) + "}",
    "{a0: [1, 2], " + ", ".join(f"a{i + 1}: [a{i}, a{i}]" for i in range(60)) + "}.a60 = 1",
    '{a0: "aaaaaaaaaa", ' + ", ".join(f"a{i + 1}: a{i} + a{i}" for i in range(60)) + "}.a60",
    "{a0: [1, 2], " + ", ".join(f"a{i + 1}: concatenate(a{i}, a{i})" for i in range(60)) + "}.a60",
    "{a0: [1, 2], " + ", ".join(f"a{i + 1}: [a{i}, a{i}]" for i in range(40))
    + ", b0: [1, 2], " + ", ".join(f"b{i + 1}: [b{i}, b{i}]" for i in range(40)) + ", c: a40 = b40}.c",
    "flatten({a0: [1, 2], " + ", ".join(f"a{i + 1}: [a{i}, a{i}]" for i in range(60)) + "}.a60)",
    'duration("P999999999D") * 1000000',
    'date("9999-12-31") + duration("P1D")',
    'date("2026-01-01") + duration("P999999999Y")',
    "{f: function(n) f(n + 1), x: f(1)}.x",
    "{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), x: f(59)}.x",
    "{f: function(f) f(f), x: f(f)}.x",
    "(function(x) x(x))(function(x) x(x))",
    "for i in 1..5000 return [partial[-1]]",
    "for i in 1..9000 return partial",
    "sort(for i in 1..9000 return 9000 - i, function(a, b) count(for j in 1..9000 return j) > a)",
    "context put({}, [" + ", ".join('"a"' for _at in range(1500)) + "], 1)",
    "function(" + ", ".join(f"a{at}" for at in range(1500)) + ") " + "function(x) " * 100 + "1",
    "1 instance of " + "list<" * 900,
    "for " * 2000,
    "{" + ", ".join(f"a b {at}: 1" for at in range(800)) + "}.c d",
    'string(for i in 1..9000 return "' + "a" * 900 + '")',
    "list replace(for i in 1..9000 return i, function(a, b) count(for j in 1..9000 return j) > 0, 1)",
    '"' + "a" * 1_000_000 + '"',
    ", ".join('"a"' for _at in range(250_000)),
]  # fmt: skip


@pytest.mark.parametrize("text", ENDLESS, ids=[text[:50] for text in ENDLESS])
def test_a_text_that_would_never_end_ends_soon(text):
    started = time.process_time()

    refusal = refused(lambda: compile_expression(text)({"a": {"a": 1}}))

    assert len(str(refusal)) < 1000
    assert time.process_time() - started < 3


MOST_STEPS = 100_000


def steps(act):
    """Count the calls of functions while something is done: the measure of work that no busy machine changes."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


def test_a_loop_of_reasonable_length_is_not_hindered():
    assert compile_expression("sum(for i in 1..2000 return i)")({}) == 2001000


ALPHABET = [
    *"+-*/<>=!?@.,:()[]{}\"'\\ \n01٣9eEaяЯ_#$%^&|~`;🙂\0\ud800",
    "..", "**", "<=", "if", "then", "else", "for", "in", "return", "some", "satisfies", "and", "or", "not", "between",
    "function", "instance of", "list", "number", "external", "function(a)", "partial", "<", ">", "->",
    "true", "null", "date", "date and time", "duration", "string length", '"2026-01-01"', "@", "//", "/*", "*/", "item",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(ALPHABET), max_size=30).map("".join),
                 st.lists(st.sampled_from(ALPHABET), max_size=30).map(" ".join)))  # fmt: skip
def test_any_text_is_read_or_refused_with_a_place(text):
    for compiled in (compile_expression, compile_unary_tests):
        refusals = []

        taken = steps(lambda: refusals.append(refused(lambda: compiled(text)({"?": 1, "a": [1, 2]}))))  # noqa: B023 - at once

        (refusal,) = refusals
        assert refusal is None or (refusal.line >= 1 and refusal.column >= 1)
        assert taken < MOST_STEPS


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(ALPHABET), max_size=30).map(" ".join))
def test_by_the_standard_too_any_text_ends(text):
    with noting():
        refusal = refused(lambda: compile_expression(text, around=Surroundings(is_strict=False))({"a": [1, 2]}))

    assert refusal is None or (refusal.line >= 1 and refusal.column >= 1)


MILLIONS = {
    "a name": "a" * 10**6, "numbers": "1, " * 400_000, "brackets": "(" * 10**6, "a text": '"' + "я" * 10**6 + '"',
}  # fmt: skip


@pytest.mark.parametrize("text", MILLIONS.values(), ids=MILLIONS)
def test_a_cell_of_a_million_signs_is_refused_with_its_place(text):
    for compiled in (compile_expression, compile_unary_tests):
        refusal = refused(lambda compiled=compiled: compiled(text))

        assert (refusal.line, refusal.column) == (1, 10_000)


SIMPLE = [
    st.none(), st.booleans(), st.integers(), st.integers(-3, 3), st.floats(), st.decimals(), st.text(max_size=8),
    st.dates(), st.datetimes(timezones=st.just(dt.UTC)), st.times(), st.timedeltas(), st.builds(Months, st.integers()),
    st.builds(FarDate, st.just(-44), st.integers(1, 12), st.integers(1, 28)),
    st.just(FarMoment(FarDate(12345, 1, 2), dt.time(9))), st.builds(Other, st.integers()),
    st.just(Standard(TABLE["abs"])),
    st.builds(Range, st.none(), st.integers(), sign=st.just("<")),
    st.builds(Range, st.integers(), st.integers()), st.sampled_from(["2026-01-01", "PT1M", "10:00:00", "1.5"]),
]  # fmt: skip
KEYS = st.sampled_from(["a", "key"])
VALUES = st.recursive(
    st.one_of(SIMPLE),
    lambda parts: st.one_of(st.lists(parts, max_size=3), st.dictionaries(KEYS, parts, max_size=2)),
    max_leaves=5,
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(TABLE)), st.lists(VALUES, max_size=4))
def test_a_function_answers_or_refuses_whatever_it_is_given(name, arguments):
    function = TABLE[name]

    if len(arguments) < function.least or (function.most is not None and len(arguments) > function.most):
        return
    with contextlib.suppress(Mismatch):
        function(*arguments)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["+", "-", "*", "/", "**", "<", "=", "!=", ">=", "in", "and"]), VALUES, VALUES)
def test_an_operator_answers_or_refuses_whatever_it_is_given(sign, left, right):
    refusal = refused(lambda: compile_expression(f"a {sign} b")({"a": left, "b": right}))

    assert refusal is None or refusal.line == 1
