"""Secrets of transports, what they placed, workers, and tries that are counted for all processes together."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("export_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("begun", sa.Integer(), server_default=sa.text("0"), nullable=False))
    with op.batch_alter_table("export_transport", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrets", sa.Text(), nullable=True))
    op.create_table(
        "export_placed",
        sa.Column("transport_id", KEY, nullable=False),
        sa.Column("name", CODE, nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("verified", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["transport_id"],
            ["export_transport.id"],
            name=op.f("fk_export_placed_transport_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transport_id", "name", name=op.f("pk_export_placed")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    op.create_table(
        "tries",
        sa.Column("name", CODE, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tries")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tries", schema=None) as batch_op:
        batch_op.create_index("ix_tries_expires_at", ["expires_at"], unique=False)
