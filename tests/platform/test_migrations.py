"""Tables are made by migrations, both ways; what they make is what the models say."""

import dataclasses

import pytest
from sqlalchemy import text

from cec.app import create_app
from cec.platform import migrating, readiness
from cec.platform.db import db as database

COLUMNS = """
    select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           pg_get_expr(d.adbin, d.adrelid)
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attnum > 0 and not a.attisdropped and c.relname <> 'alembic_version'"""
CONSTRAINTS = """
    select c.relname, conname, pg_get_constraintdef(k.oid) from pg_constraint k join pg_class c on c.oid = k.conrelid
    where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relname <> 'alembic_version'"""
INDEXES = """
    select indexdef from pg_indexes join pg_class c on c.relname = tablename and c.relnamespace = 'public'::regnamespace
    where schemaname = 'public' and not c.relispartition and tablename <> 'alembic_version'"""
FUNCTIONS = """
    select proname from pg_proc p where pronamespace = 'public'::regnamespace
    and not exists (select 1 from pg_depend where objid = p.oid and deptype = 'e')"""


@pytest.fixture
def empty(settings, new_database):
    """An application on an empty database."""
    app = create_app(dataclasses.replace(settings, database_url=new_database().replace("://", "+psycopg2://")))
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()


def schema():
    database.session.rollback()
    seen = {tuple(row) for kind in (COLUMNS, CONSTRAINTS, INDEXES) for row in database.session.execute(text(kind))}
    database.session.rollback()
    return seen


def test_migrations_make_what_the_models_say(empty):
    migrating.upgrade()
    migrated = schema()
    migrating.downgrade("base")
    database.session.execute(text("create extension if not exists btree_gist"))
    database.session.execute(text("create extension if not exists pg_trgm"))
    database.session.commit()
    database.create_all()

    assert migrated ^ schema() == set()


def test_every_step_goes_back_and_forth_again(empty):
    migrating.upgrade()
    there = schema()
    migrating.downgrade("base")

    assert schema() == set()
    assert database.session.scalars(text(FUNCTIONS)).all() == []
    migrating.upgrade()
    assert schema() == there


def test_a_database_of_an_older_version_is_not_ready(empty):
    assert "empty" in readiness.problems()[0]

    migrating.upgrade("0001")
    assert "0001" in readiness.problems()[0]

    migrating.upgrade()
    assert readiness.problems() == []


def test_the_newest_step_is_known_without_alembic():
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only here

    assert ScriptDirectory(str(migrating.STEPS)).get_current_head() == migrating.newest()
