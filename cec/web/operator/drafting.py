"""Operator: files and pictures of what is being written, wherever that is, and what its form says (guide 3.2.4)."""

import datetime as dt
import re

from flask import current_app, render_template, request

from cec.appeals import drafts
from cec.appeals.models import Draft
from cec.channels.email.bodies import file_name
from cec.platform import i18n
from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext
from cec.web.operator import pictures

# In one answer.
MOST_TEMPLATES = 20
NUMBER = re.compile(r"[0-9]{1,9}")


class NoSuchMark(Invalid):
    """The page is out of date: reload it."""

    field = "text"


def attach(draft: Draft) -> str:
    """Put the files of a request to a draft; draws all that it has now."""
    for file in request.files.getlist("file"):
        drafts.attach(
            draft,
            name=file_name(file.filename or ""),
            kind=file.mimetype or "application/octet-stream",
            content=file.read(),
            limit_megabytes=current_app.config["CEC"].max_megabytes,
        )
    return files(draft)


def attach_picture(draft: Draft) -> dict[str, object]:
    """Put the picture of a request into the text of a draft."""
    file = request.files.get("file")
    if file is None:
        raise NoSuchMark
    picture = drafts.attach_picture(
        draft,
        name=file_name(file.filename or ""),
        content=file.read(),
        limit_megabytes=current_app.config["CEC"].max_megabytes,
    )
    return {"address": pictures.address(picture.id), "name": picture.name}


def files(draft: Draft) -> str:
    """Draw the files of a draft."""
    db.session.flush()
    db.session.expire(draft, ["attachments"])
    return render_template("operator/draft_files.html", draft=draft)


def saved(at: dt.datetime | None) -> str:
    """Say that what was typed is safe, and since when."""
    return gettext("Draft saved {time}").format(time=i18n.time(at)) if at else ""


def templates(said: str) -> tuple[int, ...]:
    """Read the numbers of the templates that were put into an answer; what is none of ours is told apart later."""
    return tuple(int(each) for each in said.split()[:MOST_TEMPLATES] if NUMBER.fullmatch(each))
