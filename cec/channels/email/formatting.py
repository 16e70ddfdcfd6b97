"""What an operator writes with formatting: made harmless, shown on our screens, and readable without it."""

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape

import nh3

from cec.channels.email import charsets, cleaning, plain_text

LONGEST = 1_000_000
TAGS = frozenset({"a", "b", "blockquote", "br", "div", "em", "i", "img", "li", "ol", "p", "s", "strong", "u", "ul"})
_ATTRIBUTES = {"a": {"href"}, "img": {"alt", "src"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_DROPPED_WHOLE = {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
_PICTURE = re.compile(r'<img\b[^>]*\ssrc="cid:([^"]{1,300})"[^>]*>')
_NO_PICTURE = re.compile(r'<img\b(?![^>]*\ssrc=")[^>]*>')
# The editor ends with a line that nobody wrote.
_PLAIN_WORDS = str.maketrans("", "", '<>"')
_EMPTY = re.compile(r"(?:<div><br></div>|<br>|\s)+$")


def clean(html: str, find: Callable[[str], str | None]) -> str:
    """Make harmless what a browser says was written; `find` gives the Content-ID of a picture by its address.

    What is too large or too deep to be a letter is nothing.
    """
    if len(html) > LONGEST:
        return ""

    def keep(_tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return cleaning.link(value)
        if name == "alt":
            return value.translate(_PLAIN_WORDS)[:200]
        if name != "src":
            return value
        found = find(value)
        return f"cid:{found}" if found else None

    cleaned = nh3.clean(
        charsets.legible(html),
        tags=set(TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return _EMPTY.sub("", _NO_PICTURE.sub("", cleaned))


@lru_cache(maxsize=2048)
def shown(html: str) -> str:
    """Give a letter of ours for the screen, cleaned once more; its pictures keep src="cid:..."."""
    return _OURS.clean(html)


def content_ids(html: str) -> set[str]:
    """List the pictures that a letter shows."""
    return {unescape(found) for found in _PICTURE.findall(html)}


def plain(html: str) -> str:
    """Give the same as plain text: lists with their marks, links with their addresses."""
    return plain_text.of_html(html, whole=True)


def of_text(text: str) -> str:
    """Give plain text as the editor writes it: a block for each line."""
    return "".join(f"<div>{escape(line, quote=False) or '<br>'}</div>" for line in text.split("\n"))


def _known(_tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return cleaning.link(value)
    return value if name != "src" or value.startswith("cid:") else None


_OURS = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(_DROPPED_WHOLE),
    attributes=_ATTRIBUTES,
    attribute_filter=_known,
    url_schemes=_SCHEMES,
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
