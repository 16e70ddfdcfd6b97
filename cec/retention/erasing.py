"""Words and files of appeals go from every place where they are kept; what figures are made of stays.

The rows of appeals and messages stay with their moments, statuses, queues and operators; so does the name of each
message, so that the same letter is not taken in anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from cec.platform import clock, journal
from cec.platform.db import db

# Of the facts of an appeal what no client and no operator has written: codes, names of the centre's own things.
KEPT_FACTS = (
    "kind", "resolution", "until", "to", "to_name", "target", "topic", "cause", "on_silence", "reason", "queue", "from",
    "into", "channel", "since", "held", "program", "back_to", "return_to", "source",
)  # fmt: skip

EMPTY_LETTERS = """
    WITH gone AS (SELECT id, CASE WHEN body IS NULL THEN raw ELSE '' END AS file FROM inbound
                  WHERE raw <> '' AND id = ANY(:letters) ORDER BY id FOR UPDATE)
    UPDATE inbound i SET raw = '', body = NULL, envelope = '{}', detail = NULL FROM gone WHERE i.id = gone.id
    RETURNING gone.file"""
# First messages to a person that have not left; when only the term of an old appeal is over, they stay.
_FIRST = """(f.address_id = ANY(:addresses)
    OR f.of_id = ANY(:appeals) AND cardinality(CAST(:addresses AS int[])) > 0
    OR lower(f.email) IN (SELECT normalised FROM address WHERE type = 'email' AND id = ANY(:addresses)))"""
# In this order; each gives the files that it unnames, or a row for each thing that it empties.
_FILES = {
    "draft_files": """
        DELETE FROM attachment WHERE draft_id IN (SELECT id FROM draft WHERE appeal_id = ANY(:appeals))
        RETURNING sha256""",
    "first_files": f"""
        DELETE FROM attachment WHERE draft_id IN
            (SELECT d.id FROM draft d JOIN first_message f ON f.id = d.first_message_id WHERE {_FIRST})
        RETURNING sha256""",  # noqa: S608 - our own words
    "files": "DELETE FROM attachment WHERE message_id = ANY(:messages) RETURNING sha256",
    "letters": EMPTY_LETTERS,
}
_ABOUT = """
    (appeal_id = ANY(:appeals) OR appeal_id IN (SELECT m.appeal_id FROM message m WHERE m.id = ANY(:messages)))"""
_ROWS = {
    "awaited": "DELETE FROM awaited_file WHERE message_id = ANY(:messages) RETURNING id",
    "drafts": "DELETE FROM draft WHERE appeal_id = ANY(:appeals) RETURNING id",
    "first_drafts": f"""
        DELETE FROM draft d USING first_message f WHERE f.id = d.first_message_id AND {_FIRST} RETURNING d.id""",  # noqa: S608
    "first_messages": f"DELETE FROM first_message f WHERE {_FIRST} RETURNING f.id",  # noqa: S608
    "messages": """
        UPDATE message SET text = '', fresh_text = NULL, html = NULL, subject = '', headers = '{}', error = NULL,
            undelivered = '{}', state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
        WHERE id = ANY(:messages) RETURNING id""",
    "ratings": """
        UPDATE rating SET comment = '' WHERE comment <> '' AND
            (appeal_id = ANY(:appeals) OR message_id = ANY(:messages)) RETURNING id""",
    "processes": """
        UPDATE process_instance SET state = '' WHERE subject = ANY(:subjects) AND ended_at IS NOT NULL RETURNING id""",
    "incidents": """
        UPDATE incident SET step = '{}', error = '', settled_at = coalesce(settled_at, :now),
            settled_by = coalesce(settled_by, 'system') WHERE subject = ANY(:subjects) RETURNING id""",
    "process_messages": "DELETE FROM process_message WHERE subject = ANY(:subjects) RETURNING id",
    "events": f"DELETE FROM event WHERE {_ABOUT} RETURNING id",  # noqa: S608 - our own words
    "notices": f"DELETE FROM notification WHERE {_ABOUT} RETURNING id",  # noqa: S608
    "appeals": """
        UPDATE appeal SET subject = '', facts = NULL, verdicts = '{}', conversation = NULL, language = NULL,
            erased_at = :now
        WHERE id = ANY(:appeals) RETURNING id""",
}
_STORY = text("""
    UPDATE journal SET facts = (
        SELECT coalesce(jsonb_object_agg(key, CASE
            WHEN key = ANY(:kept) OR jsonb_typeof(value) IN ('number', 'boolean', 'null') THEN value
            WHEN jsonb_typeof(value) = 'string' THEN '""' ELSE 'null' END), '{}')
        FROM jsonb_each(facts))
    WHERE subject = ANY(:subjects) AND facts <> '{}'""")
_MESSAGES = text("SELECT id FROM message WHERE appeal_id = ANY(:appeals) ORDER BY id")
_LETTERS = text("SELECT DISTINCT inbound_id FROM message WHERE id = ANY(:messages) AND inbound_id IS NOT NULL")


@dataclass
class Erased:
    """How much was emptied, by the names of the statements; and the files that these rows no longer name."""

    counts: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def erase(
    appeals: Sequence[int],
    *,
    messages: Sequence[int] = (),
    letters: Sequence[int] = (),
    addresses: Sequence[int] = (),
) -> Erased:
    """Empty appeals that have ended, with all that is theirs; further messages and letters; what waits for addresses.

    The caller has their rows to himself.
    """
    its = list(db.session.scalars(_MESSAGES, {"appeals": list(appeals)}))
    given = {"appeals": list(appeals), "messages": [*its, *messages], "addresses": list(addresses), "now": clock.now()}
    came = [*db.session.scalars(_LETTERS, given), *letters]
    subjects = [f"appeal:{number}" for number in appeals] + [f"inbound:{number}" for number in came]
    given |= {"letters": came, "subjects": subjects}
    erased = Erased()
    for name, statement in _FILES.items():
        files = db.session.scalars(text(statement), given).all()
        erased.files += files
        erased.counts[name] = len(files)
    for name, statement in _ROWS.items():
        erased.counts[name] = len(db.session.execute(text(statement), given).all())
    erase_story(subjects)
    return erased


def erase_story(subjects: Sequence[str]) -> None:
    """Take the words out of what the journal tells of subjects: what happened, by whom and when stays."""
    journal.write_down()
    # The journal refuses every other change.
    db.session.execute(text("SELECT set_config('cec.erasing', 'on', true)"))
    db.session.execute(_STORY, {"subjects": list(subjects), "kept": list(KEPT_FACTS)})
    db.session.execute(text("SELECT set_config('cec.erasing', 'off', true)"))
