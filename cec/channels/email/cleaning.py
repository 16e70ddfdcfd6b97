"""HTML from outside made harmless: an allow-list, nothing runs, nothing is fetched until somebody asks for it."""

import re
import secrets
from collections.abc import Callable
from html import escape, unescape

import nh3

from cec.channels.email import charsets

LONGEST = 1_000_000
# The cleaner needs quadratic time for what is nested very deeply; nobody reads that.
DEEPEST = 1000
_COUNTED = 5000

_ALLOWED = """
    a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em
    figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span
    strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr
"""
TAGS = frozenset(_ALLOWED.split())
_DROPPED_WHOLE = """
    script style title template noscript textarea select iframe object embed svg math audio video
"""
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style", "title", "valign"},
    "a": {"href"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"color", "face", "size"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"start", "type"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "td": {"bgcolor", "colspan", "height", "rowspan", "width"},
    "th": {"bgcolor", "colspan", "height", "rowspan", "width"},
    "tr": {"bgcolor"},
}
_STYLES = """
    background-color border border-bottom border-collapse border-color border-left border-right
    border-spacing border-style border-top border-width color direction font-family font-size font-style
    font-weight height line-height list-style-type max-width padding padding-bottom padding-left
    padding-right padding-top text-align text-decoration text-indent text-transform vertical-align
    white-space width word-break
"""
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s]", re.IGNORECASE)
_REMOTE = re.compile(r"https?://[^\s\"'<>`\\]+", re.IGNORECASE)
_CID = re.compile(r"cid:[^\s\"'<>`\\]{1,300}", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_STYLE_TRAP = re.compile(r"url\s*\(|expression|javascript|@|\\|/\*", re.IGNORECASE)
_EDGES = re.compile(r"^[\s\x00-\x20\u200b-\u200f\u2028-\u202f\u2060\ufeff]+|[\s\x00-\x20]+$")
_OPENED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Marks remote addresses while nh3 writes them: random, so that no mail can hold it.
_MARK = f"cec{secrets.token_hex(12)}:"


def clean(html: str) -> str | None:
    """Make HTML harmless; None when it is too large or too deep to be shown at all.

    Remote pictures lose their source, remembered in data-remote; pictures inside the mail keep src="cid:...".
    """
    if len(html) > LONGEST or _is_too_deep(html):
        return None
    return _CLEANER.clean(charsets.legible(html)).replace(f'src="{_MARK}', 'data-remote="').strip()


def with_pictures(cleaned: str, find: Callable[[str], str | None], *, remote: bool = False) -> str:
    """Give cleaned HTML for the screen: pictures inside the mail by address, remote ones only if somebody asked."""
    if remote:
        cleaned = cleaned.replace(' data-remote="', ' src="')

    def place(match: re.Match[str]) -> str:
        address = find(unescape(match[1]))
        return f'src="{escape(address)}"' if address else 'data-missing=""'

    return re.sub(r'src="cid:([^"]{1,400})"', place, cleaned, flags=re.IGNORECASE)


def has_remote_pictures(cleaned: str) -> bool:
    """Tell whether there is something to ask the reader for."""
    return ' data-remote="' in cleaned


def content_ids(cleaned: str) -> set[str]:
    """List the pictures inside the mail that cleaned HTML shows."""
    return {unescape(found) for found in re.findall(r'src="cid:([^"]{1,400})"', cleaned, flags=re.IGNORECASE)}


def link(address: str) -> str | None:
    """Give the address of a link, unless it is one that does something else than lead somewhere."""
    address = _EDGES.sub("", address)
    return address if _LINK.match(address) else None


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return link(value)
    if name == "src":
        return _source(_EDGES.sub("", value))
    if name == "style":
        return None if _STYLE_TRAP.search(value) else value
    return value


def _source(value: str) -> str | None:
    if value.startswith("//"):
        value = f"https:{value}"
    if _REMOTE.fullmatch(value):
        return _MARK + value
    if _CID.fullmatch(value):
        return f"cid:{value[4:]}"
    return value if _PICTURE.fullmatch(value) else None


def _is_too_deep(html: str) -> bool:
    if html.count("<") < _COUNTED:
        return False
    open_now: dict[str, int] = {}
    depth = 0
    for closing, name in _OPENED.findall(html):
        tag = name.lower()
        if tag in {"br", "img", "hr", "p", "li", "td", "tr", "th", "meta", "link", "input", "col", "wbr", "option"}:
            continue
        now = open_now.get(tag, 0)
        if not closing:
            open_now[tag], depth = now + 1, depth + 1
        elif now:
            open_now[tag], depth = now - 1, depth - 1
        if depth > DEEPEST:
            return True
    return False


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(_DROPPED_WHOLE.split()),
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    strip_comments=True,
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    filter_style_properties=set(_STYLES.split()),
)
