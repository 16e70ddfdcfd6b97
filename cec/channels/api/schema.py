"""What a program may hand over: every wrong field is named by its path, with what would be right (SPEC 1C)."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from cec.platform.errors import Invalid
from cec.platform.i18n import gettext, mark

LONGEST_NAME = 200
LONGEST_TEXT = 100_000
LONGEST_META = 16 * 1024
LONGEST_URL = 2000
MOST_FILES = 20

NOT_JSON = mark("The body is no JSON object in UTF-8.")
MISSING = mark("This field is needed.")
UNKNOWN = mark("There is no such field.")
NOT_TEXT = mark("It is a text of 1 to {most} characters.")
NOT_OBJECT = mark("It is an object.")
NOT_LIST = mark("It is a list of up to {most}.")
NOT_MOMENT = mark("It is a moment like 2026-11-23T09:00:00Z.")
NOT_BASE64 = mark("It is no base64.")
NOT_URL = mark("It is an address that begins with https:// or http://.")
ONE_OF_BOTH = mark("A file has either base64 or url.")
NOTHING_SAID = mark("A message has a text or files.")
META_TOO_LARGE = mark("It has up to 16 KB.")
NO_SUCH_KIND = mark("It is one of: {kinds}.")

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_URL = re.compile(r"https?://[!-~]{3,}", re.IGNORECASE)

Errors = dict[str, str]
# Looks at a value and gives what is wrong with it by path; the path of the value itself is "".
Check = Callable[[Any], Errors]


class BadBody(Invalid):
    """Correct the fields that are named."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, errors: Errors) -> None:
        super().__init__()
        self._errors = errors

    def fields(self) -> dict[str, str]:
        """Name each wrong field by its path, in the reader's language."""
        return self._errors


def read(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    :raises BadBody: when it is none.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadBody({"": f"{gettext(NOT_JSON)} {error}"[:300]}) from error
    if not isinstance(told, dict):
        raise BadBody({"": gettext(NOT_JSON)})
    return told


def message(body: bytes) -> dict[str, Any]:
    """Read a message and check it.

    :raises BadBody: naming each wrong field.
    """
    told = read(body)
    check(told)
    return told


def check(told: dict[str, Any]) -> None:
    """Check a message.

    :raises BadBody: naming each wrong field.
    """
    errors = _check_message(told)
    if errors:
        raise BadBody(errors)


def text(most: int = LONGEST_NAME, *, may_be_empty: bool = False) -> Check:
    """Make a check for a text."""

    def check(value: Any) -> Errors:
        is_good = isinstance(value, str) and len(value) <= most and (may_be_empty or bool(value.strip()))
        return {} if is_good else {"": gettext(NOT_TEXT).format(most=most)}

    return check


def fields(value: Any, known: Mapping[str, Check], needed: tuple[str, ...] = ()) -> Errors:
    """Check an object field by field; null is the same as not there."""
    if not isinstance(value, dict):
        return {"": gettext(NOT_OBJECT)}
    errors = {name: gettext(MISSING) for name in needed if value.get(name) is None}
    for name, said in value.items():
        if name not in known:
            errors[str(name)[:100]] = gettext(UNKNOWN)
        elif said is not None:
            errors |= {_joined(name, path): sentence for path, sentence in known[name](said).items()}
    return errors


def _joined(name: str, path: str) -> str:
    return f"{name}{path}" if path.startswith("[") or not path else f"{name}.{path}"


def _moment(value: Any) -> Errors:
    try:
        is_good = dt.datetime.fromisoformat(value).tzinfo is not None
    except (ValueError, TypeError):
        is_good = False
    return {} if is_good else {"": gettext(NOT_MOMENT)}


def _meta(value: Any) -> Errors:
    if not isinstance(value, dict):
        return {"": gettext(NOT_OBJECT)}
    return {"": gettext(META_TOO_LARGE)} if len(orjson.dumps(value)) > LONGEST_META else {}


def _base64(value: Any) -> Errors:
    is_good = isinstance(value, str) and len(value) % 4 == 0 and _BASE64.fullmatch(value) is not None
    return {} if is_good else {"": gettext(NOT_BASE64)}


def _url(value: Any) -> Errors:
    is_good = isinstance(value, str) and len(value) <= LONGEST_URL and _URL.fullmatch(value) is not None
    return {} if is_good else {"": gettext(NOT_URL)}


def _file(value: Any) -> Errors:
    errors = fields(value, {"base64": _base64, "url": _url, "name": text(), "mime": text(100)})
    if not errors and (value.get("base64") is None) == (value.get("url") is None):
        return {"": gettext(ONE_OF_BOTH)}
    return errors


def _files(value: Any) -> Errors:
    if not isinstance(value, list) or len(value) > MOST_FILES:
        return {"": gettext(NOT_LIST).format(most=MOST_FILES)}
    return {
        _joined(f"[{place}]", path): sentence
        for place, file in enumerate(value)
        for path, sentence in _file(file).items()
    }


def _sender(value: Any) -> Errors:
    return fields(value, {"id": text(), "name": text(), "phone": text(50), "email": text(320)}, needed=("id",))


def _kind(value: Any) -> Errors:
    return {} if value == "message" else {"": gettext(NO_SUCH_KIND).format(kinds="message")}


_MESSAGE: dict[str, Check] = {
    "kind": _kind,
    "external_id": text(),
    "conversation_id": text(),
    "sender": _sender,
    "subject": text(1000, may_be_empty=True),
    "text": text(LONGEST_TEXT, may_be_empty=True),
    "attachments": _files,
    "ts": _moment,
    "meta": _meta,
}


def _check_message(told: dict[str, Any]) -> Errors:
    errors = fields(told, _MESSAGE, needed=("external_id", "sender"))
    if not errors and not (told.get("text") or "").strip() and not told.get("attachments"):
        return {"text": gettext(NOTHING_SAID)}
    return errors
