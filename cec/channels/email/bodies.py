"""From the parts of a mail to what people see: one text, one HTML body, and files."""

import html as markup
import mimetypes
import re
from dataclasses import dataclass, field, replace

from cec.channels.channel import IncomingFile, RefusedFile
from cec.channels.email import charsets, headers, tnef
from cec.channels.email.parts import Part, read
from cec.platform.i18n import mark

LONGEST_NAME = 150
MAX_FILES = 200
TOO_MANY = mark("The centre takes the first 200 files of a letter.")
_UNNAMED = {"text/calendar": "invitation.ics", "message/delivery-status": "delivery-status.txt"}
# What must not be in the name of a file: paths, controls, invisible and direction characters.
_FORBIDDEN = re.compile('[\x00-\x1f\x7f-\x9f<>:"|?*\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]')
_NOBODY_READS = frozenset({"text/x-amp-html", "text/watch-html", "text/enriched"})


@dataclass
class Block:
    """A piece of the body, in one or both forms."""

    text: str | None = None
    html: str | None = None


@dataclass
class Body:
    """What a mail holds."""

    blocks: list[Block] = field(default_factory=list)
    files: list[IncomingFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    # Words from inside a winmail.dat: they count when the mail has no others.
    spare: Block | None = None


def collect(root: Part) -> Body:
    """Sort the parts into body and files, in their order."""
    body = Body()
    _collect(root, body, alternatives=None)
    if body.spare is not None and not any(block.text or block.html for block in body.blocks):
        body.blocks.append(body.spare)
    return body


def _collect(part: Part, body: Body, *, alternatives: Block | None) -> None:
    """Depth is bounded by the limits of the parts."""
    if part.type == "multipart/alternative" and part.parts:
        block = Block()
        body.blocks.append(block)
        for below in part.parts:
            _collect(below, body, alternatives=block)
    elif part.parts:
        for number, below in enumerate(part.parts):
            # Beside the main part, a multipart/related or a signed mail holds files only.
            only_first = part.type in {"multipart/related", "multipart/signed"} and number
            if only_first and not below.parts:
                _add_file(below, body)
            else:
                _collect(below, body, alternatives=alternatives)
    elif _is_body(part):
        _add_text(part, body, alternatives)
    elif part.type not in _NOBODY_READS:
        _add_file(part, body)


def _is_body(part: Part) -> bool:
    if part.disposition[0] == "attachment" or part.disposition[1].get("filename"):
        return False
    if part.type.startswith("multipart/"):  # said to have parts, has none
        return True
    return part.type in {"text/plain", "text/html"} and not (part.name and part.headers.has("content-id"))


def _add_text(part: Part, body: Body, alternatives: Block | None) -> None:
    words = charsets.decode(part.content(), _label(part)).replace("\r\n", "\n").replace("\r", "\n")
    if not words.strip():
        return
    block = alternatives
    if block is None:
        block = Block()
        body.blocks.append(block)
    if part.type == "text/html":
        block.html = words if block.html is None else f"{block.html}\n{words}"
    else:
        block.text = words if block.text is None else f"{block.text}\n{words}"


def _label(part: Part) -> str:
    label = part.content_type[1].get("charset", "")
    if not charsets.codec(label) and part.type == "text/html":
        declared = re.search(rb"charset\s*=\s*[\"']?([\w-]{2,30})", part.content()[:2048], re.IGNORECASE)
        return declared[1].decode() if declared else ""
    return label


def _add_file(part: Part, body: Body) -> None:
    content = part.content()
    if not content and not part.name:
        return
    if len(body.files) >= MAX_FILES:
        body.refused.append(RefusedFile(file_name(part.name or _fallback_name(part)), TOO_MANY))
        return
    if _unpack(part, content, body):
        return
    body.files.append(
        IncomingFile(
            name=file_name(part.name or _fallback_name(part)),
            type=part.type,
            content=content,
            content_id=charsets.decode(part.headers.raw("content-id")).strip(" <>\t")[:300] or None,
        )
    )


def _unpack(part: Part, content: bytes, body: Body) -> bool:
    """Put what is in a winmail.dat beside the other files; whatever is no such package stays the file it is."""
    if part.type not in tnef.TYPES and part.name.lower() != tnef.NAME:
        return False
    package = tnef.unpack(content)
    if package is None or not (package.files or package.text or package.html):
        return False
    if package.text or package.html:
        body.spare = Block(package.text.replace("\r\n", "\n") or None, package.html or None)
    room = MAX_FILES - len(body.files)
    body.files.extend(replace(file, name=file_name(file.name)) for file in package.files[:room])
    body.refused.extend(RefusedFile(file_name(file.name), TOO_MANY) for file in package.files[room:])
    return True


def _fallback_name(part: Part) -> str:
    if part.type in {"message/rfc822", "message/global"}:
        subject = read(part.content()[: headers.MAX_LENGTH].lstrip()).headers.text("subject")
        return f"{subject[:80].strip() or 'mail'}.eml".replace("/", " ")
    return _UNNAMED.get(part.type) or f"file{mimetypes.guess_extension(part.type) or '.bin'}"


def file_name(name: str) -> str:
    """Make a name fit to be shown and saved: no path, nothing invisible, not too long, never empty."""
    name = _FORBIDDEN.sub("", charsets.legible(name)).replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, suffix = name.rpartition(".")
        has_suffix = bool(dot) and len(suffix) <= 10  # noqa: PLR2004
        name = f"{stem[: LONGEST_NAME - 11]}.{suffix}" if has_suffix else name[:LONGEST_NAME]
    return name or "file"


def text_as_html(text: str | None) -> str:
    """Give text as HTML, for a body of mixed parts."""
    return f"<div>{markup.escape(text or '')}</div>".replace("\n", "<br>\n")
