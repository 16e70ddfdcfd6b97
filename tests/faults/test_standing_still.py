"""What stands still and comes back: the database, a worker, the disk, the connections (QUALITY R9, R16; SPEC 5.6)."""

import contextlib
import os
import signal
import smtplib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cast
import psycopg2
import pytest

from cec.channels import receiving
from cec.platform.db import unit_of_work
from tests.faults.centre import SECONDS, Browser, Centre, free_ports, until

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
AWAY = "База данных не отвечает"
HELD = "select count(*) from due_work where attempts > 0"
LETTERS = 150
STEPS = 50
RECEIVED = "select count(*) from message where direction = 'in'"


def _refused(centre: Centre, number: int) -> int:
    """Hand a mail over in vain; gives the code of the refusal."""
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as no:
        centre.hand_over(number)
    if isinstance(no.value, smtplib.SMTPRecipientsRefused):
        return next(iter(no.value.recipients.values()))[0]
    return int(no.value.smtp_code)


@contextlib.contextmanager
def _stopped(centre: Centre, how: str) -> Iterator[None]:
    """Let the server stop, or stand still with all its processes."""
    if how == "stop":
        centre.server.stop(mode="fast")
        yield
        centre.server.start(same_port=True)
        return
    main = centre.pid("postgres")
    everybody = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
    for pid in everybody:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@pytest.fixture
def apart(built: Callable[..., Centre]) -> Centre:
    """Give a centre whose web and worker run beside a database that nobody starts again by himself."""
    centre = built()
    centre.furnish()
    centre.environment["DATABASE_URL"] = centre.server.url()
    centre.up()
    return centre


def test_while_the_database_is_away_pages_and_mail_door_say_so_and_all_goes_on_when_it_is_back(apart: Centre) -> None:
    """Stopped, and standing still: 503 with words, 4xx; the same web and worker go on afterwards."""
    anna = Browser(apart, "anna")
    anna.sign_in()
    before = {name: apart.pid(name) for name in ("web", "worker")}
    for number, how in enumerate(("stop", "stand still"), start=1):
        with _stopped(apart, how):
            with ThreadPoolExecutor() as at_once:
                part = at_once.submit(anna.ask, "GET", "/operator/worklist")
                page = at_once.submit(anna.page, "/operator")
                refusal = at_once.submit(_refused, apart, number)
            status, said = part.result()
            assert (status, AWAY in said) == (503, True), (how, said[:300])
            assert AWAY in page.result(), how
            assert refusal.result() // 100 == 4, how
        until(lambda: anna.ask("GET", "/operator/worklist")[0] == 200, f"pages are back after {how}")
        until(lambda number=number: apart.hand_over(number) is None, f"mail is taken again after {how}")
        until(lambda number=number: apart.count(RECEIVED) == number, f"the worker goes on after {how}")
    assert {name: apart.pid(name) for name in ("web", "worker")} == before, "nobody had to be started again"


def test_when_connections_run_out_pages_say_so_and_it_recovers(built: Callable[..., Centre]) -> None:
    """Somebody else holds every connection that the server gives."""
    centre = built()
    centre.server.options["max_connections"] = "30"
    centre.furnish()
    centre.environment["DATABASE_URL"] = centre.server.url()
    centre.up()
    held = []
    with contextlib.suppress(psycopg2.OperationalError):
        while True:
            held.append(psycopg2.connect(centre.server.url()))
    centre_browsers = [Browser(centre, "anna") for _ in range(12)]
    answers: list[tuple[int, str]] = []
    asking = [
        threading.Thread(target=lambda one=one: answers.append(one.ask("POST", "/login", login="x", password="y")))
        for one in centre_browsers
    ]
    for one in asking:
        one.start()
    for one in asking:
        one.join(timeout=60)
    assert {status for status, _ in answers} <= {422, 429, 503}
    assert any(status == 503 and AWAY in said for status, said in answers)
    for connection in held:
        connection.close()
    until(centre.is_ready, "it serves again")
    Browser(centre, "anna").sign_in()


