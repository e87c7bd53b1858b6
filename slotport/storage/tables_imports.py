"""The tables of what imports changed, in the MetaData of ``tables`` and by its rules (docs/design/storage.md)."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from slotport.storage.tables import Key, instant, text_column
from slotport.storage.tables_sign_in import metadata as metadata

#: an import of a file that stored something
import_log = Table(
    "import_log",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),  # the number of its commit (counter.change)
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("format", String(16), nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("created", "updated", "unchanged", "skipped", "rejected")),
    #: ids from the sequence of objects that it took: those of its new slots and groups, and nobody else's
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    instant("created_at"),
    instant("undone_at", nullable=True),
    Index("ix_import_log_account_id_created_at", "account_id", "created_at"),
    Index("ix_import_log_created_at", "created_at"),
)

#: what a slot was before an import changed it
import_before = Table(
    "import_before",
    metadata,
    Column("import_id", Key, ForeignKey("import_log.id", ondelete="CASCADE"), nullable=False),
    #: no foreign key: rows of slots stay for ever, and looking each up would cost an import of updates a twentieth
    Column("slot_id", Key, nullable=False, index=True),
    Column("change", BigInteger, nullable=False),  # the slot's own, then
    #: the slot's change when an undo gave it back what it was: as long as it has that, nothing came after ``change``
    Column("restored_change", BigInteger, nullable=True),
    text_column("state"),  # JSON (imports.py)
    PrimaryKeyConstraint("import_id", "slot_id"),
    sqlite_with_rowid=False,
)

#: files whose import changed nothing since, so that the same file need not be read again (files.py)
imported_file = Table(
    "imported_file",
    metadata,
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # of the file, and of how it was to be imported
    Column("change", BigInteger, nullable=False),  # account.change after the import
    text_column("report"),  # JSON
    PrimaryKeyConstraint("account_id", "digest"),
)
