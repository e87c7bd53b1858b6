"""An index of slots that repeat."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"

CONDITION = text("rrule <> '' AND deleted_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_slot_repeating", "slot", ["owner_id", "start_at"], sqlite_where=CONDITION, postgresql_where=CONDITION
    )
