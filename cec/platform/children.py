"""Processes under one parent: started, watched, started again when they die, ended with it.

A child dies with its parent, even a killed one. Numbers of running children lie in a folder, so that a later start
finds and ends what outlived its parent all the same.
"""

import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

PARENT = "CEC_PARENT"
PATIENCE = 6.0
# A child that dies so often within a minute will not get better; one that was killed from outside will.
DEATHS = 5
MEMORY = 60.0
_PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another parent works with this data folder."""


def follow_parent() -> None:
    """Let this process end when the parent that started it ends, however that ends."""
    parent = os.environ.get(PARENT)
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("the parent has ended")


def is_called_by_parent() -> bool:
    """Tell whether the process that minds this data folder has started this one."""
    return os.environ.get(PARENT) == str(os.getppid())


@dataclass
class Child:
    """One process and how to start it."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)


class DiesAgain(Exception):
    """A child dies again and again."""


class Family:
    """The children of this process, for one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = data / "run"
        self.logs = data / "logs"
        self.environment: dict[str, str] = {}
        self.children: list[Child] = []
        self._lock: IO[str] | None = None

    def settle(self) -> None:
        """Take the folder for this parent, then end what an earlier one left.

        :raises AlreadyRunning: naming the other parent.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        self._lock = (self.folder / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            message = f"the centre of {self.data} is running already (process {self._lock.read().strip()})"
            self._lock.close()
            raise AlreadyRunning(message) from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()
        for path in self.folder.glob("*.pid"):
            _end_leftover(path, self.data)

    def start(self, name: str, *command: str) -> None:
        """Start a child; it does not hear the terminal's Ctrl-C, the parent tells it. Its log of last time is kept."""
        path = self.logs / f"{name}.log"
        if path.exists():
            path.replace(path.with_suffix(".log.1"))
        child = Child(name, list(command))
        self.children.append(child)
        self._spawn(child)

    def look_after(self) -> None:
        """Start dead children again.

        :raises DiesAgain: when that does not help.
        """
        for child in self.children:
            if child.process is None or child.process.poll() is None:
                continue
            log.error("%s ended with %s, starting it again", child.name, child.process.returncode)
            if child.process.returncode != -signal.SIGKILL:
                child.deaths = [at for at in child.deaths if time.monotonic() - at < MEMORY] + [time.monotonic()]
            if len(child.deaths) >= DEATHS:
                message = f"{child.name} dies again and again: see {self.logs}/{child.name}.log"
                raise DiesAgain(message)
            self._spawn(child)

    def end(self) -> None:
        """Ask all children to end; after a while, make them."""
        living = [child for child in self.children if child.process is not None and child.process.poll() is None]
        for child in living:
            if child.process is not None:
                child.process.terminate()
        until = time.monotonic() + PATIENCE
        for child in living:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s does not end, killing it", child.name)
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        for child in self.children:
            (self.folder / f"{child.name}.pid").unlink(missing_ok=True)

    def leave(self) -> None:
        """Give the folder free."""
        if self._lock is not None:
            self._lock.close()

    def _spawn(self, child: Child) -> None:
        environment = {**os.environ, **self.environment, PARENT: str(os.getpid())}
        with (self.logs / f"{child.name}.log").open("ab") as said:
            child.process = subprocess.Popen(  # noqa: S603 - our own words
                child.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        (self.folder / f"{child.name}.pid").write_text(str(child.process.pid))


def _end_leftover(path: Path, data: Path) -> None:
    """End a process group that outlived its parent, if the number is still one of ours."""
    number = path.read_text().strip()
    pid = int(number) if number.isdigit() else 0
    if pid and _is_ours(pid, data):
        log.warning("ending %s (process %s) of an earlier start", path.stem, pid)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + PATIENCE
            while _is_ours(pid, data) and time.monotonic() < until:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, sign)
                time.sleep(0.2)
    path.unlink(missing_ok=True)


def _is_ours(pid: int, data: Path) -> bool:
    try:
        return f"CEC_DATA={data}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
