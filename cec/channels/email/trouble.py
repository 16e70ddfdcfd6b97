"""What is wrong with the server of a mailbox, in a sentence; the server's own words beside it, never a password."""

import socket
import ssl
from collections.abc import Mapping

from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError

from cec.channels.email import oauth, pop3
from cec.platform.i18n import mark

NO_ENTRY = mark("The server did not accept the name or password.")
NO_TOKEN = mark("The provider gives no access any more: consent to it again and enter the new token.")
BAD_ENDPOINT = mark("Tokens are asked for by https only, and never at an address of this machine's own network.")
NO_NAMES = mark("The server does not name its mails (UIDL): use IMAP.")
NO_FOLDER = mark("The server let us in, but the folder could not be opened.")
NOT_TRUSTED = mark("The certificate of the server is not trusted.")
NO_TLS = mark("The server does not speak the encryption that is chosen.")
NO_SUCH_NAME = mark("There is no server of this name.")
SILENT = mark("The server does not answer in time.")
AWAY = mark("The server could not be reached.")
BROKE_OFF = mark("The server broke the conversation off.")

_LONGEST = 300
# The first that fits; those above are kinds of those below.
_SENTENCES: list[tuple[type[Exception], str]] = [
    (MailboxLoginError, NO_ENTRY),
    (MailboxFolderSelectError, NO_FOLDER),
    (pop3.NotLetIn, NO_ENTRY),
    (pop3.NoNames, NO_NAMES),
    (oauth.NoToken, NO_TOKEN),
    (oauth.BadEndpoint, BAD_ENDPOINT),
    (ssl.SSLCertVerificationError, NOT_TRUSTED),
    (ssl.SSLError, NO_TLS),
    (socket.gaierror, NO_SUCH_NAME),
    (TimeoutError, SILENT),
    (ConnectionResetError, BROKE_OFF),
    (BrokenPipeError, BROKE_OFF),
    (OSError, AWAY),
]


def of(error: Exception, *, hide: Mapping[str, str]) -> tuple[str, str]:
    """Say what is wrong: an English sentence for gettext, and the words behind it without the passwords."""
    sentence = next((sentence for kind, sentence in _SENTENCES if isinstance(error, kind)), BROKE_OFF)
    return sentence, plain(f"{type(error).__name__}: {error}", hide=hide)


def plain(words: str, *, hide: Mapping[str, str]) -> str:
    """Make the words of a server fit to be kept and shown: short, storable, no password in them."""
    for password in hide.values():
        words = words.replace(password, "***") if password else words
    return words.replace("\x00", "")[:_LONGEST]
