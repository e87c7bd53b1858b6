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


def text_column(name: str, *, default: str = "", nullable: bool = False) -> Column[str]:
    """A text, by default never null."""
    return Column(name, Text, nullable=nullable, server_default=None if nullable else text(f"'{default}'"))


def flag(name: str, *, default: bool = False) -> Column[bool]:
    """A truth value."""
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def instant(name: str, *, nullable: bool = False) -> Column[int]:
    """Milliseconds since 1970 in UTC."""
    return Column(name, BigInteger, nullable=nullable)


def _object_key() -> Column[int]:
    """An id from the one sequence that all exportable objects share (counter.object_id)."""
    return Column("id", Key, primary_key=True, autoincrement=False)


def _tracked() -> Iterable[Column[int]]:
    return (
        instant("created_at"),
        instant("updated_at"),
        instant("deleted_at", nullable=True),
        Column("version", Integer, nullable=False, server_default=text("1")),
        Column("change", BigInteger, nullable=False),
    )


_LIVE = "deleted_at IS NULL"


def partial(name: str, columns: Sequence[str], condition: str, *, unique: bool = False) -> Index:
    """An index of the rows for which the condition holds."""
    return Index(name, *columns, unique=unique, sqlite_where=text(condition), postgresql_where=text(condition))


def _ordered(table: str, holder: str, slot_id: str, *more: str, condition: str = "") -> Iterable[Index]:
    """What a page of a holder's slots is read from: the order of slots, and the same of the long ones only.

    ``more`` are columns that pages ask for too, so that the index alone answers.
    """
    columns = (holder, "start_at", "end_at", slot_id)
    name = f"ix_{table}_{'_'.join(columns)}"
    yield partial(name, (*columns, *more), condition) if condition else Index(name, *columns)
    yield partial(f"ix_{table}_long", (*columns, *more), f"end_at - start_at > {LONG_MS}")


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
    text_column("username"),
    text_column("first_name", nullable=True),
    text_column("middle_name", nullable=True),
    text_column("last_name", nullable=True),
    text_column("gender", nullable=True),
    text_column("lang", nullable=True),
    text_column("email", nullable=True),
    Column("email_key", Code, nullable=True, unique=True),  # the address in lower case; None once deleted
    Column("phone", Code, nullable=True, unique=True),
    flag("email_verified"),
    flag("phone_verified"),
    text_column("password_hash", nullable=True),  # None: nobody can sign in
    text_column("image"),
    text_column("public_url", nullable=True),
    flag("push", default=True),
    instant("disabled_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    instant("deleted_at", nullable=True),
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

group = Table(
    "calendar_group",
    metadata,
    _object_key(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False),
    text_column("name"),
    text_column("image"),
    text_column("description", nullable=True),
    Column("default_color", String(6), nullable=False, server_default=text("'000000'")),
    flag("public"),
    flag("members_can_post"),
    flag("members_can_invite"),
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
    flag("notifications", default=True),
    Column("default_alerts", String(10), nullable=False, server_default=text("'0000000000'")),
    flag("show_in_schedule"),
    instant("created_at"),
    instant("updated_at"),
    instant("deleted_at", nullable=True),
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
    text_column("title"),
    text_column("description"),
    Column("visibility", String(8), nullable=False, server_default=text("'private'")),
    instant("start_at"),
    instant("end_at"),  # of an open end: the last millisecond of the start's UTC day
    flag("open_end"),
    flag("all_day"),  # start_at and end_at are 00:00Z of the first day and of the day after the last
    text_column("zone", nullable=True),  # IANA name of the zone that the times were given in
    flag("floating"),
    text_column("rrule"),
    text_column("icalendar", nullable=True),  # content lines without a field of their own, a LF between two
    Column("sequence", Integer, nullable=False, server_default=text("0")),
    instant("modified_at", nullable=True),  # LAST-MODIFIED
    instant("stamped_at", nullable=True),  # DTSTAMP
    #: of the record last imported into this slot; None once it was edited
    Column("content_hash", LargeBinary(16), nullable=True),
    flag("shared_with_friends"),
    *_tracked(),
    Index("uq_slot_owner_id_uid_recurrence_id", "owner_id", "uid", "recurrence_id", unique=True),
    *_ordered("slot", "owner_id", "id", "deleted_at", "visibility", condition=_LIVE),
    partial(
        "ix_slot_public",
        ("owner_id", "start_at", "end_at", "id", "deleted_at", "visibility"),
        f"visibility = 'public' AND {_LIVE}",
    ),
    partial("ix_slot_repeating", ("owner_id", "start_at"), f"rrule <> '' AND {_LIVE}"),
    partial("ix_slot_owner_id_deleted_at", ("owner_id", "deleted_at"), "deleted_at IS NOT NULL"),
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
    text_column("title"),
    text_column("content"),
    text_column("local_id", nullable=True),
    instant("created_at"),
)

media = Table(
    "media",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False, index=True),
    text_column("public_id"),
    Column("media_type", String(5), nullable=False),
    Column("position", Integer, nullable=False),
    Column("duration", Real, nullable=True),
    text_column("title", nullable=True),
    text_column("local_id", nullable=True),
    text_column("thumbnail", nullable=True),
    instant("created_at"),
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
    instant("start_at"),
    instant("end_at"),
    instant("added_at"),
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
    instant("start_at"),
    instant("end_at"),
    PrimaryKeyConstraint("account_id", "slot_id"),
    *_ordered("scheduled", "account_id", "slot_id"),
    sqlite_with_rowid=False,
)

