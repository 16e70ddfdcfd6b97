"""A post office of our own: takes every letter and lays it into a folder.

It stands for the world's mail in the demo and in tests, so that both send through a real SMTP conversation.
"""

import itertools
import socket
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class PostOffice:
    """Takes letters at a door on loopback and lays them into a folder as .eml, numbered in the order they came."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.folder = folder
        self.port = port or _free_port()
        folder.mkdir(parents=True, exist_ok=True)
        taken = [int(path.stem) for path in folder.glob("*.eml") if path.stem.isdigit()]
        self._numbers = itertools.count(max(taken, default=0) + 1)
        self._controller: Controller | None = None

    def start(self) -> None:
        """Open the door."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Close the door."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Lay a letter into the folder; it appears there whole."""
        number = next(self._numbers)
        content = envelope.original_content or b""
        part = self.folder / f"{number:06d}.part"
        part.write_bytes(content)
        part.rename(part.with_suffix(".eml"))
        return "250 Taken"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
