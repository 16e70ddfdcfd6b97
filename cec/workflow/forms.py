"""Read a form, check the answers given to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cec.platform.errors import InvalidFields, NotFound
from cec.workflow import definitions, fields
from cec.workflow.fields import Field, Option, WrongAnswer
from cec.workflow.models import UserTask

__all__ = ["Field", "Form", "NoSuchForm", "Option", "load", "parse"]


class NoSuchForm(NotFound):
    """This task has no form {name}."""


@dataclass(frozen=True)
class Form:
    """The questions that a person answers when he finishes a task."""

    id: str
    fields: tuple[Field, ...]
    # Texts to be read only.
    texts: tuple[str, ...] = ()

    def read(self, typed: Mapping[str, Any], options: Mapping[str, list[Option]]) -> dict[str, Any]:
        """Turn what was typed into answers, one for every field; what makes no sense after the others is empty.

        :raises InvalidFields: with a sentence for every field that is wrong.
        """
        answers: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for field in self.fields:
            if field.is_hidden(answers):
                answers[field.key] = None
                continue
            try:
                answers[field.key] = field.read(typed.get(field.key), options)
            except WrongAnswer as why:
                errors[field.key] = str(why)
        if errors:
            raise InvalidFields(errors)
        return answers


def load(task: UserTask, name: str) -> Form:
    """Give a form as the version of the task's process has it.

    :raises NoSuchForm: when that version has none of this name.
    """
    text = definitions.of_instance(task.instance_id).forms.get(name)
    if text is None:
        raise NoSuchForm(name=name)
    return parse(text)


@lru_cache(maxsize=500)
def parse(text: str) -> Form:
    """Read the text of a form."""
    return Form(*fields.parse(text))
