"""Tables of appeals."""

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.channels.models import ChannelAccount
from cec.clients.models import Address, Client
from cec.platform.db import Table, created, identity, moment, signs_index, words_index
from cec.queues.models import Lane, Queue
from cec.staff.models import Employee
from cec.topics.models import Topic


class Status(StrEnum):
    """Statuses of an appeal (SPEC 0.2); the legal moves are in lifecycle."""

    NEW = "new"
    QUEUED = "queued"
    OFFERED = "offered"
    IN_WORK = "in_work"
    WAITING = "waiting_for_client"
    POSTPONED = "postponed"
    CLOSED = "closed"
    SPAM = "spam"
    BLOCKED = "blocked"


class ResolutionKind(StrEnum):
    """Kinds of resolutions (SPEC 3.7.5)."""

    SOLVED = "solved"
    PARTLY = "partly"
    REFUSED = "refused"
    INFORMED = "informed"
    NO_ANSWER = "no_answer"
    SPAM = "spam"
    DUPLICATE = "duplicate"


class Resolution(Table):
    """A resolution (решение по обращению) of the directory."""

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    comment_required: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)


class Appeal(Table):
    """An appeal (обращение)."""

    id: Mapped[int] = identity()
    # For people: 2026-000123.
    number: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    channel_account_id: Mapped[int] = mapped_column(ForeignKey("channel_account.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    subject: Mapped[str] = mapped_column(default="")
    # In which language its client speaks, as he said or as he wrote first: ru or en; none: unknown.
    language: Mapped[str | None]
    # Who wrote first: the client, or one of us.
    direction: Mapped[str] = mapped_column(default="in", server_default="in")
    status: Mapped[str] = mapped_column(default=Status.NEW)
    status_since: Mapped[dt.datetime] = created()
    # Counts changes of status, operator and queue, not messages: two people cannot both act.
    version: Mapped[int] = mapped_column(default=1)
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    lane_id: Mapped[int | None] = mapped_column(ForeignKey("lane.id"))
    # Order inside the lane: arrival less what points are worth; never changes while waiting.
    rank_at: Mapped[dt.datetime | None] = moment(optional=True)
    points: Mapped[int] = mapped_column(default=0)
    # What the tables said: {"screening"|"routing"|"prioritization": {"version", "rows": [{"row", "reason", …}]}}.
    verdicts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What they were given when it last entered a queue, without its words; none: it came before they were kept.
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # Who has it now; and who should get it, until when.
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    preferred_operator_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    preferred_until: Mapped[dt.datetime | None] = moment(optional=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    resolution_id: Mapped[int | None] = mapped_column(ForeignKey("resolution.id"))
    created_at: Mapped[dt.datetime] = created()
    enqueued_at: Mapped[dt.datetime | None] = moment(optional=True)
    # Since when it waits in a queue without a break; an offer that came to nothing is none.
    queued_since: Mapped[dt.datetime | None] = moment(optional=True)
    first_reply_at: Mapped[dt.datetime | None] = moment(optional=True)
    due_response: Mapped[dt.datetime | None] = moment(optional=True)
    # Since when the client has waited for the answer that is due: in working time the two are further apart.
    due_since: Mapped[dt.datetime | None] = moment(optional=True)
    due_resolution: Mapped[dt.datetime | None] = moment(optional=True)
    # Until when it is postponed or waits for the client.
    wake_at: Mapped[dt.datetime | None] = moment(optional=True)
    closed_at: Mapped[dt.datetime | None] = moment(optional=True)
    # How it closed: resolved | no_client_answer | spam | blocked.
    close_kind: Mapped[str | None]
    # What the client gave it last, of 1 to 5.
    mark: Mapped[int | None]
    transfers: Mapped[int] = mapped_column(default=0)
    postponements: Mapped[int] = mapped_column(default=0)
    escalation: Mapped[int] = mapped_column(default=0)
    last_client_message_id: Mapped[int | None]
    last_message_id: Mapped[int | None]
    # The newest message from the client that the owner has seen.
    seen_message_id: Mapped[int] = mapped_column(default=0)
    # Whether it goes on by further ways than that by which it began.
    has_ways: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    # How the provider or the sender's program calls the conversation, if it names one.
    conversation: Mapped[str | None]
    # When its words and files were removed: its term was over, or its client was forgotten.
    erased_at: Mapped[dt.datetime | None] = moment(optional=True)

    account: Mapped[ChannelAccount] = relationship()
    address: Mapped[Address] = relationship()
    client: Mapped[Client | None] = relationship()
    queue: Mapped[Queue | None] = relationship()
    lane: Mapped[Lane | None] = relationship()
    operator: Mapped[Employee | None] = relationship(foreign_keys=[operator_id])
    preferred_operator: Mapped[Employee | None] = relationship(foreign_keys=[preferred_operator_id])
    topic: Mapped[Topic | None] = relationship()
    resolution: Mapped[Resolution | None] = relationship()
    parent: Mapped["Appeal | None"] = relationship(remote_side=[id])

    __table_args__ = (
        CheckConstraint(
            "status IN ('new','queued','offered','in_work','waiting_for_client','postponed','closed','spam','blocked')",
            name="status",
        ),
        CheckConstraint("(status IN ('offered','in_work')) <= (operator_id IS NOT NULL)", name="owned"),
        CheckConstraint("(status = 'queued') <= (lane_id IS NOT NULL AND rank_at IS NOT NULL)", name="ranked"),
        # Only waiting rows are in these two; queries repeat the predicates literally.
        Index(
            "ix_appeal_waiting",
            "lane_id",
            "rank_at",
            "id",
            postgresql_where=sql("status = 'queued' AND preferred_operator_id IS NULL"),
        ),
        Index(
            "ix_appeal_waiting_preferred",
            "preferred_operator_id",
            "rank_at",
            "id",
            postgresql_where=sql("status = 'queued' AND preferred_operator_id IS NOT NULL"),
        ),
        Index(
            "ix_appeal_held",
            "operator_id",
            "status",
            postgresql_where=sql("status IN ('offered','in_work','waiting_for_client','postponed')"),
        ),
        # Each act writes the row and all its indices anew: what nobody asks for is not in them.
        Index("ix_appeal_client", "client_id", postgresql_where=sql("client_id IS NOT NULL")),
        Index("ix_appeal_operator_client", "operator_id", "client_id"),
        Index("ix_appeal_address", "address_id", "channel_account_id", "id"),
        Index(
            "ix_appeal_conversation",
            "channel_account_id",
            "conversation",
            "id",
            postgresql_where=sql("conversation IS NOT NULL"),
        ),
        # Which terms are over; only closed ones with words are in it.
        Index(
            "ix_appeal_kept",
            "closed_at",
            postgresql_where=sql("closed_at IS NOT NULL AND (erased_at IS NULL OR erased_at < closed_at)"),
        ),
    )

    @property
    def key(self) -> str:
        """Name this appeal in the journal and as the subject of its process."""
        return f"appeal:{self.id}"


class AppealTitle(Table):
    """What an appeal is searched by; a trigger keeps it, so that acts on the appeal need not write these indices."""

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str]
    subject: Mapped[str]

    __table_args__ = (
        signs_index("ix_appeal_title_number_signs", "number"),
        words_index("ix_appeal_title_subject_words", "subject"),
    )


class Direction(StrEnum):
    """Which way a message goes."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class MessageState(StrEnum):
    """Where a message is on its way; an outgoing message is its own outbox row."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    # The answer after DATA was lost: a person decides, it is never sent twice by itself.
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    KEPT = "kept"


class Message(Table):
    """A message between client and operator, or an internal note."""

    id: Mapped[int] = identity()
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    direction: Mapped[str]
    state: Mapped[str]
    channel_account_id: Mapped[int] = mapped_column(ForeignKey("channel_account.id"))
    # In: the provider's id (Message-ID of a mail). Out: ours, given when it is queued.
    provider_event_id: Mapped[str | None]
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id"))
    # The browser's id of a Send, so that a repeated request is one message.
    client_uuid: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    text: Mapped[str] = mapped_column(default="")
    # What the client newly wrote, without the quoted history; shown first.
    fresh_text: Mapped[str | None]
    # In: the sanitised HTML body, shown in a sandboxed frame. Out: what was written, its pictures as src="cid:...".
    html: Mapped[str | None]
    subject: Mapped[str] = mapped_column(default="")
    # Recipients and headers of a mail: {"from", "to", "cc", "bcc", "references", "auto", "check"}.
    # Of an answer also what it "quotes"; of what its sender changed since: "was" (earlier texts), "deleted_at",
    # "signs" (of whom: which); of files that are not kept: "unfetched", and "files_answered" once an automatic answer
    # tells of them; of files whose term is over how many: "removed_files"; "meta": what came beside the words.
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime] = created()
    # Outgoing: when to try (next), how often tried, until when it is being sent, what went wrong.
    due_at: Mapped[dt.datetime | None] = moment(optional=True)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[dt.datetime | None] = moment(optional=True)
    sent_at: Mapped[dt.datetime | None] = moment(optional=True)
    delivered_at: Mapped[dt.datetime | None] = moment(optional=True)
    read_at: Mapped[dt.datetime | None] = moment(optional=True)
    # From whom it is, or for whom; messages to one address go out in their order.
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    error: Mapped[str | None]
    # Whom it has not reached: {address: {"reason": the server's words, "final": nobody tries any more}}.
    undelivered: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # In: the message of ours that this report of a mail system is about; it is no word of the client.
    about_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))

    appeal: Mapped[Appeal] = relationship()
    author: Mapped[Employee | None] = relationship()
    account: Mapped[ChannelAccount] = relationship()
    address: Mapped[Address | None] = relationship()
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id")

    @property
    def recipient(self) -> str:
        """Give the address of the client that it is for."""
        return (self.address or self.appeal.address).value

    __table_args__ = (
        Index("ix_message_appeal", "appeal_id", "id"),
        Index(
            "uq_message_incoming",
            "channel_account_id",
            "provider_event_id",
            unique=True,
            postgresql_where=sql("direction = 'in'"),
        ),
        Index("ix_message_provider_event", "provider_event_id"),
        Index("ix_message_due", "due_at", "id", postgresql_where=sql("state IN ('queued','sending')")),
        # How many an account has under way: however many wait, these are few.
        Index("ix_message_sending", "channel_account_id", postgresql_where=sql("state = 'sending'")),
        Index("ix_message_line", "address_id", "id", postgresql_where=sql("state IN ('queued','sending')")),
    )


