"""A file of any version of DMN as the viewer in the browser reads it: in the words of 1.3, with the reasons of rows."""

import pytest

from cec.dmn import reading, showing
from cec.dmn.reading import UnreadableRules
from tests.dmn.tables_of_story import a_table

THREE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
TABLE = a_table(("-", "> 5", "1", "Many & much"))


@pytest.mark.parametrize(
    "model",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        THREE,
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    ],
)
def test_each_version_is_said_in_the_words_of_one_and_rows_keep_their_reasons(model):
    shown = showing.for_viewer(TABLE.replace(THREE, model))

    assert f'xmlns="{THREE}"' in shown
    assert '<rule id="r1"><description>Many &amp; much</description><inputEntry>' in shown
    assert reading.read(shown).main().table == reading.read(TABLE).main().table


def test_a_description_of_its_own_stays():
    own = TABLE.replace('<rule id="r1">', '<rule id="r1"><description>Mine</description>')

    assert showing.for_viewer(own).count("<description>") == 1


def test_what_is_dangerous_is_not_shown():
    with pytest.raises(UnreadableRules):
        showing.for_viewer("<!DOCTYPE d>" + TABLE)
