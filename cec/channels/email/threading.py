"""Which appeal a mail continues: our Message-IDs carry the appeal and a signature; nobody guesses his way in."""

import re
from collections.abc import Iterable

from cec.platform import keys

# Relays reject very long headers: the first and the newest references are enough to keep a thread together.
MAX_REFERENCES = 12
_OURS = re.compile(r"<cec\.([0-9a-z]{1,40})\.(\d{1,18})\.([a-z2-7]{20})@[^<>\s@]{1,255}>", re.IGNORECASE)
_TRIAL = re.compile(r"<cec-trial\.([0-9a-z]{1,40})\.([a-z2-7]{20})@[^<>\s@]{1,255}>", re.IGNORECASE)
_NUMBER = re.compile(r"\[#(\d{4}-\d{6,12})\]")


def message_id(message: int | str, appeal_id: int, address: str) -> str:
    """Give the Message-ID of an outgoing mail: the same message has the same id at every try."""
    domain = address.rpartition("@")[2].encode("idna").decode() or "localhost"
    return f"<cec.{message}.{appeal_id}.{keys.sign(_signed(str(message), str(appeal_id)))}@{domain}>"


def appeal_of(message_ids: Iterable[str]) -> int | None:
    """Find the appeal in Message-IDs that a mail answers; only with our own signature."""
    for known in message_ids:
        ours = _OURS.fullmatch(known.strip())
        if ours is None:
            continue
        message, appeal, signature = ours.groups()
        if keys.is_signed(_signed(message.lower(), appeal), signature.lower()):
            return int(appeal)
    return None


def message_of(message_ids: Iterable[str]) -> int | None:
    """Find the message of ours that Message-IDs name; only with our own signature."""
    for known in message_ids:
        ours = _OURS.fullmatch(known.strip())
        if ours and ours[1].isdigit() and keys.is_signed(_signed(ours[1], ours[2]), ours[3].lower()):
            return int(ours[1])
    return None


def number_in(subject: str) -> str | None:
    """Find the number of an appeal in a subject: [#2026-000123]; it counts only together with a known sender."""
    found = _NUMBER.search(subject)
    return found[1] if found else None


def trial_id(address: str, token: str) -> str:
    """Give the Message-ID of a mail that only tries out a connection."""
    domain = address.rpartition("@")[2].encode("idna").decode()
    return f"<cec-trial.{token}.{keys.sign(f'trial {token}')}@{domain}>"


def is_trial(message_id: str) -> bool:
    """Tell whether a mail only tries out a connection of ours: it becomes no appeal."""
    trial = _TRIAL.fullmatch(message_id)
    return trial is not None and keys.is_signed(f"trial {trial[1]}", trial[2].lower())


def trimmed(references: Iterable[str]) -> list[str]:
    """Keep the first and the newest references, each once."""
    known = list(dict.fromkeys(references))
    return known if len(known) <= MAX_REFERENCES else [known[0], *known[-(MAX_REFERENCES - 1) :]]


def _signed(message: str, appeal: str) -> str:
    return f"message-id {message} {appeal}"
