"""Everything in one file, and back."""

import dataclasses
import io
import stat
import tarfile

import pytest

from cec.app import create_app
from cec.platform import backup, journal, keys, migrating, storage
from cec.platform.db import db as database
from cec.platform.db import unit_of_work


@pytest.fixture
def another(settings, new_database, tmp_path):
    """A place to restore to: an empty database, an empty folder."""
    return dataclasses.replace(
        settings, database_url=new_database().replace("://", "+psycopg2://"), data=tmp_path / "another"
    )


@pytest.fixture
def kept(db, settings, tmp_path):
    """A backup of a centre with a fact, a file and a key."""
    keys.make(settings.data)
    with unit_of_work():
        journal.record("test.happened", "test:1", by="anna", words="ёлка")
        storage.put(b"an invoice")
    target = tmp_path / "centre.tar"
    backup.backup(settings.database_url, settings.data, target)
    return target


def in_it(settings, act):
    app = create_app(settings)
    with app.app_context():
        try:
            return act()
        finally:
            database.session.remove()
            database.engine.dispose()


def test_what_was_kept_comes_back_elsewhere(kept, settings, another):
    backup.restore(another.database_url, another.data, kept, replace=False)

    facts = in_it(another, lambda: [entry.facts for entry in journal.history("test:1")])
    files = in_it(another, lambda: storage.get(storage.put(b"an invoice")))
    assert facts == [{"words": "ёлка"}]
    assert files == b"an invoice"
    assert (another.data / "key").read_bytes() == (settings.data / "key").read_bytes()


def test_what_came_back_goes_on(kept, another):
    backup.restore(another.database_url, another.data, kept, replace=False)

    def go_on():
        migrating.upgrade()
        with unit_of_work():
            journal.record("test.continued", "test:1", by="anna")
        with pytest.raises(Exception, match="append-only"), unit_of_work():
            database.session.execute(database.text("delete from journal"))
        return [entry.name for entry in journal.history("test:1")]

    assert in_it(another, go_on) == ["test.happened", "test.continued"]


def test_a_centre_is_replaced_only_when_told(kept, another):
    backup.restore(another.database_url, another.data, kept, replace=False)

    def add():
        with unit_of_work():
            journal.record("test.added", "test:1", by="anna")

    in_it(another, add)
    with pytest.raises(backup.NotEmpty, match="--replace"):
        backup.restore(another.database_url, another.data, kept, replace=False)
    assert in_it(another, lambda: len(journal.history("test:1"))) == 2

    backup.restore(another.database_url, another.data, kept, replace=True)
    assert in_it(another, lambda: len(journal.history("test:1"))) == 1


def test_a_backup_is_for_its_owner_only(kept):
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("harm", ["cut", "not a tar", "another file under the name"])
def test_a_damaged_backup_changes_nothing(kept, another, harm):
    backup.restore(another.database_url, another.data, kept, replace=False)
    content = kept.read_bytes()
    if harm == "cut":
        kept.write_bytes(content[:2000])
    elif harm == "not a tar":
        kept.write_bytes(b"some text")
    else:
        with tarfile.open(kept, "a") as tar:
            member = tarfile.TarInfo("files/aa/" + "aa" * 32)
            member.size = 4
            tar.addfile(member, io.BytesIO(b"evil"))

    with pytest.raises(backup.BackupFailed):
        backup.restore(another.database_url, another.data, kept, replace=True)

    assert in_it(another, lambda: len(journal.history("test:1"))) == 1


def test_names_that_lead_out_of_the_folder_are_ignored(kept, another):
    with tarfile.open(kept, "a") as tar:
        member = tarfile.TarInfo("files/../../evil")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))

    backup.restore(another.database_url, another.data, kept, replace=False)

    assert not list(another.data.parent.rglob("evil"))
