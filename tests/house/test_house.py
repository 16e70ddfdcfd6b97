"""The rules of the house, kept by machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cec import checks
from cec.app import BLUEPRINTS

ROOT = Path(__file__).parent.parent.parent
LONGEST_MODULE = 400
LONGEST_FUNCTION = 25
SOURCES = sorted(path for path in (ROOT / "cec").rglob("*.py") if "migrations" not in path.parts)
# Words that name nothing of a contact centre.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "services", "common", "managers", "misc", "core"}


def at(path):
    return str(path.relative_to(ROOT))


def test_floors_and_contracts_hold():
    done = subprocess.run(  # noqa: S603 - our own words
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout


def test_only_one_place_commits():
    committing = [at(path) for path in SOURCES if re.search(r"\.commit\(", path.read_text(encoding="utf-8"))]

    assert committing == ["cec/platform/db.py"]


def test_only_one_place_reads_the_system_clock():
    reading = [at(path) for path in SOURCES if re.search(r"\bdatetime\.now\(|utcnow\(", path.read_text("utf-8"))]

    # The scheduler has a clock of its own.
    assert reading == ["cec/jobs.py", "cec/platform/clock.py"]


def test_only_one_package_deals_with_the_engine():
    dealing = {
        at(path.parent)
        for path in SOURCES
        if re.search(r"^\s*(from|import) SpiffWorkflow", path.read_text("utf-8"), re.MULTILINE)
    }

    assert dealing == {"cec/workflow/spiff"}


def test_every_route_says_who_may_use_it(app):
    unguarded = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "guard")
    ]

    assert unguarded == []


def test_every_blueprint_is_joined():
    written = {at(path) for path in (ROOT / "cec" / "web").rglob("*.py") if "\nbp = " in path.read_text("utf-8")}
    joined = {at(Path(str(part.__file__))) for part in BLUEPRINTS}

    assert joined == written


@pytest.mark.parametrize("path", SOURCES, ids=at)
def test_modules_and_functions_are_small(path):
    text = path.read_text(encoding="utf-8")
    long = {
        node.name: length
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for length in [code_lines(node)]
        if length > LONGEST_FUNCTION
    }

    assert text.count("\n") <= LONGEST_MODULE
    assert long == {}


def code_lines(node):
    told = ast.get_docstring(node) is not None and len(node.body) > 1
    first = node.body[1] if told else node.body[0]
    return node.end_lineno - first.lineno + 1


def test_names_say_something():
    assert [at(path) for path in (ROOT / "cec").rglob("*") if path.stem in EMPTY_NAMES] == []


def test_an_area_says_what_it_is_and_nothing_else():
    for path in (ROOT / "cec").glob("*/__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, at(path)
        assert isinstance(body[0], ast.Expr), at(path)


def test_diagrams_forms_tables_and_texts_are_in_order(app):
    with app.app_context():
        assert list(checks.all_faults()) == []


def test_everything_shipped_can_be_loaded(app, db):
    from cec import preparing  # noqa: PLC0415 - only here
    from cec.rulebook.models import RulesVersion  # noqa: PLC0415
    from cec.workflow.models import ProcessVersion  # noqa: PLC0415

    preparing.prepare(app)

    processes = set(db.session.scalars(db.select(ProcessVersion.process).where(ProcessVersion.is_current)))
    tables = set(db.session.scalars(db.select(RulesVersion.name).where(RulesVersion.is_current)))
    assert processes == {path.name for path in (ROOT / "processes").iterdir() if path.is_dir()}
    assert tables == {path.name for path in (ROOT / "rules").iterdir() if path.is_dir()}


def test_the_paths_that_the_readme_names_are_there():
    words = re.findall(r"`([^`\s]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    paths = [word for word in words if re.match(r"(cec|templates|processes|rules|forms|tests|bench|\.ci)/", word)]
    missing = [path for path in paths if not list(ROOT.glob(path.rstrip("/")))]

    assert paths
    assert missing == []


def test_the_pictures_that_the_readme_shows_are_there():
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))

    assert [path for path in shown if not (ROOT / path).exists()] == []
