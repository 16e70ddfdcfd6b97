"""Entry point for any WSGI server."""

from cec.app import create_app
from cec.platform.settings import Settings

app = create_app(Settings.read())
