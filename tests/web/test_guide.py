"""The guide behind «Help»: whole in both languages, opened about the screen that one sees."""

import re
from pathlib import Path

import pytest
from cast import anna, vera

from cec.platform import i18n
from cec.web import guide

LANGUAGES = sorted(i18n.LANGUAGES)
ROOT = Path(guide.__file__).parent.parent.parent


def pages(language):
    return sorted((ROOT / "docs" / language).glob("*.md"))


FILES = [page for language in LANGUAGES for page in pages(language)]


def test_every_section_is_there_in_both_languages():
    russian, english = ([page.stem for page in pages(language)] for language in ("ru", "en"))

    assert russian == english
    assert russian


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_section_is_read_by_anybody(client, file):
    language = file.parent.name

    answer = client.get(f"/help/{file.stem}?language={language}")

    assert answer.status_code == 200
    title = file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    assert f"<h1>{title}</h1>" in answer.text


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_a_section_names_is_there(file):
    text = file.read_text(encoding="utf-8")
    named = re.findall(r"\]\(([^)\s]+)\)", text)

    assert [name for name in named if not (file.parent / name).resolve().is_file()] == []
    # A section begins with its number, as in the guide, unless it has none there.
    number = file.stem if file.stem.replace(".", "").isdigit() else ""
    assert text.startswith(f"# {number}".rstrip())


def test_the_contents_lead_to_every_section(client, app):
    contents = client.get("/help").text

    assert [page.stem for page in pages("ru") if f'href="/help/{page.stem}"' not in contents] == []


def test_an_unknown_section_is_not_found(client):
    assert client.get("/help/9.9").status_code == 404
    assert client.get("/help/..%2F..%2Fpyproject").status_code == 404
    assert client.get("/help/screens/nothing.png").status_code == 404


def test_every_screen_leads_to_a_section_that_there_is():
    known = {page.stem for page in pages("ru")}

    assert {*guide.SECTIONS.values(), *guide.OUTCOMES.values()} <= known


def test_help_opens_about_the_screen(signed_in):
    window = signed_in(anna())

    assert 'href="/help/2.2.1"' in window.get("/operator").text


def test_an_administrator_reads_about_mailboxes(signed_in):
    assert 'href="/help/5.mailboxes"' in signed_in(vera()).get("/centre/mailboxes").text
