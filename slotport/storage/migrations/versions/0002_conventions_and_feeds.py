"""Conventions and feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "convention",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("slug", CODE, nullable=False),
        sa.Column("title", CODE, nullable=False),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("start_date", sa.String(length=10), nullable=True),
        sa.Column("end_date", sa.String(length=10), nullable=True),
        sa.Column("settings", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("public_key", CODE, nullable=False),
        sa.Column("secret_key", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("shared_change", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention")),
        sa.UniqueConstraint("public_key", name=op.f("uq_convention_public_key")),
        sa.UniqueConstraint("slug", name=op.f("uq_convention_slug")),
        sa.UniqueConstraint("title", name=op.f("uq_convention_title")),
    )
    op.create_table(
        "convention_manager",
        sa.Column("convention_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_convention_manager_account_id")),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_convention_manager_convention_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("convention_id", "account_id", name=op.f("pk_convention_manager")),
    )
    with op.batch_alter_table("convention_manager", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_convention_manager_account_id"), ["account_id"], unique=False)

    op.create_table(
        "convention_user",
        sa.Column("convention_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("made_here", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_convention_user_account_id")),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_convention_user_convention_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("convention_id", "account_id", name=op.f("pk_convention_user")),
    )
    with op.batch_alter_table("convention_user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_convention_user_account_id"), ["account_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("convention_id", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("staff_contact_id", KEY, nullable=True),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("teaser", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("notes_to_attendees", sa.Text(), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("min_attendees", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("max_attendees", sa.Integer(), nullable=True),
        sa.Column("requires_registration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("notes_to_staff", sa.Text(), nullable=True),
        sa.Column("scheduling_constraints", sa.Text(), nullable=True),
        sa.Column("logistical_requirements", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["convention_id"], ["convention.id"], name=op.f("fk_event_convention_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_event_owner_id")),
        sa.ForeignKeyConstraint(["staff_contact_id"], ["account.id"], name=op.f("fk_event_staff_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_convention_id_status", ["convention_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_staff_contact_id"), ["staff_contact_id"], unique=False)

    op.create_table(
        "location",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("convention_id", KEY, nullable=False),
        sa.Column("guid", sa.String(length=36), nullable=False),
        sa.Column("title", CODE, nullable=False),
        sa.Column("slug", CODE, nullable=False),
        sa.Column("max_attendees", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["convention_id"], ["convention.id"], name=op.f("fk_location_convention_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("guid", name=op.f("uq_location_guid")),
    )
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.create_index(
            "uq_location_slug",
            ["convention_id", "slug"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_location_title",
            ["convention_id", "title"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "tag_type",
        sa.Column("id", KEY, nullable=False),
        sa.Column("convention_id", KEY, nullable=False),
        sa.Column("title", CODE, nullable=False),
        sa.Column("requirement", sa.String(length=1), nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_tag_type_convention_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_type")),
        sa.UniqueConstraint("convention_id", "title", name=op.f("uq_tag_type_convention_id_title")),
    )
    op.create_table(
        "feed",
        sa.Column("id", KEY, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=True),
        sa.Column("show", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_feed_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["group_id"], ["calendar_group.id"], name=op.f("fk_feed_group_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_feed_secret_hash")),
    )
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feed_group_id"), ["group_id"], unique=False)

    op.create_table(
        "slot_left",
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["calendar_group.id"], name=op.f("fk_slot_left_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_left_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "slot_id", name=op.f("pk_slot_left")),
    )
    op.create_table(
        "tag_value",
        sa.Column("id", KEY, nullable=False),
        sa.Column("tag_type_id", KEY, nullable=False),
        sa.Column("value", CODE, nullable=False),
        sa.Column("value_key", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["tag_type_id"], ["tag_type.id"], name=op.f("fk_tag_value_tag_type_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_value")),
        sa.UniqueConstraint("tag_type_id", "value_key", name=op.f("uq_tag_value_tag_type_id_value_key")),
    )
    op.create_table(
        "time_slot",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("convention_id", KEY, nullable=False),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("guid", sa.String(length=36), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("min_attendees", sa.Integer(), nullable=True),
        sa.Column("max_attendees", sa.Integer(), nullable=True),
        sa.Column("notes_to_attendees", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("was_public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("hidden_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["convention_id"], ["convention.id"], name=op.f("fk_time_slot_convention_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_time_slot_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_slot")),
        sa.UniqueConstraint("guid", name=op.f("uq_time_slot_guid")),
    )
    with op.batch_alter_table("time_slot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_time_slot_convention_id_hidden_at",
            ["convention_id", "hidden_at"],
            unique=False,
            sqlite_where=sa.text("hidden_at IS NOT NULL"),
            postgresql_where=sa.text("hidden_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_time_slot_convention_id_start_at_id", ["convention_id", "start_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_time_slot_event_id"), ["event_id"], unique=False)

    op.create_table(
        "event_tag",
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("tag_value_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_tag_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["tag_value_id"], ["tag_value.id"], name=op.f("fk_event_tag_tag_value_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "tag_value_id", name=op.f("pk_event_tag")),
    )
    with op.batch_alter_table("event_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_tag_tag_value_id"), ["tag_value_id"], unique=False)

    op.create_table(
        "time_slot_host",
        sa.Column("time_slot_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("occupies", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_time_slot_host_account_id")),
        sa.ForeignKeyConstraint(
            ["time_slot_id"], ["time_slot.id"], name=op.f("fk_time_slot_host_time_slot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("time_slot_id", "account_id", name=op.f("pk_time_slot_host")),
    )
    with op.batch_alter_table("time_slot_host", schema=None) as batch_op:
        batch_op.create_index(
            "ix_time_slot_host_account_id_start_at_end_at_time_slot_id",
            ["account_id", "start_at", "end_at", "time_slot_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_time_slot_host_long",
            ["account_id", "start_at", "end_at", "time_slot_id"],
            unique=False,
            sqlite_where=sa.text("end_at - start_at > 604800000"),
            postgresql_where=sa.text("end_at - start_at > 604800000"),
        )

    op.create_table(
        "time_slot_host_left",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("time_slot_id", KEY, nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_time_slot_host_left_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["time_slot_id"], ["time_slot.id"], name=op.f("fk_time_slot_host_left_time_slot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "time_slot_id", name=op.f("pk_time_slot_host_left")),
    )
    op.create_table(
        "time_slot_location",
        sa.Column("time_slot_id", KEY, nullable=False),
        sa.Column("location_id", KEY, nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("occupies", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_time_slot_location_location_id")),
        sa.ForeignKeyConstraint(
            ["time_slot_id"], ["time_slot.id"], name=op.f("fk_time_slot_location_time_slot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("time_slot_id", "location_id", name=op.f("pk_time_slot_location")),
    )
    with op.batch_alter_table("time_slot_location", schema=None) as batch_op:
        batch_op.create_index(
            "ix_time_slot_location_location_id_start_at", ["location_id", "start_at", "end_at"], unique=False
        )
        batch_op.create_index(
            "ix_time_slot_location_long",
            ["location_id", "start_at", "end_at"],
            unique=False,
            sqlite_where=sa.text("end_at - start_at > 604800000"),
            postgresql_where=sa.text("end_at - start_at > 604800000"),
        )

    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_slot_owner_id_deleted_at",
            ["owner_id", "deleted_at"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
        )
