"""An incoming message opens an appeal or continues one (SPEC 2.3, 1C): every message is a row first."""

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, TextClause, text

from cec.appeals import (
    acting,
    facts,
    fetching,
    lifecycle,
    pictures,
    queueing,
    ratings,
    refusing,
    returning,
    rule_errors,
    threading,
    ways,
)
from cec.appeals.models import Appeal, Attachment, Direction, Message, MessageState, Status
from cec.channels.channel import InboundEvent, IncomingFile
from cec.channels.email import quoting
from cec.channels.models import ChannelAccount, Inbound
from cec.clients import addresses, languages, opting_out
from cec.clients.addresses import Known
from cec.clients.models import Client
from cec.platform import clock, journal, live, storage
from cec.platform.db import db
from cec.queues import queries as queues
from cec.screening import verdict
from cec.workflow import engine

RECENT = dt.timedelta(minutes=10)
BY_CLIENT = "client:"

# More than so many messages of one address within ten minutes look like two machines talking (SPEC 1C e-mail).
TOO_MANY = 5

# What one statement tells of a sender: how many messages lately, and whether he is a mailbox of ours.
_SENDER = """
    (SELECT count(*) FROM appeal a, LATERAL (
        SELECT 1 FROM message WHERE appeal_id = a.id AND direction = 'in' AND created_at >= :since OFFSET 0) m
     WHERE a.address_id = :address) AS recent,
    EXISTS (SELECT 1 FROM channel_account c WHERE c.channel = 'email' AND lower(c.address) = :sender) AS is_own"""
# Numbers are drawn before the rows are written, so that rows which name each other go out together.
_OPENING = text(f"""
    SELECT nextval('appeal_id_seq') AS appeal, nextval('message_id_seq') AS message, {_SENDER}, past.*,
           (SELECT appeal_id FROM message WHERE provider_event_id = :event AND direction = 'in' LIMIT 1) AS elsewhere,
           (SELECT calendar_id FROM queue WHERE is_default) AS calendar
    FROM (SELECT 1) AS one LEFT JOIN LATERAL ({facts.PAST}) AS past ON true""")  # noqa: S608 - our own words
_CONTINUING = text(f"SELECT nextval('message_id_seq') AS message, {_SENDER}")


def receive(event: InboundEvent, inbound: Inbound) -> Message:
    """Take in a message: find its appeal or open one; one transaction, nothing is lost and nothing is doubled."""
    known = _known_already(event, inbound)
    if known is not None:
        return known
    address = addresses.find_or_add(event.kind_of_address, event.address, display=event.profile)
    about = returning.find(event)
    if about is not None:
        return _attach(event, inbound, about)
    if not _opts_out(event):
        return _take(event, inbound, address)
    # Before any appeal is locked, as whoever writes first does.
    opting_out.lock(address)
    message = _take(event, inbound, address)
    by = f"{BY_CLIENT}{address.client_id or 0}"
    opting_out.opt_out(address, by=by, of=message.appeal.key, message_id=message.id)
    return message


def _opts_out(event: InboundEvent) -> bool:
    """Tell whether a message says only that its sender does not want to be written to first."""
    return not event.auto and opting_out.says(_said(event).strip() or event.subject.strip())


def _take(event: InboundEvent, inbound: Inbound, address: Known) -> Message:
    account = inbound.account
    appeal, elsewhere = threading.find_continued(event, account, address)
    if appeal is None and elsewhere is None and _opts_out(event):
        appeal = threading.find_last(account, address)
    if appeal is None or appeal.status in {Status.SPAM, Status.BLOCKED}:
        return _open(event, inbound, address, parent=elsewhere)
    engine.lock(appeal.key)
    appeal = lifecycle.lock(appeal.id)
    drawn = _draw(_CONTINUING, address)
    event = _judged(event, drawn)
    is_late = (drawn.recent >= TOO_MANY and _is_mail(event)) or not _may_reopen(appeal)
    if appeal.status == Status.CLOSED and not event.auto and is_late and not _opts_out(event):
        return _open(event, inbound, address, parent=appeal)
    return _continue(drawn.message, event, inbound, appeal, address)


def _known_already(event: InboundEvent, inbound: Inbound) -> Message | None:
    """Find a message that came before, in another request of its provider: a repeat is one message."""
    if event.provider_event_id in {"", inbound.provider_event_id}:
        return None
    wanted = db.select(Message).where(
        Message.channel_account_id == inbound.account.id,
        Message.provider_event_id == event.provider_event_id,
        Message.direction == Direction.IN,
    )
    return db.session.scalars(wanted).one_or_none()


def _is_mail(event: InboundEvent) -> bool:
    return event.kind_of_address == "email"


