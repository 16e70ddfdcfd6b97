"""The OpenAPI document of the public API: each route with what it asks for and what it answers.

Written here by hand, beside the routes; a test holds it to them. What the schemas say is what `describing` gives.
"""

from typing import Any

from cec.integrations.limiting import MOST
from cec.platform.i18n import mark

Json = dict[str, Any]


def _object(required: str = "", **properties: Json) -> Json:
    told: Json = {"type": "object", "properties": properties}
    return {**told, "required": required.split()} if required else told


def _text(about: str = "", **more: Any) -> Json:
    return {"type": "string", **({"description": about} if about else {}), **more}


def _maybe(one: Json) -> Json:
    return {**one, "type": [one["type"], "null"]}


def _list(of: Json) -> Json:
    return {"type": "array", "items": of}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


_INT: Json = {"type": "integer"}
_MOMENT = _text(format="date-time")
_SEEN = {**_INT, "description": "The last message you know: a newer one of the client holds the act up with 409."}

SCHEMAS: Json = {
    "NewMessage": _object(
        "external_id sender",
        external_id=_text("Your name of the message: a repeat is one message.", maxLength=200),
        conversation_id=_text("Your conversation; without one the sender's own.", maxLength=200),
        sender=_object(
            "id", id=_text(maxLength=200), name=_text(maxLength=200), phone=_text(maxLength=50), email=_text()
        ),
        subject=_text(maxLength=1000),
        text=_text(maxLength=100_000),
        attachments={
            **_list(_object(name=_text(), mime=_text(), base64=_text(), url=_text("Fetched by the centre."))),
            "maxItems": 20,
        },
        ts=_MOMENT,
        meta={"type": "object", "description": "Up to 16 KB."},
    ),
    "Taken": _object(message_id=_text("in-17"), status_url=_text()),
    "Standing": _object(
        message_id=_text(),
        status_url=_text(),
        state=_text(enum=["accepted", "taken", "quarantined", "discarded", "ignored"]),
        reason=_maybe(_text()),
        received_at=_MOMENT,
        message=_maybe(_object(id=_INT)),
        appeal=_maybe(_object(id=_INT, number=_text(), status=_text())),
    ),
    "Appeal": _object(
        id=_INT,
        number=_text("2026-000123"),
        direction=_text("Who wrote first: the client (in), or the centre (out).", enum=["in", "out"]),
        status=_text(
            enum="new queued offered in_work waiting_for_client postponed closed spam blocked".split()  # noqa: SIM905
        ),
        version=_INT,
        channel=_text("Code of the channel account."),
        conversation_id=_maybe(_text()),
        subject=_text(),
        queue=_maybe(_text()),
        operator=_maybe(_object(id=_INT, name=_text())),
        client_id=_maybe(_INT),
        address=_object(type=_text(), value=_text(), name=_text()),
        topic=_maybe(_object(id=_INT, name=_text())),
        resolution=_maybe(_text()),
        points=_INT,
        rating=_maybe(_INT),
        created_at=_MOMENT,
        first_reply_at=_maybe(_MOMENT),
        due_response=_maybe(_MOMENT),
        closed_at=_maybe(_MOMENT),
        last_message_id=_maybe(_INT),
    ),
    "Message": _object(
        id=_INT,
        appeal_id=_INT,
        direction=_text(enum=["in", "out"]),
        state=_text(enum="received queued sending sent delivered read failed unknown cancelled".split()),  # noqa: SIM905
        external_id=_maybe(_text()),
        author=_maybe(_text()),
        automatic={"type": "boolean", "description": "The centre said it by itself."},
        subject=_text(),
        text=_text(),
        attachments=_list(_object(id=_INT, name=_text(), mime=_text(), size=_INT, sha256=_text(), url=_text())),
        created_at=_MOMENT,
        sent_at=_maybe(_MOMENT),
        delivered_at=_maybe(_MOMENT),
        read_at=_maybe(_MOMENT),
        error=_maybe(_text()),
    ),
    "Client": _object(
        id=_INT,
        name=_text(),
        segment=_maybe(_text()),
        created_at=_MOMENT,
        addresses=_list(_object(type=_text(), value=_text(), can_receive={"type": "boolean"})),
    ),
    "Reply": _object("text", text=_text(maxLength=100_000), seen_message_id=_SEEN),
    "Closing": _object(
        "resolution",
        resolution=_text("A code of GET /resolutions."),
        topic_id=_INT,
        comment=_text(maxLength=4000),
        seen_message_id=_SEEN,
    ),
    "NewRating": _object(
        "appeal_id mark",
        appeal_id=_INT,
        mark={"type": "integer", "minimum": 1, "maximum": 5},
        comment=_text(maxLength=1000),
    ),
    "Rating": _object(appeal_id=_INT, mark=_INT, comment=_text(), given_at=_MOMENT),
    "Resolution": _object(code=_text(), name=_text(), comment_required={"type": "boolean"}),
    "Topic": _object(id=_INT, name=_text()),
    "Problem": _object(
        type=_text(),
        title=_text(),
        status=_INT,
        detail=_text("For people, in the language of Accept-Language (ru, en)."),
        code=_text("For programs; it stays."),
        request_id=_text(),
        errors=_list(_object(path=_text("sender.id, attachments[0].url"), message=_text())),
    ),
}

