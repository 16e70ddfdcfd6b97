"""E-mail: mail comes in through the SMTP door or is fetched from mailboxes, and goes out through SMTP."""

from cec.channels.email.glancing import glance
from cec.channels.email.parsing import parse
from cec.channels.email.sending import send

__all__ = ["glance", "parse", "send"]
