"""Priority of an appeal (guide 5.2): what the points of the table are worth in waiting time."""

import datetime as dt

# A point is worth this share of the lane's target, all points together at most one whole target (DISTRIBUTION 1).
WORTH = 0.05
MOST = 1.0
# What `rank_at` gives, in SQL: of an appeal a in a queue q, each escalation a whole target further to the front.
PLACE = """
    a.enqueued_at - q.target * (a.escalation + greatest(-CAST(:most AS float8), least({points} * :worth, :most)))"""
OF_PLACE = {"worth": WORTH, "most": MOST}


def rank_at(arrived_at: dt.datetime, points: int, target: dt.timedelta) -> dt.datetime:
    """Give the moment by which appeals of a lane are ordered.

    Ageing is implicit: the order of two appeals never changes while they wait.
    """
    share = max(-MOST, min(points * WORTH, MOST))
    return arrived_at - target * share