def _letters() -> None:
    """Clients have written, and nobody has looked yet."""
    for number in range(LETTERS):
        letter = cast.a_letter(f"Письмо {number}", sender=f"client{number}@client.example")
        with unit_of_work():
            receiving.receive(cast.a_mailbox(), letter["Message-ID"], letter.as_bytes(), {})


def test_a_worker_that_was_stopped_and_goes_on_beside_a_second_one_does_nothing_twice(
    built: Callable[..., Centre],
) -> None:
    """It stands still with work in its hands for longer than the lease; the second one does that work.

    The lease is over at once; `make chaos` waits for it, whatever else the first one holds.
    """
    centre = built()
    centre.furnish(_letters)
    centre.environment["DATABASE_URL"] = centre.server.url()
    first = centre.start("worker")
    _stop_with_work(centre, first)
    if not SECONDS:
        centre.end_leases()
    centre.environment["SMTP_PORT"], centre.environment["CEC_METRICS_PORT"] = map(str, free_ports(2))
    centre.start("worker")
    until(lambda: centre.count(HELD) == 0, "the second worker has done what the first one held")
    first.send_signal(signal.SIGCONT)
    centre.hand_over(1000)
    until(lambda: centre.count(RECEIVED) == LETTERS + 1, "all letters are taken in")
    until(lambda: centre.count("select count(*) from due_work") == 0, "nothing is left to do")
    assert centre.count("select count(*) from appeal") == LETTERS + 1
    assert centre.ask("select provider_event_id from message group by 1 having count(*) > 1") == []
    assert first.poll() is None


def _stop_with_work(centre: Centre, worker: subprocess.Popen[bytes]) -> None:
    """Let it stand still with work in its hands; in the short form with no transaction open: that lasts a minute."""
    idle = "select count(*) = 0 from pg_stat_activity where application_name = 'cec' and xact_start is not null"

    def holds_work() -> bool:
        # In short steps: what there is to do lasts a few seconds only.
        for _ in range(STEPS):
            if centre.count(HELD):
                worker.send_signal(signal.SIGSTOP)
                time.sleep(0.05)
                if centre.count(HELD) and (SECONDS or centre.ask(idle) == [(True,)]):
                    return True
                worker.send_signal(signal.SIGCONT)
            time.sleep(0.01)
        return False

    until(holds_work, "it has work in its hands")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of two megabytes."""
    folder = tmp_path / "files"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_full_disk_files_and_mail_are_refused_and_nothing_is_half_stored(
    built: Callable[..., Centre], small_disk: Path
) -> None:
    """A mail and an upload: 4xx and clear words; when there is room both are taken."""
    centre = built(small_disk.parent)
    centre.furnish()
    centre.environment["DATABASE_URL"] = centre.server.url()
    centre.up()
    centre.hand_over(1)
    until(lambda: centre.count(RECEIVED) == 1, "the first letter is taken in")
    anna = Browser(centre, "anna")
    anna.sign_in()
    offer = until(lambda: centre.ask("select id from assignment where state = 'offered'"), "it rings")[0][0]
    assert anna.ask("POST", f"/operator/offers/{offer}/acceptance")[0] == 200
    whole = sorted(path.name for path in small_disk.rglob("*") if path.is_file())

    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    assert _refused(centre, 2) // 100 == 4
    status, said = _uploads(anna, 1)
    assert (status, "места" in said) == (507, True), (status, said[:300])
    assert sorted(path.name for path in small_disk.rglob("*") if path.is_file()) == sorted([*whole, "ballast"])
    assert centre.count("select count(*) from inbound") == 1
    assert centre.count("select count(*) from attachment") == 0

    ballast.unlink()
    centre.hand_over(2)
    until(lambda: centre.count(RECEIVED) == 2, "mail is taken again")
    assert _uploads(anna, 1)[0] == 200
    assert centre.count("select count(*) from attachment") == 1


def _uploads(anna: Browser, appeal: int) -> tuple[int, str]:
    return anna.upload(f"/operator/appeals/{appeal}/draft/attachments", "act.txt", os.urandom(64_000).hex().encode())
