"""A run of `make load` as a table for people."""

from collections.abc import Iterator
from typing import Any

# Of the statements that the database spent most time with, so many are told.
MOST = 15


def lines(run: dict[str, Any]) -> Iterator[str]:
    """Write it down."""
    verdict = "held" if run["holds"] else "NOT HELD"
    yield f"{run['operators']} operators, {run['seconds'] / 60:.0f} min: {verdict}; {_books(run)}"
    yield f"  {'action':<20}{'count':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}  errors"
    for each in run["actions"]:
        yield (
            f"  {each['action']:<20}{each['count']:>8}{each['p50_ms']:>9}{each['p95_ms']:>9}{each['p99_ms']:>9}"
            f"  {each['errors'] or ''}"
        )
    yield f"  pages of operators, p95 of each five minutes: {' '.join(map(str, run['pages_p95_ms']))} ms"
    offers = run["offers"]
    yield (
        f"  offers on the screen: p50 {offers['p50_ms']} ms, p95 {offers['p95_ms']} ms of {offers['count']},"
        f" {offers['missed']} missed; appeals waited p50 {offers['waited_p50_s']} s, p95 {offers['waited_p95_s']} s;"
        f" {run['talking']} clients talked, {run['waiting']} appeals waited at the end"
    )
    for name, seen in run["processes"].items():
        yield f"  {name:<10}{seen['cpu_percent']:>4} % CPU, {seen['mb_begin']} MB, at the end {seen['mb_end']} MB"
    yield (
        f"  database: {run['commits_per_second']} commits/s, {run['rollbacks']} rolled back,"
        f" {run['deadlocks']} deadlocks; waiting at each look: {run['waits_per_look'] or 'nobody'}"
    )
    for each in run["statements"][:MOST]:
        took = f"{each['ms']:>8} ms {each['calls']:>8} x, {each['planned_ms']:>6} ms planned"
        yield f"    {took}  {each['statement'][:80]}"
    for each in run["tables"]:
        yield f"    {each['table']:<24}{each['dead']:>8} dead rows, {each['live']:>8} live, {each['bytes'] >> 20} MB"


def _books(run: dict[str, Any]) -> str:
    states = ", ".join(f"{count} {state}" for state, count in sorted(run["answers"].items()))
    if run["is_right"]:
        return f"the books are right (answers: {states}; sent and stored: {run['sent_and_stored']})"
    wrong = {name: run[name] for name in ("left", "wrong", "letters_twice", "sent_and_stored", "troubles") if run[name]}
    return f"THE BOOKS ARE WRONG: {wrong}; answers: {states}"
