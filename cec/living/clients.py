"""How a client behaves: he says what he wants, waits, asks after it, answers, thanks - or falls silent."""

from typing import Protocol

from cec.living.pace import Pace
from cec.living.scripts import Conversation

# Seconds, of somebody without haste: until he asks again, and until he gives up.
ASKS_AGAIN = (70.0, 150.0)
GIVES_UP = 1500.0
# What he thinks about an answer, as a rule.
THINKS = (2.0, 20.0)


class Talk(Protocol):
    """A door with somebody at it."""

    async def say(self, text: str, *, picture: bytes | None = None) -> None:
        """Send a message."""

    async def hear(self, within: float) -> str | None:
        """Wait for an answer, so many seconds; gives its text."""

    async def rate(self, mark: int) -> None:
        """Give stars, where there are any."""

    async def leave(self) -> None:
        """Be gone."""


async def converse(
    talk: Talk,
    conversation: Conversation,
    facts: dict[str, str],
    pace: Pace,
    *,
    picture: bytes | None = None,
    thinks: tuple[float, float] = THINKS,
) -> bool:
    """Live through a conversation; tells whether all of it was said. Whoever goes has left the door."""
    try:
        return await _say_all(talk, conversation, facts, pace, picture, thinks)
    finally:
        await talk.leave()


async def _say_all(
    talk: Talk,
    conversation: Conversation,
    facts: dict[str, str],
    pace: Pace,
    picture: bytes | None,
    thinks: tuple[float, float],
) -> bool:
    last = len(conversation.says) - 1
    for place, words in enumerate(conversation.says):
        text = conversation.filled(words, facts)
        await pace.type(text)
        await talk.say(text, picture=picture if place == 0 else None)
        if place == last:
            break
        answer = await _answer(talk, conversation if place == 0 else None, facts, pace)
        if answer is None:
            return False
        await pace.read(answer)
        await pace.pause(*thinks)
    if conversation.leaves:
        for words in conversation.meanwhile:
            await pace.pause(*ASKS_AGAIN)
            await talk.say(conversation.filled(words, facts))
    elif conversation.mark:
        await talk.rate(conversation.mark)
    return True


async def _answer(talk: Talk, asks: Conversation | None, facts: dict[str, str], pace: Pace) -> str | None:
    """Wait for an answer; the impatient ask after it meanwhile."""
    for words in asks.meanwhile if asks and not asks.leaves else ():
        found = await talk.hear(pace.chance.uniform(*ASKS_AGAIN) / pace.haste)
        if found is not None:
            return found
        await talk.say(asks.filled(words, facts) if asks else words)
    return await talk.hear(GIVES_UP / pace.haste)