class Attachment(Table):
    """A file of a message; its bytes are in storage under their sha-256."""

    id: Mapped[int] = identity()
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    # An uploaded file waits at the draft until its message is sent.
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"), index=True)
    name: Mapped[str]
    type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    # Content-ID of an inline picture.
    content_id: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("num_nonnulls(message_id, draft_id) = 1", name="placed"),
        # Whether a file on disk is still named by anything.
        Index("ix_attachment_sha256", "sha256"),
    )


class AwaitedFile(Table):
    """A file of a message that has come only as an address; it is fetched outside any transaction."""

    id: Mapped[int] = identity()
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    name: Mapped[str]
    type: Mapped[str]
    url: Mapped[str]
    # When to try (next), how often tried; while somebody fetches it, until when nobody else does.
    due_at: Mapped[dt.datetime] = moment(index=True)
    attempts: Mapped[int] = mapped_column(default=0)


class AppealWay(Table):
    """A further way by which an appeal goes on beside its own: an account of ours and an address of its client."""

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    channel_account_id: Mapped[int] = mapped_column(ForeignKey("channel_account.id"), primary_key=True)
    since: Mapped[dt.datetime] = created()

    __table_args__ = (Index("ix_appeal_way_address", "address_id", "channel_account_id", "appeal_id"),)


