"""Where clients reach pages of this centre: what letters lead to."""

from flask import current_app


def address() -> str:
    """Give scheme and host of the centre, without a slash at the end; empty when nobody has told (CEC_PUBLIC_URL)."""
    known: str = current_app.config["CEC"].address
    return known