#: a slot's iCalendar text, without the time of writing, as it was last exported; worth only what ``version`` still is
rendering = Table(
    "rendering",
    metadata,
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    text_column("body"),
    text_column("zones", nullable=True),  # IANA names, a blank between two
)

convention = Table(
    "convention",
    metadata,
    _object_key(),
    Column("slug", Code, nullable=False, unique=True),
    Column("title", Code, nullable=False, unique=True),
    text_column("series", nullable=True),
    text_column("website", nullable=True),
    text_column("location", nullable=True),
    Column("start_date", String(10), nullable=True),  # YYYY-MM-DD
    Column("end_date", String(10), nullable=True),
    text_column("settings", default="{}"),  # JSON
    Column("public_key", Code, nullable=False, unique=True),
    text_column("secret_key"),
    *_tracked(),
    instant("changed_at"),  # when ``change``, that of anything that belongs to the convention, was
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
    instant("created_at"),
    PrimaryKeyConstraint("convention_id", "account_id"),
)

#: accounts that a convention's managers made or brought in
convention_user = Table(
    "convention_user",
    metadata,
    Column("convention_id", Key, ForeignKey("convention.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Key, ForeignKey("account.id"), nullable=False, index=True),
    flag("made_here"),  # the account was made by this convention
    PrimaryKeyConstraint("convention_id", "account_id"),
)

event = Table(
    "event",
    metadata,
    _object_key(),
    Column("convention_id", Key, ForeignKey("convention.id"), nullable=False),
    Column("owner_id", Key, ForeignKey("account.id"), nullable=False, index=True),
    Column("staff_contact_id", Key, ForeignKey("account.id"), nullable=True, index=True),
    text_column("title"),
    text_column("teaser"),
    text_column("description", nullable=True),
    text_column("notes_to_attendees", nullable=True),
    Column("duration_minutes", Integer, nullable=False),
    Column("min_attendees", Integer, nullable=False, server_default=text("1")),
    Column("max_attendees", Integer, nullable=True),
    flag("requires_registration"),
    Column("price_cents", BigInteger, nullable=True),
    Column("status", SmallInteger, nullable=False, server_default=text("0")),
    text_column("notes_to_staff", nullable=True),
    text_column("scheduling_constraints", nullable=True),
    text_column("logistical_requirements", nullable=True),
    text_column("data", nullable=True),  # JSON
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
    flag("public", default=True),
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
    text_column("area", nullable=True),
    *_tracked(),
    partial("uq_location_title", ("convention_id", "title"), _LIVE, unique=True),
    partial("uq_location_slug", ("convention_id", "slug"), _LIVE, unique=True),
)

time_slot = Table(
    "time_slot",
    metadata,
    _object_key(),
    Column("convention_id", Key, ForeignKey("convention.id"), nullable=False),
    Column("event_id", Key, ForeignKey("event.id"), nullable=False, index=True),
    Column("guid", String(36), nullable=False, unique=True),
    instant("start_at"),
    instant("end_at"),
    Column("duration_minutes", Integer, nullable=False),
    Column("min_attendees", Integer, nullable=True),
    Column("max_attendees", Integer, nullable=True),
    text_column("notes_to_attendees", nullable=True),
    #: deleted_at is when it was cancelled
    *_tracked(),
    flag("was_public"),  # the public saw it once
    instant("hidden_at", nullable=True),  # when it left the public view, None while it is in it or never was
    Index("ix_time_slot_convention_id_start_at_id", "convention_id", "start_at", "id"),
    partial("ix_time_slot_convention_id_hidden_at", ("convention_id", "hidden_at"), "hidden_at IS NOT NULL"),
)

#: a time slot in a location; the times are the slot's own, ``occupies`` says that nothing else may be there then
time_slot_location = Table(
    "time_slot_location",
    metadata,
    Column("time_slot_id", Key, ForeignKey("time_slot.id", ondelete="CASCADE"), nullable=False),
    Column("location_id", Key, ForeignKey("location.id"), nullable=False),
    instant("start_at"),
    instant("end_at"),
    flag("occupies"),
    PrimaryKeyConstraint("time_slot_id", "location_id"),
    Index("ix_time_slot_location_location_id_start_at", "location_id", "start_at", "end_at"),
    partial("ix_time_slot_location_long", ("location_id", "start_at", "end_at"), f"end_at - start_at > {LONG_MS}"),
)

#: a person as host of a time slot; the times and ``occupies`` are as in time_slot_location
time_slot_host = Table(
    "time_slot_host",
    metadata,
    Column("time_slot_id", Key, ForeignKey("time_slot.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Key, ForeignKey("account.id"), nullable=False),
    text_column("name", nullable=True),  # shown here instead of the account's
    Column("position", Integer, nullable=False),
    instant("start_at"),
    instant("end_at"),
    flag("occupies"),
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
    instant("created_at"),
    instant("last_used_at", nullable=True),
)

#: which slot left which group, and who hosts a time slot no longer: feeds tell of it for a while
slot_left = Table(
    "slot_left",
    metadata,
    Column("group_id", Key, ForeignKey("calendar_group.id", ondelete="CASCADE"), nullable=False),
    Column("slot_id", Key, ForeignKey("slot.id", ondelete="CASCADE"), nullable=False),
    instant("left_at"),
    PrimaryKeyConstraint("group_id", "slot_id"),
)
time_slot_host_left = Table(
    "time_slot_host_left",
    metadata,
    Column("account_id", Key, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("time_slot_id", Key, ForeignKey("time_slot.id", ondelete="CASCADE"), nullable=False),
    instant("left_at"),
    PrimaryKeyConstraint("account_id", "time_slot_id"),
)
