"""Commands: one function each; what goes wrong is said in a sentence.

`main` gets the way to make the application from above: the application knows the commands, not they it.
"""

import argparse
import dataclasses
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
from flask import Flask

from cec import checks, jobs, launching, measuring, preparing
from cec.channels.email import door
from cec.conformance import running as conformance
from cec.dmn import conformance as dmn_cases
from cec.platform import backup, children, embedded, logs, migrating, readiness, texts
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.platform.errors import Refusal
from cec.platform.settings import Settings, WrongSetting
from cec.rulebook.models import RulesVersion
from cec.workflow import catalogue, inbox, incidents
from cec.workflow.models import ProcessInstance, ProcessVersion

log = logging.getLogger(__name__)

PAUSE = 0.5
Create = Callable[[Settings], Flask]
SAID = (
    WrongSetting, Refusal, launching.PortTaken, launching.NotReady, children.AlreadyRunning, children.DiesAgain,
    embedded.DatabaseFailed, backup.BackupFailed, backup.NotEmpty, door.PortTaken,
)  # fmt: skip


def main(create: Create, words: list[str] | None = None) -> int:
    """Do a command; gives 0, or 1 when something was refused, with the sentence on standard error."""
    asked = _commands().parse_args(words)
    try:
        settings = Settings.read()
        logs.set_up(settings.log_level)
        return asked.act(settings, create, asked) or 0
    except SAID as no:
        print(f"cec: {no}", file=sys.stderr)
        return 1


