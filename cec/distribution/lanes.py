"""Which operator serves which lane: materialised from groups and queues, so that choosing is one index scan a lane."""

from sqlalchemy import text

from cec.platform import journal, live
from cec.platform.db import db

# Members of the groups that serve the queue; a lane meant for a group: the members of that group.
_SERVED = """
    SELECT DISTINCT m.employee_id, l.id AS lane_id
    FROM lane l
    JOIN group_member m ON m.group_id IN (
        SELECT qg.group_id FROM queue_group qg
        WHERE qg.queue_id = l.queue_id AND NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements_text(l.skills) s WHERE s LIKE 'group:%')
        UNION ALL
        SELECT g.id FROM operator_group g WHERE l.skills ? ('group:' || g.code))
    JOIN employee e ON e.id = m.employee_id AND e.is_active AND e.roles ? 'operator'
"""


def refresh() -> int:
    """Bring the lanes of all operators up to date; gives how many rows changed."""
    gone = db.session.execute(
        text(f"""DELETE FROM operator_lane ol WHERE NOT EXISTS (
            SELECT 1 FROM ({_SERVED}) s WHERE s.employee_id = ol.employee_id AND s.lane_id = ol.lane_id)""")
    )
    come = db.session.execute(
        text(f"""INSERT INTO operator_lane (employee_id, lane_id, level) SELECT employee_id, lane_id, 1 FROM ({_SERVED}) s
            ON CONFLICT DO NOTHING""")
    )
    changed = int(gone.rowcount + come.rowcount)
    if changed:
        live.wake("distribution")
    return changed


@journal.on("lane.opened", "queue.changed", "group.changed", "employee.changed")
def _keep_up(_entry: journal.Entry) -> None:
    db.session.flush()
    refresh()
