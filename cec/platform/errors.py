"""A no of the product: the docstring of the class is the sentence that the user reads."""

from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from cec.platform.i18n import gettext


class Refusal(Exception):
    """This cannot be done now."""

    status = HTTPStatus.CONFLICT

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.template().format_map(facts) if facts else self.template())

    @classmethod
    def template(cls) -> str:
        """Give the English sentence with its {placeholders}: the first paragraph of the docstring."""
        return " ".join(cleandoc(cls.__doc__ or "").split("\n\n")[0].split())

    def sentence(self) -> str:
        """Say it in the language of the reader."""
        text = gettext(self.template())
        return text.format_map(self.facts) if self.facts else text

    def fields(self) -> dict[str, str]:
        """Say which field is wrong and what would be right; an act that is refused as a whole has none."""
        return {}


class Invalid(Refusal):
    """Please correct the marked fields."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = ""

    def fields(self) -> dict[str, str]:
        """Say which field is wrong and what would be right."""
        return {self.field: self.sentence()} if self.field else {}


class InvalidFields(Invalid):
    """Please correct the marked fields."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__()
        self._errors = errors

    def fields(self) -> dict[str, str]:
        """Give the sentences that a form collected, already in the reader's language."""
        return self._errors


class NotAllowed(Refusal):
    """Your role does not allow this."""

    status = HTTPStatus.FORBIDDEN


class NotFound(Refusal):
    """There is no such thing here."""

    status = HTTPStatus.NOT_FOUND
