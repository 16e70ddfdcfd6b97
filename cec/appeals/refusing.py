"""Files of a client's message that are not kept: noted at the message, where the operator reads it, and as a fact."""

from collections.abc import Sequence

from cec.appeals.models import Appeal, Message
from cec.channels.channel import RefusedFile
from cec.platform import journal

# Under this name the headers of a message list them: {"name", "reason"}; and the fact that there are some.
NAME, MISSED = "unfetched", "message.file_missed"


def note(message: Message, appeal: Appeal, files: Sequence[RefusedFile]) -> None:
    """Note which files of a message are not kept, and why."""
    noted = [{"name": file.name, "reason": file.reason} for file in files]
    message.headers = {**message.headers, NAME: [*message.headers.get(NAME, []), *noted]}
    journal.record(MISSED, appeal.key, by="system", message_id=message.id, file=files[0].name)


def noted(message: Message) -> list[RefusedFile]:
    """List the files of a message that are not kept."""
    return [RefusedFile(file["name"], file["reason"]) for file in message.headers.get(NAME) or ()]
