"""intake.smtp: mails through the SMTP door to appeals in a queue, by two processes (CORE 10).

200 mails of 4-40 kB over 4 connections, from the first MAIL FROM to the last appeal `queued`; one process with door and
work, one with work, both ready and with a few mails behind them. The limit is what the same server commits in the same
run: rows inserted one per transaction.
"""

import dataclasses
import multiprocessing as mp
import random
import smtplib
import socket
import threading
import time
from email.message import EmailMessage
from email.policy import SMTP

import psycopg2

from cec import demo
from cec.app import create_app
from cec.jobs import Worker
from cec.platform.db import unit_of_work
from cec.platform.settings import Settings

MAILS = 200
WARM_UP = 20
CONNECTIONS = 4
GOAL = 60.0
PATIENCE = 120.0
QUEUED = "select count(*) from appeal where status = 'queued'"
RECEIVED = "select count(*) from message where direction = 'in'"
WORDS = ["заказ", "доставка", "оплата", "курьер", "возврат", "товар", "вопрос", "спасибо", "ответ", "срок"]


def measure(settings: Settings) -> list[dict[str, object]]:
    """Send, wait, count; `settings` name an empty, migrated database and a data folder of this run."""
    settings = dataclasses.replace(settings, smtp_port=_free_port())
    app = create_app(settings)
    with app.app_context(), unit_of_work():
        demo.fill(dict.fromkeys(demo.PEOPLE, "unused-password"), smtp={"host": "127.0.0.1", "port": 9, "tls": "none"})
    spawn = mp.get_context("spawn")
    workers = [spawn.Process(target=_work, args=(settings, with_door), daemon=True) for with_door in (True, False)]
    for worker in workers:
        worker.start()
    dsn = settings.database_url.replace("+psycopg2", "")
    try:
        _await_door(settings.smtp_port)
        _await(dsn, "select count(*) from pg_stat_activity where application_name = 'cec live'", len(workers))
        _await(dsn, QUEUED, len(demo.LETTERS))
        _run(settings, dsn, range(WARM_UP))
        seconds, appeals, messages = _run(settings, dsn, range(WARM_UP, WARM_UP + MAILS))
    finally:
        for worker in workers:
            worker.terminate()
            worker.join(timeout=10)
    rate, limit = MAILS / seconds, _commits(dsn)
    lost, twice = max(0, MAILS - messages), max(0, messages - MAILS)
    return [
        {
            "name": "intake.smtp",
            "value": round(rate, 1),
            "unit": "mails/s",
            "limit": round(limit),
            "ratio": round(rate / limit, 3),
            "goal": GOAL,
            "holds": rate >= GOAL and not lost and not twice and appeals == MAILS,
            "note": f"{MAILS} mails, {lost} lost, {twice} twice; limit: one-row commits/s of the same server",
        }
    ]


def _work(settings: Settings, with_door: bool) -> None:  # noqa: FBT001 - the argument of a process
    Worker(create_app(settings)).run(with_door=with_door)


def _run(settings: Settings, dsn: str, numbers: range) -> tuple[float, int, int]:
    """Send mails of these numbers; give the seconds, and how many appeals and messages there are of them."""
    chosen = random.Random(1)  # noqa: S311 - the same mails each time
    # Written out beforehand: a client's mail program works on another machine.
    mails = [(number, _mail(number, chosen).as_bytes(policy=SMTP)) for number in numbers]
    senders = [
        threading.Thread(target=_send, args=(settings.smtp_port, mails[part::CONNECTIONS]))
        for part in range(CONNECTIONS)
    ]
    before = [_count(dsn, statement) for statement in (QUEUED, RECEIVED)]
    began = time.perf_counter()
    for sender in senders:
        sender.start()
    _await(dsn, QUEUED, before[0] + len(numbers))
    seconds = time.perf_counter() - began
    for sender in senders:
        sender.join()
    time.sleep(1)
    appeals, messages = (
        _count(dsn, statement) - known for statement, known in zip((QUEUED, RECEIVED), before, strict=True)
    )
    return seconds, appeals, messages


def _mail(number: int, chosen: random.Random) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Клиент {number} <client{number}@bench.example>"
    mail["To"] = demo.MAILBOX
    mail["Subject"] = " ".join(chosen.choices(WORDS, k=4))
    mail["Message-ID"] = f"<bench.{number}@bench.example>"
    size, text = chosen.randint(4_000, 40_000), []
    while sum(len(line.encode()) for line in text) < size // 2:
        text.append(" ".join(chosen.choices(WORDS, k=9)))
    mail.set_content("\n".join(text))
    mail.add_alternative("<p>" + "</p><p>".join(text) + "</p>", subtype="html")
    return mail


def _send(port: int, mails: list[tuple[int, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as smtp:
        for number, mail in mails:
            smtp.sendmail(f"client{number}@bench.example", [demo.MAILBOX], mail)


def _await_door(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the door did not open")


def _await(dsn: str, statement: str, count: int) -> None:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(statement)
            if cursor.fetchone()[0] >= count:
                break
            time.sleep(0.05)
    connection.close()


def _count(dsn: str, statement: str) -> int:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _commits(dsn: str, rows: int = 1000) -> float:
    """Measure the limit: rows inserted, each in a transaction of its own."""
    connection = psycopg2.connect(dsn)
    with connection.cursor() as cursor:
        cursor.execute("create table bench_commit (id bigserial primary key, words text)")
        connection.commit()
        began = time.perf_counter()
        for _ in range(rows):
            cursor.execute("insert into bench_commit (words) values ('one row')")
            connection.commit()
        seconds = time.perf_counter() - began
        cursor.execute("drop table bench_commit")
        connection.commit()
    connection.close()
    return rows / seconds


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
