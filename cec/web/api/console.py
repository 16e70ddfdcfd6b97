"""The OpenAPI document, for programs, and a console to try the API out, for administrators."""

from typing import Any

import orjson
from flask import Blueprint, render_template, request

from cec.platform.i18n import gettext
from cec.staff.roles import Right
from cec.web.api import document
from cec.web.guards import allow

bp = Blueprint("api_console", __name__)


@bp.get("/api/v1/openapi.json")
@allow.programs
def describe() -> dict[str, Any]:
    """Give the OpenAPI document; it says nothing about this centre but where it is."""
    return document.document(request.host_url)


@bp.get("/centre/console")
@allow(Right.MANAGE_CENTRE)
def show() -> str:
    """Draw the console: each operation with its fields; the key is asked for and kept nowhere."""
    return render_template("api/console.html", operations=_operations(), error=None)


def _operations() -> list[dict[str, Any]]:
    told = document.document("")
    summaries = {operation["summary"] for each in told["paths"].values() for operation in _of(each).values()}
    words = {summary: gettext(summary) for summary in summaries}
    return [
        {
            "name": f"{method}-{number}",
            "method": method.upper(),
            "path": path,
            "summary": words[operation["summary"]],
            "places": [each["name"] for each in operations.get("parameters", [])],
            "query": [each["name"] for each in operation["parameters"] if each["in"] == "query"],
            "body": _example(operation),
        }
        for number, (path, operations) in enumerate(told["paths"].items())
        for method, operation in _of(operations).items()
    ]


def _of(path: dict[str, Any]) -> dict[str, Any]:
    """Give the operations of a path by their methods."""
    return {method: operation for method, operation in path.items() if method != "parameters"}


def _example(operation: dict[str, Any]) -> str:
    """Give what has to be in the body, to begin with."""
    if "requestBody" not in operation:
        return ""
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return orjson.dumps(_EXAMPLES[name], option=orjson.OPT_INDENT_2).decode()


_EXAMPLES: dict[str, Any] = {
    "NewMessage": {"external_id": "1001", "sender": {"id": "42", "name": "Petrov"}, "text": "Where is my order?"},
    "Reply": {"text": "It is on its way."},
    "Closing": {"resolution": "solved"},
    "NewRating": {"appeal_id": 1, "mark": 5},
}
