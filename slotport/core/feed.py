"""Feeds: secret addresses of a person's calendar, and what is in it (docs/api/timeslot-feeds.md)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from slotport.core.account import Account
from slotport.core.convention import Convention, TimeSlot
from slotport.core.slot import Slot


class Show(StrEnum):
    """What whoever has the address may read."""

    ALL = "all"
    PUBLIC = "public"  #: of what is not public only when it is


class Feed(Struct, frozen=True, kw_only=True):
    """A secret address at which a calendar program reads a person's slots."""

    id: int
    account: Account
    group: UUID | None  #: the slots of one group; None: the person's own, and the time slots that it hosts
    show: Show
    created_at: datetime
    last_used_at: datetime | None = None  #: to the hour


class Listed(Struct, frozen=True, kw_only=True):
    """A time slot of a calendar."""

    slot: TimeSlot
    convention: Convention
    changed_at: datetime  #: when it, its event or a location of it last changed
    hidden_at: datetime | None = None  #: when the calendar lost it; None: it holds it


class Kept(Struct, frozen=True, kw_only=True):
    """A person's slot in a calendar."""

    slot: Slot
    owner_id: int
    version: int
    changed_at: datetime
    is_gone: bool = False  #: the calendar holds it no longer
    is_own: bool = True  #: it is of whom the calendar is made for
    is_readable: bool = True  #: whom the calendar is made for may read it