def _open(event: InboundEvent, inbound: Inbound, address: Known, *, parent: Appeal | None) -> Message:
    # Only letters come to several accounts at once; elsewhere the same name is another message.
    drawn = _draw(_OPENING, address, event=inbound.provider_event_id if _is_mail(event) else "")
    event = _judged(event, drawn)
    screened = verdict.screen(
        channel=inbound.account.channel,
        address=address.normalised,
        auto=event.auto,
        recent=drawn.recent,
        text=f"{event.subject}\n{event.text}",
    )
    appeal = _new_appeal(drawn.appeal, event, inbound.account, address, parent)
    if parent is None:  # the same letter came in at another mailbox of ours
        appeal.parent_id = drawn.elsewhere
    appeal.verdicts = {"screening": screened.facts}
    rule_errors.raise_("screening", screened.facts, appeal)
    message = _store(drawn.message, event, inbound, appeal, address=address)
    by = f"{BY_CLIENT}{address.client_id or 0}"
    journal.record("appeal.arrived", appeal.key, by=by, channel=appeal.channel, parent_id=appeal.parent_id)
    _learn_language(appeal, event)
    _know(appeal, event, address, drawn)
    if screened.verdict is verdict.Verdict.ACCEPT:
        acting.start(appeal, by=by)
    else:
        _keep_out(appeal, Status(screened.verdict.value))
    return message


def _learn_language(appeal: Appeal, event: InboundEvent) -> None:
    """Remember in which language a client speaks: what he says now stays on his card, what he writes is judged."""
    if event.auto:
        return
    if appeal.client and event.language:
        appeal.client.language = event.language
    own = appeal.client.language if appeal.client else None
    appeal.language = event.language or own or appeal.language or languages.judge(_said(event))


def _know(appeal: Appeal, event: InboundEvent, address: Known, drawn: Row[Any]) -> None:
    """Remember what the letter and its sender tell: the tables are asked about it before anything is written."""
    files = sum(file.content_id is None for file in event.attachments)
    beginning = facts.Beginning(_said(event), event.auto, files, address.normalised)
    queues.know_calendar_of_centre(drawn.calendar)
    facts.know(appeal, beginning=beginning, past=facts.Past(drawn.operator_id, drawn.closed_at, drawn.mark))
    appeal.facts = {"recent": drawn.recent}


def _draw(statement: TextClause, address: Known, **about: str) -> Row[Any]:
    """Draw the numbers of what will be written, and read what is known of the sender."""
    now = clock.now()
    sender = {"address": address.id, "client": address.client_id, "sender": address.normalised, "id": 0}
    return db.session.execute(
        statement, {**sender, **about, "since": now - RECENT, "closed_since": now - facts.PAST_WITHIN}
    ).one()


def _judged(event: InboundEvent, drawn: Row[Any]) -> InboundEvent:
    """Take what a mailbox of ours sends for no word of a client."""
    return replace(event, auto=True) if drawn.is_own else event


def _keep_out(appeal: Appeal, status: Status) -> None:
    lifecycle.move(appeal, status)
    appeal.close_kind = status.value
    appeal.closed_at = clock.now()
    journal.record(f"appeal.{status.value}", appeal.key, by="system")


# What a new appeal has before its row is written.
_BLANK: dict[str, Any] = {
    "status": Status.NEW,
    "direction": Direction.IN,
    "version": 1,
    "points": 0,
    "transfers": 0,
    "postponements": 0,
    "escalation": 0,
    "seen_message_id": 0,
    "has_ways": False,
}


def _new_appeal(
    number: int, event: InboundEvent, account: ChannelAccount, address: Known, parent: Appeal | None
) -> Appeal:
    now = clock.now()
    appeal = Appeal(
        id=number,
        number=f"{now:%Y}-{number:06d}",
        channel=account.channel,
        channel_account_id=account.id,
        address_id=address.id,
        client_id=address.client_id,
        parent_id=parent.id if parent else None,
        subject=event.subject,
        status_since=now,
        conversation=event.conversation or None,
        **_BLANK,
    )
    appeal.account = account
    appeal.client = db.session.get(Client, address.client_id) if address.client_id else None
    if parent and parent.operator_id:
        appeal.preferred_operator_id = parent.operator_id
    db.session.add(appeal)
    lifecycle.hold(appeal)
    return appeal


