"""The form of a test bench and of a scenario: fields by the declared terms, read back as plain values (guide 5.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from cec.platform.errors import InvalidFields
from cec.platform.i18n import gettext, mark
from cec.rulebook.inputs import Kind, Term
from cec.web import parts

FACT, ANSWER = "fact-", "answer-"
FLAGS = {"": "—", "yes": mark("Yes"), "no": mark("No")}
# Longer texts are cut as those of letters are.
LONGEST = 64_000
NUMBER_UNFIT = mark("Write a number, for example {example}.")
NUMBER_BEYOND = mark("Write a number from {low} to {high}.")


@dataclass(frozen=True)
class Field:
    """A field: its term, its name in the form, what stands in it, and what can be chosen."""

    term: Term
    name: str
    value: str
    options: list[tuple[str, str]]


def fields(terms: Iterable[Term], values: Mapping[str, Any], prefix: str) -> list[Field]:
    """Give the fields of some terms with the values that they have; what was typed and refused stays."""
    return [_field(term, values, prefix) for term in terms]


def read(terms: Iterable[Term], prefix: str) -> dict[str, Any]:
    """Read the values that are typed; empty ones are left out.

    :raises InvalidFields: with a sentence for each that is no value of its kind.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for term in terms:
        name = prefix + term.name
        typed = request.form.get(name, "").replace("\x00", "").replace("\r\n", "\n")[:LONGEST]
        value, wrong = _value(term, typed)
        if wrong:
            errors[name] = wrong
        elif value is not None:
            values[term.name] = value
    if errors:
        raise InvalidFields(errors)
    return values


def _field(term: Term, values: Mapping[str, Any], prefix: str) -> Field:
    name = prefix + term.name
    value = request.form.get(name, "") if name in request.form else _shown(term, values.get(term.name))
    return Field(term, name, value, _options(term, value))


def _options(term: Term, value: str) -> list[tuple[str, str]]:
    if term.kind == Kind.FLAG:
        return [(flag, gettext(word)) for flag, word in FLAGS.items()]
    if term.kind != Kind.TEXT:
        return []
    known = [(choice.value, _called(term, choice.value, choice.title)) for choice in term.choices()]
    if not known:
        return []
    # What no directory has any more, or not yet, can still be asked about.
    strange = [(value, value)] if value and value not in dict(known) else []
    return [("", "—"), *known, *strange]


def _called(term: Term, value: str, title: str) -> str:
    return parts.channel(value).word if term.name == "channel" else title


def _shown(term: Term, value: Any) -> str:
    if value is None:
        return ""
    if term.kind == Kind.FLAG:
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value(term: Term, typed: str) -> tuple[Any, str]:
    """Read one value; gives it, or the sentence that says what would be right."""
    if term.kind == Kind.FLAG:
        return {"yes": True, "no": False}.get(typed), ""
    if term.kind == Kind.LIST:
        return [part for word in typed.split(",") if (part := word.strip())], ""
    if term.kind == Kind.NUMBER:
        return _number(term, typed.strip())
    return (typed or None) if term.is_long else (" ".join(typed.split()) or None), ""


def _number(term: Term, typed: str) -> tuple[int | float | None, str]:
    if not typed:
        return None, ""
    written = typed.replace("\u2212", "-").replace(",", ".")
    unsigned = written.removeprefix("+").removeprefix("-")
    if not (unsigned.isascii() and unsigned.replace(".", "", 1).isdigit() and len(unsigned) < 16):  # noqa: PLR2004
        return None, gettext(NUMBER_UNFIT).format(example=term.most or 10)
    value = float(written)
    number = int(value) if value.is_integer() else value
    if term.bounded(number) != number:
        low, high = ("…" if end is None else end for end in (term.least, term.most))
        return None, gettext(NUMBER_BEYOND).format(low=low, high=high)
    return number, ""
