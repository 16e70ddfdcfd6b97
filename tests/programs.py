"""A program of others that listens: takes what is posted to it, answers as it is told, and remembers."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson


@dataclass
class Program:
    """What a program heard, and what it says to what comes next: a status, or a status and headers."""

    url: str = ""
    heard: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    body: bytes = b""
    silence: threading.Event = field(default_factory=threading.Event)

    def next(self) -> tuple[int, dict[str, str]]:
        """Say what is said next; 200 when nothing else is told."""
        told = self.answers.pop(0) if self.answers else 200
        return told if isinstance(told, tuple) else (told, {})


@contextlib.contextmanager
def listening() -> Iterator[Program]:
    """Listen on a port of this machine for a while."""
    program = Program()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            program.heard.append(orjson.loads(body) if body else None)
            program.headers.append({name.lower(): value for name, value in self.headers.items()} | {"raw": body})
            self.answer()

        def do_GET(self):
            self.answer()

        def answer(self):
            status, headers = program.next()
            if status == 0:  # breaks off
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(program.body)))
            self.end_headers()
            self.wfile.write(program.body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    program.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield program
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
