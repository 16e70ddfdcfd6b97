"""`make attack`: run what docs/security.md names and tests/attack, and print what was attacked and what held."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAPER = ROOT / "docs" / "security.md"
POINT = re.compile(r"^\| ([\w.-]+) \| (.+?) \| `(tests/[^`]+)` \|$", re.MULTILINE)


def points() -> list[tuple[str, str, str]]:
    """Give the points of the paper: number, what, test."""
    return POINT.findall(PAPER.read_text("utf-8"))


class Tally:
    """Counts how the cases of each test came out."""

    def __init__(self) -> None:
        self.came_out: dict[str, Counter[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a case when it ran, and whatever went wrong before or after."""
        if report.when == "call" or report.outcome != "passed":
            self.came_out.setdefault(report.nodeid.partition("[")[0], Counter())[report.outcome] += 1

    def table(self) -> str:
        """Say for each test how many cases were attacked and whether all held."""
        named = {test: f"{point:9} {what}" for point, what, test in points()}
        for test in self.came_out:
            words = test.rpartition("::test_")[2].replace("_", " ")
            named.setdefault(test, f"{'':9} {words}")
        return "\n".join(self._line(test, words) for test, words in named.items())

    def _line(self, test: str, words: str) -> str:
        outcome = self.came_out.get(test, Counter())
        held = "not run" if not outcome["passed"] + outcome["failed"] else "BROKEN" if outcome["failed"] else "held"
        return f"{held:8} {outcome.total():5}  {words}"


def main(arguments: list[str]) -> int:
    """Attack; BROWSER=off leaves the browser out by choice."""
    without_browser = "--without-browser" in arguments
    tests = [test for _point, _what, test in points() if not (without_browser and test.startswith("tests/journeys"))]
    options = [argument for argument in arguments if argument != "--without-browser"]
    tally = Tally()
    code = pytest.main([*options, "tests/attack", *dict.fromkeys(tests)], plugins=[tally])
    sys.stdout.write(f"\n{tally.table()}\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
