"""What the widget says: it has no words of its own, so that they are translated where all others are."""

from cec.platform.i18n import gettext, mark

TEXTS = {
    "open": mark("Open the chat"),
    "close": mark("Close the chat"),
    "title": mark("Write to us"),
    "greeting": mark("Hello! How can we help?"),
    "unread": mark("New messages: {n}"),
    "messages": mark("Messages"),
    "message": mark("Message"),
    "send": mark("Send"),
    "attach": mark("Attach a file, up to {n} MB"),
    "remove": mark("Remove the file"),
    "sound_on": mark("Sound is on"),
    "sound_off": mark("Sound is off"),
    "you": mark("You"),
    "operator": mark("Operator"),
    "writes": mark("{name} is writing"),
    "sending": mark("Sending…"),
    "sent": mark("Sent"),
    "read": mark("Read"),
    "waiting": mark("No connection. What you write goes out by itself."),
    "older": mark("Show earlier messages"),
    "too_large": mark("“{name}” is larger than {n} MB."),
    "too_many": mark("A message takes {n} files."),
    "not_sent": mark("This was not sent."),
    "again": mark("Try again"),
    "drop": mark("Remove the message"),
    "before": mark("Before we begin"),
    "name": mark("Your name"),
    "email": mark("E-mail"),
    "phone": mark("Phone"),
    "optional": mark("optional"),
    "privacy": mark("How we keep your data"),
    "kept": mark("The conversation is kept."),
    "closed": mark("We are not here now."),
    "opens": mark("We answer from {when} on. Leave your question: the answer waits for you here."),
    "ended": mark("The conversation is over."),
    "rate": mark("How did we do?"),
    "stars": mark("{n} of 5"),
    "comment": mark("What could be better?"),
    "rate_send": mark("Send the rating"),
    "rated": mark("Thank you for the rating!"),
    "transcript": mark("Send me this conversation by mail"),
    "transcript_sent": mark("It is on its way to {address}."),
    "cancel": mark("Cancel"),
}


def texts() -> dict[str, str]:
    """Give them in the language of the visitor."""
    return {name: gettext(words) for name, words in TEXTS.items()}
