"""What can be asked of a convention's events (docs/api/convention-events.md)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from slotport.actions.conventions import locked
from slotport.actions.timeslots import refuse_occupied
from slotport.core.convention import Access, Event, EventStatus, Person
from slotport.core.convention_input import flag
from slotport.core.event_input import EventInput, changed_event, new_event
from slotport.core.person_reference import reference
from slotport.core.tagging import Tagged, retagged
from slotport.errors import Forbidden, Invalid, NotFound
from slotport.storage import accounts, conventions, events, people, tags, timeslots
from slotport.storage.store import Store, Transaction

LARGEST_ID = 2**63 - 1
UNKNOWN = "the convention has no event of this id"

Fields = Mapping[str, Any]


def listed(store: Store, access: Access) -> list[Event]:
    """The events that the caller may see, by id: all, or the approved ones and the caller's own."""
    with store.read() as transaction:
        return events.listed(transaction, access)


def read(store: Store, access: Access, event_id: int) -> Event | None:
    """The event; None if it is there, but not for the caller to see. Raises NotFound."""
    with store.read() as transaction:
        event = _find(transaction, access, event_id)
    if event is None:
        raise NotFound(UNKNOWN)
    return event if access.sees(event) else None


def create(store: Store, access: Access, fields: Fields, *, now: datetime) -> int:
    """Store a new event, which the caller owns unless a manager names another owner; its id.

    Raises Forbidden without an account and for what only managers say, Invalid.
    """
    with store.write() as transaction:
        access, account_id = _present(transaction, access)
        said = new_event(fields, access.convention.zone, managed=access.is_manager)
        owner = _owner(transaction, access, said.owner) or people.load(transaction, [account_id])[account_id]
        event = Event(
            id=0,
            convention_id=access.convention.id,
            owner=owner,
            created_at=said.created_at or now,
            updated_at=now,
            **said.values,
        )
        tagged = _retagged(transaction, event, said)
        event_id = events.add(transaction, [event], now)[0]
        tags.put(transaction, event.convention_id, {event_id: tagged.values}, tagged.requirements)
    return event_id


def change(store: Store, access: Access, event_id: int, fields: Fields, *, now: datetime) -> Event:
    """Change the event, its tags, and the time slots that have its values; the event as it is then.

    Raises Forbidden if the caller is neither a manager nor its owner, or may not change that, Invalid, and Clash if
    its time slots would then be where others are (``allow_conflicts`` lets them).
    """
    with store.write() as transaction:
        access, _ = _present(transaction, access)
        before = _find(transaction, access, event_id)
        if before is None:
            raise Invalid.of("id", f"is wrong: {UNKNOWN}")
        if not access.is_manager and not access.owns(before):
            raise Forbidden("only managers of the convention and its owner change an event")
        said = changed_event(fields, before, managed=access.is_manager)
        may_clash = bool(flag(fields.get("allow_conflicts"), "allow-conflicts"))
        after = structs.replace(before, **said.values)
        if (owner := _owner(transaction, access, said.owner)) is not None:
            after = structs.replace(after, owner=owner)
        if said.staff_contact is not None:
            contact = people.referenced(transaction, access, said.staff_contact, "staff-contact")
            after = structs.replace(after, staff_contact=contact)
        elif said.no_staff_contact:
            after = structs.replace(after, staff_contact=None)
        tagged = _retagged(transaction, before, said)
        if after == before and not tagged.values:
            return before
        events.change(transaction, after, now, alone=after.owner.id == before.owner.id)
        tags.put(transaction, after.convention_id, {event_id: tagged.values}, tagged.requirements)
        _pass_on(transaction, access, before, after, may_clash=may_clash, now=now)
        return events.load(transaction, [event_id])[event_id]


def cancel(store: Store, access: Access, event_id: int, *, now: datetime) -> None:
    """Cancel the event, if there is one; its time slots leave the public view and free their locations.

    Raises Forbidden if the caller does not manage the convention.
    """
    with store.write() as transaction:
        locked(transaction, access)
        before = _find(transaction, access, event_id)
        if before is not None and before.status is not EventStatus.CANCELLED:
            after = structs.replace(before, status=EventStatus.CANCELLED)
            events.change(transaction, after, now, alone=True)
            timeslots.event_status_changed(transaction, event_id, after.status, now)


def _present(transaction: Transaction, access: Access) -> tuple[Access, int]:
    """The caller's rights as they are now, while all other writers wait, and the account's id; raises Forbidden."""
    _ = transaction.change
    account = access.account
    if account is None or not accounts.is_live(transaction, account.id):
        raise Forbidden("this needs the token of somebody with an account")
    is_manager = conventions.is_manager(transaction, access.convention.id, account.id)
    return structs.replace(access, is_manager=is_manager), account.id


def _find(transaction: Transaction, access: Access, event_id: int) -> Event | None:
    return events.find(transaction, access.convention.id, event_id) if 0 < event_id <= LARGEST_ID else None


def _owner(transaction: Transaction, access: Access, named: Any) -> Person | None:
    """The owner that a request names, if any; only managers name somebody else."""
    if named is None:
        return None
    if access.is_manager:
        return people.referenced(transaction, access, named, "user", gone=True)
    account, wanted = access.account, reference(named, "user")
    is_self = account is not None and (
        wanted.id == account.id
        if wanted.email is None
        else account.email is not None and accounts.email_key(wanted.email) == accounts.email_key(account.email)
    )
    if not is_self:
        raise Forbidden("only a manager of the convention names another owner")
    return None


def _retagged(transaction: Transaction, event: Event, said: EventInput) -> Tagged:
    if not said.tags and not said.removed_tags:
        return Tagged(values={}, requirements={})
    kinds = tags.listed(transaction, event.convention_id, private=True)
    return retagged(kinds, event.tags, said.tags, said.removed_tags)


def _pass_on(
    transaction: Transaction, access: Access, before: Event, after: Event, *, may_clash: bool, now: datetime
) -> None:
    """Let the event's time slots follow; raises Clash if others are where they would be."""
    shown: list[int] = []
    if after.status is not before.status:
        # time slots that leave the public view leave it before the event gets its new title: feeds keep the old one
        left = now if after.title == before.title else now - timedelta(milliseconds=1)
        shown = timeslots.event_status_changed(transaction, before.id, after.status, left)
    moved = timeslots.inherit(transaction, before.id, before, after, now)
    if not may_clash:
        is_longer = after.duration_minutes > before.duration_minutes
        refuse_occupied(transaction, access, {*(moved if is_longer else ()), *shown})
