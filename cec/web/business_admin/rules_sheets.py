"""Administrator: the table that a page is about, as it is written now: its draft, else the version in force."""

from functools import lru_cache

from cec.dmn import sheets
from cec.dmn.sheets import Head, NotATable, Sheet
from cec.rulebook import drafts, files
from cec.rulebook.models import RulesDraft


def written(name: str) -> tuple[RulesDraft | None, Sheet]:
    """Give the draft, if there is one, and the table as it is written.

    :raises NoSuchRules: when there is no table of that name.
    :raises NotATable: when it is no plain table.
    """
    draft = drafts.find(name)
    return draft, drafts.sheet_of(draft) if draft else in_force(name)


def in_force(name: str) -> Sheet:
    """Give the table that judges now.

    :raises Refusal: as `written` does.
    """
    stamp = files.current_stamp(name)
    return _version(name, stamp.sha256)


def of_version(name: str, number: int) -> Sheet:
    """Give the table of a version.

    :raises Refusal: when there is no such version, or it is no plain table.
    """
    return _version(name, files.get_version(name, number).sha256)


def head(name: str) -> Head:
    """Give the columns of the table as it is written, quickly.

    :raises Refusal: as `written` does.
    """
    return drafts.find_head(name) or in_force(name).head


def find_in_force(name: str) -> Sheet | None:
    """Give the table that judges now, or nothing when it is no plain table."""
    return _found(name, files.current_stamp(name).sha256)


def _version(name: str, sha256: str) -> Sheet:
    sheet = _found(name, sha256)
    if sheet is None:
        raise NotATable
    return sheet


@lru_cache(maxsize=32)
def _found(name: str, sha256: str) -> Sheet | None:
    return sheets.find(files.text_of(name, sha256))
