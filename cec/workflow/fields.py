"""The fields of a form (form-js schema): how each is read from what a person typed."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from cec.feel.compiling import Expression, compile_expression
from cec.platform.errors import Invalid
from cec.platform.i18n import from_local
from cec.platform.i18n import gettext as _

# Static parts show something and ask nothing.
STATIC = frozenset({"text", "separator", "spacer"})
CHOICES = frozenset({"select", "radio"})


class BadForm(Invalid):
    """This is not a form: {reason}."""


class WrongAnswer(Exception):
    """What was typed cannot be the answer; says why, in the reader's language."""


class Option(NamedTuple):
    """One choice of a list."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One question of a form."""

    key: str
    type: str
    label: str
    required: bool = False
    hint: str = ""
    default: str = ""
    # The list of choices that the screen brings, or the choices that the form itself has.
    options_key: str = ""
    options: tuple[Option, ...] = ()
    min_length: int = 0
    max_length: int = 20_000
    # Where the question makes no sense (form-js conditional.hide): an expression over the answers before it.
    hidden_when: str = ""

    def is_hidden(self, answers: Mapping[str, Any]) -> bool:
        """Tell whether the question makes no sense after these answers."""
        return bool(self.hidden_when) and _compiled(self.hidden_when)(answers) is True

    @property
    def shown_when(self) -> Option | None:
        """Name the answer (key and value) on which the question depends, for the screen."""
        key, unequal, value = self.hidden_when.partition(" != ")
        return Option(key.strip(), value.strip().strip('"')) if unequal else None

    def read(self, typed: Any, options: Mapping[str, list[Option]]) -> Any:
        """Turn what was typed into the answer; nothing typed is None, or an empty text.

        :raises WrongAnswer: with a sentence for the person.
        """
        if self.type == "checkbox":
            answer: Any = typed in {True, "on", "true", "1"}
        elif typed is None or (isinstance(typed, str) and not typed.strip()):
            answer = "" if self.type in {"textfield", "textarea"} else None
        else:
            answer = READERS[self.type](self, typed, options)
        if self.required and answer in (None, "", False):
            raise WrongAnswer(_("Please fill in this field."))
        return answer

    def choices(self, options: Mapping[str, list[Option]]) -> list[Option]:
        """Give what may be chosen."""
        return options.get(self.options_key, []) if self.options_key else list(self.options)


def _text(field: Field, typed: Any, _options: Mapping[str, list[Option]]) -> str:
    text = str(typed).replace("\r\n", "\n").strip()
    if len(text) < field.min_length:
        raise WrongAnswer(_("At least {count} characters, please.").format(count=field.min_length))
    if len(text) > field.max_length:
        raise WrongAnswer(_("At most {count} characters, please.").format(count=field.max_length))
    return text


def _number(_field: Field, typed: Any, _options: Mapping[str, list[Option]]) -> int | float:
    try:
        number = Decimal(str(typed).strip().replace(",", "."))
    except InvalidOperation:
        raise WrongAnswer(_("This is not a number.")) from None
    if not number.is_finite():
        raise WrongAnswer(_("This is not a number."))
    return int(number) if number == number.to_integral_value() else float(number)


def _choice(field: Field, typed: Any, options: Mapping[str, list[Option]]) -> str:
    if str(typed) not in {option.value for option in field.choices(options)}:
        raise WrongAnswer(_("Please choose from the list."))
    return str(typed)


def _moment(_field: Field, typed: Any, _options: Mapping[str, list[Option]]) -> dt.datetime:
    if isinstance(typed, dt.datetime):
        return typed
    try:
        return from_local(str(typed).strip())
    except (ValueError, OverflowError):
        raise WrongAnswer(_("This is not a date and time.")) from None


Reader = Callable[[Field, Any, Mapping[str, list[Option]]], Any]
READERS: dict[str, Reader] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "select": _choice,
    "radio": _choice,
    "datetime": _moment,
    "checkbox": _text,
}


def parse(text: str) -> tuple[str, tuple[Field, ...], tuple[str, ...]]:
    """Read a schema: its id, its questions, its static texts.

    :raises BadForm: when a part of it is not understood.
    """
    try:
        schema = orjson.loads(text)
        parts = schema["components"]
        static = tuple(part["text"] for part in parts if part["type"] == "text")
        return schema["id"], tuple(_field(part) for part in parts if part["type"] not in STATIC), static
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadForm(reason=f"{type(error).__name__}: {error}") from None


def _field(part: dict[str, Any]) -> Field:
    if part["type"] not in READERS:
        raise BadForm(reason=f"fields of type {part['type']} are not supported")
    validate = part.get("validate", {})
    hidden_when = part.get("conditional", {}).get("hide", "").removeprefix("=").strip()
    if hidden_when:
        _compiled(hidden_when)
    return Field(
        key=part["key"],
        type=part["type"],
        label=part["label"],
        required=validate.get("required", False),
        hint=part.get("description", ""),
        default=str(part.get("defaultValue", "")),
        options_key=part.get("valuesKey", ""),
        options=tuple(Option(choice["value"], choice["label"]) for choice in part.get("values", ())),
        min_length=validate.get("minLength", 0),
        max_length=validate.get("maxLength", Field.max_length),
        hidden_when=hidden_when,
    )


@lru_cache(maxsize=1000)
def _compiled(text: str) -> Expression:
    return compile_expression(text)


def texts(text: str) -> list[str]:
    """List the words of a schema that people read."""
    _id, fields, static = parse(text)
    words = [word for each in fields for word in (each.label, each.hint, *(option.label for option in each.options))]
    return sorted({word for word in (*words, *static) if word})
