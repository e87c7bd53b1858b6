"""Exports, their runs and files, and uploaded assets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
REAL = sa.Float(precision=53).with_variant(DOUBLE_PRECISION(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "event_counter",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_counter")),
    )
    op.create_table(
        "export_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_export_session")),
    )
    with op.batch_alter_table("export_session", schema=None) as batch_op:
        batch_op.create_index("ix_export_session_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "asset",
        sa.Column("id", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("public_id", CODE, nullable=False),
        sa.Column("asset_class", sa.String(length=8), nullable=False),
        sa.Column("extension", sa.String(length=32), nullable=False),
        sa.Column("original_filename", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration", REAL, nullable=True),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_asset_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("public_id", name=op.f("uq_asset_public_id")),
    )
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.create_index("ix_asset_owner_id_id", ["owner_id", "id"], unique=False)

    op.create_table(
        "export",
        sa.Column("id", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("definition", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("schedules", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("passkey", CODE, nullable=False),
        sa.Column("passkey_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("next_run_at", sa.BigInteger(), nullable=True),
        sa.Column("late_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("result_run_id", sa.String(length=36), nullable=True),
        sa.Column("result_is_current", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("baseline_change", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_export_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.create_index(
            "ix_export_expires_at",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("expires_at IS NOT NULL"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_export_next_run_at",
            ["next_run_at"],
            unique=False,
            sqlite_where=sa.text("next_run_at IS NOT NULL"),
            postgresql_where=sa.text("next_run_at IS NOT NULL"),
        )
        batch_op.create_index("ix_export_owner_id_id", ["owner_id", "id"], unique=False)

    op.create_table(
        "asset_version",
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("extension", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_version_asset_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset_id", "name", name=op.f("pk_asset_version")),
    )
    op.create_table(
        "export_event",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("export_id", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("pollable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("logged", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("export_version", sa.Integer(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("info", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("session_hash", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["export_id"], ["export.id"], name=op.f("fk_export_event_export_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_export_event_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_event")),
    )
    with op.batch_alter_table("export_event", schema=None) as batch_op:
        batch_op.create_index("ix_export_event_export_id_id", ["export_id", "id"], unique=False)
        batch_op.create_index("ix_export_event_owner_id_id", ["owner_id", "id"], unique=False)

    op.create_table(
        "export_known",
        sa.Column("export_id", KEY, nullable=False),
        sa.Column("object_id", KEY, nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["export.id"], name=op.f("fk_export_known_export_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("export_id", "object_id", name=op.f("pk_export_known")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "export_run",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("export_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("objects", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("deletions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("skipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("warnings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("files", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_full", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("progress", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("deaths", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["export.id"], name=op.f("fk_export_run_export_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_run")),
        sa.UniqueConstraint("export_id", "number", name=op.f("uq_export_run_export_id_number")),
    )
    with op.batch_alter_table("export_run", schema=None) as batch_op:
        batch_op.create_index(
            "ix_export_run_outcome",
            ["outcome"],
            unique=False,
            sqlite_where=sa.text("outcome = 'running'"),
            postgresql_where=sa.text("outcome = 'running'"),
        )

    op.create_table(
        "export_transport",
        sa.Column("id", KEY, nullable=False),
        sa.Column("export_id", KEY, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("packer", sa.String(length=16), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("log", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("job_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["export_id"], ["export.id"], name=op.f("fk_export_transport_export_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_transport")),
        sa.UniqueConstraint("export_id", "uuid", name=op.f("uq_export_transport_export_id_uuid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("export_transport", schema=None) as batch_op:
        for column in ("job_id", "next_attempt_at"):
            batch_op.create_index(
                f"ix_export_transport_{column}",
                [column],
                unique=False,
                sqlite_where=sa.text(f"{column} IS NOT NULL"),
                postgresql_where=sa.text(f"{column} IS NOT NULL"),
            )

    op.create_table(
        "export_archive",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("packer", sa.String(length=16), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("file_name", CODE, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("unpacked_size", sa.BigInteger(), nullable=True),
        sa.Column("unpacked_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["export_run.id"], name=op.f("fk_export_archive_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "packer", "part", name=op.f("pk_export_archive")),
    )
    op.create_table(
        "export_file",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("path", CODE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("eas_id", KEY, nullable=True),
        sa.Column("eas_version", sa.String(length=64), nullable=True),
        sa.Column("eas_fileclass", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["export_run.id"], name=op.f("fk_export_file_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "path", name=op.f("pk_export_file")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("export_file", schema=None) as batch_op:
        batch_op.create_index("ix_export_file_run_id_position", ["run_id", "position"], unique=False)

    op.execute("INSERT INTO event_counter (id, last) VALUES (1, 0)")
