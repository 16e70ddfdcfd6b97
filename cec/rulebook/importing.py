"""A DMN file from elsewhere: read with care, checked as a table of this centre, fit to be its draft or not."""

import re
from dataclasses import dataclass

from cec.dmn import checking, reading, sheets
from cec.dmn.problems import Problem
from cec.dmn.reading import MAX_SIZE, Rules, UnreadableRules
from cec.dmn.sheets import Sheet
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext as _
from cec.rulebook import publishing

# A character takes up to so many bytes.
_WIDEST = 4
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_KNOWN = {"utf-8", "us-ascii", "utf-16", "windows-1251", "windows-1252", "koi8-r", "iso-8859-1", "iso-8859-5"}


class NotRead(Invalid):
    """This file is not taken: {reason}."""

    field = "file"


@dataclass(frozen=True)
class Foreign:
    """A file that was read: its table, if it is one plain table, and what is wrong with it here."""

    text: str
    rules: Rules
    sheet: Sheet | None
    problems: list[Problem]

    @property
    def is_fit(self) -> bool:
        """Say whether it can be taken as a draft."""
        return self.sheet is not None and not any(one.is_error for one in self.problems)


def examine(name: str, content: bytes) -> Foreign:
    """Look a file through as the table of this name.

    :raises NotRead: when it is no DMN, too large, or holds what is dangerous to read.
    """
    text = text_of(content)
    try:
        rules = reading.read(text)
    except UnreadableRules as why:
        raise NotRead(reason=why.facts["reason"]) from None
    table = sheets.plain_table(rules)
    if table is None:
        return Foreign(text, rules, None, checking.check(text))
    sheet = sheets.of_table(table)
    return Foreign(text, rules, sheet, publishing.examine_sheet(name, sheet))


def text_of(content: bytes) -> str:
    """Give the text of a file in the encoding that it declares.

    :raises NotRead: when it is too large, or in no encoding that is known here.
    """
    if len(content) > MAX_SIZE * _WIDEST:
        raise NotRead(reason=_("it is larger than {size} characters").format(size=MAX_SIZE))
    is_wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    declared = _DECLARED.match(content[:200].removeprefix(b"\xef\xbb\xbf"))
    encoding = "utf-16" if is_wide else declared[1].decode().lower() if declared else "utf-8"
    if encoding not in _KNOWN or (encoding == "utf-16" and not is_wide):
        raise NotRead(reason=_("its encoding {encoding} is not known here: save it as UTF-8").format(encoding=encoding))
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as why:
        place = _("byte {at} is no text in {encoding}: save it as UTF-8")
        raise NotRead(reason=place.format(at=why.start, encoding=encoding)) from None
