"""How quickly the people of the living centre do things: seconds of a person, divided by his haste."""

import asyncio
import random
from dataclasses import dataclass, field

# Signs a second: how people read and type.
READS, TYPES = 40.0, 9.0
# However long a text is.
LONGEST = 45.0


@dataclass
class Pace:
    """The haste of all, and the chance by which each of them decides."""

    haste: float = 1.0
    chance: random.Random = field(default_factory=random.Random)

    async def pause(self, least: float, most: float) -> None:
        """Do nothing for a while, in seconds of somebody without haste."""
        await asyncio.sleep(self.chance.uniform(least, most) / self.haste)

    async def read(self, text: str) -> None:
        """Read a text."""
        await self.pause(1.0, 2.0 + min(LONGEST, len(text) / READS))

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pause(1.0, 2.0 + min(LONGEST, len(text) / TYPES))

    def happens(self, share: float) -> bool:
        """Decide something that happens so often."""
        return self.chance.random() < share
