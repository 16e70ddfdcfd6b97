"""Commands: what they do, and sentences for what cannot be done."""

import cast
import pytest

from cec import cli
from cec.app import create_app
from cec.platform import journal, keys
from cec.platform.db import unit_of_work
from cec.rulebook import files


@pytest.fixture
def cec(settings, monkeypatch, capsys):
    """Give a function that does a command with the settings of the tests and gives code, output and complaint."""
    monkeypatch.setattr(cli.logs, "set_up", lambda _level: None)
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CEC_DATA", str(settings.data))

    def run(*words):
        code = cli.main(create_app, list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_address_of_the_database_is_told_for_psql(cec, settings):
    code, out, _ = cec("db", "url")

    assert code == 0
    assert out.strip() == settings.database_url.replace("+psycopg2", "")


def test_a_wrong_setting_is_a_sentence_not_a_trace(cec, monkeypatch):
    monkeypatch.setenv("PORT", "eighty")

    code, out, err = cec("db", "url")

    assert (code, out) == (1, "")
    assert err == "cec: PORT is 'eighty', expected a whole number from 1 to 65535\n"


def test_a_centre_that_never_started_has_no_address(cec, monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("CEC_DATA", str(tmp_path))

    code, _, err = cec("db", "url")

    assert code == 1
    assert "there is no database yet" in err


def test_an_unknown_command_tells_the_known_ones(cec, capsys):
    with pytest.raises(SystemExit):
        cec("dance")

    assert "backup" in capsys.readouterr().err


def test_checking_finds_nothing_to_blame(cec):
    code, out, _ = cec("check")

    assert (code, out) == (0, "Diagrams, forms, tables and texts are in order.\n")


def test_what_was_kept_is_brought_back_in_place_of_what_is_there(db, cec, settings, tmp_path):
    keys.make(settings.data)
    target = str(tmp_path / "centre.tar")
    with unit_of_work():
        journal.record("test.before", "test:1", by="anna")
    assert cec("backup", target)[0] == 0
    with unit_of_work():
        journal.record("test.after", "test:1", by="anna")
    db.session.remove()
    db.engine.dispose()

    refused = cec("restore", target)
    done = cec("restore", target, "--replace")

    assert refused[0] == 1
    assert "--replace" in refused[2]
    assert done[0] == 0
    db.engine.dispose()
    assert [entry.name for entry in journal.history("test:1")] == ["test.before"]


def test_a_missing_backup_is_told(cec, tmp_path):
    code, _, err = cec("restore", str(tmp_path / "none.tar"), "--replace")

    assert code == 1
    assert "none.tar" in err


@pytest.fixture
def appeal(db):
    """An appeal that waits."""
    with unit_of_work():
        cast.a_centre()
        cast.a_queue("general", cast.a_group("first_line", cast.anna()))
    return cast.an_appeal()


def test_where_the_process_of_an_appeal_is(cec, appeal):
    _, out, _ = cec("processes", "show", appeal.key)

    assert "appeal_handling v1" in out
    assert "appeal_handling/handle: open since" in out


def test_what_diagrams_may_call_and_who_calls_it(cec, appeal):
    tasks = cec("processes", "tasks")[1]
    uses = cec("processes", "uses", "appeals.postpone")[1]

    assert "appeals.postpone(appeal_id, until" in tasks
    assert "appeal_handling v1: 1 running, current" in uses


def test_the_versions_of_the_tables(cec, db):
    with unit_of_work():
        cast.a_centre()

    out = cec("rules")[1]

    assert {line.split()[0] for line in out.splitlines()} == {"escalation", "prioritization", "routing", "screening"}
    assert out.count("current") == 4
    assert files.current("routing").sha256[:12] in out
