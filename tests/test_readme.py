"""What was measured goes into the table of README; what was not measured stays."""

from bench.readme import written

FIGURE = {
    "name": "page.appeal", "value": 8.6, "unit": "ms CPU", "limit": 0.37, "ratio": 22.7, "goal": 30, "holds": True,
    "note": "4 SQL",
}  # fmt: skip
README = """before
| `cec bench page.appeal` | old |
| `cec bench rules.decide` | stays |
| `make feel` | stays |
after
"""


def test_a_figure_takes_the_place_of_its_former_row() -> None:
    said = written(README, [FIGURE])

    row = "| `cec bench page.appeal` | 8.6 ms CPU; 4 SQL | 0.37, ratio 22.7 | 30 | holds |"
    assert said == README.replace("| `cec bench page.appeal` | old |", row)


def test_a_new_figure_follows_the_last_one_and_a_missed_one_says_so() -> None:
    said = written(README, [FIGURE | {"name": "starting.centre", "holds": False}]).split("\n")

    assert said[1:3] == README.split("\n")[1:3]
    assert said[3].startswith("| `cec bench starting.centre` |")
    assert said[3].endswith("| missed |")
    assert said[4:] == README.split("\n")[3:]
