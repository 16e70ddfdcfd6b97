"""Write what `cec bench` measured into the table of README: `python -m bench.readme var/bench.json README.md`.

The row of each figure that was measured takes the place of its former one, or follows the last; other rows stay.
"""

import sys
from pathlib import Path
from typing import Any

import orjson

HEAD = "| `cec bench "


def written(text: str, figures: list[dict[str, Any]]) -> str:
    """Give the text of README with the rows of these figures."""
    rows = {figure["name"]: _row(figure) for figure in figures}
    lines = text.split("\n")
    last = max(number for number, line in enumerate(lines) if line.startswith(HEAD))
    for number, line in enumerate(lines[: last + 1]):
        if line.startswith(HEAD):
            lines[number] = rows.pop(line.removeprefix(HEAD).partition("`")[0], line)
    lines[last + 1 : last + 1] = rows.values()
    return "\n".join(lines)


def _row(figure: dict[str, Any]) -> str:
    verdict = "holds" if figure["holds"] else "missed"
    beside = f"{figure['limit']}, ratio {figure['ratio']}"
    value = f"{figure['value']} {figure['unit']}; {figure['note']}".replace("|", "/")
    return f"{HEAD}{figure['name']}` | {value} | {beside} | {figure['goal']} | {verdict} |"


if __name__ == "__main__":
    measured, readme = Path(sys.argv[1]), Path(sys.argv[2])
    readme.write_text(written(readme.read_text(), orjson.loads(measured.read_bytes())))
