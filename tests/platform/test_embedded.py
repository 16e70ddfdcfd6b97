"""The private PostgreSQL survives what happens to servers."""

import os
import signal
import stat
import threading

import psycopg2
import pytest

from cec.platform.embedded import DatabaseFailed, PrivateDatabase


@pytest.fixture
def private(tmp_path):
    server = PrivateDatabase(tmp_path / "a folder with a space", {"shared_buffers": "16MB"})
    yield server
    server.stop(mode="immediate")


def ask(server, statement, *values):
    connection = psycopg2.connect(server.url())
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def test_it_keeps_address_and_data_over_a_restart(private):
    assert private.start() is True
    ask(private, "create table note as select 'отдать ключ' as words")
    address = private.url()

    private.stop()
    assert not private.is_running()
    private.start()

    assert private.url() == address
    assert ask(private, "select words from note") == [("отдать ключ",)]


def test_a_running_one_is_used_as_it_is(private):
    private.start()

    assert PrivateDatabase(private.data.parent).start() is False


def test_committed_rows_survive_kill_9_of_all_its_processes(private):
    private.start()
    ask(private, "create table note (number int)")
    written, stop = [], threading.Event()

    def write():
        while not stop.is_set():
            try:
                ask(private, "insert into note values (%s)", len(written))
            except psycopg2.Error:
                return
            written.append(len(written))

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 30:
        stop.wait(0.01)
    os.kill(private._pid(), signal.SIGKILL)  # noqa: SLF001 - as an administrator would
    writer.join(timeout=30)
    assert not private.is_alive()

    private.start()

    kept = {number for (number,) in ask(private, "select number from note")}
    assert set(written) <= kept


def test_a_number_left_behind_by_a_dead_server_does_not_block_the_start(private):
    private.start()
    private.stop()
    lines = f"{os.getpid()}\n{private.data}\n1\n5432\n\n127.0.0.1\n0\nready\n"
    (private.data / "postmaster.pid").write_text(lines)

    assert private.start() is True


def test_a_taken_port_is_exchanged_for_a_free_one(private):
    private.start()
    port = int(private.kept_port.read_text())
    private.stop()
    import socket  # noqa: PLC0415 - only here

    with socket.create_server(("127.0.0.1", port)):
        private.start()

        assert int(private.kept_port.read_text()) != port
        assert private.is_running()


def test_a_start_that_was_interrupted_is_begun_anew(private):
    half = private.data.with_name("postgres.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    private.start()

    assert ask(private, "select 1") == [(1,)]


def test_nobody_else_can_read_its_password(private):
    private.start()

    assert stat.S_IMODE(private.password.stat().st_mode) == 0o600
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(private.url().replace(private.password.read_text().strip(), "guess"))


def test_a_folder_without_a_database_is_told_in_a_sentence(tmp_path):
    with pytest.raises(DatabaseFailed, match="there is no database yet"):
        PrivateDatabase(tmp_path).url()
