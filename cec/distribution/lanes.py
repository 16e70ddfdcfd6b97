"""Which operator serves which lane: materialised, so that choosing is one index scan a lane.

From groups, skills, channels, and what a supervisor changed for a while. The same in Python is rule.fit.
"""

from sqlalchemy import text

from cec.platform import clock, journal, live
from cec.platform.db import db

# Who would serve a lane by his groups (or for a while), and as which line; then what he lacks of the skills it needs.
_BRING_UP_TO_DATE = text("""
    WITH asked AS MATERIALIZED (
        SELECT l.id, l.queue_id, l.channel, l.skills, l.wishes, l.skills @? '$[*] ? (@ starts with "group:")' AS grouped
        FROM lane l
        WHERE (CAST(:lane AS int) IS NULL OR l.id = :lane) AND (CAST(:queue AS int) IS NULL OR l.queue_id = :queue)),
    needs AS MATERIALIZED (
        SELECT l.id AS lane_id, n.wished,
               CASE WHEN n.skill LIKE 'group:%' THEN substr(n.skill, 7) END AS group_code,
               regexp_replace(n.skill, '>=\\d+$', '') AS code,
               coalesce(CAST(substring(n.skill FROM '>=(\\d+)$') AS int), 1) AS least
        FROM asked l
        CROSS JOIN LATERAL (
            SELECT s AS skill, false AS wished FROM jsonb_array_elements_text(l.skills) s
            UNION ALL
            SELECT s, true FROM jsonb_array_elements_text(l.wishes) s) n),
    changes AS MATERIALIZED (
        SELECT employee_id, queue_id, kind FROM temporary_change WHERE until > :now AND queue_id IS NOT NULL),
    lined AS (
        SELECT m.employee_id, l.id AS lane_id, qg.level AS line
        FROM asked l JOIN queue_group qg ON qg.queue_id = l.queue_id JOIN group_member m ON m.group_id = qg.group_id
        WHERE NOT l.grouped
        UNION ALL
        SELECT m.employee_id, l.id, 1
        FROM asked l JOIN needs n ON n.lane_id = l.id AND NOT n.wished
        JOIN operator_group g ON g.code = n.group_code JOIN group_member m ON m.group_id = g.id
        UNION ALL
        SELECT c.employee_id, l.id, 1
        FROM asked l JOIN changes c ON c.queue_id = l.queue_id AND c.kind = 'queue_added'
        WHERE NOT l.grouped),
    near AS MATERIALIZED (
        SELECT d.employee_id, d.lane_id, l.queue_id, min(d.line) AS line
        FROM lined d
        JOIN asked l ON l.id = d.lane_id
        JOIN employee e ON e.id = d.employee_id AND e.is_active AND e.roles ? 'operator'
        WHERE (CAST(:employee AS int) IS NULL OR d.employee_id = :employee)
          AND coalesce(CAST(e.channel_units ->> l.channel AS int), 1) > 0
          AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.kind = 'queue_removed'
                          AND c.employee_id = d.employee_id AND c.queue_id = l.queue_id)
        GROUP BY d.employee_id, d.lane_id, l.queue_id),
    judged AS (
        SELECT n.employee_id, n.lane_id,
               coalesce(sum(es.level) FILTER (WHERE w.group_code IS NULL), 0) AS level,
               count(*) FILTER (WHERE NOT w.wished AND NOT f.fulfilled) AS lacks,
               count(*) FILTER (WHERE w.wished AND NOT f.fulfilled) AS unwished
        FROM near n
        JOIN needs w ON w.lane_id = n.lane_id
        LEFT JOIN skill s ON s.code = w.code AND w.group_code IS NULL
        LEFT JOIN employee_skill es ON es.skill_id = s.id AND es.employee_id = n.employee_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN w.group_code IS NULL THEN coalesce(es.level >= w.least, false)
                        ELSE EXISTS (SELECT 1 FROM operator_group g JOIN group_member m ON m.group_id = g.id
                                     WHERE g.code = w.group_code AND m.employee_id = n.employee_id) END AS fulfilled) f
        GROUP BY n.employee_id, n.lane_id),
    served AS MATERIALIZED (
        SELECT n.employee_id, n.lane_id, coalesce(j.level, 0) AS level,
               greatest(CASE WHEN n.line > 1 THEN steps.line ELSE 0 END,
                        CASE WHEN coalesce(j.unwished, 0) > 0 THEN coalesce(steps.wishes, 0) ELSE 0 END) AS share
        FROM near n
        LEFT JOIN judged j ON j.employee_id = n.employee_id AND j.lane_id = n.lane_id
        JOIN queue q ON q.id = n.queue_id
        CROSS JOIN LATERAL (
            SELECT min(CAST(w ->> 'after' AS float8)) FILTER (WHERE CAST(w ->> 'level' AS int) >= n.line) AS line,
                   min(CAST(w ->> 'after' AS float8)) FILTER (WHERE w ->> 'drop' = 'wishes') AS wishes
            FROM jsonb_array_elements(q.widening) w) steps
        WHERE coalesce(j.lacks, 0) = 0 AND (n.line = 1 OR steps.line IS NOT NULL)),
    gone AS (
        DELETE FROM operator_lane ol
        WHERE (CAST(:employee AS int) IS NULL OR ol.employee_id = :employee)
          AND ol.lane_id IN (SELECT id FROM asked)
          AND NOT EXISTS (SELECT 1 FROM served s WHERE s.employee_id = ol.employee_id AND s.lane_id = ol.lane_id)
        RETURNING 1),
    come AS (
        INSERT INTO operator_lane AS ol (employee_id, lane_id, level, share)
        SELECT employee_id, lane_id, level, share FROM served
        ON CONFLICT (employee_id, lane_id) DO UPDATE SET level = excluded.level, share = excluded.share
        WHERE (ol.level, ol.share) IS DISTINCT FROM (excluded.level, excluded.share)
        RETURNING 1)
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM come)""")
# For one appeal: everybody whom the groups of its queue, its own group or a supervisor's change would let serve it,
# with the skills that he lacks as the lane names them.
LANE_OF_PEOPLE = """
    SELECT m.employee_id,
           (SELECT array_agg(s) FROM jsonb_array_elements_text(l.skills) s
            WHERE NOT CASE WHEN s LIKE 'group:%'
                THEN EXISTS (SELECT 1 FROM operator_group g JOIN group_member gm ON gm.group_id = g.id
                             WHERE g.code = substr(s, 7) AND gm.employee_id = m.employee_id)
                ELSE EXISTS (SELECT 1 FROM skill k JOIN employee_skill es ON es.skill_id = k.id
                             WHERE k.code = regexp_replace(s, '>=\\d+$', '') AND es.employee_id = m.employee_id
                             AND es.level >= coalesce(CAST(substring(s FROM '>=(\\d+)$') AS int), 1)) END) AS lacks,
           EXISTS (SELECT 1 FROM temporary_change t WHERE t.employee_id = m.employee_id AND t.queue_id = l.queue_id
                   AND t.kind = 'queue_removed' AND t.until > :now) AS removed
    FROM (
        SELECT gm.employee_id FROM appeal a JOIN queue_group qg ON qg.queue_id = a.queue_id
        JOIN group_member gm ON gm.group_id = qg.group_id WHERE a.id = :appeal
        UNION
        SELECT ol.employee_id FROM appeal a JOIN operator_lane ol ON ol.lane_id = a.lane_id WHERE a.id = :appeal) m
    JOIN appeal b ON b.id = :appeal JOIN lane l ON l.id = b.lane_id"""
# Whoever brings them up to date has to see what the one before him wrote.
_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtext('cec operator_lane'))")


def refresh(*, employee: int | None = None, lane: int | None = None, queue: int | None = None) -> int:
    """Bring the lanes of all operators up to date, or of one of them, or one lane or queue; gives how many changed."""
    db.session.flush()
    db.session.execute(_IN_TURN)
    scope = {"employee": employee, "lane": lane, "queue": queue, "now": clock.now()}
    changed = int(db.session.scalar(_BRING_UP_TO_DATE, scope) or 0)
    # Also what is not in these rows may have changed: a strategy, a weight, a target.
    live.wake("distribution")
    return changed


@journal.on("lane.opened", "queue.changed", "employee.changed")
def _keep_up(entry: journal.Entry) -> None:
    kind, _, number = entry.subject.partition(":")
    refresh(**{kind: int(number)})


@journal.on("group.changed", "skill.changed")
def _keep_all_up(_entry: journal.Entry) -> None:
    refresh()
