"""One fault of a rules file, with its place and, where there is one, an example that proves it."""

from dataclasses import dataclass, field
from typing import Any

from cec.platform.i18n import gettext as _


@dataclass(frozen=True)
class Problem:
    """One fault: in which row (from 1; 0: the head of the table) and column, at which text, and what is wrong."""

    row: int
    column: str
    text: str
    message: str
    # An error keeps the file from being published; the rest is worth a look.
    is_error: bool = True
    # Facts that prove it, by column.
    sample: dict[str, Any] = field(default_factory=dict, compare=False)
    # The cell, counted from 0 over inputs and then outputs; -1: the whole row.
    cell: int = field(default=-1, compare=False)
    # Rows that it is about besides its own.
    others: tuple[int, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        place = _("row {row}, column “{column}”") if self.row else _("column “{column}”")
        named = place.format(row=self.row, column=self.column) if self.column else _("row {row}").format(row=self.row)
        head = f"{named}: " if self.column or self.row else ""
        return head + (f"“{self.text[:80]}”: " if self.text else "") + self.message
