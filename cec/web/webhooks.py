"""What channels send us: POST /channels/<code>/events; verified, kept raw and answered at once (SPEC 1C)."""

from flask import Blueprint, Response, request

from cec.channels import webhooks
from cec.web.guards import allow

bp = Blueprint("webhooks", __name__)


@bp.post("/channels/<code>/events")
@allow.programs
def take(code: str) -> Response:
    """Take in what a provider sends; a repeat is answered the same."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    webhooks.take(code, headers, request.get_data())
    return Response("ok", mimetype="text/plain")
