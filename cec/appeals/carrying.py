"""What the channel of an appeal can carry, asked before an answer is queued (guide 3.2.4; SPEC 1C: capabilities)."""

from collections.abc import Collection

from cec.appeals.models import Appeal, Attachment
from cec.appeals.opening import Opened
from cec.channels import channel as channels
from cec.channels.channel import Capabilities
from cec.channels.models import ChannelAccount
from cec.platform import clock
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext


class TooLongForChannel(Invalid):
    """This channel takes up to {limit} characters: shorten it or send it in two messages."""

    field = "text"


class NoFilesHere(Invalid):
    """This channel takes no files: take them off, or send a link."""

    field = "file"


class TooManyFiles(Invalid):
    """This channel takes up to {limit} files with a message: send the others with the next one."""

    field = "file"


class FilesTooLarge(Invalid):
    """The files of a message may have {limit} MB together in this channel: take some off."""

    field = "file"


class NotThisKind(Invalid):
    """This channel does not take “{name}”: its kind of file cannot be sent here."""

    field = "file"


class ClosedNow(Invalid):
    """Nothing can be written to this client now."""

    field = "text"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def sentence(self) -> str:
        """Say what the channel says of it."""
        return gettext(self.reason)


def of(appeal: Appeal | Opened, account: ChannelAccount) -> Capabilities:
    """Say what can be written to the client of an appeal now."""
    return channels.get(account.channel).capabilities(account, appeal.address.value, clock.now())


def is_letter(channel: str) -> bool:
    """Tell whether answers in a channel are letters, with recipients and what goes out below them."""
    return channels.get(channel).LETTERS


def check(able: Capabilities, text: str, files: Collection[Attachment]) -> None:
    """Refuse what the channel cannot carry, at the field that is wrong.

    :raises Invalid: with the remedy.
    """
    if able.closed:
        raise ClosedNow(able.closed)
    if len(text) > able.longest_text:
        raise TooLongForChannel(limit=able.longest_text)
    if files and not able.most_files:
        raise NoFilesHere
    if len(files) > able.most_files:
        raise TooManyFiles(limit=able.most_files)
    if sum(file.size for file in files) > able.largest_files:
        raise FilesTooLarge(limit=able.largest_files // 2**20)
    for file in files:
        if able.file_kinds and not file.type.startswith(able.file_kinds):
            raise NotThisKind(name=file.name)
