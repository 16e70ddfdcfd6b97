"""The directory of resolutions: what every centre starts with (guide 3.7.5)."""

from cec.appeals.models import Resolution, ResolutionKind
from cec.platform.db import db
from cec.platform.i18n import gettext, mark

_FIRST = {
    ResolutionKind.SOLVED: mark("Solved"),
    ResolutionKind.PARTLY: mark("Partly solved"),
    ResolutionKind.INFORMED: mark("Informed"),
    ResolutionKind.REFUSED: mark("Refused"),
    ResolutionKind.NO_ANSWER: mark("No answer from the client"),
    ResolutionKind.DUPLICATE: mark("Duplicate"),
}


def stock() -> None:
    """Fill an empty directory, named in the language of who founds the centre."""
    if db.session.scalar(db.select(db.exists().select_from(Resolution))):
        return
    db.session.add_all(Resolution(code=kind.value, name=gettext(name), kind=kind) for kind, name in _FIRST.items())