_PATH = {
    "code": _text("Code of a generic channel."),
    "number": _INT,
    "appeal_id": _INT,
    "client_id": _INT,
    "attachment_id": _INT,
}
_PAGED = {
    "cursor": _text("`next` of the page before."),
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
}
_IDEMPOTENT: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": _text("The same key for the same act: it is done once and answered twice the same.", maxLength=200),
}
_NO = {
    "400": "A field is wrong; `errors` names each by its path.",
    "401": "No key, a wrong one, or a wrong signature; nothing was stored.",
    "403": "The key does not open that.",
    "404": "There is no such thing.",
    "409": "It cannot be done now; `code` says why.",
    "413": "The body is too large.",
    "422": "A field is refused; `errors` names it.",
    "429": f"More than {MOST} requests a second with this key; Retry-After says when to go on.",
}


SECURITY: Json = {
    "key": {"type": "http", "scheme": "bearer"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CEC-Signature",
        "description": "t=UNIX,v1=HEX: HMAC-SHA256 of `t.body` with the channel's secret, up to 5 minutes old.",
    },
}


def _page(name: str) -> Json:
    return _object(data=_list(_ref(name)), next=_maybe(_text("The cursor of the next page; null: this is the last.")))


def _kind(schema: Json) -> str:
    return "application/octet-stream" if schema.get("format") == "binary" else "application/json"


def _operation(
    summary: str,
    scope: str,
    answers: dict[str, Json],
    *,
    query: Json | None = None,
    body: str = "",
    is_idempotent: bool = False,
    signed: bool = False,
) -> Json:
    parameters = [{"name": name, "in": "query", "schema": kind} for name, kind in (query or {}).items()]
    told: Json = {
        "summary": summary,
        "description": f"Scope: `{scope}`.",
        "security": [{"key": []}, *([{"signature": []}] if signed else [])],
        "parameters": [*parameters, *([_IDEMPOTENT] if is_idempotent else [])],
        "responses": {
            **{
                status: {"description": "Done.", "content": {_kind(schema): {"schema": schema}}}
                for status, schema in answers.items()
            },
            "default": {
                "description": " ".join(f"{status}: {words}" for status, words in _NO.items()),
                "content": {"application/problem+json": {"schema": _ref("Problem")}},
            },
        },
    }
    if body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    return told


PATHS: dict[str, Json] = {
    "/channels/{code}/messages": {
        "post": _operation(
            mark("Hand over a message"), "messages:write", {"202": _ref("Taken"), "200": _ref("Taken")},
            body="NewMessage", signed=True,
        ),
    },
    "/channels/{code}/messages/in-{number}": {
        "get": _operation(mark("What became of a message"), "messages:write", {"200": _ref("Standing")}, signed=True),
    },
    "/channels/{code}/ratings": {
        "post": _operation(
            mark("Pass on the client's mark"), "messages:write", {"200": _ref("Rating")}, body="NewRating", signed=True
        ),
    },
    "/appeals": {
        "get": _operation(
            mark("List appeals, the newest first"), "appeals:read", {"200": _page("Appeal")},
            query={
                **_PAGED, "status": _text(), "channel": _text(), "queue": _text(), "number": _text(),
                "conversation_id": _text(), "client_id": _INT,
            },
        ),
    },
    "/appeals/{appeal_id}": {"get": _operation(mark("An appeal"), "appeals:read", {"200": _ref("Appeal")})},
    "/appeals/{appeal_id}/messages": {
        "get": _operation(
            mark("Its messages, the oldest first"), "appeals:read", {"200": _page("Message")}, query=_PAGED
        ),
        "post": _operation(
            mark("Answer the client"), "appeals:write", {"201": _ref("Message")}, body="Reply", is_idempotent=True
        ),
    },
    "/appeals/{appeal_id}/operator": {
        "put": _operation(mark("Take a waiting appeal into work"), "appeals:write", {"200": _ref("Appeal")}),
    },
    "/appeals/{appeal_id}/closing": {
        "post": _operation(
            mark("Close an appeal"), "appeals:write", {"200": _ref("Appeal")}, body="Closing", is_idempotent=True
        ),
    },
    "/clients": {
        "get": _operation(
            mark("List clients, the newest first"), "clients:read", {"200": _page("Client")},
            query={**_PAGED, "address": _text("Whose address this is.")},
        ),
    },
    "/clients/{client_id}": {"get": _operation(mark("A client"), "clients:read", {"200": _ref("Client")})},
    "/resolutions": {
        "get": _operation(mark("Resolutions to close with"), "appeals:read", {"200": _page("Resolution")}),
    },
    "/topics": {"get": _operation(mark("Topics of appeals"), "appeals:read", {"200": _page("Topic")})},
    "/attachments/{attachment_id}": {
        "get": _operation(mark("A file of a message"), "appeals:read", {"200": _text(format="binary")}),
    },
}  # fmt: skip


def document(server: str) -> Json:
    """Give the document for a centre at an address."""
    paths = {}
    for path, operations in PATHS.items():
        inside = [
            {"name": name, "in": "path", "required": True, "schema": kind}
            for name, kind in _PATH.items()
            if f"{{{name}}}" in path
        ]
        paths[path] = {**operations, **({"parameters": inside} if inside else {})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "CEC", "version": "1", "description": "The public API of a customer engagement centre."},
        "servers": [{"url": f"{server.rstrip('/')}/api/v1"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": SECURITY},
    }
