"""Processes under one parent."""

import os
import signal
import subprocess
import sys
import time

import pytest

from cec.platform.children import AlreadyRunning, DiesAgain, Family

PATIENT = "import time; time.sleep(60)"
# A parent with one child that follows it.
PARENT = """
import sys, time
from pathlib import Path
from cec.platform.children import Family
family = Family(Path(sys.argv[1]))
family.environment["CEC_DATA"] = sys.argv[1]
family.settle()
family.start("worker", sys.executable, "-c", sys.argv[2])
print(family.children[0].process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def family(tmp_path):
    family = Family(tmp_path)
    family.environment["CEC_DATA"] = str(tmp_path)
    family.settle()
    yield family
    family.end()
    family.leave()


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - a file of the kernel
            return file.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def gone(pid):
    until = time.monotonic() + 10
    while is_there(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_there(pid)


def test_a_child_that_dies_is_started_again(family):
    family.start("worker", sys.executable, "-c", PATIENT)
    first = family.children[0].process
    first.kill()
    first.wait()

    family.look_after()

    assert family.children[0].process.pid != first.pid
    assert is_there(family.children[0].process.pid)


def test_a_child_that_dies_again_and_again_is_told(family):
    family.start("worker", sys.executable, "-c", "import sys; sys.exit(3)")

    with pytest.raises(DiesAgain, match="worker dies again and again"):
        for _ in range(10):
            family.children[0].process.wait()
            family.look_after()


def test_a_child_that_is_killed_from_outside_is_started_again_however_often(family):
    family.start("worker", sys.executable, "-c", PATIENT)

    for _ in range(7):
        family.children[0].process.kill()
        family.children[0].process.wait()
        family.look_after()

    assert is_there(family.children[0].process.pid)


def test_ending_ends_also_the_child_that_does_not_listen(family, monkeypatch):
    monkeypatch.setattr("cec.platform.children.PATIENCE", 0.5)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    family.start("worker", sys.executable, "-c", deaf)
    while "deaf" not in (family.logs / "worker.log").read_text():
        time.sleep(0.02)

    family.end()

    assert family.children[0].process.returncode == -signal.SIGKILL


def test_two_parents_do_not_share_a_folder(family, tmp_path):
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        Family(tmp_path).settle()


@pytest.mark.parametrize(
    "child",
    [f"from cec.platform.children import follow_parent; follow_parent(); {PATIENT}", PATIENT],
    ids=["it follows", "it outlives"],
)
def test_a_killed_parent_leaves_nothing_that_blocks_the_next_start(tmp_path, child):
    parent = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", PARENT, str(tmp_path), child], stdout=subprocess.PIPE, text=True
    )
    pid = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    followed = "follow_parent" in child
    assert gone(pid) if followed else is_there(pid)

    family = Family(tmp_path)
    family.settle()
    family.leave()

    assert gone(pid)
    assert list((tmp_path / "run").glob("*.pid")) == []


def test_a_number_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path):
    stranger = subprocess.Popen([sys.executable, "-c", PATIENT], start_new_session=True)  # noqa: S603 - our own words
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "web.pid").write_text(str(stranger.pid))
    family = Family(tmp_path)

    family.settle()
    family.leave()

    assert is_there(stranger.pid)
    stranger.kill()
    stranger.wait()
