"""FEEL and DMN could be libraries of their own: what they need of the rest fits into three modules."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = {"cec.platform.errors", "cec.platform.i18n", "cec.platform.clock"}


def parts():
    """Name the packages that import-linter keeps apart from database and web."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = [one for one in contracts if one["name"].startswith("FEEL and DMN could be libraries")]
    return set(contract["source_modules"])


def imported(path):
    """Name the modules of ours that a file imports, and the names that it takes out of packages."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cec"):
            is_package = (ROOT / str(node.module).replace(".", "/")).is_dir()
            yield from (f"{node.module}.{name.name}" for name in node.names) if is_package else [node.module]


def test_they_need_nothing_of_the_centre_but_refusals_texts_and_the_clock():
    apart = parts()
    files = [file for name in apart for file in sorted((ROOT / name.replace(".", "/")).glob("*.py"))]

    needed = {
        name for file in files for name in imported(file) if not name.startswith(tuple(f"{one}." for one in apart))
    }

    assert len(files) > 40
    assert needed == NEEDED
    for package in ("feel", "dmn"):
        assert (ROOT / "cec" / package / "README.md").read_text("utf-8").startswith("# ")
