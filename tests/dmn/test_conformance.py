"""The conformance models of the DMN standard come out as the standard says."""

import logging
from pathlib import Path

import orjson
import pytest

from cec import cli
from cec.dmn import conformance

CORPUS = Path(__file__).parents[3] / "shared/corpora/bpmn/dmn-tck"
with_corpus = pytest.mark.skipif(
    not CORPUS.exists(), reason="the conformance models are not beside the repository (../shared/corpora)"
)
# What is left out on purpose: functions of Java, patterns that refer back.
FLOOR_OF_FULL_FEEL = 0.98

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="https://cec.example">
  <inputData id="i" name="points"><variable name="points" typeRef="number"/></inputData>
  <decision id="a" name="doubled"><variable name="doubled"/>
    <informationRequirement><requiredInput href="#i"/></informationRequirement>
    <literalExpression><text>points * 2</text></literalExpression></decision>
  <decision id="b" name="broken"><variable name="broken"/>
    <literalExpression><text>1 +</text></literalExpression></decision>
</definitions>"""
CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>{model}</modelName>
  <testCase id="001">
    <inputNode name="points"><value xsi:type="xsd:decimal">{points}</value></inputNode>
    <resultNode name="doubled" type="decision"><expected><value xsi:type="xsd:decimal">8</value></expected></resultNode>
    <resultNode name="broken" type="decision" errorResult="true">
      <expected><value xsi:nil="true"/></expected></resultNode>
  </testCase>
</testCases>"""


@pytest.fixture(autouse=True)
def _quiet():
    yield
    logging.disable(logging.NOTSET)


def a_folder(tmp_path, *cases):
    for name, model, points in cases:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.dmn").write_text(MODEL, encoding="utf-8")
        (folder / "model-test-01.xml").write_text(CASES.format(model=model, points=points), encoding="utf-8")
    return tmp_path


def conform(folder, report):
    return cli.main(lambda _settings: None, ["conformance", "dmn", str(folder), "--json", str(report)])


def test_a_folder_in_the_layout_of_the_kit_is_run_and_counted_by_class(tmp_path, capsys):
    folder = a_folder(tmp_path, ("0001-doubling", "model.dmn", "4"))

    code = conform(folder, tmp_path / "report.json")

    report = orjson.loads((tmp_path / "report.json").read_bytes())
    assert code == 0
    assert report["classes"] == {"0001-doubling": {"passed": 1, "failed": 0}}
    assert "1 passed, 0 failed" in capsys.readouterr().out


def test_what_comes_out_otherwise_is_a_failure_that_shows_both_values(tmp_path):
    folder = a_folder(tmp_path, ("0001-doubling", "model.dmn", "5"), ("0002-nowhere", "gone.dmn", "4"))

    code = conform(folder, tmp_path / "report.json")

    report = orjson.loads((tmp_path / "report.json").read_bytes())
    assert code == 1
    assert report["failed"] == 2
    assert report["failures"][0] == {
        "class": "0001-doubling", "case": "001", "result": "doubled", "expected": "number 8", "found": "number 10",
    }  # fmt: skip


def test_a_value_that_cannot_be_read_fails_its_case_and_stops_nothing(tmp_path):
    folder = a_folder(tmp_path, ("0001-doubling", "model.dmn", "four"), ("0002-doubling", "model.dmn", "4"))

    conform(folder, tmp_path / "report.json")

    report = orjson.loads((tmp_path / "report.json").read_bytes())
    assert (report["passed"], report["failed"]) == (1, 1)


def test_files_that_are_no_xml_fail_and_stop_nothing(tmp_path):
    folder = a_folder(tmp_path, ("0001-doubling", "model.dmn", "4"), ("0002-broken", "model.dmn", "4"))
    (folder / "0001-doubling" / "other.dmn").write_text("<definitions", encoding="utf-8")
    (folder / "0002-broken" / "model-test-01.xml").write_text("<testCases", encoding="utf-8")

    conform(folder, tmp_path / "report.json")

    report = orjson.loads((tmp_path / "report.json").read_bytes())
    assert (report["passed"], report["failed"]) == (1, 1)


def test_an_empty_folder_is_no_success(tmp_path):
    assert conform(tmp_path, tmp_path / "report.json") == 1


@with_corpus
def test_every_case_of_decision_tables_and_simple_feel_passes():
    score = conformance.run(CORPUS / "level2")

    assert score.failures == []
    assert score.passed > 0


@with_corpus
def test_all_but_a_few_cases_of_full_feel_pass():
    score = conformance.run(CORPUS / "level3")

    assert score.passed / (score.passed + score.failed) >= FLOOR_OF_FULL_FEEL
