"""The generic channel: any program hands messages over by HTTP and is told of answers (SPEC 1C, generic API)."""

from cec.channels.api.adapting import LETTERS, capabilities, event_id, glance, parse, probe, verify
from cec.channels.api.sending import send

__all__ = ["LETTERS", "capabilities", "event_id", "glance", "parse", "probe", "send", "verify"]
