"""What tables are given and answer: declared once; an answer that nobody can use is told and is null."""

import pytest

from cec.appeals import terms
from cec.rulebook import inputs
from cec.rulebook.inputs import Kind, Term


def test_a_table_that_nobody_asks_has_no_terms():
    with pytest.raises(inputs.NothingDeclared):
        inputs.of("horoscope")


def test_facts_are_narrowed_to_what_a_table_is_given_in_its_order():
    assert inputs.only_known("screening", {"text": "Где?", "moon": "full", "channel": "email"}) == {
        "channel": "email", "text": "Где?",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "answered", "fit"),
    [
        ("prioritization", {"points": 30}, {"points": 30}),
        ("prioritization", {"points": 10**12}, {"points": terms.MOST_POINTS}),
        ("prioritization", {"points": -5000}, {"points": -terms.MOST_POINTS}),
        ("prioritization", {"points": None}, {"points": None}),
        ("routing", {"queue": "delivery", "skills": ["english"]}, {"queue": "delivery", "skills": ["english"]}),
        ("escalation", {"targets": 9, "tell": True}, {"targets": terms.MOST_TARGETS, "tell": True}),
        ("horoscope", {"luck": "some"}, {"luck": "some"}),
    ],
)
def test_answers_fit_their_asker(table, answered, fit):
    assert inputs.fitted(table, answered) == (fit, [])


@pytest.mark.parametrize(
    ("table", "answered", "name"),
    [
        ("prioritization", {"points": "many"}, "points"),
        ("prioritization", {"points": True}, "points"),
        ("routing", {"queue": 7, "skills": []}, "queue"),
        ("routing", {"queue": "delivery", "skills": "english"}, "skills"),
        ("escalation", {"targets": 1, "tell": "boris"}, "tell"),
    ],
)
def test_what_nobody_can_use_is_null_and_told(table, answered, name):
    fit, faults = inputs.fitted(table, answered)

    assert fit[name] is None
    assert len(faults) == 1


def test_a_term_speaks_the_language_of_its_reader(english):
    term = Term("segment", "Segment of the client", Kind.TEXT, "As the client's card says.")

    assert (term.word, term.hint, list(term.choices())) == (term.title, term.source, [])
