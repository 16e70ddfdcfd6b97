"""The first tables.

The journal is partitioned by month; what fits no month goes to the default partition, so that no fact is ever refused.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

APPEND_ONLY = """
create function journal_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is append-only';
end $$;
create trigger journal_is_append_only before update or delete or truncate on journal
    for each statement execute function journal_is_append_only();
"""


def upgrade() -> None:
    op.execute("create extension if not exists btree_gist")
    op.create_table(
        "branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_branch"),
        sa.UniqueConstraint("name", name="uq_branch_name"),
    )
    op.create_table(
        "channel_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("config", postgresql.JSONB(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("cursor", postgresql.JSONB(), nullable=False),
        sa.Column("last_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_channel_account"),
        sa.UniqueConstraint("code", name="uq_channel_account_code"),
    )
    op.create_table(
        "client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_client"),
    )
    op.create_table(
        "due_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_due_work"),
    )
    op.create_index(
        "ix_due_work_due", "due_work", ["due_at", "id"], unique=False, postgresql_where=sa.text("dead_at IS NULL")
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "transaction", sa.BigInteger(), server_default=sa.text("pg_current_xact_id()::text::bigint"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("at", "id", name="pk_journal"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_journal_subject", "journal", ["subject", "id"], unique=False)
    op.create_index("ix_journal_transaction", "journal", ["transaction"], unique=False)
    op.create_table(
        "process_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process_message"),
    )
    op.create_index("ix_process_message_subject", "process_message", ["subject", "name", "id"], unique=False)
    op.create_table(
        "process_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process_version"),
        sa.UniqueConstraint("process", "version", name="uq_process_version_process_version"),
        sa.UniqueConstraint("sha256", name="uq_process_version_sha256"),
    )
    op.create_index(
        "uq_process_version_current",
        "process_version",
        ["process"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "queue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("target", sa.Interval(), nullable=False),
        sa.Column("ring", sa.Interval(), nullable=False),
        sa.Column("first_response", sa.Interval(), nullable=False),
        sa.Column("next_response", sa.Interval(), nullable=False),
        sa.Column("resolve_within", sa.Interval(), nullable=False),
        sa.Column("sticky", sa.Interval(), nullable=False),
        sa.Column("wait_for_client", sa.Interval(), nullable=False),
        sa.Column("reopen_within", sa.Interval(), nullable=False),
        sa.Column("topic_required", sa.Boolean(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.CheckConstraint("weight > 0 AND target > interval '0'", name=op.f("ck_queue_urgency")),
        sa.PrimaryKeyConstraint("id", name="pk_queue"),
        sa.UniqueConstraint("code", name="uq_queue_code"),
        sa.UniqueConstraint("name", name="uq_queue_name"),
    )
    op.create_table(
        "resolution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("comment_required", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resolution"),
        sa.UniqueConstraint("code", name="uq_resolution_code"),
    )
    op.create_table(
        "rules_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules_version"),
        sa.UniqueConstraint("name", "sha256", name="uq_rules_version_name_sha256"),
        sa.UniqueConstraint("name", "version", name="uq_rules_version_name_version"),
    )
    op.create_index(
        "uq_rules_version_current", "rules_version", ["name"], unique=True, postgresql_where=sa.text("is_current")
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("login_sha256", sa.Text(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("login_sha256", name="pk_sign_in_attempts"),
    )
    op.create_table(
        "tick",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "slot", name="pk_tick"),
    )
    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["topic.id"], name="fk_topic_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_topic"),
        sa.UniqueConstraint("parent_id", "name", name="uq_topic_parent_id_name", postgresql_nulls_not_distinct=True),
    )
    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("last_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_address_client_id"),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
        sa.UniqueConstraint("type", "normalised", name="uq_address_type_normalised"),
    )
    op.create_index("ix_address_client_id", "address", ["client_id"], unique=False)
    op.create_table(
        "employee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.JSONB(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("last_choice", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name="fk_employee_branch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_employee"),
        sa.UniqueConstraint("login", name="uq_employee_login"),
    )
    op.create_table(
        "inbound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_account_id", sa.Integer(), nullable=False),
        sa.Column("provider_event_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("envelope", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["channel_account_id"], ["channel_account.id"], name="fk_inbound_channel_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inbound"),
        sa.UniqueConstraint(
            "channel_account_id", "provider_event_id", name="uq_inbound_channel_account_id_provider_event_id"
        ),
    )
    op.create_index("ix_inbound_new", "inbound", ["id"], unique=False, postgresql_where=sa.text("state = 'new'"))
    op.create_index(
        "ix_inbound_quarantined", "inbound", ["id"], unique=False, postgresql_where=sa.text("state = 'quarantined'")
    )
    op.create_table(
        "lane",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("skills", postgresql.JSONB(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_lane_queue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lane"),
        sa.UniqueConstraint("queue_id", "channel", "skills", name="uq_lane_queue_id_channel_skills"),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_version_id", sa.Integer(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["process_version_id"], ["process_version.id"], name="fk_process_instance_process_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_process_instance"),
    )
    op.create_index("ix_process_instance_subject", "process_instance", ["subject"], unique=False)
    op.create_index(
        "uq_process_instance_running",
        "process_instance",
        ["subject", "process"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "workplace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name="fk_workplace_branch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_workplace"),
    )
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("channel_account_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=True),
        sa.Column("lane_id", sa.Integer(), nullable=True),
        sa.Column("rank_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("verdicts", postgresql.JSONB(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("preferred_operator_id", sa.Integer(), nullable=True),
        sa.Column("preferred_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("resolution_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_response", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_resolution", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_kind", sa.Text(), nullable=True),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("postponements", sa.Integer(), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=False),
        sa.Column("last_client_message_id", sa.Integer(), nullable=True),
        sa.Column("last_message_id", sa.Integer(), nullable=True),
        sa.Column("seen_message_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'queued') <= (lane_id IS NOT NULL AND rank_at IS NOT NULL)", name=op.f("ck_appeal_ranked")
        ),
        sa.CheckConstraint(
            "(status IN ('offered','in_work')) <= (operator_id IS NOT NULL)", name=op.f("ck_appeal_owned")
        ),
        sa.CheckConstraint(
            "status IN ('new','queued','offered','in_work','waiting_for_client','postponed','closed','spam','blocked')",
            name=op.f("ck_appeal_status"),
        ),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_appeal_address_id"),
        sa.ForeignKeyConstraint(["channel_account_id"], ["channel_account.id"], name="fk_appeal_channel_account_id"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_appeal_client_id"),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name="fk_appeal_lane_id"),
        sa.ForeignKeyConstraint(["operator_id"], ["employee.id"], name="fk_appeal_operator_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["appeal.id"], name="fk_appeal_parent_id"),
        sa.ForeignKeyConstraint(["preferred_operator_id"], ["employee.id"], name="fk_appeal_preferred_operator_id"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_appeal_queue_id"),
        sa.ForeignKeyConstraint(["resolution_id"], ["resolution.id"], name="fk_appeal_resolution_id"),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name="fk_appeal_topic_id"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal"),
        sa.UniqueConstraint("number", name="uq_appeal_number"),
    )
    op.create_index("ix_appeal_address_id", "appeal", ["address_id"], unique=False)
    op.create_index("ix_appeal_address_open", "appeal", ["channel_account_id", "address_id", "id"], unique=False)
    op.create_index("ix_appeal_client_id", "appeal", ["client_id"], unique=False)
    op.create_index("ix_appeal_created", "appeal", ["created_at"], unique=False)
    op.create_index(
        "ix_appeal_held",
        "appeal",
        ["operator_id", "status"],
        unique=False,
        postgresql_where=sa.text("status IN ('offered','in_work','waiting_for_client','postponed')"),
    )
    op.create_index(
        "ix_appeal_waiting",
        "appeal",
        ["lane_id", "rank_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued' AND preferred_operator_id IS NULL"),
    )
    op.create_index(
        "ix_appeal_waiting_preferred",
        "appeal",
        ["preferred_operator_id", "rank_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued' AND preferred_operator_id IS NOT NULL"),
    )
    op.create_table(
        "capacity",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receiving", sa.Boolean(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.CheckConstraint("load BETWEEN 0 AND cap + over", name=op.f("ck_capacity_load")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_capacity_employee_id"),
        sa.PrimaryKeyConstraint("employee_id", name="pk_capacity"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        "ix_capacity_free",
        "capacity",
        ["idle_since"],
        unique=False,
        postgresql_where=sa.text("receiving AND load < cap"),
    )
    op.create_table(
        "channel_capacity",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.CheckConstraint("load BETWEEN 0 AND cap + over", name=op.f("ck_channel_capacity_load")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_channel_capacity_employee_id"),
        sa.PrimaryKeyConstraint("employee_id", "channel", name="pk_channel_capacity"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("step", postgresql.JSONB(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_incident_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index(
        "ix_incident_open", "incident", ["instance_id"], unique=False, postgresql_where=sa.text("settled_at IS NULL")
    )
    op.create_table(
        "operator_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["leader_id"], ["employee.id"], name="fk_operator_group_leader_id"),
        sa.PrimaryKeyConstraint("id", name="pk_operator_group"),
        sa.UniqueConstraint("code", name="uq_operator_group_code"),
    )
    op.create_table(
        "operator_lane",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_operator_lane_employee_id"),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name="fk_operator_lane_lane_id"),
        sa.PrimaryKeyConstraint("employee_id", "lane_id", name="pk_operator_lane"),
    )
    op.create_index("ix_operator_lane_lane_id", "operator_lane", ["lane_id"], unique=False)
    op.create_table(
        "operator_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("employee_id"), "="), (sa.column("during"), "&&"), using="gist", name="no_overlap"
        ),
        sa.CheckConstraint("NOT isempty(during)", name=op.f("ck_operator_status_lasting")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_operator_status_employee_id"),
        sa.PrimaryKeyConstraint("id", name="pk_operator_status"),
    )
    op.create_index(
        "ix_operator_status_current",
        "operator_status",
        ["employee_id"],
        unique=True,
        postgresql_where=sa.text("upper_inf(during)"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("workplace_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name="fk_session_branch_id"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_session_employee_id"),
        sa.ForeignKeyConstraint(["workplace_id"], ["workplace.id"], name="fk_session_workplace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("token_sha256", name="uq_session_token_sha256"),
    )
    op.create_index("ix_session_employee_id", "session", ["employee_id"], unique=False)
    op.create_index(
        "uq_session_working",
        "session",
        ["employee_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND role IS NOT NULL"),
    )
    op.create_table(
        "user_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_user_task_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_task"),
    )
    op.create_index(
        "ix_user_task_subject", "user_task", ["subject"], unique=False, postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_index(
        "uq_user_task_open",
        "user_task",
        ["instance_id", "token"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "wait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name="fk_wait_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_wait"),
    )
    op.create_index("ix_wait_due", "wait", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_index("ix_wait_instance", "wait", ["instance_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ring_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_kind", sa.Text(), nullable=True),
        sa.Column("why", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_assignment_appeal_id"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_assignment_employee_id"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_assignment_queue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_appeal_id", "assignment", ["appeal_id"], unique=False)
    op.create_index("ix_assignment_employee", "assignment", ["employee_id", "offered_at"], unique=False)
    op.create_index(
        "uq_assignment_ringing",
        "assignment",
        ["employee_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(
        "ix_assignment_ringing",
        "assignment",
        ["ring_until"],
        unique=False,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(
        "uq_assignment_open", "assignment", ["appeal_id"], unique=True, postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_note", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_draft_appeal_id"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_draft_employee_id"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("appeal_id", "employee_id", "is_note", name="uq_draft_appeal_id_employee_id_is_note"),
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_group_member_employee_id"),
        sa.ForeignKeyConstraint(["group_id"], ["operator_group.id"], name="fk_group_member_group_id"),
        sa.PrimaryKeyConstraint("group_id", "employee_id", name="pk_group_member"),
    )
    op.create_index("ix_group_member_employee_id", "group_member", ["employee_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel_account_id", sa.Integer(), nullable=False),
        sa.Column("provider_event_id", sa.Text(), nullable=True),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("client_uuid", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fresh_text", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_message_appeal_id"),
        sa.ForeignKeyConstraint(["author_id"], ["employee.id"], name="fk_message_author_id"),
        sa.ForeignKeyConstraint(["channel_account_id"], ["channel_account.id"], name="fk_message_channel_account_id"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_message_inbound_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("client_uuid", name="uq_message_client_uuid"),
    )
    op.create_index("ix_message_appeal", "message", ["appeal_id", "id"], unique=False)
    op.create_index(
        "ix_message_due",
        "message",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued','sending')"),
    )
    op.create_index("ix_message_provider_event", "message", ["provider_event_id"], unique=False)
    op.create_index(
        "uq_message_incoming",
        "message",
        ["channel_account_id", "provider_event_id"],
        unique=True,
        postgresql_where=sa.text("direction = 'in'"),
    )
    op.create_table(
        "queue_group",
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["operator_group.id"], name="fk_queue_group_group_id"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_queue_group_queue_id"),
        sa.PrimaryKeyConstraint("queue_id", "group_id", name="pk_queue_group"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.CheckConstraint("num_nonnulls(message_id, draft_id) = 1", name=op.f("ck_attachment_placed")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_attachment_draft_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_attachment_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
    )
    op.create_index("ix_attachment_draft_id", "attachment", ["draft_id"], unique=False)
    op.create_index("ix_attachment_message_id", "attachment", ["message_id"], unique=False)
    op.execute("create table journal_default partition of journal default")
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    op.drop_table("attachment")
    op.drop_table("queue_group")
    op.drop_table("message")
    op.drop_table("group_member")
    op.drop_table("draft")
    op.drop_table("assignment")
    op.drop_table("wait")
    op.drop_table("user_task")
    op.drop_table("session")
    op.drop_table("operator_status")
    op.drop_table("operator_lane")
    op.drop_table("operator_group")
    op.drop_table("incident")
    op.drop_table("channel_capacity")
    op.drop_table("capacity")
    op.drop_table("appeal")
    op.drop_table("workplace")
    op.drop_table("process_instance")
    op.drop_table("lane")
    op.drop_table("inbound")
    op.drop_table("employee")
    op.drop_table("address")
    op.drop_table("topic")
    op.drop_table("tick")
    op.drop_table("sign_in_attempts")
    op.drop_table("rules_version")
    op.drop_table("resolution")
    op.drop_table("queue")
    op.drop_table("process_version")
    op.drop_table("process_message")
    op.drop_table("journal")
    op.drop_table("due_work")
    op.drop_table("client")
    op.drop_table("channel_account")
    op.drop_table("branch")
    op.execute("drop function journal_is_append_only")
