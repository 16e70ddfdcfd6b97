"""The whole centre under one parent, as a newcomer starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import psycopg2

PATIENCE = 90.0


class Centre:
    """`cec up` with a data folder and ports of its own."""

    def __init__(self, data):
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            self.port, self.smtp_port = one.getsockname()[1], other.getsockname()[1]
        self.data = data
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("CEC_", "DATABASE"))
        }
        self.environment |= {"PORT": str(self.port), "SMTP_PORT": str(self.smtp_port), "CEC_DATA": str(data)}
        # Nobody comes by himself unless a test wants it.
        self.environment["CEC_LIVING"] = "off"
        self.parent = None
        self.said = ""

    def start(self, **more):
        """Start it and read what it says until it is open or has given up."""
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "cec", "up"], env=self.environment | more,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.said = ""
        until = time.monotonic() + PATIENCE
        while "Stop with Ctrl-C" not in self.said and time.monotonic() < until:
            line = self.parent.stdout.readline()
            if not line:
                break
            self.said += line
        return self.said

    def stop(self, number=signal.SIGINT):
        """Stop it as Ctrl-C does, or harder; give its code."""
        if self.parent is None:
            return None
        if self.parent.poll() is None:
            self.parent.send_signal(number)
        code = self.parent.wait(timeout=30)
        self.parent.stdout.close()
        self.parent = None
        return code

    def read(self, path):
        """Read a page of it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def lands_at(self, path):
        """Follow a page to where it leads."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return urllib.parse.urlsplit(answer.geturl()).path

    def ask(self, statement):
        """Ask its database at the address that `cec db url` tells."""
        words = [sys.executable, "-m", "cec", "db", "url"]
        told = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=True)  # noqa: S603
        connection = psycopg2.connect(told.stdout.strip())
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

    def processes(self):
        """List the processes of this data folder."""
        found = []
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                try:
                    with open(f"/proc/{entry.name}/cmdline") as command, open(f"/proc/{entry.name}/environ") as told:  # noqa: PTH123
                        if str(self.data) in command.read() + told.read():
                            found.append(int(entry.name))
                except OSError:
                    continue
        return [pid for pid in found if pid != os.getpid()]


def soon(condition, *, patience=20):
    """Wait until something is so; tells whether it is."""
    until = time.monotonic() + patience
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    return condition()
