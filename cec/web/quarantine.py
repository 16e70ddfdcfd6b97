"""What came in and could not be read: why, how it begins, the bytes as they came, another try, or nothing."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cec.channels import accounts, receiving
from cec.channels.email.parsing import NoSender
from cec.channels.models import Inbound, InboundState
from cec.platform import audit
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("quarantine", __name__)


class SenderMissing(Invalid):
    """Enter the address of the person who wrote it, for example petrov@example.org."""

    field = "sender"


@bp.get("/quarantine")
@bp.get("/quarantine/<int:inbound_id>")
@allow(Right.SEE_QUARANTINE)
def show(inbound_id: int | None = None, error: Refusal | None = None) -> str:
    """Draw the list, and the mail that is chosen."""
    count = receiving.count_quarantined()
    # Of a page behind the last, or before the first, the nearest.
    page = max(min(request.args.get("page", 1, type=int), -(-count // receiving.PAGE)), 1)
    found = receiving.list_quarantined(page)
    chosen = _get(inbound_id) if inbound_id is not None and (error is None or isinstance(error, Invalid)) else None
    if chosen and error is None:
        audit.opened(f"inbound:{chosen.id}", by=current_employee().key)
    return render_template(
        "quarantine/show.html",
        error=error,
        mails=found,
        chosen=chosen,
        seen=receiving.glance(chosen) if chosen else None,
        nameless=chosen is not None and chosen.reason == NoSender().template(),
        count=count,
        page=page,
        discarded=request.args.get("discarded", type=int),
        more=len(found) == receiving.PAGE,
    )


def _get(inbound_id: int) -> Inbound:
    inbound = receiving.get(inbound_id)
    if inbound.state != InboundState.QUARANTINED:
        raise NotFound
    return inbound


@bp.get("/quarantine/<int:inbound_id>/raw")
@allow(Right.SEE_QUARANTINE)
def download(inbound_id: int) -> Response:
    """Hand over the bytes as they came, to be kept and never shown by the browser."""
    inbound = _get(inbound_id)
    audit.opened(f"inbound:{inbound_id}", by=current_employee().key)
    name = f"mail-{inbound_id}.eml" if inbound.account.channel == "email" else f"inbound-{inbound_id}.txt"
    response = Response(receiving.raw(inbound), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.post("/quarantine/<int:inbound_id>/retry")
@allow(Right.SEE_QUARANTINE)
@redrawn_by(show)
def retry(inbound_id: int) -> BaseResponse:
    """Try to read it again; who wrote it is asked where the mail does not say."""
    sender = request.form.get("sender", "").strip()
    if "sender" in request.form and not accounts.is_address(sender):
        raise SenderMissing
    receiving.retry(inbound_id, by=current_employee().key, sender=sender)
    return redirect(url_for("quarantine.show", tried=1), 303)


@bp.post("/quarantine/<int:inbound_id>/discarding")
@allow(Right.SEE_QUARANTINE)
@redrawn_by(show)
def discard(inbound_id: int) -> BaseResponse:
    """Decide that nothing is to be made of it."""
    receiving.discard(inbound_id, by=current_employee().key)
    return redirect(url_for("quarantine.show", discarded=inbound_id), 303)


@bp.post("/quarantine/<int:inbound_id>/return")
@allow(Right.SEE_QUARANTINE)
@redrawn_by(show)
def put_back(inbound_id: int) -> BaseResponse:
    """Take a discarding back."""
    receiving.put_back(inbound_id, by=current_employee().key)
    return redirect(url_for("quarantine.show", inbound_id=inbound_id), 303)
