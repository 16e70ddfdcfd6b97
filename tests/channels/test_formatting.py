"""What operators write with formatting: harmless, and readable as plain text."""

import pytest

from cec.channels.email import formatting

PICTURES = {"cid:picture.1@cec": "picture.1@cec"}.get


def test_formatting_stays_and_everything_else_goes():
    written = (
        '<div onclick="x()">Добрый <b style="position:fixed">день</b><script>x</script></div>'
        '<ul><li>раз</li></ul><blockquote><i>цитата</i></blockquote><table><tr><td>ячейка</td></tr></table>'
    )  # fmt: skip

    assert formatting.clean(written, PICTURES) == (
        "<div>Добрый <b>день</b></div><ul><li>раз</li></ul><blockquote><i>цитата</i></blockquote>ячейка"
    )


@pytest.mark.parametrize(
    "written",
    [
        '<img src="https://tracker.example/a.png">',
        '<img alt="x" src="cid:picture.2@cec">',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)"></a><img alt="&quot;> src=&quot;cid:x">',
    ],
)
def test_only_pictures_that_wait_at_the_draft_stay(written):
    assert "<img" not in formatting.clean(written, PICTURES)


def test_a_link_that_runs_something_loses_its_address():
    assert "javascript" not in formatting.clean('<a href="\u2000javascript:alert(1)">x</a>', PICTURES)


def test_a_picture_of_the_draft_is_named_by_its_content_id():
    cleaned = formatting.clean('<div><img alt="фото" src="cid:picture.1@cec" width="9"></div>', PICTURES)

    assert cleaned == '<div><img alt="фото" src="cid:picture.1@cec"></div>'
    assert formatting.content_ids(cleaned) == {"picture.1@cec"}


def test_plain_text_reads_like_the_letter():
    written = (
        '<div>Здравствуйте, <a href="https://shop.example/1">заказ</a> у <a href="https://x.example">x.example</a>:</div>'
        "<ol><li>один<ul><li>внутри</li></ul></li><li>два</li></ol><blockquote>цитата</blockquote>"
        '<div><img alt="фото" src="cid:picture.1@cec"></div>'
    )

    lines = [line for line in formatting.plain(written).split("\n") if line]

    assert lines == [
        "Здравствуйте, заказ (https://shop.example/1) у x.example:",
        "1. один", "  - внутри", "2. два", "> цитата", "[фото]",
    ]  # fmt: skip


def test_plain_text_as_the_editor_writes_it_reads_the_same():
    assert formatting.plain(formatting.of_text("1 < 2\n\nВаша Анна")) == "1 < 2\n\nВаша Анна"


def test_what_the_editor_adds_at_the_end_is_not_sent():
    assert formatting.clean("<div>Да</div><div><br></div>", PICTURES) == "<div>Да</div>"


def test_a_letter_is_cleaned_again_when_it_is_shown():
    shown = formatting.shown('<a href="https://x.example">x</a><img src="https://t.example/a.png"><script>1</script>')

    assert 'target="_blank"' in shown
    assert "noopener" in shown
    assert "t.example" not in shown
    assert "script" not in shown
