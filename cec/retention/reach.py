"""What is kept of a person, wherever it lies: chosen once, counted before he is forgotten and emptied when he is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from cec.clients.people import Person
from cec.platform.db import db
from cec.platform.i18n import gettext, mark

# What a forgetting reaches, in the order in which it is told.
WORDS = {
    "appeals": mark("Appeals"),
    "messages": mark("Messages and notes"),
    "files": mark("Files"),
    "letters": mark("Letters as they came, also in quarantine"),
    "drafts": mark("Drafts"),
    "events": mark("Events for programs"),
    "notices": mark("Notifications"),
    "visitors": mark("Visitors of the web chat"),
    "addresses": mark("Addresses"),
}

# His appeals: of his card, and those that came from his addresses and belong to nobody else.
_APPEALS = text("""
    SELECT id, number, status IN ('closed', 'spam', 'blocked') AS ended FROM appeal
    WHERE client_id = :client OR (address_id = ANY(:addresses) AND client_id IS NULL)
    ORDER BY id""")
# His part in appeals of others: messages from him or to him, and ways to him.
_ELSEWHERE = text("""
    SELECT m.id, m.appeal_id, a.number, a.status IN ('closed', 'spam', 'blocked') AS ended
    FROM appeal a JOIN message m ON m.appeal_id = a.id
    WHERE m.address_id = ANY(:addresses) AND NOT a.id = ANY(:appeals)
      AND (a.address_id = ANY(:addresses)
           OR a.id IN (SELECT appeal_id FROM appeal_way WHERE address_id = ANY(:addresses)))
    ORDER BY m.id""")
# What came in and became no message of his appeals: in quarantine, discarded, of no use. Its envelope or its words
# name an address of his.
_LETTERS = text("""
    SELECT id FROM inbound i WHERE raw <> '' AND state <> 'new'
      AND NOT EXISTS (SELECT FROM message m WHERE m.inbound_id = i.id)
      AND EXISTS (SELECT FROM unnest(CAST(:values AS text[])) AS his (value)
                  WHERE position(lower(his.value) IN lower(i.envelope::text)) > 0
                     OR position(convert_to(his.value, 'UTF8') IN coalesce(i.body, '')) > 0)
    ORDER BY id""")
# A visitor of the chat is known by the key of his browser, or by whom the site says that he is.
_VISITORS = text("""
    SELECT v.id FROM visitor v JOIN channel_account a ON a.id = v.channel_account_id
    WHERE a.code || '/' || CASE WHEN v.person IS NULL THEN v.key ELSE 'user:' || v.person END = ANY(:chats)
    ORDER BY v.id""")
_COUNTS = text("""
    SELECT (SELECT count(*) FROM message WHERE appeal_id = ANY(:appeals) OR id = ANY(:messages)) AS messages,
           (SELECT count(*) FROM attachment a JOIN message m ON m.id = a.message_id
            WHERE m.appeal_id = ANY(:appeals) OR m.id = ANY(:messages)) AS files,
           (SELECT count(*) FROM draft WHERE appeal_id = ANY(:appeals)) AS drafts,
           (SELECT count(*) FROM inbound WHERE raw <> '' AND (id = ANY(:letters) OR id IN
               (SELECT inbound_id FROM message WHERE appeal_id = ANY(:appeals) OR id = ANY(:messages)))) AS letters,
           (SELECT count(*) FROM event WHERE appeal_id = ANY(:appeals)) AS events,
           (SELECT count(*) FROM notification WHERE appeal_id = ANY(:appeals)) AS notices""")
_SENDING = text("""
    SELECT EXISTS (SELECT FROM message
                   WHERE state = 'sending' AND (appeal_id = ANY(:appeals) OR id = ANY(:messages)))""")


@dataclass(frozen=True)
class Reach:
    """What is a person's: numbers of rows."""

    addresses: Sequence[int]
    appeals: Sequence[int]
    # Messages of his in appeals of others.
    messages: Sequence[int]
    letters: Sequence[int]
    visitors: Sequence[int]
    # Appeals that are his or in which he takes part and that go on: number for people, by number of row.
    still_open: dict[int, str]

    def _given(self) -> dict[str, Any]:
        return {"appeals": self.appeals, "messages": self.messages, "letters": self.letters}

    def counts(self) -> dict[str, int]:
        """Count what would be emptied, by the names of WORDS."""
        counted = db.session.execute(_COUNTS, self._given()).one()
        told = {"addresses": len(self.addresses), "appeals": len(self.appeals), "visitors": len(self.visitors)}
        return {**told, **counted._mapping}  # noqa: SLF001 - its public name

    def is_sending(self) -> bool:
        """Tell whether a message to him is under way in this moment."""
        return bool(db.session.scalar(_SENDING, self._given()))


def of(person: Person) -> Reach:
    """Find all that is kept of a person."""
    addresses = [address.id for address in person.addresses]
    given: dict[str, Any] = {"client": person.client.id if person.client else None, "addresses": addresses}
    its = db.session.execute(_APPEALS, given).all()
    given["appeals"] = [row.id for row in its]
    elsewhere = db.session.execute(_ELSEWHERE, given).all()
    given["values"] = sorted({value for each in person.addresses for value in (each.value, each.normalised)})
    given["chats"] = [address.value for address in person.addresses if address.type == "webchat"]
    return Reach(
        addresses=addresses,
        appeals=given["appeals"],
        messages=[row.id for row in elsewhere],
        letters=list(db.session.scalars(_LETTERS, given)),
        visitors=list(db.session.scalars(_VISITORS, given)),
        still_open={row.id: row.number for row in its if not row.ended}
        | {row.appeal_id: row.number for row in elsewhere if not row.ended},
    )


def told(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Say counts in the reader's language."""
    return [(gettext(word), counts.get(name, 0)) for name, word in WORDS.items()]
