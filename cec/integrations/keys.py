"""Keys of programs: made by an administrator, shown once, known by their digest, revoked at once."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from http import HTTPStatus

from sqlalchemy import bindparam
from sqlalchemy.orm import joinedload

from cec.channels.models import ChannelAccount
from cec.integrations.models import ApiKey, Scope
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotAllowed, NotFound, Refusal
from cec.staff.models import Employee

PREFIX = "cec_"
SHOWN = 10
LONGEST = 200
LONGEST_NAME = 100
# A figure for people: not every request writes it.
SELDOM = dt.timedelta(minutes=1)


class NoKey(Refusal):
    """Send a key of this centre: the header Authorization: Bearer and the key."""

    status = HTTPStatus.UNAUTHORIZED


class WrongKey(Refusal):
    """This key is unknown or revoked."""

    status = HTTPStatus.UNAUTHORIZED


class MissingScope(NotAllowed):
    """This key does not open that: it lacks the scope {scope}."""


class OtherChannel(NotAllowed):
    """This key is for another channel."""


class NameMissing(Invalid):
    """Give the key a name: which program has it."""

    field = "name"


class NoScopes(Invalid):
    """Choose what the key opens."""

    field = "scopes"


class NobodyActs(Invalid):
    """Choose in whose name the key acts: replies and closings are his."""

    field = "employee_id"


class RevokedAlready(Refusal):
    """This key is revoked already."""


def create(
    *,
    name: str,
    scopes: Collection[str],
    by: str,
    employee: Employee | None = None,
    account: ChannelAccount | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; gives it and its token, which nobody can read afterwards."""
    known = [scope.value for scope in Scope if scope.value in scopes]
    if not name.strip() or len(name) > LONGEST_NAME:
        raise NameMissing
    if not known:
        raise NoScopes
    if Scope.HANDLE_APPEALS in known and (employee is None or not employee.is_active):
        raise NobodyActs
    token = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        name=name.strip(),
        beginning=token[:SHOWN],
        token_sha256=_sha256(token),
        scopes=known,
        employee_id=employee.id if employee else None,
        channel_account_id=account.id if account else None,
    )
    db.session.add(key)
    db.session.flush()
    journal.record("api_key.created", f"api_key:{key.id}", by=by, called=key.name, scopes=known)
    return key, token


def revoke(key_id: int, *, by: str) -> ApiKey:
    """Let a key open nothing any more, from now on."""
    key = db.session.get(ApiKey, key_id, with_for_update={"of": ApiKey})
    if key is None:
        raise NotFound
    if key.revoked_at is not None:
        raise RevokedAlready
    key.revoked_at = clock.now()
    journal.record("api_key.revoked", f"api_key:{key.id}", by=by, called=key.name)
    return key


_BY_TOKEN = (
    db.select(ApiKey)
    .where(ApiKey.token_sha256 == bindparam("token"))
    .options(joinedload(ApiKey.employee))
    .execution_options(populate_existing=True)
)


def find(authorization: str) -> ApiKey:
    """Find the key of a header "Bearer cec_…".

    :raises NoKey, WrongKey: when there is none, or none that is good.
    """
    kind, _, token = authorization.strip().partition(" ")
    if kind.lower() != "bearer" or not token or len(token) > LONGEST:
        raise NoKey
    key: ApiKey | None = db.session.scalars(_BY_TOKEN, {"token": _sha256(token.strip())}).one_or_none()
    if key is None or key.revoked_at is not None:
        raise WrongKey
    now = clock.now()
    if key.used_at is None or now - key.used_at >= SELDOM:
        key.used_at = now
    return key


def must_open(key: ApiKey, scope: Scope) -> None:
    """Refuse what a key does not open.

    :raises MissingScope: naming the scope that it lacks.
    """
    if scope.value not in key.scopes:
        raise MissingScope(scope=scope.value)


def actor(key: ApiKey) -> Employee:
    """Give the person in whose name a key acts.

    :raises WrongKey: when he does not work here any more.
    """
    if key.employee is None or not key.employee.is_active:
        raise WrongKey
    return key.employee


def list_all() -> list[ApiKey]:
    """List the keys, those in use first, the newest first."""
    return list(db.session.scalars(db.select(ApiKey).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
