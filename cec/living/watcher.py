"""A supervisor of the demo: looks at what waits now and then, and calls as many colleagues as it takes."""

import logging
import re

from cec.living.desk import Desk
from cec.living.line import Away
from cec.living.pace import Pace

log = logging.getLogger(__name__)

WAITING = "/appeals?status=queued"
_ROW = re.compile(r'<td class="num"><a href="/appeals/\d+"')
_LOOKS_EVERY = 30.0


class Watcher:
    """A supervisor at his desk."""

    def __init__(self, desk: Desk, pace: Pace) -> None:
        self.desk, self._pace = desk, pace
        # How many appeals wait, as far as the first page tells.
        self.waiting = 0

    async def work(self) -> None:
        """Look again and again until cancelled; a centre that is away is tried again."""
        while True:
            try:
                await self.desk.sign_in()
                await self.desk.live()
                while True:
                    self.waiting = len(_ROW.findall(self.desk.list))
                    await self.desk.news(_LOOKS_EVERY)
            except Away as away:
                log.info("%s is cut off: %s", self.desk.login, away)
            finally:
                await self.desk.close()
            await self._pace.pause(3, 8)