class Draft(Table):
    """What an operator has typed and not yet sent: in an appeal, or as a first message that has none yet."""

    id: Mapped[int] = identity()
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    first_message_id: Mapped[int | None] = mapped_column(ForeignKey("first_message.id"), unique=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    text: Mapped[str] = mapped_column(default="")
    html: Mapped[str | None]
    # By which account of ours to which address it goes, if another way than before was chosen.
    channel_account_id: Mapped[int | None] = mapped_column(ForeignKey("channel_account.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    # Whom the answer goes to, if it was said: {"to", "cc", "bcc"}.
    recipients: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whether what the client wrote last goes out below the answer.
    quotes: Mapped[bool] = mapped_column(default=True)
    # Templates that were put into it, to be counted when it is sent.
    templates: Mapped[list[Any]] = mapped_column(default=list)
    is_note: Mapped[bool] = mapped_column(default=False)
    # Counts savings; and in which window it was saved last: an older one must not write over a newer one.
    version: Mapped[int] = mapped_column(default=1)
    saved_in: Mapped[uuid.UUID | None]
    saved_at: Mapped[dt.datetime] = created()

    appeal: Mapped[Appeal | None] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")

    __table_args__ = (
        UniqueConstraint("appeal_id", "employee_id", "is_note"),
        CheckConstraint("num_nonnulls(appeal_id, first_message_id) = 1", name="placed"),
    )


class Rating(Table):
    """A mark that a client gave an appeal; the latest one counts and stands on the appeal."""

    id: Mapped[int] = identity()
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), index=True)
    # Who closed it.
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    # The message that was the mark; none when it was given by a button.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    mark: Mapped[int]
    comment: Mapped[str] = mapped_column(default="")
    given_at: Mapped[dt.datetime] = created()

    message: Mapped[Message | None] = relationship()

    __table_args__ = (CheckConstraint("mark BETWEEN 1 AND 5", name="mark"),)


class Viewing(Table):
    """Somebody looks at an appeal that is not his; forgotten with the server."""

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    writes: Mapped[bool]
    until: Mapped[dt.datetime] = moment()

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)
