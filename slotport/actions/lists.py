"""Lists of slots: pages of them, or all as a stream (docs/api/timeslot-slots.md, "Lists")."""

from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from slotport.actions.groups import seen_by
from slotport.core.account import Account
from slotport.core.days import offset_minutes, touched
from slotport.core.entry import Entry, Times, TimeSlotOrigin
from slotport.core.feed import Listed
from slotport.core.group import Group
from slotport.core.paging import Bounds, Paging, Request, understood
from slotport.core.slot import Place, Visibility
from slotport.errors import NotFound
from slotport.storage import groups, lists, schedules, slots
from slotport.storage.instants import milliseconds
from slotport.storage.lists import Source
from slotport.storage.store import Store, Transaction

BATCH = 200  #: slots read and written together
DATES = 100_000  #: the most days that one answer lists: 270 years

Listing = Callable[[Transaction], Sequence[Source]]  #: finds the sources of a list; raises what reading it raises


class Page(Struct, frozen=True, kw_only=True):
    """Some slots of a list, in order."""

    entries: tuple[Entry, ...]
    paging: Paging


class InGroup(Struct, frozen=True, kw_only=True):
    """How many slots of a group its reader may read."""

    group: Group
    slot_count: int
    upcoming_count: int


def own_slots(caller: Account) -> Listing:
    """What is in the caller's calendars."""
    return lambda transaction: lists.own_groups(transaction, caller.id)


def schedule(caller: Account) -> Listing:
    """What the caller's schedule shows of slots."""
    return lambda transaction: lists.schedule(transaction, caller.id)


def whole_schedule(caller: Account) -> Listing:
    """What the caller's schedule shows, with the time slots of conventions that the caller hosts."""
    return lambda transaction: [*lists.schedule(transaction, caller.id), lists.hosted(caller.id)]


def library(caller: Account) -> Listing:
    """All that the caller has to do with."""
    return lambda transaction: lists.library(transaction, caller.id)


def created_by(account_id: int, reader: Account | None) -> Listing:
    """What the account created and the reader may read; NotFound if there is no such account."""

    def sources(transaction: Transaction) -> Sequence[Source]:
        if not groups.live_accounts(transaction, [account_id]):
            raise NotFound("there is no such account")
        return lists.created_for(transaction, account_id, None if reader is None else reader.id)

    return sources


def of_group(caller: Account, uuid: UUID) -> Listing:
    """What is in the group and the caller may read; NotFound, Forbidden if the caller may not see the group."""

    def sources(transaction: Transaction) -> Sequence[Source]:
        group, membership = seen_by(transaction, caller, uuid)
        return lists.in_group(group, membership, caller.id)

    return sources


def page(store: Store, listing: Listing, reader: Account | None, request: Request, *, now: datetime) -> Page:
    """The page that the request asks for. Raises Invalid, and what the listing raises."""
    query = understood(request, now)
    with store.read() as transaction:
        ids, paging = lists.page(transaction, listing(transaction), query)
        entries = _entries(transaction, ids, reader)
    return Page(entries=tuple(entries), paging=paging)


def every(store: Store, listing: Listing, reader: Account | None) -> Generator[list[Entry], None, None]:
    """The whole list, some slots at a time, of one moment. Raises what the listing raises."""
    with store.read() as transaction:
        for positions in lists.every(transaction, listing(transaction), batch=BATCH):
            ids = [position.id for position in positions]
            yield _entries(transaction, ids, reader)


def _entries(transaction: Transaction, ids: Sequence[int], reader: Account | None) -> list[Entry]:
    """The slots, and the time slots that the reader hosts, in that order."""
    found = slots.entries(transaction, ids, None if reader is None else reader.id)
    if reader is None or len(found) == len(ids):
        return found
    by_id = {entry.id: entry for entry in found}
    missing = [number for number in ids if number not in by_id]
    for listed in schedules.in_schedule(transaction, reader.id, missing):
        by_id[listed.slot.id] = _hosted(listed, reader)
    return [by_id[number] for number in ids if number in by_id]


def _hosted(listed: Listed, host: Account) -> Entry:
    """A time slot as an entry of its host's schedule."""
    slot, convention = listed.slot, listed.convention
    return Entry(
        id=slot.id,
        uid=str(slot.guid),
        owner_id=host.id,
        title=slot.event.title,
        description=slot.event.teaser,
        times=Times(start=slot.start, end=slot.end),
        rrule="",
        visibility=Visibility.PUBLIC,
        created_at=slot.created_at,
        updated_at=listed.changed_at,
        deleted_at=None,
        version=slot.version,
        place=Place(name=", ".join(place.title for place in slot.locations)) if slot.locations else None,
        place_uuid=slot.locations[0].guid if slot.locations else None,
        creator=host,
        time_slot=TimeSlotOrigin(
            event_id=slot.event.id,
            convention_id=convention.id,
            convention_slug=convention.slug,
            convention_title=convention.title,
        ),
    )


def in_group(store: Store, caller: Account, uuid: UUID, *, now: datetime) -> InGroup:
    """The group with its counts. Raises as of_group."""
    with store.read() as transaction:
        group, membership = seen_by(transaction, caller, uuid)
        sources = lists.in_group(group, membership, caller.id)
        return InGroup(
            group=group,
            slot_count=lists.count(transaction, sources, Bounds()),
            upcoming_count=lists.count(transaction, sources, Bounds(start_min=milliseconds(now)), keep=False),
        )


def dates(store: Store, caller: Account, uuid: UUID, timezone: str | None) -> list[date]:
    """The days that the group's slots touch in that offset, ascending, at most DATES.

    ``uuid`` may be that of one of the caller's views as well. Raises Invalid, and as of_group.
    """
    shift = offset_minutes(timezone) * 60_000
    with store.read() as transaction:
        sources = _view(transaction, caller, uuid)
        if sources is None:
            sources = of_group(caller, uuid)(transaction)
        return touched(_wall_times(transaction, sources, shift), DATES)


def _view(transaction: Transaction, caller: Account, uuid: UUID) -> Sequence[Source] | None:
    views: dict[UUID, Listing] = {
        caller.my_calendar: schedule(caller),
        caller.all_my_slots: library(caller),
        caller.my_created_slots: lambda _: lists.created(caller.id),
        caller.my_friend_slots: lambda _: lists.shared_with_friends(caller.id),
        caller.friends_calendar: lambda _: (),  # nobody has friends
    }
    return views[uuid](transaction) if uuid in views else None


def _wall_times(transaction: Transaction, sources: Sequence[Source], shift: int) -> Iterator[tuple[bool, int, int]]:
    """Start and end of each slot on the clock that is ``shift`` ahead; a whole day is the same one everywhere."""
    for positions in lists.every(transaction, sources):
        whole, endless = slots.kinds_among(transaction, [position.id for position in positions])
        for position in positions:
            is_whole = position.id in whole
            moved = 0 if is_whole else shift
            end = position.start if position.id in endless else position.end
            yield is_whole, position.start + moved, end + moved
