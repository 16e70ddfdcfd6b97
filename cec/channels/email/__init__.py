"""E-mail: mail comes in through the SMTP door or is fetched from mailboxes, and goes out through SMTP."""

from cec.channels.email.adapting import LETTERS, capabilities, event_id, parse, probe, verify
from cec.channels.email.glancing import glance
from cec.channels.email.sending import send

__all__ = ["LETTERS", "capabilities", "event_id", "glance", "parse", "probe", "send", "verify"]
