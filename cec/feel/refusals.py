"""What FEEL says when a text cannot be read or cannot be worked out."""

from cec.platform.errors import Invalid, Refusal
from cec.platform.i18n import gettext as _


class FeelSyntaxError(Invalid):
    """{where}Line {line}, column {column}: found {found}, expected {expected}."""

    def __init__(self, *, line: int, column: int, found: str, expected: str, where: str = "") -> None:
        self.line, self.column, self.expected = line, column, expected
        super().__init__(where=f"{where}: " if where else "", line=line, column=column, found=found, expected=expected)

    def as_error(self) -> "FeelError":
        """Give the same as an error of what is worked out: as the standard has it, such a part is null."""
        where = str(self.facts["where"]).removesuffix(": ")
        reason = _("found {found}, expected {expected}").format(found=self.facts["found"], expected=self.expected)
        return FeelError(where=where, line=self.line, column=self.column, reason=reason)


class FeelError(Refusal):
    """{where}Line {line}, column {column}: {reason}."""

    def __init__(self, *, line: int, column: int, reason: str, where: str = "") -> None:
        self.line, self.column, self.reason = line, column, reason
        super().__init__(where=f"{where}: " if where else "", line=line, column=column, reason=reason)


class Mismatch(Exception):
    """An operation or a function was given what it cannot work with; it does not know where it stands."""


class TooMuch(Mismatch):
    """Work, depth or size beyond what an expression is given; that is never null, it stops."""


class Misread(Mismatch):
    """A value is not what was expected in its place."""

    def __init__(self, found: str, expected: str) -> None:
        self.found, self.expected = found, expected
        super().__init__(_("{found} is not {expected}").format(found=found, expected=expected))


def mismatch(operation: str, *kinds: str) -> Mismatch:
    """Say that an operation is not defined for these kinds of values."""
    return Mismatch(_("{operation} cannot work with {kinds}").format(operation=operation, kinds=", ".join(kinds)))
