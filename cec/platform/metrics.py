"""Figures for Prometheus, on a port of their own: requests, their duration and SQL, what waits and for how long.

Several processes of one machine add up through files in the folder PROMETHEUS_MULTIPROC_DIR.
"""

import errno
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask, Response, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Engine, event, text

from cec.platform import clock, logs
from cec.platform.db import db, unit_of_work

log = logging.getLogger(__name__)

REQUESTS = Histogram("cec_request_seconds", "How long requests took.", ["route", "method", "status"])
STATEMENTS = Counter("cec_request_sql", "SQL statements of requests.", ["route"])
JOBS = Histogram("cec_job_seconds", "How long jobs took.", ["job"])
FAILURES = Counter("cec_job_failures", "Jobs that failed.", ["job"])

# What waits in the database: name, help, statement that gives one number, or rows of a label and a number.
Waiting = Sequence[tuple[str, str, str]]


class Count:
    """How many SQL statements were sent."""

    sql = 0


_count: ContextVar[Count | None] = ContextVar("count", default=None)


@contextmanager
def counting() -> Iterator[Count]:
    """Count the SQL statements that are sent meanwhile."""
    count = Count()
    token = _count.set(count)
    try:
        yield count
    finally:
        _count.reset(token)


@event.listens_for(Engine, "before_cursor_execute")
def _counted(*_: Any) -> None:
    count = _count.get()
    if count is not None:
        count.sql += 1


def install(app: Flask) -> None:
    """Measure every request and log one line for it."""
    inner = app.wsgi_app

    def measured(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with counting() as count, logs.about(request=environ.setdefault("cec.request_id", os.urandom(6).hex())):
            environ["cec.count"] = count
            environ["cec.began"] = time.perf_counter()
            answer: Iterable[bytes] = inner(environ, start)
            return answer

    app.wsgi_app = measured  # type: ignore[assignment, method-assign]
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    if request.endpoint == "static":
        return response
    route = request.url_rule.rule if request.url_rule else "-"
    seconds = time.perf_counter() - request.environ["cec.began"]
    sql = request.environ["cec.count"].sql
    REQUESTS.labels(route, request.method, response.status_code).observe(seconds)
    STATEMENTS.labels(route).inc(sql)
    log.info("%s %s %s %.1f ms %s sql", request.method, route, response.status_code, seconds * 1000, sql)
    return response


class _Asked:
    """Asks the database when it is asked itself."""

    def __init__(self, app: Flask, waiting: Waiting) -> None:
        self._app, self._waiting = app, waiting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._app.app_context(), unit_of_work():
            for name, told, statement in self._waiting:
                rows = db.session.execute(text(statement), {"now": clock.now()}).all()
                gauge = GaugeMetricFamily(name, told, labels=["name"] if rows and len(rows[0]) > 1 else [])
                for *labels, number in rows:
                    gauge.add_metric(labels, float(number))
                yield gauge


def collected(app: Flask, waiting: Waiting) -> CollectorRegistry:
    """Gather the figures of all processes and of the database."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        registry = REGISTRY
    else:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    together = CollectorRegistry()
    together.register(registry)
    together.register(_Asked(app, waiting))
    return together


@contextmanager
def served(app: Flask, port: int, waiting: Waiting) -> Iterator[None]:
    """Show the figures on a port of loopback for a while; a taken port is said and costs nothing else."""
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=collected(app, waiting))
    except OSError as error:
        if error.errno == errno.EADDRINUSE and "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            log.info("port %s is taken: the worker there shows the figures of this one too", port)
        else:
            log.warning("no metrics: port %s: %s", port, error.strerror)
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
