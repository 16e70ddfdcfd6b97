"""The whole centre under one parent, as a newcomer starts it."""

import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import psycopg2
import pytest

pytestmark = pytest.mark.long
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


@pytest.fixture
def centre(tmp_path):
    tmp_path.chmod(0o755)
    centre = Centre(tmp_path / "var")
    yield centre
    centre.stop()
    for pid in centre.processes():
        os.kill(pid, signal.SIGTERM)


def soon(condition):
    until = time.monotonic() + 20
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    return condition()


def test_a_newcomer_starts_writes_stops_and_starts_again(centre):
    said = centre.start()

    passwords = json.loads((centre.data / "demo.json").read_text())["passwords"]
    assert f"http://127.0.0.1:{centre.port}/" in said
    assert all(re.search(rf"{login} +{re.escape(password)}", said) for login, password in passwords.items())
    example = next(line.strip() for line in said.splitlines() if "smtplib" in line)
    subprocess.run(["sh", "-c", example], check=True)  # noqa: S603, S607 - the line that people are told to type
    assert soon(lambda: ("Where is my order?",) in centre.ask("select subject from appeal where status = 'queued'"))

    assert centre.stop(signal.SIGINT) == 0
    assert soon(lambda: centre.processes() == [])

    centre.start()
    assert ("Where is my order?",) in centre.ask("select subject from appeal")
    assert json.loads((centre.data / "demo.json").read_text())["passwords"] == passwords
    assert json.loads(centre.read("/readyz")) == {"status": "ready"}


def test_killing_the_parent_leaves_nothing_that_blocks_the_next_start(centre):
    centre.start()
    before = centre.ask("select count(*) from appeal")

    centre.stop(signal.SIGKILL)
    said = centre.start()

    assert "The centre is open" in said
    assert centre.ask("select count(*) from appeal") == before


def test_killed_children_and_database_come_back(centre):
    centre.start()
    numbers = [int((centre.data / "run" / f"{name}.pid").read_text()) for name in ("web", "worker")]
    postmaster = int((centre.data / "postgres" / "postmaster.pid").read_text().split()[0])

    for pid in (*numbers, postmaster):
        os.kill(pid, signal.SIGKILL)

    def is_back():
        try:
            with smtplib.SMTP("127.0.0.1", centre.smtp_port, timeout=2) as door:
                return "ready" in centre.read("/readyz") and door.noop()[0] == 250
        except OSError:
            return False

    until = time.monotonic() + PATIENCE
    while not is_back() and time.monotonic() < until:
        time.sleep(0.2)
    assert is_back()


def test_a_taken_port_is_said_in_one_sentence(centre):
    with socket.create_server(("127.0.0.1", centre.port)):
        said = centre.start()

        assert said == (
            f"cec: port {centre.port} on 127.0.0.1 is taken: choose another one,"
            f" for example PORT={centre.port + 1} make run\n"
        )
        assert centre.stop() == 1


def test_without_the_demo_the_first_page_sets_the_centre_up(centre):
    said = centre.start(DEMO="off")

    assert "anna" not in said
    assert centre.ask("select count(*) from employee") == [(0,)]
    assert centre.lands_at("/") == "/setup"
