"""Clients for programs: by number, by address, or one page after the other."""

from typing import Any

from flask import Blueprint, request
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from cec.appeals.models import Appeal
from cec.clients.models import Address, Client
from cec.integrations import describing
from cec.integrations.models import Scope
from cec.platform.db import LARGEST_ID, db
from cec.platform.errors import NotFound
from cec.web.api import bodies, callers
from cec.web.api.callers import needs

bp = Blueprint("api_clients", __name__, url_prefix="/api/v1/clients")


@bp.get("")
@needs(Scope.READ_CLIENTS)
def list_all() -> dict[str, Any]:
    """List clients, the newest first; `address` finds whose it is."""
    size, before = bodies.limit(), bodies.cursor()
    wanted = _visible().options(selectinload(Client.addresses)).order_by(Client.id.desc()).limit(size + 1)
    if before:
        wanted = wanted.where(Client.id < before)
    address = request.args.get("address", "").strip().replace("\0", "")
    if address:
        # An address of mail is kept in small letters, the others as they are.
        is_his = Client.addresses.any(Address.normalised.in_({address, address.casefold()}))
        wanted = wanted.where(is_his)
    return bodies.page(list(db.session.scalars(wanted)), size, describing.client)


@bp.get("/<int:client_id>")
@needs(Scope.READ_CLIENTS)
def show(client_id: int) -> dict[str, Any]:
    """Describe a client."""
    found = None
    if client_id <= LARGEST_ID:
        found = db.session.scalars(_visible().where(Client.id == client_id)).one_or_none()
    if found is None:
        raise NotFound
    return describing.client(found)


def _visible() -> Select[Any]:
    """Narrow a key of one channel to the clients who have written there."""
    wanted: Select[Any] = db.select(Client)
    only = callers.only_account()
    if only is None:
        return wanted
    wrote = db.select(Appeal.client_id).where(Appeal.channel_account_id == only, Appeal.client_id.is_not(None))
    return wanted.where(Client.id.in_(wrote))
