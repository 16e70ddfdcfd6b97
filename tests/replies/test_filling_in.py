"""Placeholders: filled from what is known, refused when unknown, never sent (guide 3.3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cec.replies import filling_in
from cec.replies.filling_in import BracesUnbalanced, PlaceholderLeft, PlaceholderUnknown

KNOWN = {"client.first_name": "Ольга", "appeal.number": "2026-000012"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Здравствуйте, {{client.first_name}}!", "Здравствуйте, Ольга!"),
        ("{{ client.first_name }}, номер {{appeal.number}}.", "Ольга, номер 2026-000012."),
        ('{{client.first_name|default:"клиент"}}', "Ольга"),
        ('Уважаемый {{operator.first_name|default:"клиент"}}', "Уважаемый клиент"),
        ("Тема {{appeal.subject | default : «ваш вопрос»}}", "Тема ваш вопрос"),
        ("Без мест, но с { скобкой }", "Без мест, но с { скобкой }"),
        ("", ""),
    ],
)
def test_what_is_known_is_filled_in_else_the_default(text, filled):
    assert filling_in.fill(text, KNOWN).text == filled


def test_what_nobody_knows_stays_visible_and_is_told_apart():
    filled = filling_in.fill("{{appeal.subject}}: {{client.first_name}}", KNOWN)

    assert filled.pieces == [("{{appeal.subject}}", True), (": ", False), ("Ольга", False)]


@pytest.mark.parametrize(
    ("text", "refusal", "line", "sign"),
    [
        ("Добрый день!\nУважаемый {{client.name}}", PlaceholderUnknown, 2, 11),
        ("{{}}", PlaceholderUnknown, 1, 1),
        ('{{client.first_name|upper:"x"}}', PlaceholderUnknown, 1, 1),
        ("{{client.first_name", BracesUnbalanced, 1, 1),
        ("Имя }} и", BracesUnbalanced, 1, 5),
        ("{{client.first_name {{date}}", BracesUnbalanced, 1, 1),
        ("{{config.secret}}", PlaceholderUnknown, 1, 1),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text, refusal, line, sign):
    with pytest.raises(refusal) as told:
        filling_in.read(text)

    assert (told.value.facts["line"], told.value.facts["sign"]) == (line, sign)
    assert list(told.value.fields()) == ["text"]


@given(some.text(alphabet='{}|"ab.client_first name:default\n', max_size=60))
def test_any_text_is_either_taken_apart_whole_or_refused(text):
    try:
        pieces = filling_in.read(text)
    except (BracesUnbalanced, PlaceholderUnknown):
        return
    assert "".join(piece.words for piece in pieces) == text


@pytest.mark.parametrize(
    "left",
    [
        "{{client.first_name}}",
        "{{ date }}",
        '{{client.first_name|default:"x"}}',
        "{{date",
        "{{\u00a0appeal.number\u00a0}}",
    ],
)
def test_an_answer_with_a_placeholder_left_is_refused(left):
    with pytest.raises(PlaceholderLeft):
        filling_in.must_be_filled(f"Здравствуйте, {left}!")


@pytest.mark.parametrize("words", ["{{ user.name }} в вашем коде", "{{dated}}", "{ date }", "date"])
def test_braces_of_others_are_no_placeholders_of_ours(words):
    filling_in.must_be_filled(words)
