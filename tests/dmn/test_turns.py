"""Long work gives way: among greenlets, whoever was answered meanwhile goes on before it is done."""

import subprocess
import sys

from cec.dmn.turns import in_turns

WORK = """
from gevent import monkey
monkey.patch_all()
import socket, threading, time
from cec.dmn.turns import in_turns

here, there = socket.socketpair()
heard = []
threading.Thread(target=lambda: heard.append((there.recv(9), step))).start()
for step in in_turns(range(200)):
    if step == 10:
        here.send(b"answer")
    until = time.perf_counter() + 0.001
    while time.perf_counter() < until:
        pass
print(heard[0][0].decode(), 10 <= heard[0][1] < 199)
"""


def test_who_waits_for_an_answer_goes_on_as_soon_as_it_is_there():
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=False)  # noqa: S603

    assert done.stdout == "answer True\n", done.stderr


def test_everything_is_gone_through_in_its_order():
    assert list(in_turns("abc")) == ["a", "b", "c"]
