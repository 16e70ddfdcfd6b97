"""The shop's app: a program that hands messages over by the generic channel and asks for the answers (CORE 8)."""

import asyncio
import uuid
from typing import Any, NamedTuple

import orjson

from cec.living.line import Away, Line
from cec.living.pace import Pace
from cec.platform import signatures

PATH = "/api/v1/channels"
# Seconds between two looks for an answer.
LOOKS_EVERY = 10.0


class Access(NamedTuple):
    """What an administrator gave to the program: its channel, the secret it signs with, a key to read answers."""

    code: str
    secret: str
    key: str


class NotTaken(Exception):
    """The channel did not take a message."""


class User:
    """Somebody with the app, in one conversation."""

    def __init__(
        self,
        line: Line,
        access: Access,
        pace: Pace,
        *,
        name: str,
        mail: str,
        subject: str,
        looks_every: float = LOOKS_EVERY,
    ) -> None:
        self._looks_every = looks_every
        self._line, self._access, self._pace, self._subject = line, access, pace, subject
        self._sender = {"id": f"app-{mail.partition('@')[0]}", "name": name, "email": mail}
        self._conversation, self._status_url = str(uuid.uuid4()), ""
        self._appeal_id, self._last = 0, 0

    async def say(self, text: str, *, picture: bytes | None = None) -> None:  # noqa: ARG002 - the app has no pictures
        """Send a message; sent again it is the same one.

        :raises NotTaken: when the centre refuses it.
        """
        told = {
            "external_id": str(uuid.uuid4()), "conversation_id": self._conversation, "sender": self._sender,
            "subject": self._subject, "text": text,
        }  # fmt: skip
        body = orjson.dumps(told)
        signed = {"X-CEC-Signature": signatures.sign(self._access.secret, body)}
        path = f"{PATH}/{self._access.code}/messages"
        answer = await self._line.ask("POST", path, body=body, headers=signed, what="api message")
        if not answer.is_good:
            raise NotTaken(f"{answer.status} {answer.text[:200]}")
        self._status_url = answer.json()["status_url"]

    async def hear(self, within: float) -> str | None:
        """Ask for so many seconds whether there is an answer; gives its text."""
        try:
            async with asyncio.timeout(within):
                return await self._look()
        except TimeoutError:
            return None

    async def rate(self, mark: int) -> None:
        """Say nothing of how it was: the app has no stars."""

    async def leave(self) -> None:
        """Close the app."""
        self._line.close()

    async def _look(self) -> str:
        while True:
            await self._pace.pause(self._looks_every / 2, self._looks_every)
            try:
                found = await self._answers()
            except Away:
                continue
            if found:
                self._last = max(each["id"] for each in found)
                return str(found[-1]["text"])

    async def _answers(self) -> list[dict[str, Any]]:
        if not self._appeal_id:
            signed = {"X-CEC-Signature": signatures.sign(self._access.secret, b"")}
            told = await self._line.ask("GET", self._status_url, headers=signed, what="api status")
            appeal = told.json().get("appeal") if told.is_good else None
            if appeal is None:
                return []
            self._appeal_id = appeal["id"]
        key = {"Authorization": f"Bearer {self._access.key}"}
        path = f"/api/v1/appeals/{self._appeal_id}/messages?limit=100"
        told = await self._line.ask("GET", path, headers=key, what="api answers")
        if not told.is_good:
            return []
        items = told.json()["data"]
        return [each for each in items if each["direction"] == "out" and each["sent_at"] and each["id"] > self._last]
