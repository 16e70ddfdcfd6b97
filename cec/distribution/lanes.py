"""Which operator serves which lane: materialised from groups and queues, so that choosing is one index scan a lane."""

from sqlalchemy import text

from cec.platform import journal, live
from cec.platform.db import db

# Members of the groups that serve the queue; a lane meant for a group: the members of that group.
_BRING_UP_TO_DATE = text("""
    WITH served AS (
        SELECT DISTINCT m.employee_id, l.id AS lane_id
        FROM lane l
        JOIN group_member m ON m.group_id IN (
            SELECT qg.group_id FROM queue_group qg
            WHERE qg.queue_id = l.queue_id AND NOT EXISTS (
                SELECT 1 FROM jsonb_array_elements_text(l.skills) s WHERE s LIKE 'group:%')
            UNION ALL
            SELECT g.id FROM operator_group g WHERE l.skills ? ('group:' || g.code))
        JOIN employee e ON e.id = m.employee_id AND e.is_active AND e.roles ? 'operator'),
    gone AS (
        DELETE FROM operator_lane ol WHERE NOT EXISTS (
            SELECT 1 FROM served s WHERE s.employee_id = ol.employee_id AND s.lane_id = ol.lane_id)
        RETURNING 1),
    come AS (
        INSERT INTO operator_lane (employee_id, lane_id, level, share)
        SELECT employee_id, lane_id, 0, 0 FROM served ON CONFLICT DO NOTHING
        RETURNING 1)
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM come)""")


def refresh() -> int:
    """Bring the lanes of all operators up to date; gives how many rows changed."""
    changed = int(db.session.scalar(_BRING_UP_TO_DATE) or 0)
    if changed:
        live.wake("distribution")
    return changed


@journal.on("lane.opened", "queue.changed", "group.changed", "employee.changed")
def _keep_up(_entry: journal.Entry) -> None:
    db.session.flush()
    refresh()
