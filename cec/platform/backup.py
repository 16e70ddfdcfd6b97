"""Everything in one file, and back: the database as of one moment, the stored files, the key of the installation.

Files are written before the transaction that mentions them and never change, so those found after the database was
read are all that it needs.
"""

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from sqlalchemy.engine import make_url

from cec.platform.embedded import BIN

DATABASE = "database.dump"
KEY = "key"
_FILE = re.compile(r"files/[0-9a-f]{2}/([0-9a-f]{64})")


class BackupFailed(Exception):
    """The backup could not be made or read."""


class NotEmpty(Exception):
    """The target already holds a centre."""


def backup(url: str, data: Path, target: Path) -> int:
    """Keep database, files and key in a file only its owner can read; tell how many stored files it holds."""
    part = target.with_name(target.name + ".part")
    count = 0
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        dump = Path(place) / DATABASE
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={dump}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w") as tar:
                tar.add(dump, DATABASE)
                tar.add(data / KEY, KEY)
                for path in sorted((data / "files").glob("??/*")):
                    name = f"files/{path.parent.name}/{path.name}"
                    if _FILE.fullmatch(name):
                        tar.add(path, name)
                        count += 1
            out.flush()
            os.fsync(out.fileno())
    part.replace(target)
    return count


def restore(url: str, data: Path, source: Path, *, replace: bool) -> int:
    """Bring everything back in place of what is there; the database changes in one transaction or not at all.

    :raises NotEmpty: when there is a centre already and nobody said to replace it.
    """
    if not replace and _holds_centre(url):
        message = "the database already holds a centre; say --replace to put the backup in its place"
        raise NotEmpty(message)
    data.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(source) as tar, tempfile.TemporaryDirectory() as place:
            dump, script = Path(place) / DATABASE, Path(place) / "restore.sql"
            with dump.open("wb") as out:
                shutil.copyfileobj(tar.extractfile(DATABASE) or io.BytesIO(), out)
            key = _read(tar, KEY)
            count = _restore_files(tar, data)
            _run(url, "pg_restore", "--no-owner", "--no-acl", f"--file={script}", str(dump))
            _leave_out_timeout(script)
            _run(
                url, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
                "--command=drop schema public cascade", "--command=create schema public", f"--file={script}",
            )  # fmt: skip
    except (tarfile.TarError, KeyError, FileNotFoundError) as error:
        message = f"{source} is not a whole backup of a centre: {error}"
        raise BackupFailed(message) from None
    _write(data / KEY, key)
    return count


def empty(url: str) -> None:
    """Throw away all that the database holds."""
    anew = ("--command=drop schema public cascade", "--command=create schema public")
    _run(url, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *anew)


def _leave_out_timeout(script: Path) -> None:
    """Make a comment of a setting that servers before PostgreSQL 17 do not know; it is 0 anyway."""
    with script.open("r+b") as file:
        at = file.read(4096).find(b"\nSET transaction_timeout = 0;")
        if at >= 0:
            file.seek(at + 1)
            file.write(b"--")


def _restore_files(tar: tarfile.TarFile, data: Path) -> int:
    """Take files by name only where the bytes prove the name."""
    count = 0
    for member in tar:
        found = _FILE.fullmatch(member.name)
        if not found or not member.isfile():
            continue
        content = _read(tar, member.name)
        if hashlib.sha256(content).hexdigest() != found[1]:
            message = f"{member.name} is damaged"
            raise BackupFailed(message)
        _write(data / member.name, content)
        count += 1
    return count


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    return (tar.extractfile(name) or io.BytesIO()).read()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def _holds_centre(url: str) -> bool:
    told = _run(url, "psql", "--no-psqlrc", "--tuples-only", "--no-align",
                "--command=select count(*) from information_schema.tables where table_schema = 'public'")  # fmt: skip
    return int(told) > 0


def _run(url: str, program: str, *words: str) -> str:
    """Run one of PostgreSQL's programs; the address goes by the environment, where other people cannot read it."""
    where = make_url(url)
    told = {
        "PGHOST": where.host, "PGPORT": str(where.port or 5432), "PGDATABASE": where.database,
        "PGUSER": where.username, "PGPASSWORD": str(where.password or ""),
        **{f"PG{name.upper()}": str(value) for name, value in where.query.items()},
    }  # fmt: skip
    environment = {**os.environ, **{name: value for name, value in told.items() if value}}
    command = [str(BIN / program), *words]
    done = subprocess.run(  # noqa: S603 - our own words
        command,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment,
    )
    if done.returncode:
        message = f"{program} failed: {done.stderr.strip()}"
        raise BackupFailed(message)
    return done.stdout