def _continue(number: int, event: InboundEvent, inbound: Inbound, appeal: Appeal, address: Known) -> Message:
    by = f"{BY_CLIENT}{appeal.client_id or 0}"
    if not event.auto:
        _follow(appeal, inbound.account, address, by)
    message = _store(number, event, inbound, appeal, address=address)
    status = Status(appeal.status)
    if event.auto or (status == Status.CLOSED and _opts_out(event)):
        return message
    _learn_language(appeal, event)
    mark = ratings.read(appeal, _said(event))
    if mark is not None:
        ratings.rate(appeal, mark, message=message, by=by)
    elif status == Status.CLOSED:
        journal.record("appeal.reopened", appeal.key, by=by)
        acting.reopen(appeal, by=by)
    elif status in {Status.WAITING, Status.POSTPONED}:
        engine.send(appeal.key, "client_wrote", by=by, message_id=message.id)
    else:
        queueing.expect_answer(appeal, clock.now())
        if appeal.due_response and not appeal.escalation:
            engine.reschedule(appeal.key, "escalation", appeal.due_response)
    return message


def _follow(appeal: Appeal, account: ChannelAccount, address: Known, by: str) -> None:
    """Tell when the client goes on in another channel than the last word."""
    if account.channel != appeal.channel or appeal.has_ways:
        now = ways.Way(account, address.id, address.normalised)
        ways.note_change(appeal, ways.usual(appeal), now, by=by)
        ways.add(appeal, address.id, account)


def _said(event: InboundEvent) -> str:
    """Give what the sender newly wrote, for rules: without his signature."""
    return quoting.unsigned(event.text if event.fresh_text is None else event.fresh_text)


def _attach(event: InboundEvent, inbound: Inbound, about: Message) -> Message:
    """Keep a report, or a copy of ours, at the message it is about: whatever the appeal does, it goes on doing it."""
    undelivered = returning.attribute(about, event.undelivered)
    returning.mark_addresses(undelivered)
    engine.lock(f"appeal:{about.appeal_id}")
    appeal = lifecycle.lock(about.appeal_id)
    about = db.session.get_one(Message, about.id, with_for_update={"of": Message}, populate_existing=True)
    message = _store(_number(), event, inbound, appeal, about=about)
    returning.settle(about, undelivered)
    return message


def _number() -> int:
    number: int = db.session.execute(text("SELECT nextval('message_id_seq')")).scalar_one()
    return number


def _may_reopen(appeal: Appeal) -> bool:
    within = appeal.queue.reopen_within if appeal.queue else dt.timedelta()
    return appeal.closed_at is not None and clock.now() - appeal.closed_at <= within


def _store(
    message_id: int,
    event: InboundEvent,
    inbound: Inbound,
    appeal: Appeal,
    *,
    address: Known | None = None,
    about: Message | None = None,
) -> Message:
    message = Message(
        id=message_id,
        appeal=appeal,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        channel_account_id=inbound.channel_account_id,
        address_id=address.id if address else None,
        provider_event_id=event.provider_event_id or inbound.provider_event_id,
        inbound_id=inbound.id,
        text=event.text,
        fresh_text=event.fresh_text,
        html=event.html,
        subject=event.subject,
        headers=_headers(event, inbound.account),
        about_id=about.id if about else None,
        undelivered={},
    )
    db.session.add(message)
    message.attachments.extend(_attachment(file) for file in event.attachments if not file.url)
    fetching.await_files(message, event.attachments)
    # An automatic answer is no word of the client: it neither starts a clock nor holds a closing up.
    if about is None and (not event.auto or appeal.last_message_id is None):
        appeal.last_message_id = appeal.last_client_message_id = message.id
    _tell(message, appeal, event)
    return message


def _tell(message: Message, appeal: Appeal, event: InboundEvent) -> None:
    by = "system" if message.about_id else f"{BY_CLIENT}{appeal.client_id or 0}"
    journal.record("message.received", appeal.key, by=by, message_id=message.id, auto=event.auto)
    if event.refused:
        refusing.note(message, appeal, event.refused)
    if appeal.operator_id:
        live.announce("worklist", f"employee:{appeal.operator_id}")


def _attachment(file: IncomingFile) -> Attachment:
    return Attachment(
        name=file.name,
        type=pictures.kind_of(file.content, said=file.type),
        size=len(file.content),
        sha256=storage.put(file.content),
        content_id=file.content_id,
    )


def _headers(event: InboundEvent, account: ChannelAccount) -> dict[str, Any]:
    # Of the servers that say something about the sender only our own is believed.
    check = event.checks.get(str(account.config.get("authserv") or "").lower())
    return {
        "from": event.address,
        "name": event.profile,
        "to": event.to,
        "cc": event.cc,
        "references": event.in_reply_to,
        "message_id": event.message_id,
        "auto": event.auto,
        **({"check": check} if check else {}),
        **({"meta": event.meta} if event.meta else {}),
    }
