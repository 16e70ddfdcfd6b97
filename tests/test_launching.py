"""A newcomer starts the whole centre with one command, stops it, kills it, starts it again."""

import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import time

import pytest

from tests.launched import PATIENCE, Centre, soon

pytestmark = pytest.mark.long


@pytest.fixture
def centre(tmp_path):
    tmp_path.chmod(0o755)
    centre = Centre(tmp_path / "var")
    yield centre
    centre.stop()
    for pid in centre.processes():
        os.kill(pid, signal.SIGTERM)


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
