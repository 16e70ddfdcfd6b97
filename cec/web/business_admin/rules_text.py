"""Which text of a decision table the bench and the scenarios try (guide 5.2)."""

from typing import NamedTuple

from flask import request

from cec.dmn import reading
from cec.platform.errors import NotFound
from cec.platform.i18n import gettext as _
from cec.rulebook import drafts, files, publishing


class Written(NamedTuple):
    """A text of a table and what it is called: version 3."""

    text: str
    title: str


def of(name: str) -> Written:
    """Give the text that is tried: the version that ?version= asks for, else the draft, else what judges now.

    :raises NoSuchRules: when there is no table of that name.
    :raises NotFound: when it has no such version.
    """
    current = files.current(name)
    asked = request.values.get("version", type=int)
    draft = drafts.find(name) if asked is None else None
    if draft is not None:
        return Written(publishing.text_of(draft), _("draft of version {n}").format(n=draft.base_version))
    if asked is None or asked == current.version:
        return Written(current.text, _("version {n}, published").format(n=current.version))
    found = next((version for version in files.list_versions(name) if version.version == asked), None)
    if found is None:
        raise NotFound
    return Written(found.text, _("version {n}").format(n=asked))


def title(name: str) -> str:
    """Give the name of a table as people read it."""
    drawn = reading.read(files.current(name).text).drawn
    return _(drawn.name or name)
