"""Regular expressions of XPath: what they find, and that none of them takes long."""

import time

import pytest

from cec.feel.compiling import FeelError, compile_expression
from cec.feel.surroundings import Surroundings

FOUND = [
    (r'matches("foobar", "^fo*b")', True),
    (r'matches("Где мой заказ", "ЗАКАЗ", "i")', True),
    (r'matches("Mary\u000DJones", "Mary.Jones")', False),
    (r'matches("Mary\u000DJones", "Mary.Jones", "s")', True),
    (r'matches("\nabcd\ndefg\n", "^$", "m")', True),
    (r'matches("hello world", "he ll o[ ]worl d", "x")', True),
    (r'matches("x", "[A-Z-[OI]]", "i")', True),
    (r'matches("O", "[A-Z-[OI]]", "i")', False),
    (r'matches("b", "[a-z-[^aeiou]]")', False),
    (r'matches("Ж", "\p{IsCyrillic}")', True),
    (r'matches("ж7", "^\p{Ll}\d$")', True),
    (r'matches("7", "[\p{L}-[a]]")', False),
    (r'matches("a b", "a\sb") and matches("_", "\w") = false', True),
    (r'matches("abracadabra", "bra", null)', True),
    (r'replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    (r'replace("abracadabra", "a.*?a", "*")', "*c*bra"),
    (r'replace("0123456789", "(\d{3})(\d{3})(\d{4})", "($1) $2-$3")', "(012) 345-6789"),
    (r'replace("abc", "b", "$0$0")', "abbc"),
    (r'replace("abc", "b", "\$")', "a$c"),
    (r'replace("abc", "[A-Z]", "#", "i")', "###"),
    (r'split("John Doe", "\s")', ["John", "Doe"]),
    (r'split("a;b;;", ";")', ["a", "b", "", ""]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), FOUND, ids=[text for text, _value in FOUND])
def test_a_pattern_finds_what_xpath_says(text, value):
    assert compile_expression(text)({}) == value


WRONG = [
    r'matches("a", "[")',
    r'matches("a", "(")',
    r'matches("a", "a**")',
    r'matches("a", "\q")',
    r'matches("a", "\p{Nonsense}")',
    r'matches("a", "(?=a)")',
    r'matches("aa", "(a)\1")',
    r'matches("a", "a", "g")',
    r'matches("a", "[z-a]")',
    r'matches("a", "[]")',
    r'matches(null, "a")',
    r'replace("abc", "b", "$")',
    r'replace("abc", "b", "\n\q")',
    r'replace("abc", "x*", "-")',
    r'split("abc", "")',
]


@pytest.mark.parametrize("text", WRONG)
def test_a_pattern_that_is_none_is_told(text):
    with pytest.raises(FeelError, match="1"):
        compile_expression(text)({})

    assert compile_expression(text, around=Surroundings(is_strict=False))({}) is None


CATASTROPHIC = [
    "(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "((a*)*)*b",
    "(a?){30}a{30}", "([a-zA-Z]+)*$", "(.*)*(.*)*(.*)*$", "(a{0,500}){0,500}", "((((a{0,20}){0,20}){0,20}){0,20})b",
    "[a-z-[b-z-[c-z]]]+", "(" * 400 + "a" + ")*" * 400, "a{1,1000}{1,1000}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", CATASTROPHIC, ids=[pattern[:30] for pattern in CATASTROPHIC])
@pytest.mark.parametrize("function", ["matches", "replace", "split"])
def test_a_pattern_that_would_take_for_ever_does_not(pattern, function):
    rest = ', "$1"' if function == "replace" else ""
    asked = compile_expression(f'{function}(text, "{pattern}"{rest})', around=Surroundings(is_strict=False))
    started = time.process_time()

    asked({"text": "a" * 50_000 + "!"})

    assert time.process_time() - started < 2


def test_a_long_text_is_not_replaced_into_a_longer_one_without_end():
    with pytest.raises(FeelError):
        compile_expression('replace(text, ".", "$0$0$0$0$0$0$0$0$0$0")')({"text": "a" * 50_000})
