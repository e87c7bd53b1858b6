"""Every table, in one MetaData (docs/design/storage.md).

Instants are integers: milliseconds since 1970-01-01T00:00Z, any year from 1 to 9999. Texts that decide an order
compare by code point on both databases. ``version`` counts a row's changes, ``change`` is the number of the commit
that made the last one (``counter``). A deleted row stays, with ``deleted_at``: the tombstone of its object.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.types import Float, TypeEngine

#: a slot longer than this is in the small index of long ones, so that what goes on now is found among few (lists.py)
LONG_MS = 7 * 86_400_000

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: an integer key that SQLite keeps as its rowid
Key = BigInteger().with_variant(Integer(), "sqlite")
Real = Float(53).with_variant(DOUBLE_PRECISION(), "postgresql")
#: a text whose order and equality go by code point on both databases
Code = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, *, default: str = "", nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable, server_default=None if nullable else text(f"'{default}'"))


def _flag(name: str, *, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def _instant(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _object_key() -> Column[int]:
    """An id from the one sequence that all exportable objects share (counter.object_id)."""
    return Column("id", Key, primary_key=True, autoincrement=False)


def _tracked() -> Iterable[Column[int]]:
    return (
        _instant("created_at"),
        _instant("updated_at"),
        _instant("deleted_at", nullable=True),
        Column("version", Integer, nullable=False, server_default=text("1")),
        Column("change", BigInteger, nullable=False),
    )


_LIVE = "deleted_at IS NULL"


def _partial(name: str, columns: Sequence[str], condition: str, *, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(condition), postgresql_where=text(condition))


def _ordered(table: str, holder: str, slot_id: str, *more: str, condition: str = "") -> Iterable[Index]:
    """What a page of a holder's slots is read from: the order of slots, and the same of the long ones only.

    ``more`` are columns that pages ask for too, so that the index alone answers.
    """
    columns = (holder, "start_at", "end_at", slot_id)
    name = f"ix_{table}_{'_'.join(columns)}"
    yield _partial(name, (*columns, *more), condition) if condition else Index(name, *columns)
    yield _partial(f"ix_{table}_long", (*columns, *more), f"end_at - start_at > {LONG_MS}")


#: one row: the last number given to a commit, and the last id given to an object
counter = Table(
    "counter",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("change", BigInteger, nullable=False),
    Column("object_id", BigInteger, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", Key, primary_key=True),
    Column("guid", String(36), nullable=False, unique=True),
    _text("username"),
    _text("first_name", nullable=True),
    _text("middle_name", nullable=True),
    _text("last_name", nullable=True),
    _text("gender", nullable=True),
    _text("lang", nullable=True),
    _text("email", nullable=True),
    Column("email_key", Code, nullable=True, unique=True),  # the address in lower case; None once deleted
    Column("phone", Code, nullable=True, unique=True),
    _flag("email_verified"),
    _flag("phone_verified"),
    _text("password_hash", nullable=True),  # None: nobody can sign in
    _text("image"),
    _text("public_url", nullable=True),
    _flag("push", default=True),
    _instant("disabled_at", nullable=True),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("deleted_at", nullable=True),
    #: number of the last commit that changed one of the account's slots or groups
    Column("change", BigInteger, nullable=False, server_default=text("0")),
)


def _place_columns() -> Iterable[Column[Any]]:
    """The Timeslot location; names as in core.slot.Place, None is unset."""
    kinds: dict[str, TypeEngine[Any]] = {"latitude": Real, "longitude": Real, "private_location": Boolean()}
    names = (
        "name thoroughfare sub_thoroughfare locality sub_locality administrative_area sub_administrative_area"
        " postal_code country iso_country_code in_land_water ocean areas_of_interest latitude longitude place_id"
        " private_location"
    )
    return [Column(name, kinds.get(name, Text()), nullable=True) for name in names.split()]


account_place = Table(
    "account_place",
    metadata,
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("uuid", String(36), nullable=False),
    *_place_columns(),
)

#: one row a sign-in: a token works on one surface until it ends
session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),  # SHA-256 of the token
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("surface", String(16), nullable=False),  # v1, auth, export, page
    _text("device", nullable=True),  # JSON as the client sent it
    _instant("created_at"),
    _instant("used_at"),  # to the hour
    _instant("expires_at"),
)

#: a mailed one-time link
reset = Table(
    "reset",
    metadata,
    Column("secret_hash", LargeBinary(32), primary_key=True),  # SHA-256 of the secret
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    _instant("created_at"),
    _instant("expires_at"),
)

group = Table(
    "calendar_group",
    metadata,
    _object_key(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False),
    _text("name"),
    _text("image"),
    _text("description", nullable=True),
    Column("default_color", String(6), nullable=False, server_default=text("'000000'")),
    _flag("public"),
    _flag("members_can_post"),
    _flag("members_can_invite"),
    #: "private" and "public" are the two calendars made at sign-up, "" all others
    Column("preset", String(8), nullable=False, server_default=text("''")),
    *_tracked(),
    Index("ix_calendar_group_owner_id_name", "owner_id", "name"),
)

membership = Table(
    "membership",
    metadata,
    Column("group_id", Key, ForeignKey("calendar_group.id"), nullable=False),
    Column("account_id", Key, ForeignKey("account.id"), nullable=False),
    Column("state", String(8), nullable=False),  # active, invited, refused, kicked, left, deleted
    Column("color", String(6), nullable=False),
    _flag("notifications", default=True),
    Column("default_alerts", String(10), nullable=False, server_default=text("'0000000000'")),
    _flag("show_in_schedule"),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("deleted_at", nullable=True),
    PrimaryKeyConstraint("group_id", "account_id"),
    Index("ix_membership_account_id_state", "account_id", "state"),
)

slot = Table(
    "slot",
    metadata,
    _object_key(),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False),
    Column("uid", Code, nullable=False),
    Column("recurrence_id", Code, nullable=False, server_default=text("''")),
    _text("title"),
    _text("description"),
    Column("visibility", String(8), nullable=False, server_default=text("'private'")),
    _instant("start_at"),
    _instant("end_at"),  # of an open end: the last millisecond of the start's UTC day
    _flag("open_end"),
    _flag("all_day"),  # start_at and end_at are 00:00Z of the first day and of the day after the last
    _text("zone", nullable=True),  # IANA name of the zone that the times were given in
    _flag("floating"),
    _text("rrule"),
    _text("icalendar", nullable=True),  # content lines without a field of their own, a LF between two
    Column("sequence", Integer, nullable=False, server_default=text("0")),
    _instant("modified_at", nullable=True),  # LAST-MODIFIED
    _instant("stamped_at", nullable=True),  # DTSTAMP
    #: of the record last imported into this slot; None once it was edited
    Column("content_hash", LargeBinary(16), nullable=True),
    _flag("shared_with_friends"),
    *_tracked(),
    Index("uq_slot_owner_id_uid_recurrence_id", "owner_id", "uid", "recurrence_id", unique=True),
    *_ordered("slot", "owner_id", "id", "deleted_at", "visibility", condition=_LIVE),
    _partial(
        "ix_slot_public",
        ("owner_id", "start_at", "end_at", "id", "deleted_at", "visibility"),
        f"visibility = 'public' AND {_LIVE}",
    ),
    _partial("ix_slot_owner_id_deleted_at", ("owner_id", "deleted_at"), "deleted_at IS NOT NULL"),
)

slot_place = Table(
    "slot_place",
    metadata,
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("uuid", String(36), nullable=False),
    *_place_columns(),
)

note = Table(
    "note",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False, index=True),
    _text("title"),
    _text("content"),
    _text("local_id", nullable=True),
    _instant("created_at"),
)

media = Table(
    "media",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False, index=True),
    _text("public_id"),
    Column("media_type", String(5), nullable=False),
    Column("position", Integer, nullable=False),
    Column("duration", Real, nullable=True),
    _text("title", nullable=True),
    _text("local_id", nullable=True),
    _text("thumbnail", nullable=True),
    _instant("created_at"),
)

#: a person's alerts for a slot; no row: none are set
slot_alerts = Table(
    "slot_alerts",
    metadata,
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("alerts", String(10), nullable=False),
    PrimaryKeyConstraint("slot_id", "account_id"),
)

#: which live slot is in which live group; the times are the slot's own, so that a page of a group is one index range
slot_group = Table(
    "slot_group",
    metadata,
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False),
    Column("group_id", Key, ForeignKey("calendar_group.id", ondelete="CASCADE"), nullable=False),
    _instant("start_at"),
    _instant("end_at"),
    _instant("added_at"),
    PrimaryKeyConstraint("slot_id", "group_id"),
    *_ordered("slot_group", "group_id", "slot_id"),
    sqlite_with_rowid=False,
)

#: slots that a person put into the own schedule one by one (calendars are shown by membership.show_in_schedule)
scheduled = Table(
    "scheduled",
    metadata,
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False, index=True),
    _instant("start_at"),
    _instant("end_at"),
    PrimaryKeyConstraint("account_id", "slot_id"),
    *_ordered("scheduled", "account_id", "slot_id"),
    sqlite_with_rowid=False,
)

#: files whose import changed nothing since, so that the same file need not be read again (files.py)
imported_file = Table(
    "imported_file",
    metadata,
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # of the file, and of how it was to be imported
    Column("change", BigInteger, nullable=False),  # account.change after the import
    _text("report"),  # JSON
    PrimaryKeyConstraint("account_id", "digest"),
)

#: a slot's iCalendar text, without the time of writing, as it was last exported; worth only what ``version`` still is
rendering = Table(
    "rendering",
    metadata,
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    _text("body"),
    _text("zones", nullable=True),  # IANA names, a blank between two
)

convention = Table(
    "convention",
    metadata,
    _object_key(),
    Column("slug", Code, nullable=False, unique=True),
    Column("title", Code, nullable=False, unique=True),
    _text("series", nullable=True),
    _text("website", nullable=True),
    _text("location", nullable=True),
    Column("start_date", String(10), nullable=True),  # YYYY-MM-DD
    Column("end_date", String(10), nullable=True),
    _text("settings", default="{}"),  # JSON
    Column("public_key", Code, nullable=False, unique=True),
    _text("secret_key"),
    *_tracked(),
    _instant("changed_at"),  # when ``change``, that of anything that belongs to the convention, was
    #: number of the last commit that changed what many of its time slots show: people, locations, tag types, settings
    Column("shared_change", BigInteger, nullable=False, server_default=text("0")),
)

#: who manages a convention
convention_manager = Table(
    "convention_manager",
    metadata,
    Column("convention_id", Key, ForeignKey("convention.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Key, ForeignKey("account.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    _instant("created_at"),
    PrimaryKeyConstraint("convention_id", "account_id"),
)

#: accounts that a convention's managers made or brought in
convention_user = Table(
    "convention_user",
    metadata,
    Column("convention_id", Key, ForeignKey("convention.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Key, ForeignKey("account.id"), nullable=False, index=True),
    _flag("made_here"),  # the account was made by this convention
    PrimaryKeyConstraint("convention_id", "account_id"),
)

event = Table(
    "event",
    metadata,
    _object_key(),
    Column("convention_id", Key, ForeignKey("convention.id"), nullable=False),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False, index=True),
    Column("staff_contact_id", Key, ForeignKey("account.id"), nullable=True, index=True),
    _text("title"),
    _text("teaser"),
    _text("description", nullable=True),
    _text("notes_to_attendees", nullable=True),
    Column("duration_minutes", Integer, nullable=False),
    Column("min_attendees", Integer, nullable=False, server_default=text("1")),
    Column("max_attendees", Integer, nullable=True),
    _flag("requires_registration"),
    Column("price_cents", BigInteger, nullable=True),
    Column("status", SmallInteger, nullable=False, server_default=text("0")),
    _text("notes_to_staff", nullable=True),
    _text("scheduling_constraints", nullable=True),
    _text("logistical_requirements", nullable=True),
    _text("data", nullable=True),  # JSON
    *_tracked(),
    Index("ix_event_convention_id_status", "convention_id", "status"),
)

tag_type = Table(
    "tag_type",
    metadata,
    Column("id", Key, primary_key=True),
    Column("convention_id", Key, ForeignKey("convention.id", ondelete="CASCADE"), nullable=False),
    Column("title", Code, nullable=False),
    Column("requirement", String(1), nullable=False),
    _flag("public", default=True),
    UniqueConstraint("convention_id", "title"),
)

tag_value = Table(
    "tag_value",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tag_type_id", Key, ForeignKey("tag_type.id", ondelete="CASCADE"), nullable=False),
    Column("value", Code, nullable=False),
    Column("value_key", Code, nullable=False),  # the value with its case folded: what tells values apart
    UniqueConstraint("tag_type_id", "value_key"),
)

event_tag = Table(
    "event_tag",
    metadata,
    Column("event_id", Key, ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("tag_value_id", Key, ForeignKey("tag_value.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("event_id", "tag_value_id"),
)

location = Table(
    "location",
    metadata,
    _object_key(),
    Column("convention_id", Key, ForeignKey("convention.id"), nullable=False),
    Column("guid", String(36), nullable=False, unique=True),
    Column("title", Code, nullable=False),
    Column("slug", Code, nullable=False),
    Column("max_attendees", Integer, nullable=False, server_default=text("0")),
    _text("area", nullable=True),
    *_tracked(),
    _partial("uq_location_title", ("convention_id", "title"), _LIVE, unique=True),
    _partial("uq_location_slug", ("convention_id", "slug"), _LIVE, unique=True),
)

time_slot = Table(
    "time_slot",
    metadata,
    _object_key(),
    Column("convention_id", Key, ForeignKey("convention.id"), nullable=False),
    Column("event_id", Key, ForeignKey("event.id"), nullable=False, index=True),
    Column("guid", String(36), nullable=False, unique=True),
    _instant("start_at"),
    _instant("end_at"),
    Column("duration_minutes", Integer, nullable=False),
    Column("min_attendees", Integer, nullable=True),
    Column("max_attendees", Integer, nullable=True),
    _text("notes_to_attendees", nullable=True),
    #: deleted_at is when it was cancelled
    *_tracked(),
    _flag("was_public"),  # the public saw it once
    _instant("hidden_at", nullable=True),  # when it left the public view, None while it is in it or never was
    Index("ix_time_slot_convention_id_start_at_id", "convention_id", "start_at", "id"),
    _partial("ix_time_slot_convention_id_hidden_at", ("convention_id", "hidden_at"), "hidden_at IS NOT NULL"),
)

#: a time slot in a location; the times are the slot's own, ``occupies`` says that nothing else may be there then
time_slot_location = Table(
    "time_slot_location",
    metadata,
    Column("time_slot_id", Key, ForeignKey("time_slot.id", ondelete="CASCADE"), nullable=False),
    Column("location_id", Key, ForeignKey("location.id"), nullable=False),
    _instant("start_at"),
    _instant("end_at"),
    _flag("occupies"),
    PrimaryKeyConstraint("time_slot_id", "location_id"),
    Index("ix_time_slot_location_location_id_start_at", "location_id", "start_at", "end_at"),
    _partial("ix_time_slot_location_long", ("location_id", "start_at", "end_at"), f"end_at - start_at > {LONG_MS}"),
)

#: a person as host of a time slot; the times and ``occupies`` are as in time_slot_location
time_slot_host = Table(
    "time_slot_host",
    metadata,
    Column("time_slot_id", Key, ForeignKey("time_slot.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Key, ForeignKey("account.id"), nullable=False),
    _text("name", nullable=True),  # shown here instead of the account's
    Column("position", Integer, nullable=False),
    _instant("start_at"),
    _instant("end_at"),
    _flag("occupies"),
    PrimaryKeyConstraint("time_slot_id", "account_id"),
    *_ordered("time_slot_host", "account_id", "time_slot_id"),
)

#: a secret address at which a calendar program reads a person's slots
feed = Table(
    "feed",
    metadata,
    Column("id", Key, primary_key=True),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the secret
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("group_id", Key, ForeignKey("calendar_group.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("show", String(8), nullable=False),  # all, public
    _instant("created_at"),
    _instant("last_used_at", nullable=True),
)

#: which slot left which group, and who hosts a time slot no longer: feeds tell of it for a while
slot_left = Table(
    "slot_left",
    metadata,
    Column("group_id", Key, ForeignKey("calendar_group.id", ondelete="CASCADE"), nullable=False),
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False),
    _instant("left_at"),
    PrimaryKeyConstraint("group_id", "slot_id"),
)
time_slot_host_left = Table(
    "time_slot_host_left",
    metadata,
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("time_slot_id", Key, ForeignKey("time_slot.id", ondelete="CASCADE"), nullable=False),
    _instant("left_at"),
    PrimaryKeyConstraint("account_id", "time_slot_id"),
)
