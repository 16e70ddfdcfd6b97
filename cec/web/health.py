"""Is it alive, is it ready: for balancers and for whoever starts us."""

from http import HTTPStatus

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from cec.platform import readiness
from cec.web.guards import allow

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@allow.anyone
def alive() -> ResponseReturnValue:
    """Answer as long as the process answers at all."""
    return jsonify(status="ok")


@bp.get("/readyz")
@allow.anyone
def ready() -> ResponseReturnValue:
    """Answer 200 when requests can be served, else 503 with what is missing."""
    missing = readiness.problems()
    if missing:
        return jsonify(status="not ready", missing=missing), HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify(status="ready")
