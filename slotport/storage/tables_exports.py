"""The tables of exports, runs and assets, in the MetaData of ``tables`` and by its rules (docs/design/exports.md)."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from slotport.storage.tables import Code, Key, Real, flag, instant, partial, text_column
from slotport.storage.tables_imports import metadata as metadata

#: a session token of the export interface, signed in or not; signed in, ``session`` has a row of surface "export" too
export_session = Table(
    "export_session",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("language", String(35), nullable=False),
    instant("created_at"),
    instant("expires_at"),
    Index("ix_export_session_expires_at", "expires_at"),
)

export = Table(
    "export",
    metadata,
    Column("id", Key, primary_key=True),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("state", String(10), nullable=False),  # core.export.State
    Column("type", String(20), nullable=False),
    text_column("definition"),  # JSON: core.export.Definition
    text_column("schedules", default="[]"),  # JSON: core.export.Schedule
    Column("passkey", Code, nullable=False),
    instant("passkey_expires_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    instant("checked_at", nullable=True),  # up to when due starts were looked for; None: no schedule
    instant("next_run_at", nullable=True),
    instant("late_at", nullable=True),  # since when there was no success for two periods
    instant("expires_at", nullable=True),
    Column("run_id", String(36), nullable=True),  # the newest run
    Column("result_run_id", String(36), nullable=True),  # the one whose files are the result
    flag("result_is_current"),
    Column("baseline_change", BigInteger, nullable=True),  # of incremental exports; None: no baseline
    Index("ix_export_owner_id_id", "owner_id", "id"),
    partial("ix_export_next_run_at", ("next_run_at",), "next_run_at IS NOT NULL"),
    partial("ix_export_expires_at", ("expires_at",), "expires_at IS NOT NULL"),
    sqlite_autoincrement=True,  # the number of a deleted export is not given to another one
)

export_run = Table(
    "export_run",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("export_id", Key, ForeignKey("export.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("trigger", String(8), nullable=False),
    #: core.export.Outcome; who finds another word than "running" here has to stop
    Column("outcome", String(8), nullable=False),
    instant("queued_at"),
    instant("due_at", nullable=True),  # the time of the schedule that started it
    instant("started_at", nullable=True),
    instant("finished_at", nullable=True),
    Column("objects", Integer, nullable=False, server_default=text("0")),
    Column("deletions", Integer, nullable=False, server_default=text("0")),
    Column("skipped", Integer, nullable=False, server_default=text("0")),
    Column("warnings", Integer, nullable=False, server_default=text("0")),
    Column("files", Integer, nullable=False, server_default=text("0")),
    Column("bytes", BigInteger, nullable=False, server_default=text("0")),
    flag("is_full"),
    text_column("progress", default="{}"),  # JSON: core.export.Progress
    Column("change", BigInteger, nullable=True),  # the counter in the snapshot that was read
    text_column("step"),  # the one that was begun last
    Column("deaths", Integer, nullable=False, server_default=text("0")),  # in that step
    #: how often a process began to work on it: who began it under another number has to stop
    Column("begun", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("export_id", "number"),
    partial("ix_export_run_outcome", ("outcome",), "outcome = 'running'"),
)

#: a file of a published run
export_file = Table(
    "export_file",
    metadata,
    Column("run_id", String(36), ForeignKey("export_run.id", ondelete="CASCADE"), nullable=False),
    Column("path", Code, nullable=False),
    Column("position", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(255), nullable=False),
    instant("modified_at"),
    Column("eas_id", Key, nullable=True),
    Column("eas_version", String(64), nullable=True),
    Column("eas_fileclass", String(8), nullable=True),
    PrimaryKeyConstraint("run_id", "path"),
    Index("ix_export_file_run_id_position", "run_id", "position"),
    sqlite_with_rowid=False,
)

export_archive = Table(
    "export_archive",
    metadata,
    Column("run_id", String(36), ForeignKey("export_run.id", ondelete="CASCADE"), nullable=False),
    Column("packer", String(16), nullable=False),
    Column("part", Integer, nullable=False),  # 0: the packer does not split
    Column("file_name", Code, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("unpacked_size", BigInteger, nullable=True),
    Column("unpacked_sha256", String(64), nullable=True),
    PrimaryKeyConstraint("run_id", "packer", "part"),
)

export_transport = Table(
    "export_transport",
    metadata,
    Column("id", Key, primary_key=True),
    Column("export_id", Key, ForeignKey("export.id", ondelete="CASCADE"), nullable=False),
    Column("uuid", String(36), nullable=False),
    Column("position", Integer, nullable=False),
    Column("type", String(16), nullable=False),
    Column("packer", String(16), nullable=True),
    text_column("email", nullable=True),  # JSON: core.export.Mail
    text_column("options", default="{}"),  # JSON, without secrets
    text_column("secrets", nullable=True),  # JSON: option -> encrypted
    Column("state", String(10), nullable=False),
    text_column("log", default="[]"),  # JSON: the newest 200 lines
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("next_attempt_at", nullable=True),
    text_column("receipt", nullable=True),  # JSON: core.export.Receipt
    Column("job_id", String(36), nullable=True),  # of the delivery that is queued or under way
    UniqueConstraint("export_id", "uuid"),
    partial("ix_export_transport_job_id", ("job_id",), "job_id IS NOT NULL"),
    partial("ix_export_transport_next_attempt_at", ("next_attempt_at",), "next_attempt_at IS NOT NULL"),
    sqlite_autoincrement=True,
)

#: what a transport placed elsewhere, by the name that it has there
export_placed = Table(
    "export_placed",
    metadata,
    Column("transport_id", Key, ForeignKey("export_transport.id", ondelete="CASCADE"), nullable=False),
    Column("name", Code, nullable=False),
    Column("run_id", String(36), nullable=False),  # the newest run that placed it
    Column("verified", String(4), nullable=False),  # core.export.Receipt
    PrimaryKeyConstraint("transport_id", "name"),
    sqlite_with_rowid=False,
)

#: a process that works on runs and deliveries, on a database that several processes share
worker = Table(
    "worker",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("version", String(40), nullable=False),  # of Slotport
    instant("started_at"),  # these two by the clock of the database
    instant("beat_at"),
)

#: how often something was tried in vain under a name, until ``expires_at``
tries = Table(
    "tries",
    metadata,
    Column("name", Code, primary_key=True),
    Column("count", Integer, nullable=False),
    instant("expires_at"),
    Index("ix_tries_expires_at", "expires_at"),
    sqlite_with_rowid=False,
)

#: one row: the last id given to an event; taken in the transaction of the event, so that ids are seen in their order
event_counter = Table(
    "event_counter",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

export_event = Table(
    "export_event",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("export_id", Key, ForeignKey("export.id", ondelete="CASCADE"), nullable=False),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False),
    Column("run_id", String(36), nullable=True),
    Column("type", String(32), nullable=False),
    flag("pollable", default=True),
    flag("logged"),  # stands in the export's _log
    Column("export_version", Integer, nullable=False),
    instant("timestamp"),
    text_column("info", default="{}"),  # JSON
    Column("session_hash", LargeBinary(32), nullable=True),  # of the session that caused it
    Index("ix_export_event_owner_id_id", "owner_id", "id"),
    Index("ix_export_event_export_id_id", "export_id", "id"),
)

#: of an incremental export: the objects that its last delivered run knew
export_known = Table(
    "export_known",
    metadata,
    Column("export_id", Key, ForeignKey("export.id", ondelete="CASCADE"), nullable=False),
    Column("object_id", Key, nullable=False),
    Column("type", String(10), nullable=False),
    Column("uuid", String(36), nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("export_id", "object_id"),
    sqlite_with_rowid=False,
)

#: an uploaded media file; its bytes lie below the files folder by id
asset = Table(
    "asset",
    metadata,
    Column("id", Key, primary_key=True),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False),
    Column("public_id", Code, nullable=False, unique=True),
    Column("asset_class", String(8), nullable=False),
    Column("extension", String(32), nullable=False),
    text_column("original_filename"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("width", Integer, nullable=True),
    Column("height", Integer, nullable=True),
    Column("duration", Real, nullable=True),
    instant("uploaded_at"),
    Index("ix_asset_owner_id_id", "owner_id", "id"),
)

#: a rendition that exists of an asset
asset_version = Table(
    "asset_version",
    metadata,
    Column("asset_id", Key, ForeignKey("asset.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(32), nullable=False),
    Column("extension", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("width", Integer, nullable=True),
    Column("height", Integer, nullable=True),
    PrimaryKeyConstraint("asset_id", "name"),
)
