"""The timetable: every periodic job, how often, one domain call each; and the worker that runs it.

Work that claims its rows (SKIP LOCKED) runs on every node, at once when it is announced and else every second.
What may happen once only takes a slot first (work.tick), so that any number of nodes may run.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from cec.appeals import auto_waiting, delivering, fetching, rerouting, visiting, watchdog
from cec.channels import probing, silence
from cec.channels.email import door, hourly, keeping
from cec.channels.webchat import uploads
from cec.distribution import choosing, offering, temporary, unanswered
from cec.integrations import events, limiting, posting, repeating
from cec.notifications import announcing, deadlines
from cec.platform import clock, collector, live, logs, metrics, partitions, snapshots, work
from cec.platform.db import unit_of_work
from cec.platform.listening import listen
from cec.retention import files, purging
from cec.rulebook import publishing, tables
from cec.staff import idling, links, signing_in
from cec.workflow import definitions, engine

log = logging.getLogger(__name__)


def _warm_up() -> None:
    with unit_of_work():
        definitions.warm_up()
        tables.warm_up()


def _in_one_unit(act: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        with unit_of_work():
            return act()

    return run


def publish_planned() -> int:
    """Let planned tables judge, each in a transaction of its own."""
    with unit_of_work():
        due = publishing.due()
    for version_id in due:
        with unit_of_work():
            publishing.put_planned_in_force(version_id)
    return len(due)


LISTENING = dt.timedelta(seconds=2)
LISTENED = 0.7


def _after_silence(name: str, setting: str, act: Callable[[dt.timedelta], int]) -> int:
    """Blame nobody for a silence in which the centre itself was away: most of it has to have been listened to."""
    silence = dt.timedelta(seconds=getattr(current_app.config["CEC"], setting))
    listened = work.slots_taken(name, since=clock.now() - silence) * LISTENING
    return act(silence) if listened >= silence * LISTENED else 0


def _find_gone(silence: dt.timedelta) -> int:
    with unit_of_work():
        return visiting.find_gone(silence)


def _watch_idle() -> int:
    return idling.watch(dt.timedelta(seconds=current_app.config["CEC"].idle_seconds))


# Done again until nothing is left: name (and the word that wakes it), function, breath in seconds: what is announced
# within one breath is answered together. A burst of letters must not distribute after every single one.
# So many do it beside each other: a mail server that keeps silent holds up one of them.
STREAMS: list[tuple[str, Callable[[], int], float, int]] = [
    ("work", work.run_due, 0, 1),
    ("work_new", work.run_new, 0, 1),
    ("timers", engine.run_due, 0, 1),
    ("distribution", choosing.distribute, 0.03, 1),
    ("delivery", delivering.deliver_due, 0, 4),
    ("files", fetching.fetch_due, 0, 1),
    ("events_gathered", events.gather, 0.2, 1),
    ("events", posting.post_due, 0, 4),
]

# What wakes one stream wakes this one too.
WAKES_TOO = {"work": "work_new"}

# Once per slot over all nodes: name, every, function.
TIMETABLE: list[tuple[str, dt.timedelta, Callable[[], object]]] = [
    ("offers_missed", dt.timedelta(seconds=1), offering.miss_due),
    ("kept_too_long", dt.timedelta(seconds=1), _in_one_unit(choosing.release_kept)),
    ("changes_over", dt.timedelta(seconds=1), _in_one_unit(temporary.end_due)),
    ("rules_planned", dt.timedelta(seconds=1), publish_planned),
    ("queues_closed", dt.timedelta(seconds=5), _in_one_unit(rerouting.look)),
    ("deliveries_lost", dt.timedelta(minutes=1), delivering.settle_lost),
    ("links_lost", LISTENING, lambda: _after_silence("links_lost", "link_lost_seconds", links.lose)),
    ("links_gone", LISTENING, lambda: _after_silence("links_gone", "link_gone_seconds", links.give_up)),
    ("sessions_gone", LISTENING, lambda: _after_silence("sessions_gone", "session_gone_seconds", links.end)),
    ("visitors_gone", LISTENING, lambda: _after_silence("visitors_gone", "visitor_gone_seconds", _find_gone)),
    ("sessions_unused", dt.timedelta(minutes=1), _in_one_unit(signing_in.end_unused)),
    ("idle", LISTENING, _watch_idle),
    ("unanswered", dt.timedelta(seconds=5), unanswered.look),
    ("deadlines", dt.timedelta(seconds=2), _in_one_unit(deadlines.look)),
    ("announcements", dt.timedelta(seconds=5), _in_one_unit(announcing.bring)),
    ("keys_used", dt.timedelta(minutes=1), _in_one_unit(limiting.forget)),
    ("answers_old", dt.timedelta(hours=1), _in_one_unit(repeating.forget)),
    ("uploads_old", dt.timedelta(hours=1), uploads.forget),
    ("waits_answered", dt.timedelta(seconds=10), auto_waiting.look),
    ("waits_over", dt.timedelta(hours=1), _in_one_unit(auto_waiting.forget)),
    ("probes", dt.timedelta(hours=1), probing.probe_all),
    ("mail_probes", dt.timedelta(hours=1), hourly.probe_all),
    ("hours_counted", dt.timedelta(minutes=5), _in_one_unit(silence.count_hours)),
    ("silence", dt.timedelta(minutes=1), _in_one_unit(silence.look)),
    ("snapshots", dt.timedelta(minutes=1), _in_one_unit(snapshots.look)),
    ("watchdog", dt.timedelta(minutes=5), _in_one_unit(watchdog.look)),
    ("journal_months", dt.timedelta(days=1), _in_one_unit(partitions.prepare)),
    ("kept_long_enough", dt.timedelta(minutes=1), purging.purge),
    ("files_unnamed", dt.timedelta(minutes=1), files.tidy_next),
    ("old_slots", dt.timedelta(hours=1), _in_one_unit(work.forget_slots)),
]

# For the metrics: what waits in the database.
WAITING: metrics.Waiting = [
    ("cec_due_work_lag_seconds", "How late the oldest due work is.",
     ("select coalesce(extract(epoch from :now - min(due_at)), 0) from due_work"
     " where dead_at is null and due_at <= :now")),
    ("cec_due_work", "Work that is due.", "select count(*) from due_work where dead_at is null and due_at <= :now"),
    ("cec_dead_letters", "Work that was given up.", "select count(*) from due_work where dead_at is not null"),
    ("cec_timers_due", "Timers of processes that are due.", "select count(*) from wait where due_at <= :now"),
    ("cec_incidents", "Processes that stumbled.", "select count(*) from incident where settled_at is null"),
    ("cec_outbox", "Messages on their way out.", "select count(*) from message where state in ('queued','sending')"),
    ("cec_events", "Events on their way to their receivers.",
     "select count(*) from event where state in ('waiting','sending')"),
    ("cec_receivers_given_up", "Receivers of events that hear nothing any more.",
     "select count(*) from receiver where is_active and gave_up_at is not null"),
    ("cec_channels_silent", "Channels that are silent longer than usual.",
     "select count(*) from channel_account where is_active and silent_since is not null"),
    ("cec_quarantine", "What could not be read.", "select count(*) from inbound where state = 'quarantined'"),
    ("cec_mailboxes_in_trouble", "Mailboxes that cannot be read or cannot send.",
     "select count(*) from channel_account where is_active and (last_error is not null or out_error is not null)"),
    ("cec_queue_length", "Appeals that wait in a queue.",
     ("select q.code, count(a.id) from queue q left join appeal a on a.queue_id = q.id and a.status = 'queued'"
     " group by q.code order by q.code")),
    ("cec_oldest_snapshot_seconds", "How long the oldest transaction holds its view of the database: claims slow down.",
     snapshots.OLDEST),
]  # fmt: skip

PAUSE = 1.0


@dataclass
class Worker:
    """Does what is due until it is told to stop."""

    app: Flask
    stop: threading.Event = field(default_factory=threading.Event)
    wakes: dict[str, threading.Event] = field(default_factory=lambda: {name: threading.Event() for name, *_ in STREAMS})

    def run(self, *, with_door: bool = True, metrics_port: int | None = None) -> None:
        """Work, keep the mail door open and show figures until `stop` is set."""
        settings = self.app.config["CEC"]
        collector.calm()
        with ExitStack() as open_things:
            threads = self._streams()
            threads.append(threading.Thread(target=self._listen, name="listening"))
            threads.append(threading.Thread(target=keeping.Keeper(self.app, self.stop).run, name="mailboxes"))
            open_things.callback(_join, threads)
            open_things.callback(self._wake_all)
            open_things.callback(self.stop.set)
            if metrics_port:
                open_things.enter_context(metrics.served(self.app, metrics_port, WAITING))
            if with_door:
                open_things.enter_context(door.Door(self.app, settings.smtp_host, settings.smtp_port))
            # While it reads what it will need, mail is taken already.
            self.attempt("warm_up", _warm_up)
            self.attempt("look_again", live.look_again)
            for thread in threads:
                thread.start()
            scheduler = self._scheduler()
            scheduler.start()
            open_things.callback(scheduler.shutdown, wait=False)
            log.info("worker started")
            self.stop.wait()
        log.info("worker stopped")

    def _scheduler(self) -> Any:
        scheduler = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(4)})
        for name, every, act in TIMETABLE:
            scheduler.add_job(
                self.tick, "interval", args=[name, every, act], id=name, seconds=every.total_seconds(),
                next_run_time=dt.datetime.now(dt.UTC),  # noqa: TID251 - the scheduler has a clock of its own
                coalesce=True, max_instances=1, misfire_grace_time=None,
            )  # fmt: skip
        return scheduler

    def tick(self, name: str, every: dt.timedelta, act: Callable[[], object]) -> None:
        """Run a job of the timetable if this slot is ours."""

        def once() -> object:
            return act() if work.tick(name, every) else None

        if not self.stop.is_set():
            self.attempt(name, once)

    def attempt(self, name: str, act: Callable[[], object]) -> object:
        """Run a job; a failing one is logged and costs nothing but itself."""
        with self.app.app_context(), logs.about(job=name), metrics.JOBS.labels(name).time():
            began = time.perf_counter()
            try:
                done = act()
            except Exception:
                metrics.FAILURES.labels(name).inc()
                log.exception("job failed")
                return None
            if done:
                log.info("done %s in %.1f ms", done, (time.perf_counter() - began) * 1000)
            return done

    def _streams(self) -> list[threading.Thread]:
        return [
            threading.Thread(target=self._stream, args=(name, act, breath), name=name)
            for name, act, breath, abreast in STREAMS
            for _ in range(abreast)
        ]

    def _stream(self, name: str, act: Callable[[], int], breath: float) -> None:
        while not self.stop.is_set():
            self.wakes[name].clear()
            done = self.attempt(name, act)
            # The first of many is answered at once; those that follow within a breath, together.
            self.stop.wait(breath)
            if not done:
                self.wakes[name].wait(PAUSE)

    def _listen(self) -> None:
        listen(self.app, self._hear, stop=self.stop, connected=self._wake_all)

    def _hear(self, notices: live.Notices) -> None:
        for name, what, *_mark in notices:
            for stream in (what, WAKES_TOO.get(what)) if name == live.WAKE else ():
                if stream in self.wakes:
                    self.wakes[stream].set()

    def _wake_all(self) -> None:
        for event in self.wakes.values():
            event.set()


def _join(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        if thread.is_alive():
            thread.join(timeout=5)
