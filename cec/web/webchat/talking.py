"""Visitor: his messages, what he has seen; the conversation as his widget asks for it when it has no stream."""

import datetime as dt
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from cec.appeals import chatting, visiting
from cec.appeals.chatting import Line, Talk
from cec.channels import receiving
from cec.channels.models import ChannelAccount
from cec.channels.webchat import uploads, visitors, writing
from cec.channels.webchat.tokens import Guest
from cec.platform.db import LARGEST_ID
from cec.web.guards import allow
from cec.web.webchat import door, files

bp = door.opened(Blueprint("webchat_talking", __name__, url_prefix=door.PREFIX))


@bp.post("/messages", provide_automatic_options=False)
@allow.programs
def send(code: str) -> tuple[dict[str, str], int]:
    """Keep a message; a repeat of one that is kept is answered the same. The worker takes it in at once."""
    account = door.account(code)
    guest, said = door.guest(account), door.said()
    written = writing.check(said, guest)
    told = said.get("told")
    told = told if isinstance(told, dict) else {}
    visitor = visitors.arrive(account, guest, told=told, network=request.remote_addr or "")
    name = written.event_id(guest)
    if receiving.find(account, name) is None:
        visitors.count(visitor)
        uploads.bring_in(written.files)
        raw = writing.raw(written, guest, visitor)
        receiving.receive(account, name, raw, {}, is_small=True, line=guest.key)
        _be_here(account, guest, said)
    return {"id": str(written.id)}, HTTPStatus.ACCEPTED


@bp.get("/conversation", provide_automatic_options=False)
@allow.programs
def read(code: str) -> Response:
    """Give the tail of the conversation, or a page before a message; nothing if the widget has this state already."""
    account = door.account(code)
    guest = door.guest(account)
    before = request.args.get("before", type=int)
    talk = chatting.read(account, guest.address, known=request.args.get("known", 0, type=int), before=before)
    response = jsonify(facts(talk, code))
    response.set_etag(talk.version)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


@bp.post("/pulse", provide_automatic_options=False)
@allow.programs
def beat(code: str) -> tuple[str, int]:
    """Hear that the visitor is there, how far he has got and read, and whether he is writing."""
    account = door.account(code)
    guest, said = door.guest(account), door.said()
    if _be_here(account, guest, said):
        visiting.come_back(account, guest)
    got, seen = (_number(said.get(name)) for name in ("got", "read"))
    if got or seen:
        visiting.acknowledge(account, guest, got=got, read=seen)
    if said.get("writing") is True:
        visiting.write(account, guest)
    return "", HTTPStatus.NO_CONTENT


def _be_here(account: ChannelAccount, guest: Guest, said: Any) -> bool:
    return visitors.beat(account, guest, visitors.place(said.get("page"), said.get("title")))


def _number(said: object) -> int:
    return said if isinstance(said, int) and 0 < said <= LARGEST_ID else 0


def facts(talk: Talk, code: str, lines: list[Line] | None = None) -> dict[str, object]:
    """Give what a widget shows: all of it, or some lines and the state."""
    return {
        "lines": [_line(line, code) for line in (talk.lines if lines is None else lines)],
        "older": talk.has_older,
        "number": talk.number,
        "open": talk.is_open,
        "operator": talk.operator,
        "mark": talk.mark,
        "ratable": talk.ratable,
    }


def _line(line: Line, code: str) -> dict[str, object]:
    at = line.at.astimezone(dt.UTC).isoformat()
    return {**line._asdict(), "at": at, "files": [files.facts(file, code) for file in line.files]}
