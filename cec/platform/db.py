"""The database: base class of all tables, the session, and the one place that commits."""

import datetime as dt
import re
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg2
from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, Index, MetaData, Text, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.pool import Pool, PoolProxiedConnection

from cec.platform import clock


class _Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            dt.datetime: DateTime(timezone=True),
            str: Text(),
            dict[str, Any]: JSONB(),
            list[Any]: JSONB(),
        },
    )


db = SQLAlchemy(
    model_class=_Base,
    session_options={"expire_on_commit": False, "autoflush": True},
)

if TYPE_CHECKING:
    Table = _Base
else:
    Table = db.Model

Identity = Mapped[int]


def identity() -> Any:
    """Make a primary key that the database counts."""
    return mapped_column(primary_key=True)


def words_of(column: str) -> str:
    """Give the words of a text as SQL: small letters, ё as е. Trigrams know Cyrillic in few locales only."""
    return f"to_tsvector('simple', lower(translate({column}, 'ёЁ', 'ее')))"


def words_index(name: str, column: str) -> Index:
    """Make an index that finds texts by the beginnings of their words."""
    return Index(name, text(words_of(column)), postgresql_using="gin")


def signs_index(name: str, column: str) -> Index:
    """Make an index that finds Latin letters and digits anywhere in a text."""
    return Index(name, column, postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"})


def moment(*, optional: bool = False, **options: Any) -> Any:
    """Make a column for a moment: aware, UTC."""
    return mapped_column(DateTime(timezone=True), nullable=optional, **options)


def created() -> Any:
    """Make a column for the moment at which the row came to be."""
    return mapped_column(DateTime(timezone=True), default=clock.now)


# The largest number that a row can have.
LARGEST_ID = 2**31 - 1
# An execution option of SQLAlchemy's statements that are asked all the time: the server plans them as those of `rows`.
PLANNED_ONCE = {"cec_planned_once": True}
_UNIT = "cec.unit"
_PREPARED = "cec.prepared"
_VALUE = re.compile(r"%\((\w+)\)s")


def unit() -> dict[str, Any]:
    """Give the notes of the running transaction; a new transaction starts with none."""
    notes: dict[str, Any] = db.session.info.setdefault(_UNIT, {})
    return notes


def after_commit(act: Callable[[], object]) -> None:
    """Do something once the transaction stands; a rolled back one forgets it."""
    unit().setdefault("after_commit", []).append(act)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction: returning commits, raising rolls back.

    What was promised with `after_commit` is done after the commit, outside the transaction.
    """
    session = db.session
    session.info.pop(_UNIT, None)
    try:
        yield
        session.commit()
    except BaseException:
        session.info.pop(_UNIT, None)
        session.rollback()
        raise
    for act in session.info.pop(_UNIT, {}).get("after_commit", ()):
        act()


def rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Read by a statement that every redraw asks: past SQLAlchemy, whose own work costs more than the driver's.

    The same connection and transaction, counted and refused as any other; values stand as %(name)s, and the server
    plans it once for each connection: where the kind of a value does not follow from its place, it says `::kind`. What
    was added to the session and not flushed is not seen.
    """
    return _asked(db.session.connection().connection, statement, values)


def rows_apart(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Do and read by one statement that is a transaction of its own, whatever becomes of the running one.

    One way to the server and back instead of three; it must not touch rows that the running transaction has locked.
    """
    connection = db.engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        driver.autocommit = True
        try:
            return _asked(connection, statement, values)
        finally:
            if not driver.closed:
                driver.autocommit = False
    finally:
        connection.close()


def _asked(connection: PoolProxiedConnection, statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor: Any = connection.cursor()
    for heard in db.engine.dispatch.before_cursor_execute:
        heard(None, cursor, statement, values, None, None)
    try:
        cursor.execute(_prepared(connection, cursor, statement), values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    except psycopg2.Error as error:
        raise DBAPIError.instance(statement, values, error, psycopg2.Error, dialect=db.engine.dialect) from error
    finally:
        cursor.close()
    return found


def _prepared(connection: PoolProxiedConnection, cursor: Any, statement: str) -> str:
    """Give the call of a statement that the server has planned; it takes more time to plan most of them than to do."""
    ready: dict[str, str] = connection.info.setdefault(_PREPARED, {})
    if statement not in ready:
        names = list(dict.fromkeys(_VALUE.findall(statement)))
        numbered = _VALUE.sub(lambda found: f"${names.index(found[1]) + 1}", statement).replace("%%", "%")
        name = f"cec_{len(ready)}"
        cursor.execute(f"PREPARE {name} AS {numbered}")
        given = ", ".join(f"%({each})s" for each in names)
        ready[statement] = f"EXECUTE {name}" + (f" ({given})" if given else "")
    return ready[statement]


@event.listens_for(Engine, "before_cursor_execute", retval=True)
def _plan_once(connection: Any, cursor: Any, statement: str, values: Any, context: Any, _many: Any) -> tuple[str, Any]:
    if context is None or not context.execution_options.keys() >= PLANNED_ONCE.keys():
        return statement, values
    return _prepared(connection.connection, cursor, statement), values


@contextmanager
def unit_apart() -> Iterator[None]:
    """Do something in a transaction beside the running one: it stands even if that one is rolled back.

    It must not touch rows that the running one has locked.
    """
    with current_app.app_context(), unit_of_work():
        yield


@event.listens_for(Pool, "checkout")
def _must_live(connection: Any, *_: object) -> None:
    """Notice a connection that died with a restarted server before a request is lost on it.

    Nothing was asked, so whatever can be read there is the server's farewell. This asks the operating system only.
    """
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError


def connect_apart(purpose: str) -> Any:
    """Give a connection beside the pool, where each statement stands at once; whoever asked closes it.

    What is said there is forgotten in a crash anyway: nobody waits for the disk.
    """
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = "-c synchronous_commit=off"
    connection = psycopg2.connect(url, application_name=f"cec {purpose}", connect_timeout=5, options=settings)
    connection.autocommit = True
    return connection
