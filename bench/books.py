"""The books of a centre: what has to be so once everything has settled, whatever people did and whatever broke.

Each check is a statement that finds what is wrong, under the sentence that says so; none found, the books are right.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg2

# What is still under way.
UNSETTLED = {
    "letters and messages wait to be read": "select count(*) from inbound where state = 'new'",
    "answers wait to be sent": "select count(*) from message where state in ('queued', 'sending')",
    "work is due": "select count(*) from due_work where dead_at is null and due_at <= now()",
    "timers are due": "select count(*) from wait where due_at <= now()",
}


WRONG = {
    "what a client sent is in no appeal, or in two": """
        select i.id, i.state, count(m.id) from inbound i left join message m on m.inbound_id = i.id
        where i.state = 'done' group by i.id having count(m.id) <> 1""",
    "a message came twice": """
        select channel_account_id, provider_event_id, count(*) from message where direction = 'in'
        group by 1, 2 having count(*) > 1""",
    "an answer left twice under one name": """
        select provider_event_id, count(*) from message where direction = 'out' and provider_event_id is not null
        group by 1 having count(*) > 1""",
    "work was given up": "select id, kind from due_work where dead_at is not null",
    "a process stumbled": "select id, subject, error from incident where settled_at is null",
    "something could not be read": "select id, reason from inbound where state = 'quarantined'",
    "an open appeal has not one process, or an ended one has one": """
        select a.id, a.status, count(p.id) from appeal a
        left join process_instance p on p.subject = 'appeal:' || a.id and p.ended_at is null
        group by a.id having count(p.id) <> (a.status not in ('closed', 'spam', 'blocked'))::int""",
    "an appeal is not at the place of its status": """
        with at as (
            select p.subject, p.id as instance, t.place from process_instance p
            join user_task t on t.instance_id = p.id and t.closed_at is null where p.ended_at is null
            union
            select p.subject, p.id, w.place from process_instance p
            join wait w on w.instance_id = p.id where p.ended_at is null and w.place is not null)
        select a.id, a.status, array_agg(at.place) from appeal a
        left join at on at.subject = 'appeal:' || a.id
        where a.status not in ('closed', 'spam', 'blocked') group by a.id
        having not coalesce(bool_or(at.place = case a.status when 'waiting_for_client' then 'waiting'
                            when 'postponed' then 'postponement' else 'handle' end), false)
            or count(distinct at.place) <> 1""",
    "who has an appeal is not who was assigned": """
        select a.id, a.status, a.operator_id, s.employee_id from appeal a
        left join assignment s on s.appeal_id = a.id and s.released_at is null
        where case when a.status in ('offered', 'in_work') then s.employee_id is distinct from a.operator_id
                        or (a.status = 'offered') <> (s.state = 'offered')
                   else s.id is not null end""",
    "somebody's load is not what he holds": """
        select c.employee_id, c.load, coalesce(sum(s.weight), 0) from capacity c
        left join assignment s on s.employee_id = c.employee_id and s.released_at is null
        where not c.exclusive group by c.employee_id having c.load <> coalesce(sum(s.weight), 0)""",
    "somebody's load of a channel is not what he holds of it": """
        select c.employee_id, c.channel, c.load, coalesce(sum(s.weight), 0) from channel_capacity c
        left join assignment s on s.employee_id = c.employee_id and s.channel = c.channel and s.released_at is null
        group by c.employee_id, c.channel having c.load <> coalesce(sum(s.weight), 0)""",
    "statuses of an operator leave a hole": """
        select * from (select employee_id, lower(during) as begins,
                              lag(upper(during)) over (partition by employee_id order by lower(during)) as ended
                       from operator_status) as line
        where ended is not null and ended <> begins""",
    "an appeal's status is not what the journal told last": """
        with last as (
            select distinct on (subject) subject, name from journal
            where name in ('appeal.queued', 'appeal.accepted', 'appeal.awaiting_client', 'appeal.postponed',
                           'appeal.resumed', 'appeal.closed', 'appeal.spam', 'appeal.missed', 'appeal.declined',
                           'appeal.returned', 'appeal.reopened')
            order by subject, id desc)
        select a.id, a.status, last.name from appeal a join last on last.subject = 'appeal:' || a.id
        where not a.status = any(case last.name
            when 'appeal.accepted' then array['in_work']
            when 'appeal.awaiting_client' then array['waiting_for_client']
            when 'appeal.postponed' then array['postponed']
            when 'appeal.closed' then array['closed']
            when 'appeal.spam' then array['spam']
            when 'appeal.resumed' then array['in_work', 'queued', 'offered']
            when 'appeal.returned' then array['in_work', 'queued', 'offered']
            when 'appeal.reopened' then array['in_work', 'queued', 'offered']
            else array['queued', 'offered', 'in_work'] end)""",
    "counts on appeals are not those of the journal": """
        select a.id, a.transfers, a.postponements, j.* from appeal a join lateral (
            select count(*) filter (where name = 'appeal.transferred') as transferred,
                   count(*) filter (where name = 'appeal.postponed') as postponed
            from journal where subject = 'appeal:' || a.id) as j on true
        where (a.transfers, a.postponements) <> (j.transferred, j.postponed)""",
    "somebody was answered and his appeal does not say when": """
        select a.id from appeal a where a.first_reply_at is null and exists (
            select from message m where m.appeal_id = a.id and m.direction = 'out' and m.author_id is not null
                                    and m.state in ('sent', 'delivered', 'read'))""",
}


def settle(dsn: str, *, patience: float) -> dict[str, int]:
    """Wait until nothing is under way, at most so many seconds; gives what still is."""
    until = time.monotonic() + patience
    while True:
        left = {what: count for what, [(count,)] in _asked(dsn, UNSETTLED.items()) if count}
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.3)


def wrong(dsn: str, *, shown: int = 5) -> dict[str, list[Any]]:
    """Check everything; gives what is wrong, with a few rows of each."""
    return {what: rows[:shown] for what, rows in _asked(dsn, WRONG.items()) if rows}


def answers(dsn: str, names: Iterable[str]) -> dict[str, int]:
    """Count what became of answers that the centre has acknowledged, by their names: each is there once, in a state."""
    known = list(names)
    [(_, rows)] = _asked(
        dsn, [("states", "select client_uuid::text, state from message where client_uuid is not null")]
    )
    states = dict(rows)
    found: dict[str, int] = {}
    for name in known:
        state = states.get(name, "lost")
        found[state] = found.get(state, 0) + 1
    return found


def _asked(dsn: str, statements: Iterable[tuple[str, str]]) -> list[tuple[str, list[Any]]]:
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            return [(what, _rows(cursor.execute, cursor.fetchall, statement)) for what, statement in statements]
    finally:
        connection.close()


def _rows(execute: Callable[[str], None], fetch: Callable[[], list[Any]], statement: str) -> list[Any]:
    execute(statement)
    return fetch()