def _commands() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("cec", description="The customer engagement centre.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, act: Callable[..., int | None]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=(act.__doc__ or "").partition("\n")[0])
        command.set_defaults(act=act)
        return command

    launching.ask_serve(add("serve", serve))
    for name, act in (("up", up), ("check", check), ("rules", rules), ("texts", translate)):
        add(name, act)
    _ask_worker(add("worker", worker))
    tables = add("db", db)
    tables.add_argument("act_on", choices=["url", "upgrade", "downgrade"])
    tables.add_argument("revision", nargs="?")
    add("backup", keep).add_argument("file")
    back = add("restore", bring_back)
    back.add_argument("file")
    back.add_argument("--replace", action="store_true", help="in place of what is there")
    _ask_processes(add("processes", processes))
    add("demo", demo).add_argument("act_on", choices=["empty"])
    _ask_bench(add("bench", bench))
    _ask_load(add("load", load))
    _ask_conformance(add("conformance", conform))
    return parser


def _ask_processes(command: argparse.ArgumentParser) -> None:
    command.add_argument("what", choices=["tasks", "uses", "show", "incidents"])
    command.add_argument(
        "name", nargs="?", default="", help="a task like appeals.postpone, or a subject like appeal:42"
    )


def _ask_bench(command: argparse.ArgumentParser) -> None:
    command.add_argument("names", nargs="*")
    command.add_argument("--json", type=Path)


def _ask_load(command: argparse.ArgumentParser) -> None:
    command.add_argument("--operators", type=int, default=100)
    command.add_argument("--minutes", type=float, default=5.0, help="measured for so long, after everybody has come")
    command.add_argument(
        "--warm-up",
        type=float,
        default=240.0,
        help="seconds in which everybody comes; sooner, and the measuring begins in their rush",
    )
    find = "look by bisection how many this machine holds"
    command.add_argument("--find", type=int, nargs=3, metavar=("LEAST", "MOST", "STEP"), help=find)
    command.add_argument("--json", type=Path)


def _ask_conformance(command: argparse.ArgumentParser) -> None:
    command.add_argument("what", choices=["dmn", *conformance.KINDS])
    command.add_argument("folder", type=Path, help="cases of others with the answers they expect")
    command.add_argument("--json", type=Path, help="write what came out to this file")


def _ask_worker(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-door", action="store_true", help="leave the mail door to another worker")
    command.add_argument("--prepare", action="store_true", help="first bring the tables to this version, fill the demo")


@contextmanager
def _application(settings: Settings, create: Create) -> Iterator[Flask]:
    """Have the application with its database for a while; a private database is started if it is not running."""
    with ExitStack() as running:
        if not settings.database_url:
            url = running.enter_context(embedded.running(settings.data, driver=True))
            settings = dataclasses.replace(settings, database_url=url)
        app = create(settings)
        with app.app_context():
            yield app


def up(settings: Settings, _create: Create, _: argparse.Namespace) -> None:
    """Start everything: database, tables, demo, web and worker; Ctrl-C stops it."""
    launching.up(settings, lambda text: print(text, flush=True))


def serve(_settings: Settings, _create: Create, asked: argparse.Namespace) -> None:
    """Serve pages and streams of live events; database and tables are there already."""
    launching.serve(asked.pool)


def worker(settings: Settings, create: Create, asked: argparse.Namespace) -> None:
    """Do what is due: work, timers, distribution, delivery, the timetable; keep the mail door open."""
    children.follow_parent()
    crew = jobs.Worker(create(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: crew.stop.set())
    with ExitStack() as open_things:
        if asked.prepare:
            preparing.prepare(crew.app)
            open_things.enter_context(preparing.demonstrating(crew.app))
        _await_tables(crew)
        crew.run(with_door=not asked.no_door, metrics_port=settings.metrics_port)


def _await_tables(crew: jobs.Worker) -> None:
    told = False
    while not crew.stop.is_set():
        with crew.app.app_context():
            missing = readiness.problems()
        if not missing:
            return
        if not told:
            log.warning("waiting: %s", "; ".join(missing))
            told = True
        crew.stop.wait(PAUSE)


def db(settings: Settings, create: Create, asked: argparse.Namespace) -> None:
    """Tell the address of the database for psql, or move its tables to another version."""
    if asked.act_on == "url":
        private = embedded.PrivateDatabase(settings.data)
        print(settings.database_url.replace("+psycopg2", "", 1) or private.url())
        return
    with _application(settings, create):
        if asked.act_on == "upgrade":
            migrating.upgrade(asked.revision or "head")
        else:
            migrating.downgrade(asked.revision or "-1")


def check(settings: Settings, create: Create, _: argparse.Namespace) -> int:
    """Check diagrams, forms, decision tables and texts; needs no database."""
    app = create(dataclasses.replace(settings, database_url="postgresql+psycopg2:///"))
    with app.app_context():
        faults = list(checks.all_faults())
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults" if faults else "Diagrams, forms, tables and texts are in order.")
    return 1 if faults else 0


def translate(_settings: Settings, _create: Create, _: argparse.Namespace) -> int:
    """Bring the Russian catalogue up to date with the texts in the sources, and list what is still to be said."""
    new, gone = texts.update()
    print(f"{new} new texts, {gone} gone.")
    faults = texts.faults()
    print("\n".join(faults))
    return 1 if faults else 0


def keep(settings: Settings, _: Create, asked: argparse.Namespace) -> None:
    """Keep everything in one file: database, stored files, key."""
    with _address(settings) as url:
        count = backup.backup(url, settings.data, Path(asked.file).absolute())
    print(f"Kept the database and {count} files in {asked.file}; it also holds the key: keep it safe.")


def bring_back(settings: Settings, create: Create, asked: argparse.Namespace) -> None:
    """Bring everything back from such a file; the centre has to be stopped."""
    with ExitStack() as held:
        family = children.Family(settings.data)
        family.settle()
        # Nobody starts the centre in the middle of it.
        held.callback(family.leave)
        url = held.enter_context(_address(settings))
        count = backup.restore(url, settings.data, Path(asked.file).absolute(), replace=asked.replace)
        with create(dataclasses.replace(settings, database_url=url)).app_context():
            migrating.upgrade()
    print(f"Brought back the database and {count} files.")


def demo(settings: Settings, _create: Create, _: argparse.Namespace) -> None:
    """Throw away what the demo centre holds: it begins anew with the next start. What there was is kept in a file."""
    with ExitStack() as held:
        if not children.is_called_by_parent():
            family = children.Family(settings.data)
            family.settle()
            held.callback(family.leave)
        kept = preparing.empty_demo(held.enter_context(_address(settings)), settings.data)
    print(f"The demo is empty. `cec restore {kept} --replace` brings back what there was.")


@contextmanager
def _address(settings: Settings) -> Iterator[str]:
    if settings.database_url:
        yield settings.database_url
    else:
        with embedded.running(settings.data, driver=True) as url:
            yield url


def processes(settings: Settings, create: Create, asked: argparse.Namespace) -> None:
    """List what diagrams may call, who calls it, where the process of a subject is, or which ones stumbled."""
    tell = {"tasks": _tasks, "uses": _uses, "show": _places, "incidents": _incidents}[asked.what]
    with _application(settings, create), unit_of_work():
        for line in tell(asked.name):
            print(line)


def _tasks(_name: str) -> Iterator[str]:
    for task in catalogue.list_all():
        yield f"{task.name}({', '.join(task.parameters)})\n    {task.about}"


def _uses(name: str) -> Iterator[str]:
    """Find the versions that call a task; running instances may follow old ones."""
    versions = database.select(ProcessVersion).order_by(ProcessVersion.process, ProcessVersion.version)
    for version in database.session.scalars(versions):
        if any(f'"{name}"' in text for text in version.files.values()):
            running = (
                database.select(database.func.count())
                .select_from(ProcessInstance)
                .where(ProcessInstance.process_version_id == version.id, ProcessInstance.ended_at.is_(None))
            )
            mark = ", current" if version.is_current else ""
            yield f"{version.process} v{version.version}: {database.session.scalar(running)} running{mark}"


def _places(subject: str) -> Iterator[str]:
    of_subject = database.select(ProcessInstance).where(ProcessInstance.subject == subject)
    for instance in database.session.scalars(of_subject.order_by(ProcessInstance.id)):
        version = f"{instance.process} v{instance.version.version}"
        yield f"{version}, since {instance.started_at:%Y-%m-%d %H:%M}, {'ended' if instance.ended_at else 'running'}"
    for task in inbox.list_open(subject):
        yield f"    {task.process}/{task.element}: open since {task.opened_at:%Y-%m-%d %H:%M}, place {task.place}"
    yield from (line for line in _incidents("") if f"  {subject}  " in line)


def _incidents(_name: str) -> Iterator[str]:
    for incident in incidents.list_open():
        yield f"{incident.id}  {incident.happened_at:%Y-%m-%d %H:%M}  {incident.subject}  {incident.error}"


def rules(settings: Settings, create: Create, _: argparse.Namespace) -> None:
    """List the versions of the decision tables."""
    with _application(settings, create), unit_of_work():
        for row in database.session.scalars(
            database.select(RulesVersion).order_by(RulesVersion.name, RulesVersion.version)
        ):
            mark = "current" if row.is_current else ""
            print(f"{row.name:<16}v{row.version:<4}{row.origin:<10}{row.sha256[:12]}  {row.created_by:<12}{mark}")


def _conform_to_dmn(asked: argparse.Namespace) -> int:
    """Tell how many cases in the layout of the DMN TCK pass and fail, by class."""
    logging.disable(logging.WARNING)
    score = dmn_cases.run(asked.folder)
    for kind, (passed, failed) in sorted(score.classes.items()):
        print(f"{kind:<60}{passed:>6} passed{failed:>6} failed")
    print(f"{score.passed} passed, {score.failed} failed")
    if asked.json:
        asked.json.write_bytes(orjson.dumps(score.report(), option=orjson.OPT_INDENT_2))
    return 0 if score.passed and not score.failed else 1


def bench(settings: Settings, create: Create, asked: argparse.Namespace) -> int:
    """Measure the figures, each beside its limit; `--json` writes them to a file."""
    here = measuring.machine()
    print(f"{here['processors']} processors, {here['system']}, load {here['load'][0]}", flush=True)
    return _tell(measuring.measure(asked.names, settings, create), asked.json)


def load(settings: Settings, create: Create, asked: argparse.Namespace) -> int:
    """Play a centre at work with many operators and clients, measure it, check its books; `--json` writes all of it."""
    wanted = measuring.Load(asked.operators, asked.minutes, asked.warm_up, tuple(asked.find) if asked.find else None)
    runs = []
    for run in measuring.play(settings, create, wanted):
        print("\n".join(run.pop("table")), flush=True)
        runs.append(run)
        if asked.json:
            asked.json.parent.mkdir(parents=True, exist_ok=True)
            asked.json.write_bytes(orjson.dumps(runs, option=orjson.OPT_INDENT_2))
    return 0 if all(run["is_right"] for run in runs) else 1


def conform(settings: Settings, create: Create, asked: argparse.Namespace) -> int:
    """Measure against cases that others collected, with the answers they expect; `--json` writes them to a file."""
    if asked.what == "dmn":
        return _conform_to_dmn(asked)
    return _tell(conformance.measure(asked.what, asked.folder, settings, create), asked.json)


def _tell(figures: Iterator[measuring.Figure], file: Path | None) -> int:
    found = []
    for figure in figures:
        verdict = "holds" if figure["holds"] else "MISSED"
        print(
            f"{figure['name']:<24}{figure['value']:>12} {figure['unit']:<12}limit {figure['limit']:<10} {verdict}",
            flush=True,
        )
        print(f"{'':<24}goal {figure['goal']}, ratio {figure['ratio']}; {figure['note']}", flush=True)
        found.append(figure)
        if file:
            # What follows may stumble: what was measured stays.
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return 0 if found and all(figure["holds"] for figure in found) else 1
