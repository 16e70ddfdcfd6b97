"""A row of a decision table could not be worked out: arrivals go on, the administrator is told once (guide 5.2)."""

from typing import Any

from sqlalchemy import text

from cec.appeals.models import Appeal
from cec.platform.db import db
from cec.workflow import incidents

ACT = "judge"
# Whoever does not get it leaves the telling to who has it: arrivals wait for nobody here.
_MINE = text("SELECT pg_try_advisory_xact_lock(hashtext(:subject))")
_TOLD = text("SELECT EXISTS (SELECT 1 FROM incident WHERE subject = :subject AND settled_at IS NULL)")


def raise_(table: str, verdict: dict[str, Any], appeal: Appeal) -> None:
    """Open an incident of a table whose rows failed for an appeal, unless one is open."""
    if not verdict.get("errors"):
        return
    subject = f"rules:{table}"
    if db.session.scalar(_MINE, {"subject": subject}) and not db.session.scalar(_TOLD, {"subject": subject}):
        version, why = verdict.get("version"), "; ".join(verdict["errors"])
        incidents.report(subject, step={"act": ACT}, error=f"{table} v{version}, appeal {appeal.number}: {why}"[:2000])
