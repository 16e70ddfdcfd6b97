"""The text of an HTML mail, as a reader would type it off: blocks on lines, quotations behind >."""

import re
from typing import Any

from lxml import etree

from cec.channels.email import charsets

_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg", "math"})
_BLOCK_TAGS = """
    address article aside center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li
    main nav ol p pre section table tbody tfoot thead tr ul blockquote
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_SPACED = frozenset({"p", "h1", "h2", "h3", "blockquote", "ul", "ol", "table"})
# How mail programs mark what they quote; Outlook puts x_ before the names of others.
_QUOTED = re.compile(
    r"(?:^|[\s_])(?:gmail_quote(?:_container)?|gmail_attr|yahoo_quoted|protonmail_quote|moz-cite-prefix|zmail_extra"
    r"|ms-outlook-quote|tutanota_quote|front-blockquote|OutlookMessageHeader)(?:\s|$)"
)
# What begins the history of everything below it, without enclosing it.
_HISTORY_BELOW = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|zwchr|mail-editor-reference-message-container|reply-intro"
    r"|OLK_SRC_BODY_SECTION|isForwardContent|isReplyContent)$"
)
# The rule above the quoted head in Outlook and in Windows' own mail program.
_HEAD_RULE = re.compile(
    r"border-top:\s*solid\s+#?(?:B5C4DF|E1E1E1)\s+1(?:\.0)?pt"
    r"|border-top-color:\s*rgb\(229, ?229, ?229\)[^\"]*border-top-style:\s*solid",
    re.IGNORECASE,
)
# An author who moves his own paragraph to the right quotes nobody.
_INDENTED = re.compile(r"border(?:-width)?:\s*(?:none|0)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\xa0\u200b\u200c\u2060\u00ad]+")
_BLANKS = re.compile(r"\n{3,}")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)


def of_html(html: str, *, whole: bool = False) -> str:
    """Give the text of HTML; `whole` also tells where links lead, and names pictures."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(charsets.legible(html).encode("utf-8", "replace"), parser)
    except etree.ParserError:
        return ""
    except etree.XMLSyntaxError:
        return ""
    return _Typist(whole=whole).write(root) if root is not None else ""


class _Typist:
    """Walks a tree without recursion and writes lines."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0
        self.verbatim = 0

    def write(self, root: Any) -> str:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                if _is_skipped(element):
                    walk.skip_subtree()
                    continue
                self._open(element)
                self._say(element.text)
            else:
                if not _is_skipped(element):
                    self._close(element)
                self._say(element.tail)
        self._break()
        return _BLANKS.sub("\n\n", "\n".join(self.lines)).strip()

    def _open(self, element: Any) -> None:
        tag = element.tag
        if tag == "br":
            self._break(force=True)
        elif tag in _BLOCKS:
            self._break()
            if tag in _SPACED and self.lines and self.lines[-1]:
                self._break(force=True)
        elif tag in {"td", "th"} and self.line:
            self.line.append(" ")
        self.depth += _is_quote(element) + _is_above_history(element)
        self.verbatim += tag == "pre"
        if tag == "li":
            self.line.append(_bullet(element) if self.whole else "- ")
        if self.whole and tag == "img" and element.get("alt"):
            self._say(f"[{element.get('alt')}]")

    def _close(self, element: Any) -> None:
        tag = element.tag
        if self.whole and tag == "a":
            self._say(_leads(element))
        if tag in _BLOCKS:
            self._break()
        self.depth -= _is_quote(element)
        self.verbatim -= tag == "pre"
        if tag in _SPACED and self.lines and self.lines[-1].strip("> "):
            self._break(force=True)

    def _say(self, words: str | None) -> None:
        if not words:
            return
        if self.verbatim:
            first, *rest = words.split("\n")
            self.line.append(first)
            for line in rest:
                self._break(force=True)
                self.line.append(line)
            return
        words = _SPACES.sub(" ", words)
        if not self.line or self.line[-1].endswith(" "):
            words = words.lstrip(" ")
        if words:
            self.line.append(words)

    def _break(self, *, force: bool = False) -> None:
        line = "".join(self.line).rstrip()
        self.line = []
        if line or force:
            self.lines.append(">" * self.depth + (" " if self.depth and line else "") + line)


def _bullet(element: Any) -> str:
    """Give the mark of a list's item: its number, or a dash, indented by how deep the list is nested."""
    depth = sum(1 for _ in element.iterancestors("ul", "ol"))
    number = sum(1 for _ in element.itersiblings("li", preceding=True)) + 1
    mark = f"{number}. " if element.getparent().tag == "ol" else "- "
    return "  " * (depth - 1) + mark


def _leads(element: Any) -> str:
    """Tell where a link leads, unless its words say so already."""
    address = (element.get("href") or "").removeprefix("mailto:").removeprefix("tel:")
    said = "".join(element.itertext()).strip()
    return f" ({address})" if address and address.rstrip("/") not in {said, f"http://{said}", f"https://{said}"} else ""


def _is_quote(element: Any) -> bool:
    marked = element.get("class") or ""
    if element.tag == "blockquote":
        indented = _INDENTED.search(element.get("style") or "") and element.get("type") != "cite"
        return not indented or _QUOTED.search(marked) is not None
    return bool(marked) and element.tag in {"div", "table"} and _QUOTED.search(marked) is not None


def _is_above_history(element: Any) -> bool:
    """Tell whether everything from this element on is history."""
    named, style = element.get("id"), element.get("style")
    if named and _HISTORY_BELOW.match(named):
        return True
    return bool(style) and element.tag == "div" and _HEAD_RULE.search(style) is not None


def _is_skipped(element: Any) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in _SKIPPED:
        return True
    style = element.get("style")
    return bool(style) and _HIDDEN.search(style) is not None
