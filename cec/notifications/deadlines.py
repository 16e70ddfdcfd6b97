"""Deadlines of appeals in work: their operator is told once at three quarters and once when the time is over.

The quarters are those of the bar that he sees: of the time from its beginning to its end, whatever hours lie between.
"""

from sqlalchemy import text

from cec.notifications import telling
from cec.platform import clock
from cec.platform.db import db

# The level is part of the key, so whatever fires again finds that it was told.
_DUE = text("""
    SELECT a.id, a.operator_id, d.what, d.due, l.level, k.key
    FROM appeal a
    CROSS JOIN LATERAL (VALUES
        ('response', a.due_response, a.due_since),
        ('resolution', a.due_resolution, a.created_at)) AS d (what, due, since)
    CROSS JOIN LATERAL (SELECT CASE WHEN d.due <= :now THEN 'over' ELSE 'soon' END) AS l (level)
    CROSS JOIN LATERAL (
        SELECT concat_ws(':', 'deadline', d.what, a.id, l.level, extract(epoch FROM d.due))) AS k (key)
    WHERE a.status = 'in_work' AND d.due - (d.due - d.since) / 4 <= :now
      AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.employee_id = a.operator_id AND n.key = k.key)
    ORDER BY a.id""")
_SUPERSEDE = text("""
    UPDATE notification SET read_at = :now
    WHERE employee_id = :employee AND appeal_id = :appeal AND what = :what AND read_at IS NULL""")


def look() -> int:
    """Tell what has become due since the last look; gives how much."""
    due = db.session.execute(_DUE, {"now": clock.now()}).all()
    for row in due:
        if row.level == "over":
            soon = {"employee": row.operator_id, "appeal": row.id, "what": f"{row.what}_soon"}
            db.session.execute(_SUPERSEDE, {**soon, "now": clock.now()})
        telling.tell(row.operator_id, f"{row.what}_{row.level}", row.id, key=row.key, due=row.due.isoformat())
    return len(due)
