"""starting.*: how long a prepared centre takes until it answers, and what its processes hold of memory.

Web processes and a worker on a database that is there already, as a machine starts them that comes up again; the limit
is the same web server with as many processes of a view that returns "ok". Memory is counted after each has worked: what
processes share counts once.
"""

import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from bench import furnishing
from bench.live_crowd import Centre, free_ports
from cec.app import create_app
from cec.platform.db import unit_of_work
from cec.platform.settings import Settings

FIGURES = ("starting.centre", "starting.memory")
TIMES = 3
PAGES = 200
# Times of the bare server; megabytes of all processes together, without the database.
GOAL, MEMORY_GOAL = 8, 600
PATIENCE = 60.0
_BARE = "import flask\napp = flask.Flask('bare')\napp.add_url_rule('/readyz', view_func=lambda: 'ok')"


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    with create_app(settings).app_context(), unit_of_work():
        furnishing.fill()
    took, bare, memory = [], [], {}
    for _ in range(TIMES):
        bare.append(_bare(settings))
        began = time.perf_counter()
        with Centre(settings, worker=True) as centre:
            took.append(time.perf_counter() - began)
            _work(centre.port)
            memory = {"web": centre.memory(0) / 2**20, "worker": centre.memory(1) / 2**20}
    ratio = statistics.median(ours / theirs for ours, theirs in zip(took, bare, strict=True))
    yield {
        "name": "starting.centre",
        "value": round(statistics.median(took), 2),
        "unit": "s",
        "limit": round(statistics.median(bare), 2),
        "ratio": round(ratio, 1),
        "goal": GOAL,
        "holds": ratio <= GOAL,
        "note": f"{min(took):.2f} to {max(took):.2f} s, {TIMES} starts; limit: a Flask view that says “ok”",
    }
    whole = sum(memory.values())
    yield {
        "name": "starting.memory",
        "value": round(whole),
        "unit": "MB",
        "limit": MEMORY_GOAL,
        "ratio": round(whole / MEMORY_GOAL, 2),
        "goal": 1,
        "holds": whole <= MEMORY_GOAL,
        "note": ", ".join(f"{name} {size:.0f} MB" for name, size in memory.items()) + f", after {PAGES} pages",
    }


def _work(port: int) -> None:
    for _ in range(PAGES):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=PATIENCE).close()


def _bare(settings: Settings) -> float:
    """Start the same server without the product and tell how long it took until it answered."""
    (settings.data / "bare.py").write_text(_BARE)
    port = free_ports(1)[0]
    processes = str(min(4, os.cpu_count() or 1))
    words = [sys.executable, "-m", "gunicorn", "--chdir", str(settings.data), "--workers", processes]
    words += ["--worker-class", "gevent", "--log-level", "error", "--bind", f"127.0.0.1:{port}", "bare:app"]
    began = time.perf_counter()
    server = subprocess.Popen(words, start_new_session=True)  # noqa: S603 - our own words
    try:
        while time.perf_counter() - began < PATIENCE:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
                return time.perf_counter() - began
            except OSError:
                time.sleep(0.05)
    finally:
        # It answers while some of its processes still begin: those would not hear that they are to end.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=30)
    raise TimeoutError("the bare server does not come up")
