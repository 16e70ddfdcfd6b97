"""Database, application, clock, signed-in clients: what every test may ask for."""

import contextlib
import datetime as dt
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from cec.app import create_app
from cec.channels.email.post_office import PostOffice
from cec.platform import clock as cec_clock
from cec.platform import i18n, migrating
from cec.platform.db import db as database
from cec.platform.embedded import PrivateDatabase
from cec.platform.settings import Settings
from tests import peers, programs
from tests.postmaster import Postmaster

STORY_BEGINS = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
# A test database may forget everything with the machine.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "5s"}

# Faster than TRUNCATE: only tables with rows are touched, and no file is made anew. Every question is planned once, for
# whoever stays in that role.
CLEAN = "select pg_temp.clean()"
_CLEAN = """
set session_replication_role = replica;
set lock_timeout = '5s';
create function pg_temp.clean() returns void language plpgsql as $$
begin
    {rows}
    {numbers}
end $$;
"""
_TABLES = """
    select oid::regclass::text from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname <> 'alembic_version' order by 1"""
_SEQUENCES = """
    select oid::regclass::text from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'S' order by 1"""


def _broom(cursor: Any) -> str:
    """Write what cleans this database."""

    def each(listed: str, act: str) -> str:
        cursor.execute(listed)
        return "\n    ".join(act.format(name) for (name,) in cursor.fetchall())

    return _CLEAN.format(
        rows=each(_TABLES, "if exists (select from {0}) then delete from {0}; end if;"),
        numbers=each(_SEQUENCES, "if (select is_called from {0}) then perform setval('{0}', 1, false); end if;"),
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server: DATABASE_URL, else a throw-away one."""
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"]
        return
    private = PrivateDatabase(tmp_path_factory.mktemp("server"), HASTY)
    private.start()
    yield private.url()
    private.stop(mode="immediate")


@contextlib.contextmanager
def _connected(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@pytest.fixture(scope="session")
def new_database(server: str) -> Iterator[Callable[[], str]]:
    """Give a function that makes an empty database and tells its address."""
    made: list[str] = []

    def make() -> str:
        name = f"cec_test_{os.getpid()}_{len(made)}"
        with _connected(server) as cursor:
            cursor.execute(f"create database {name}")
        made.append(name)
        return make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    yield make
    with _connected(server) as cursor:
        for name in made:
            cursor.execute(f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def settings(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give settings with a database and a data folder of their own."""
    return Settings.read({"DATABASE_URL": new_database(), "CEC_DATA": str(tmp_path_factory.mktemp("data"))})


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """Give the application on a migrated database."""
    app = create_app(settings)
    app.testing = True
    app.test_client_class = Browser
    with app.app_context():
        migrating.upgrade()
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture(scope="session")
def broom(app: Flask, settings: Settings) -> Iterator[Any]:
    """Give a connection that cleans up between tests."""
    with _connected(settings.database_url.replace("+psycopg2", "")) as cursor:
        cursor.execute(_broom(cursor))
        yield cursor


@pytest.fixture
def db(app: Flask, clock: cec_clock.Hands, broom: Any) -> Iterator[Any]:
    """Give a clean database, inside an application context; everything is gone after the test."""
    with app.app_context():
        yield database
        database.session.rollback()
    broom.execute(CLEAN)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Iterator[cec_clock.Hands]:
    """Stop the clock at 2026-11-23 09:00 UTC, or where @pytest.mark.begins("2026-10-25T00:30:00+00:00") says."""
    mark = request.node.get_closest_marker("begins")
    with cec_clock.stopped(dt.datetime.fromisoformat(mark.args[0]) if mark else STORY_BEGINS) as hands:
        yield hands


class Browser(FlaskClient):
    """A client whose requests have sessions of their own: what the test left open is committed, then read anew."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request."""
        database.session.commit()
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        database.session.expire_all()
        return answer


@pytest.fixture
def english() -> Iterator[None]:
    """Let a reader of English read."""
    with i18n.reader("en", "Europe/Moscow"):
        yield


@pytest.fixture
def client(app: Flask, db: Any) -> FlaskClient:
    """Give a browser that is not signed in."""
    return app.test_client()


@pytest.fixture
def at_once(app: Flask) -> Callable[..., list[Any]]:
    """Give a function that runs acts at the same moment, each in a transaction world of its own.

    It gives what each act returned or raised, in their order.
    """

    def run(*acts: Callable[[], Any], patience: float = 60) -> list[Any]:
        barrier = threading.Barrier(len(acts))
        results: list[Any] = [TimeoutError(f"not done in {patience} s")] * len(acts)

        def person(index: int) -> None:
            with app.app_context():
                barrier.wait(timeout=10)
                try:
                    results[index] = acts[index]()
                except Exception as error:  # noqa: BLE001 - the test looks at it
                    database.session.rollback()
                    results[index] = error

        threads = [threading.Thread(target=person, args=(index,)) for index in range(len(acts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=patience)
        return results

    return run


@pytest.fixture(scope="session", autouse=True)
def _nobody_outside() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(str(address[0])):
            message = f"a test tried to reach {address}"
            raise AssertionError(message)
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_here(host: str) -> bool:
    return host.startswith("127.") or host in {"::1", "localhost"}


def pytest_configure(config: pytest.Config) -> None:
    """Declare our marks."""
    config.addinivalue_line("markers", "begins(moment): where the stopped clock of this story starts")
    config.addinivalue_line("markers", "long: takes long, so its file begins before the others")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin first: at the end the other processes would have run out of work."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[peers.Dovecot]:
    """Give a mail server where mailboxes are."""
    if peers.LEFT_OUT:
        pytest.skip("PEERS=off: no real mail servers by choice")
    with peers.dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def opensmtpd(dovecot: peers.Dovecot) -> Iterator[peers.OpenSmtpd]:
    """Give a mail server that takes what goes out; it arrives at Dovecot."""
    with peers.opensmtpd(dovecot) as server:
        yield server


@pytest.fixture
def trusting(dovecot: peers.Dovecot) -> Iterator[None]:
    """Trust the authority of both servers, as an administrator does with SSL_CERT_FILE."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(dovecot.authority))
        yield


@pytest.fixture
def postmaster() -> Iterator[Callable[..., Postmaster]]:
    """Give a function that opens a mail server which answers as it is told."""
    opened: list[Postmaster] = []

    def open_one(**answers: str) -> Postmaster:
        server = Postmaster({key.replace("last", "."): answer for key, answer in answers.items()})
        opened.append(server)
        return server

    yield open_one
    for server in opened:
        server.close()


@pytest.fixture
def program(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[programs.Program]:
    """Give a program of others on this machine, to which the centre may talk."""
    monkeypatch.setitem(vars(app.config["CEC"]), "inside_hosts", "127.0.0.1")
    with programs.listening() as listening:
        yield listening


@pytest.fixture(scope="session")
def repository() -> Path:
    """Tell where the sources lie."""
    return Path(__file__).parent.parent


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    """Give a mail server that keeps what it takes."""
    office = PostOffice(tmp_path / "out")
    office.start()
    yield office
    office.stop()
