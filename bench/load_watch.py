"""What is seen of a centre under load from beside: its processes, and what its database says of itself."""

import os
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import psycopg2

TICKS = os.sysconf("SC_CLK_TCK")
EVERY = 2.0
STATEMENTS = 40
_STATEMENTS = """
    select round((total_exec_time + total_plan_time)::numeric, 0), calls,
           round(total_plan_time::numeric, 0), regexp_replace(left(query, 160), '\\s+', ' ', 'g')
    from pg_stat_statements s join pg_database d on d.oid = s.dbid and d.datname = current_database()
    order by total_exec_time + total_plan_time desc limit %s"""
_WAITS = """
    select coalesce(wait_event_type || ': ' || wait_event, ''), count(*) from pg_stat_activity
    where backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()
      and wait_event_type in ('Lock', 'LWLock', 'IO') group by 1"""
_DEAD = """
    select relname, n_dead_tup, n_live_tup, pg_total_relation_size(relid) from pg_stat_user_tables
    where n_dead_tup > 100 or n_live_tup > 1000 order by n_dead_tup desc limit 8"""
_TOTALS = "select deadlocks, xact_commit, xact_rollback from pg_stat_database where datname = current_database()"


class Watch(threading.Thread):
    """Looks every two seconds until it is told to stop."""

    def __init__(self, dsn: str, processes: dict[str, int]) -> None:
        super().__init__(daemon=True)
        # Numbers of the parents; their children count with them.
        self._dsn, self._processes, self._stop_now = dsn, processes, threading.Event()
        self._cpu: dict[str, list[float]] = defaultdict(list)
        self.memory: dict[str, list[int]] = defaultdict(list)
        self.waits: Counter[str] = Counter()
        self.looks = 0
        self._began = time.monotonic()
        self._totals = ask(dsn, _TOTALS)[0]

    def run(self) -> None:
        """Look again and again."""
        while not self._stop_now.wait(EVERY):
            self.looks += 1
            for name, parent in self._processes.items():
                pids = _family(parent)
                self._cpu[name].append(sum(_ticks(pid) for pid in pids) / TICKS)
                self.memory[name].append(sum(_pss(pid) for pid in pids))
            for what, count in ask(self._dsn, _WAITS):
                self.waits[what] += count

    def stop(self) -> dict[str, Any]:
        """Stop looking; gives what was seen."""
        self._stop_now.set()
        self.join()
        seconds = max(EVERY, (self.looks - 1) * EVERY)
        processes = {
            name: {
                "cpu_percent": round(100 * (spent[-1] - spent[0]) / seconds),
                "mb_begin": self.memory[name][0] >> 20,
                "mb_end": self.memory[name][-1] >> 20,
            }
            for name, spent in self._cpu.items()
            if spent
        }
        deadlocks, commits, rollbacks = (
            now - before for now, before in zip(ask(self._dsn, _TOTALS)[0], self._totals, strict=True)
        )
        return {
            "processes": processes,
            "waits_per_look": {what: round(count / self.looks, 2) for what, count in self.waits.most_common(8)},
            "deadlocks": deadlocks,
            "commits_per_second": round(commits / (time.monotonic() - self._began)),
            "rollbacks": rollbacks,
            "statements": [
                {"ms": int(ms), "planned_ms": int(planned), "calls": calls, "statement": text}
                for ms, calls, planned, text in ask(self._dsn, _STATEMENTS, STATEMENTS)
            ],
            "tables": [
                {"table": name, "dead": dead, "live": live, "bytes": size}
                for name, dead, live, size in ask(self._dsn, _DEAD)
            ],
        }


def ask(dsn: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask the database."""
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _family(parent: int) -> list[int]:
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return []
    return [parent, *map(int, children)]


def _ticks(pid: int) -> int:
    """Count the processor time of a process, and of children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


def _pss(pid: int) -> int:
    """Tell what a process uses, in bytes; what is shared counts in parts."""
    try:
        roll = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in roll.splitlines() if line.startswith("Pss:")), 0)
