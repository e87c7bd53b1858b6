"""Accounts, slots and groups."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
REAL = sa.Float(53).with_variant(DOUBLE_PRECISION(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("guid", sa.String(length=36), nullable=False),
        sa.Column("username", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("middle_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("lang", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", CODE, nullable=True),
        sa.Column("phone", CODE, nullable=True),
        sa.Column("email_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("phone_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("image", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("public_url", sa.Text(), nullable=True),
        sa.Column("push", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("change", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_account_email_key")),
        sa.UniqueConstraint("guid", name=op.f("uq_account_guid")),
        sa.UniqueConstraint("phone", name=op.f("uq_account_phone")),
    )
    op.create_table(
        "counter",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter")),
    )
    op.create_table(
        "account_place",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("thoroughfare", sa.Text(), nullable=True),
        sa.Column("sub_thoroughfare", sa.Text(), nullable=True),
        sa.Column("locality", sa.Text(), nullable=True),
        sa.Column("sub_locality", sa.Text(), nullable=True),
        sa.Column("administrative_area", sa.Text(), nullable=True),
        sa.Column("sub_administrative_area", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("iso_country_code", sa.Text(), nullable=True),
        sa.Column("in_land_water", sa.Text(), nullable=True),
        sa.Column("ocean", sa.Text(), nullable=True),
        sa.Column("areas_of_interest", sa.Text(), nullable=True),
        sa.Column("latitude", REAL, nullable=True),
        sa.Column("longitude", REAL, nullable=True),
        sa.Column("place_id", sa.Text(), nullable=True),
        sa.Column("private_location", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_place_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_place")),
    )
    op.create_table(
        "calendar_group",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("image", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("default_color", sa.String(length=6), server_default=sa.text("'000000'"), nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("members_can_post", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("members_can_invite", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("preset", sa.String(length=8), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_calendar_group_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_group")),
        sa.UniqueConstraint("uuid", name=op.f("uq_calendar_group_uuid")),
    )
    with op.batch_alter_table("calendar_group", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_group_owner_id_name", ["owner_id", "name"], unique=False)

    op.create_table(
        "imported_file",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_imported_file_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_imported_file")),
    )
    op.create_table(
        "reset",
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reset_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_reset")),
    )
    with op.batch_alter_table("reset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reset_account_id"), ["account_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("surface", sa.String(length=16), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("uid", CODE, nullable=False),
        sa.Column("recurrence_id", CODE, server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("visibility", sa.String(length=8), server_default=sa.text("'private'"), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("open_end", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("all_day", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("floating", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("rrule", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("icalendar", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=True),
        sa.Column("stamped_at", sa.BigInteger(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("shared_with_friends", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_slot_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_slot_long",
            ["owner_id", "start_at", "end_at", "id", "deleted_at", "visibility"],
            unique=False,
            sqlite_where=sa.text("end_at - start_at > 604800000"),
            postgresql_where=sa.text("end_at - start_at > 604800000"),
        )
        batch_op.create_index(
            "ix_slot_owner_id_start_at_end_at_id",
            ["owner_id", "start_at", "end_at", "id", "deleted_at", "visibility"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_slot_public",
            ["owner_id", "start_at", "end_at", "id", "deleted_at", "visibility"],
            unique=False,
            sqlite_where=sa.text("visibility = 'public' AND deleted_at IS NULL"),
            postgresql_where=sa.text("visibility = 'public' AND deleted_at IS NULL"),
        )
        batch_op.create_index("uq_slot_owner_id_uid_recurrence_id", ["owner_id", "uid", "recurrence_id"], unique=True)

    op.create_table(
        "media",
        sa.Column("id", KEY, nullable=False),
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("public_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("media_type", sa.String(length=5), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("duration", REAL, nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("local_id", sa.Text(), nullable=True),
        sa.Column("thumbnail", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_media_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("color", sa.String(length=6), nullable=False),
        sa.Column("notifications", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("default_alerts", sa.String(length=10), server_default=sa.text("'0000000000'"), nullable=False),
        sa.Column("show_in_schedule", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_account_id")),
        sa.ForeignKeyConstraint(["group_id"], ["calendar_group.id"], name=op.f("fk_membership_group_id")),
        sa.PrimaryKeyConstraint("group_id", "account_id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_account_id_state", ["account_id", "state"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", KEY, nullable=False),
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("local_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_note_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "rendering",
        sa.Column("slot_id", KEY, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("zones", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_rendering_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_rendering")),
    )
    op.create_table(
        "scheduled",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_scheduled_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_scheduled_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "slot_id", name=op.f("pk_scheduled")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("scheduled", schema=None) as batch_op:
        batch_op.create_index(
            "ix_scheduled_account_id_start_at_end_at_slot_id",
            ["account_id", "start_at", "end_at", "slot_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_scheduled_long",
            ["account_id", "start_at", "end_at", "slot_id"],
            unique=False,
            sqlite_where=sa.text("end_at - start_at > 604800000"),
            postgresql_where=sa.text("end_at - start_at > 604800000"),
        )
        batch_op.create_index(batch_op.f("ix_scheduled_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "slot_alerts",
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("alerts", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_slot_alerts_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_alerts_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slot_id", "account_id", name=op.f("pk_slot_alerts")),
    )
    op.create_table(
        "slot_group",
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["calendar_group.id"], name=op.f("fk_slot_group_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_group_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slot_id", "group_id", name=op.f("pk_slot_group")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("slot_group", schema=None) as batch_op:
        batch_op.create_index(
            "ix_slot_group_group_id_start_at_end_at_slot_id",
            ["group_id", "start_at", "end_at", "slot_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_slot_group_long",
            ["group_id", "start_at", "end_at", "slot_id"],
            unique=False,
            sqlite_where=sa.text("end_at - start_at > 604800000"),
            postgresql_where=sa.text("end_at - start_at > 604800000"),
        )

    op.create_table(
        "slot_place",
        sa.Column("slot_id", KEY, autoincrement=False, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("thoroughfare", sa.Text(), nullable=True),
        sa.Column("sub_thoroughfare", sa.Text(), nullable=True),
        sa.Column("locality", sa.Text(), nullable=True),
        sa.Column("sub_locality", sa.Text(), nullable=True),
        sa.Column("administrative_area", sa.Text(), nullable=True),
        sa.Column("sub_administrative_area", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("iso_country_code", sa.Text(), nullable=True),
        sa.Column("in_land_water", sa.Text(), nullable=True),
        sa.Column("ocean", sa.Text(), nullable=True),
        sa.Column("areas_of_interest", sa.Text(), nullable=True),
        sa.Column("latitude", REAL, nullable=True),
        sa.Column("longitude", REAL, nullable=True),
        sa.Column("place_id", sa.Text(), nullable=True),
        sa.Column("private_location", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_place_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_slot_place")),
    )
    op.execute("INSERT INTO counter (id, change, object_id) VALUES (1, 0, 0)")
