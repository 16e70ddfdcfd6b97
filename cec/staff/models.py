"""Tables of the staff."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, text
from sqlalchemy import Table as Relation
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.platform import names
from cec.platform.db import Table, created, identity, moment


class Branch(Table):
    """A branch (филиал); its zone is the wall clock of its people."""

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str] = mapped_column(default="Europe/Moscow")


class Workplace(Table):
    """A workplace (рабочее место): a named layout of the window at a branch."""

    id: Mapped[int] = identity()
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    name: Mapped[str]

    branch: Mapped[Branch] = relationship()


group_member = Relation(
    "group_member",
    Table.metadata,
    Column("group_id", ForeignKey("operator_group.id"), primary_key=True),
    Column("employee_id", ForeignKey("employee.id"), primary_key=True, index=True),
)


class Employee(Table):
    """A person who works here."""

    id: Mapped[int] = identity()
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # Roles he may choose at sign-in: values of staff.roles.Role.
    roles: Mapped[list[Any]]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    language: Mapped[str] = mapped_column(default="ru")
    theme: Mapped[str] = mapped_column(default="system")
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # What was chosen last at the start page: role, branch, workplace.
    last_choice: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What he chose for himself, by area: {"notices": {...}}.
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # How many weighted units he holds at once; of one channel: {"email": 3}, none of it: 0, else as many as of all.
    units: Mapped[int] = mapped_column(default=5)
    channel_units: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What is offered to him goes into work at once.
    auto_accept: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = created()

    branch: Mapped[Branch] = relationship()
    groups: Mapped[list["OperatorGroup"]] = relationship(secondary=group_member, back_populates="members")
    skills: Mapped[list["EmployeeSkill"]] = relationship(cascade="all, delete-orphan")

    @property
    def key(self) -> str:
        """Name this person in the journal."""
        return f"employee:{self.id}"

    @property
    def first_name(self) -> str:
        """Give the name that clients see."""
        return names.first(self.name)

    @property
    def initials(self) -> str:
        """Give two letters for the face."""
        return names.initials(self.name)


class OperatorGroup(Table):
    """Operators who serve the same queues."""

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))

    members: Mapped[list[Employee]] = relationship(secondary=group_member, back_populates="groups")


class Skill(Table):
    """A skill (навык) of the directory: a language, a product; tables name it by its code."""

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class EmployeeSkill(Table):
    """How well a person has a skill: 1 to 10."""

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), primary_key=True, index=True)
    level: Mapped[int] = mapped_column(default=5)

    skill: Mapped[Skill] = relationship()

    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 10", name="level"),)


class Shift(Table):
    """When a person is to work (смена); shifts of one person never overlap."""

    id: Mapped[int] = identity()
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)

    employee: Mapped[Employee] = relationship()

    __table_args__ = (
        ExcludeConstraint(("employee_id", "="), ("during", "&&"), using="gist", name="shift_no_overlap"),
        Index("ix_shift_during", "during", postgresql_using="gist"),
        CheckConstraint("NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)", name="lasting"),
    )


class Session(Table):
    """A signed-in browser; the cookie holds a secret of which only the sha-256 is kept."""

    id: Mapped[int] = identity()
    token_sha256: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    # Chosen at the start page; empty until then.
    role: Mapped[str | None]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    workplace_id: Mapped[int | None] = mapped_column(ForeignKey("workplace.id"))
    started_at: Mapped[dt.datetime] = created()
    seen_at: Mapped[dt.datetime] = created()
    ended_at: Mapped[dt.datetime | None] = moment(optional=True)
    # Why it ended: signed_out | taken_over | revoked | expired.
    ended_by: Mapped[str | None]
    # When its person last touched keyboard or mouse, as its windows say; and whether they still speak to us.
    input_at: Mapped[dt.datetime | None] = moment(optional=True)
    link: Mapped[str] = mapped_column(default="live")

    employee: Mapped[Employee] = relationship()
    branch: Mapped[Branch | None] = relationship()
    workplace: Mapped[Workplace | None] = relationship()

    __table_args__ = (
        # A person works in one window: the second one takes over.
        Index(
            "uq_session_working",
            "employee_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND role IS NOT NULL"),
        ),
        # Every heartbeat writes the row anew: it finds room on its page.
        {"postgresql_with": {"fillfactor": 50}},
    )


class SignInAttempts(Table):
    """How often a login was tried in vain; kept for unknown logins too, so that both look the same from outside."""

    login_sha256: Mapped[str] = mapped_column(primary_key=True)
    failed: Mapped[int]
    last_at: Mapped[dt.datetime] = created()
    locked_until: Mapped[dt.datetime | None] = moment(optional=True)


class Presence(StrEnum):
    """Statuses of an operator (SPEC 0.1.4); what each means is in staff.presence."""

    ACTIVE = "active"
    NOT_ACCEPTING = "not_accepting"
    BREAK = "break"
    IDLE = "idle"
    NO_LINK = "no_link"
    OFFLINE = "offline"


class Link(StrEnum):
    """What a session's windows let us know: they speak, they fell silent, they were given up."""

    LIVE = "live"
    LOST = "lost"
    GONE = "gone"


class StatusReason(Table):
    """A reason of the directory for not working for a while: lunch, training, a meeting."""

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)
    icon: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


class OperatorStatus(Table):
    """An interval in which an operator had one status; intervals of one operator never overlap."""

    id: Mapped[int] = identity()
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    status: Mapped[str]
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    # Who set it: self | supervisor | logout | missed | link | idle.
    source: Mapped[str]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("status_reason.id"))
    # What follows by itself once nothing is offered or in work any more.
    next_status: Mapped[str | None]
    next_reason_id: Mapped[int | None] = mapped_column(ForeignKey("status_reason.id"))

    reason: Mapped[StatusReason | None] = relationship(foreign_keys=[reason_id])
    next_reason: Mapped[StatusReason | None] = relationship(foreign_keys=[next_reason_id])

    __table_args__ = (
        ExcludeConstraint(("employee_id", "="), ("during", "&&"), using="gist", name="no_overlap"),
        Index("ix_operator_status_current", "employee_id", unique=True, postgresql_where=text("upper_inf(during)")),
        CheckConstraint("NOT isempty(during)", name="lasting"),
    )
