"""The process in which clients and colleagues of a demo live, beside web and worker: `python -m cec.living`."""

import asyncio
import logging
import signal
import sys

from cec.living import places
from cec.living.pace import Pace
from cec.living.town import Town
from cec.platform import children, logs
from cec.platform.settings import Settings

log = logging.getLogger(__name__)


def main() -> None:
    """Live until told to stop."""
    children.follow_parent()
    settings = Settings.read()
    logs.set_up(settings.log_level)
    place = places.read(settings)
    if place is None:
        sys.exit("nobody lives in this centre: its demo was not made for that")
    asyncio.run(_live(place, settings))


async def _live(place: places.Place, settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("the centre lives: %s colleagues", len(place.colleagues))
    await Town(place, Pace()).follow(settings.data, stop)


if __name__ == "__main__":
    main()
