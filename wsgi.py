"""Entry point for any WSGI server."""

from cec.app import from_environment

app = from_environment()
