"""Imports that can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_log",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_import_log_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_log")),
    )
    with op.batch_alter_table("import_log", schema=None) as batch_op:
        batch_op.create_index("ix_import_log_account_id_created_at", ["account_id", "created_at"], unique=False)
        batch_op.create_index("ix_import_log_created_at", ["created_at"], unique=False)
    op.create_table(
        "import_before",
        sa.Column("import_id", KEY, nullable=False),
        sa.Column("slot_id", KEY, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("restored_change", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_log.id"], name=op.f("fk_import_before_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "slot_id", name=op.f("pk_import_before")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("import_before", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_import_before_slot_id"), ["slot_id"], unique=False)
