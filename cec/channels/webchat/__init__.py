"""Web chat: visitors of a site write in a widget; each message has a name that the visitor's browser gave it."""

from cec.channels.webchat.adapting import LETTERS, capabilities, event_id, glance, parse, probe, send, verify

__all__ = ["LETTERS", "capabilities", "event_id", "glance", "parse", "probe", "send", "verify"]
