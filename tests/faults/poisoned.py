"""A centre's commands with a kind of work that kills its process, as a library that crashes would."""

import os
import signal
import sys

from cec.__main__ import main
from cec.platform import work


@work.handler("poison")
def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
