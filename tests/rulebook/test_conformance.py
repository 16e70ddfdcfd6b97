"""The conformance models of the DMN standard come out as the standard says."""

import logging

import pytest
from rulebook.conformance import CORPUS, cases

pytestmark = [
    pytest.mark.skipif(
        not CORPUS.exists(), reason="the conformance models are not beside the repository (../shared/corpora)"
    ),
    pytest.mark.filterwarnings("error"),
]
# Level 3 also tests functions as values, regular expressions, boxed expressions, imports: none of them is offered.
FLOOR_OF_FULL_FEEL = 0.8


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def test_every_case_of_decision_tables_and_simple_feel_passes():
    failed = [f"{case.model.stem} {case.number} {case.decision}" for case in cases("level2") if not case.passes()]

    assert failed == []


def test_most_cases_of_full_feel_pass():
    results = [case.passes() for case in cases("level3")]

    assert sum(results) / len(results) >= FLOOR_OF_FULL_FEEL
