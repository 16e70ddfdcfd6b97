"""Forms: what a person typed becomes answers, or a sentence at the field."""

import datetime as dt
import json

import pytest

from cec.feel.compiling import FeelSyntaxError
from cec.platform.errors import InvalidFields
from cec.workflow import fields, forms
from cec.workflow.fields import BadForm
from cec.workflow.forms import Option

pytestmark = pytest.mark.usefixtures("english")


def a_form(*parts):
    return forms.parse(json.dumps({"id": "test", "components": list(parts)}))


def a_field(type_, **told):
    return {"type": type_, "key": "answer", "label": "Answer", **told}


def read(part, typed, **options):
    return a_form(part).read({} if typed is None else {"answer": typed}, options)["answer"]


def refused(part, typed, **options):
    with pytest.raises(InvalidFields) as error:
        read(part, typed, **options)
    return error.value.fields()["answer"]


REQUIRED = {"required": True}


@pytest.mark.parametrize(
    ("part", "typed", "answer"),
    [
        (a_field("textfield"), "  hello ", "hello"),
        (a_field("textarea"), "one\r\ntwo", "one\ntwo"),
        (a_field("textarea"), None, ""),
        (a_field("number"), "5", 5),
        (a_field("number"), "2,5", 2.5),
        (a_field("number"), "", None),
        (a_field("checkbox"), "on", True),
        (a_field("checkbox"), None, False),
        (a_field("radio", values=[{"value": "me", "label": "To me"}]), "me", "me"),
        (a_field("select"), "", None),
        (a_field("datetime"), "2026-11-24T10:30", dt.datetime(2026, 11, 24, 7, 30, tzinfo=dt.UTC)),
        (a_field("datetime"), dt.datetime(2026, 11, 24, tzinfo=dt.UTC), dt.datetime(2026, 11, 24, tzinfo=dt.UTC)),
    ],
)
def test_what_is_typed_becomes_an_answer(part, typed, answer):
    assert read(part, typed) == answer


@pytest.mark.parametrize(
    ("part", "typed", "told"),
    [
        (a_field("textfield", validate=REQUIRED), "   ", "Please fill in this field."),
        (a_field("select", validate=REQUIRED), None, "Please fill in this field."),
        (a_field("checkbox", validate=REQUIRED), None, "Please fill in this field."),
        (a_field("textarea", validate={"minLength": 5}), "hm", "At least 5 characters, please."),
        (a_field("textarea", validate={"maxLength": 5}), "hello there", "At most 5 characters, please."),
        (a_field("number"), "five", "This is not a number."),
        (a_field("number"), "NaN", "This is not a number."),
        (a_field("radio", values=[{"value": "me", "label": "To me"}]), "you", "Please choose from the list."),
        (a_field("datetime"), "tomorrow", "This is not a date and time."),
        (a_field("datetime"), "0001-01-01T00:00", "This is not a date and time."),
    ],
)
def test_what_cannot_be_an_answer_is_told_at_the_field(part, typed, told):
    assert refused(part, typed) == told


def test_a_choice_comes_from_the_list_that_the_screen_brings():
    queues = [Option("7", "Delivery")]

    assert read(a_field("select", valuesKey="queues"), "7", queues=queues) == "7"
    assert refused(a_field("select", valuesKey="queues"), "8", queues=queues) == "Please choose from the list."
    assert refused(a_field("select", valuesKey="queues"), "7") == "Please choose from the list."


def test_all_wrong_fields_are_told_at_once():
    form = a_form(a_field("number"), {**a_field("datetime"), "key": "until"})

    with pytest.raises(InvalidFields) as error:
        form.read({"answer": "x", "until": "y"}, {})

    assert sorted(error.value.fields()) == ["answer", "until"]


def test_a_field_that_makes_no_sense_is_neither_asked_for_nor_read():
    target = {
        "type": "radio",
        "key": "target",
        "label": "To",
        "values": [{"value": v, "label": v} for v in ("queue", "me")],
    }
    queue = a_field("textfield", validate=REQUIRED, conditional={"hide": '=target != "queue"'})
    form = a_form(target, queue)

    assert form.read({"target": "me", "answer": "typed before"}, {}) == {"target": "me", "answer": None}
    assert form.fields[1].shown_when == Option("target", "queue")
    with pytest.raises(InvalidFields):
        form.read({"target": "queue", "answer": ""}, {})


def test_static_texts_are_shown_and_not_asked():
    form = a_form({"type": "text", "text": "Be kind."}, a_field("textfield"))

    assert form.texts == ("Be kind.",)
    assert [field.key for field in form.fields] == ["answer"]


def test_a_form_that_is_not_understood_is_refused():
    with pytest.raises(BadForm, match="fields of type filepicker are not supported"):
        a_form(a_field("filepicker"))
    with pytest.raises(BadForm):
        forms.parse("no json")
    with pytest.raises(FeelSyntaxError):
        a_form(a_field("textfield", conditional={"hide": "=target =="}))


def test_the_words_of_a_form_are_collected_for_translation():
    part = a_field("radio", values=[{"value": "me", "label": "To me"}], description="Who gets it")

    assert fields.texts(json.dumps({"id": "x", "components": [part, {"type": "text", "text": "Be kind."}]})) == [
        "Answer", "Be kind.", "To me", "Who gets it",
    ]  # fmt: skip
