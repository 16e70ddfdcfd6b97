"""The sections of a workplace: each role sees the pages that its guards let it in."""

from dataclasses import dataclass

from flask import current_app, url_for

from cec.platform.i18n import gettext, mark
from cec.staff import roles
from cec.web.session import current_reader


@dataclass(frozen=True)
class Section:
    """A page of the navigation."""

    endpoint: str
    icon: str
    name: str
    url: str


# Heading: endpoint, icon, name.
_SECTIONS = {
    mark("Appeals"): [
        ("appeals_list.show", "stack-2", mark("All appeals")),
        ("operators.show", "users", mark("Operators")),
        ("quarantine.show", "mail-off", mark("Mail quarantine")),
        ("incidents.show", "sitemap", mark("Incidents")),
        ("clients.show", "user", mark("Clients")),
        ("forgettings.show", "user-off", mark("Forgetting of clients")),
    ],
    mark("Centre"): [
        ("people.show", "users", mark("People")),
        ("shifts.show", "table", mark("Shifts")),
        ("groups.show", "affiliate", mark("Groups")),
        ("skills.show", "star", mark("Skills")),
        ("queues.show", "inbox", mark("Queues")),
        ("rules.show", "list-check", mark("Rules")),
        ("reply_templates.show", "template", mark("Templates")),
        ("auto_replies.show", "robot", mark("Automatic answers")),
        ("calendars.show", "calendar", mark("Calendars")),
        ("channels.show", "world", mark("Channels")),
        ("mailboxes.show", "mail", mark("Mailboxes")),
        ("webchats.show", "message-circle", mark("Web chats")),
        ("api_keys.show", "key", mark("API keys")),
        ("receivers.show", "send", mark("Event receivers")),
        ("statuses.show", "coffee", mark("Break reasons")),
        ("announcements.show", "speakerphone", mark("Announcements")),
        ("retention.show", "hourglass", mark("Keeping terms")),
        ("audit.show", "shield-check", mark("Audit")),
    ],
}


def sections() -> dict[str, list[Section]]:
    """List the pages that the reader may open, under their headings."""
    role = current_reader().role
    seen = {
        gettext(heading): [
            Section(endpoint, icon, gettext(name), url_for(endpoint))
            for endpoint, icon, name in items
            if roles.may(role, getattr(current_app.view_functions.get(endpoint), "guard", ()))
        ]
        for heading, items in _SECTIONS.items()
    }
    return {heading: items for heading, items in seen.items() if items}
