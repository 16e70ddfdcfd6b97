"""5.2: a DMN file of another editor is drawn, looked through and taken as the draft; what is dangerous is refused."""

import io
import re
import shutil

import pytest
from cast import vera

from cec.dmn import reading
from cec.rulebook import drafts, files, importing
from tests.dmn.tables_of_story import a_table

TABLE = "/admin/rules/prioritization"
FOREIGN = a_table(('"vip"', "< 3", "200", "Unhappy VIP"), inputs=("segment", "last_mark"), outputs=("points",))


@pytest.fixture
def window(signed_in, tmp_path, repository):
    """Give the browser of Vera, in a centre with one small table."""
    (tmp_path / "prioritization").mkdir()
    shutil.copy(repository / "rules" / "prioritization" / "v1.dmn", tmp_path / "prioritization")
    files.ship(tmp_path)
    vera().language = "en"
    return signed_in(vera())


def looked(browser, content):
    content = content if isinstance(content, bytes) else content.encode()
    return browser.post(f"{TABLE}/dmn", data={"file": (io.BytesIO(content), "foreign.dmn")})


def kept(answer):
    return re.search(r'name="kept" value="(\w+)"', answer.text)[1]


def test_only_where_the_viewer_draws_a_page_may_hold_style_attributes(window):
    drawn = [window.get(f"{TABLE}/diagram"), looked(window, FOREIGN)]
    others = [window.get(f"{TABLE}/dmn"), window.get(TABLE), window.get(f"{TABLE}/versions")]

    assert ["'unsafe-inline'" in page.headers["Content-Security-Policy"] for page in drawn + others] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_a_foreign_table_is_drawn_and_taken_as_the_draft(window, words):
    answer = looked(window, FOREIGN)

    assert "The file is in order." in words(answer.text)
    assert drafts.find("prioritization") is None
    drawn = window.post(f"{TABLE}/dmn/file", data={"kept": kept(answer)})
    assert (drawn.status_code, drawn.headers["Content-Disposition"]) == (200, "attachment; filename=prioritization.dmn")
    assert window.post(f"{TABLE}/dmn/writing", data={"kept": kept(answer), "revision": 0}).status_code == 303
    (line,) = drafts.sheet_of(drafts.find("prioritization")).lines
    assert (line.cells, line.reason) == (('"vip"', "< 3", "200"), "Unhappy VIP")
    assert window.post(f"{TABLE}/dmn/writing", data={"kept": kept(answer), "revision": 0}).status_code == 409


def test_a_table_in_another_encoding_is_read(window, words):
    text = '<?xml version="1.0" encoding="windows-1251"?>' + FOREIGN.replace("Unhappy VIP", "Недовольный")

    for content in (text.encode("windows-1251"), ("\ufeff" + FOREIGN).encode(), ("\ufeff" + FOREIGN).encode("utf-16")):
        assert "The file is in order." in words(looked(window, content).text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FOREIGN.replace("last_mark", "rating"), "— last_mark".replace("last_mark", "rating")),
        (FOREIGN.replace("&lt; 3", "&lt; &lt;"), "Sign 3"),
        (FOREIGN.replace("points", "risk"), "asked are: points"),
    ],
)
def test_what_keeps_a_file_from_judging_here_is_told_with_its_place(window, words, text, told):
    answer = looked(window, text)

    assert told in words(answer.text)
    assert "this file from judging here." in words(answer.text)
    assert 'action="/admin/rules/prioritization/dmn/writing"' not in answer.text


def test_a_file_of_several_decisions_is_only_looked_at(window, words):
    more = (
        '<decision id="e" name="Extra"><literalExpression><text>1</text></literalExpression></decision></definitions>'
    )

    answer = looked(window, FOREIGN.replace("</definitions>", more))

    assert "This file is more than one plain table." in words(answer.text)
    assert "Decision Extra" in words(answer.text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Choose a file."),
        (b"\x89PNG\r\n\x1a\n\x00", "byte 0 is no text in utf-8"),
        ("hello", "line 1, column 1: "),
        (FOREIGN.replace("</rule>", "</rool>"), "line 1, column "),
        ('<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + FOREIGN, "line 1, column 1: it holds a DOCTYPE"),
        ('\ufeff<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + FOREIGN, "it holds a DOCTYPE"),
        ('<?xml version="1.0"?>\n  <!DOCTYPE d>' + FOREIGN, "line 2, column 3: it holds a DOCTYPE"),
        (('\ufeff<!DOCTYPE d [<!ENTITY a "aa">]>' + FOREIGN).encode("utf-16"), "it holds a DOCTYPE"),
        (b'<?xml version="1.0" encoding="utf-7"?>' + FOREIGN.encode(), "its encoding utf-7 is not known here"),
        ("<html/>", "it is not DMN 1.1 or newer"),
    ],
)
def test_what_is_no_table_or_dangerous_is_refused_at_the_field(window, words, content, told):
    answer = looked(window, content)

    assert answer.status_code == 422
    assert told in words(answer.text)
    assert 'data-error="file"' in answer.text


def test_twenty_megabytes_are_refused_before_they_are_read():
    with pytest.raises(importing.NotRead) as no:
        importing.examine("prioritization", b"<a>" + b" " * 20 * 2**20 + b"</a>")

    assert str(reading.MAX_SIZE) in no.value.sentence()


def test_a_file_that_was_never_looked_through_is_given_to_nobody(window):
    assert window.post(f"{TABLE}/dmn/file", data={"kept": "0" * 64}).status_code == 422
    assert window.post(f"{TABLE}/dmn/writing", data={"kept": "../../etc/passwd"}).status_code == 422
