"""A bad link: everything goes through a door that every few seconds cuts all connections and is shut for a moment."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

PIECE = 65536


class BadLink:
    """Listens on a port of its own and passes everything on to another one, while it does."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stop, self._is_shut, self._is_calm = threading.Event(), threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self.cuts = 0

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._is_calm.set()
        self._listening.close()
        self._cut()
        for thread in self._threads:
            thread.join(timeout=5)

    def drop(self, every: float, shut: float) -> None:
        """Begin to cut: every so many seconds, and to be shut for so many afterwards."""
        thread = threading.Thread(target=self._drop, args=(every, shut), daemon=True)
        self._threads.append(thread)
        thread.start()

    def calm(self) -> None:
        """Cut no more."""
        self._is_calm.set()
        self._is_shut.clear()

    def _drop(self, every: float, shut: float) -> None:
        while not self._is_calm.wait(every) and not self._stop.is_set():
            self._is_shut.set()
            self._cut()
            self.cuts += 1
            self._stop.wait(shut)
            self._is_shut.clear()

    def _cut(self) -> None:
        with self._lock:
            cut, self._open = self._open, set()
        for each in cut:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            if self._is_shut.is_set():
                caller.close()
                continue
            threading.Thread(target=self._pass, args=(caller,), daemon=True).start()

    def _pass(self, caller: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._to), timeout=10)
        except OSError:
            caller.close()
            return
        server.settimeout(None)
        with self._lock:
            self._open |= {caller, server}
        back = threading.Thread(target=self._copy, args=(server, caller), daemon=True)
        back.start()
        self._copy(caller, server)
        back.join()
        with self._lock:
            self._open -= {caller, server}
        for each in (caller, server):
            each.close()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                target.sendall(piece)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def wait_until(is_so: Callable[[], bool], patience: float) -> bool:
    """Wait until something is so; gives whether it came to be."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.1)
    return is_so()
