"""All texts that people read, wherever they are written, and whether the Russian catalogue has them.

Texts are the constants of _() and mark(), the sentences of refusals, and the words of diagrams, forms and tables.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from lxml import etree

ROOT = Path(__file__).parents[2]
RUSSIAN = ROOT / "cec/platform/locale/ru/LC_MESSAGES/messages.po"

_KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
# What a diagram names for itself, not for people.
_UNSEEN = {_BPMN + "message", _BPMN + "signal", _BPMN + "error", _BPMN + "escalation"}
_PLACE = re.compile(r"\{\w*\}|%\(\w+\)[ds]")
_FORM_WORDS = {"label", "description", "text", "dateLabel", "timeLabel", "title"}

# A text: the msgid, or singular and plural; and where it was found.
Text = str | tuple[str, ...]
Found = dict[Text, str]


def collect(root: Path = ROOT) -> Found:
    """Collect every text with the file where it was first found."""
    found: Found = {}
    for place, text in _all(root):
        if _first(text):
            found.setdefault(text, place)
    return found


def _all(root: Path) -> Iterator[tuple[str, Text]]:
    modules = sorted((root / "cec").rglob("*.py"))
    for path in modules:
        yield from _marked("python", path)
    for path in sorted((root / "templates").rglob("*.html")):
        yield from _marked("jinja2.ext:babel_extract", path)
    yield from _refusals(modules)
    for folder, ending, read in _SHIPPED:
        for path in sorted((root / folder).rglob(f"*.{ending}")):
            yield from ((path.name, text) for text in read(path))


def _marked(method: Any, path: Path) -> Iterator[tuple[str, Text]]:
    options = {"trimmed": "true", "silent": "false"} if path.suffix == ".html" else {}
    for _line, text, _comments, _context in extract_from_file(method, path, keywords=_KEYWORDS, options=options):
        yield path.name, text


def _refusals(modules: Iterable[Path]) -> Iterator[tuple[str, Text]]:
    """Find the classes that stem from Refusal and give the first paragraphs of their docstrings."""
    classes = [
        (path.name, node)
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    known = {"Refusal"}
    while True:
        grown = known | {node.name for _place, node in classes if known & {_last(base) for base in node.bases}}
        if grown == known:
            break
        known = grown
    for place, node in classes:
        if node.name in known:
            yield place, " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())


def _last(base: ast.expr) -> str:
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else ""


def _diagram(path: Path) -> Iterator[str]:
    for element in etree.parse(path).iter():
        if isinstance(element.tag, str) and element.tag.startswith(_BPMN) and element.tag not in _UNSEEN:
            yield element.get("name", "")


def _table(path: Path) -> Iterator[str]:
    """Give the title of a table, what its columns are called and the reasons of its rows."""
    for element in etree.parse(path).iter("{*}decision", "{*}description", "{*}input", "{*}output"):
        kind = etree.QName(element).localname
        words = {"decision": element.get("name"), "description": element.text}.get(kind, element.get("label"))
        yield " ".join((words or "").split())


def _scenarios(path: Path) -> Iterator[str]:
    for scenario in json.loads(path.read_text(encoding="utf-8")):
        yield scenario["title"]


def _form(path: Path) -> Iterator[str]:
    def words(part: Any) -> Iterator[str]:
        if isinstance(part, list):
            for item in part:
                yield from words(item)
        elif isinstance(part, dict):
            for name, value in part.items():
                if name in _FORM_WORDS and isinstance(value, str):
                    yield value
                else:
                    yield from words(value)

    return words(json.loads(path.read_text()))


_SHIPPED = (
    ("processes", "bpmn", _diagram),
    ("rules", "dmn", _table),
    ("rules", "json", _scenarios),
    ("forms", "json", _form),
)


def faults(root: Path = ROOT) -> list[str]:
    """Tell what the Russian catalogue lacks, is unsure of, or has without need."""
    wanted, catalogue = collect(root), _read(root)
    wrong = []
    for text, place in wanted.items():
        message = catalogue.get(_first(text))
        if message is None or not _is_complete(message.string):
            wrong.append(f"{place}: no Russian text for {_first(text)!r}")
        elif message.fuzzy:
            wrong.append(f"{place}: the Russian text is only guessed for {_first(text)!r}")
        elif _places(_first(text)) != _places(_first(message.string)):
            wrong.append(f"{place}: the Russian text has other places to fill in than {_first(text)!r}")
        elif isinstance(text, tuple) != isinstance(message.string, tuple):
            wrong.append(f"{place}: the Russian text needs the forms of a number for {_first(text)!r}")
    needed = {_first(text) for text in wanted}
    unused = [_first(message.id) for message in catalogue if message.id and _first(message.id) not in needed]
    return wrong + [f"messages.po: nobody says {text!r}" for text in unused]


def update(root: Path = ROOT) -> tuple[int, int]:
    """Bring the catalogue up to date: new texts empty at its end, unused ones gone; tell how many of each."""
    wanted, catalogue = collect(root), _read(root)
    needed = {_first(text) for text in wanted}
    unused = [message.id for message in catalogue if message.id and _first(message.id) not in needed]
    new = [text for text in wanted if catalogue.get(_first(text)) is None]
    for text in unused:
        catalogue.delete(text)
    for text in new:
        catalogue.add(text, ("", "", "") if isinstance(text, tuple) else "")
    if unused or new:
        with (root / RUSSIAN.relative_to(ROOT)).open("wb") as file:
            write_po(file, catalogue, width=120, no_location=True, ignore_obsolete=True)
    return len(new), len(unused)


def _read(root: Path) -> Catalog:
    with (root / RUSSIAN.relative_to(ROOT)).open("rb") as file:
        return read_po(file, locale="ru")


def _first(text: Any) -> str:
    return str(text[0]) if isinstance(text, tuple | list) else str(text)


def _places(text: str) -> list[str]:
    return sorted(_PLACE.findall(text))


def _is_complete(string: Any) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)
