"""Where the doors of a centre are, and who works there: what its demo has written down in demo.json."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cec.living.post import Door
from cec.living.program import Access
from cec.platform.settings import Settings

FILE = "demo.json"
# The part of the file that is for the living centre.
PART = "living"


@dataclass(frozen=True)
class Place:
    """A centre as its clients and colleagues know it."""

    host: str
    port: int
    mail: Door
    # Where the post office of the demo lays what the centre sends.
    sent: Path | None
    chat: str
    access: Access
    # Passwords by login.
    colleagues: dict[str, str]
    supervisors: dict[str, str]


def read(settings: Settings) -> Place | None:
    """Read where to go; None when nobody lives in this demo."""
    path = settings.data / FILE
    known: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {}
    told = known.get(PART)
    if told is None:
        return None
    return Place(
        host=here(settings.host),
        port=settings.port,
        mail=Door(here(settings.smtp_host), settings.smtp_port, known["mailbox"]),
        sent=settings.data / "sent-mail",
        chat=told["chat"],
        access=Access(**told["access"]),
        colleagues=told["colleagues"],
        supervisors=told["supervisors"],
    )


def here(host: str) -> str:
    """Tell where on this machine a door is that is open to everywhere."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
