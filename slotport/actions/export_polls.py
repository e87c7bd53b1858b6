"""What happened to a person's exports, for programs that ask again and again (docs/api/export-events.md)."""

from slotport.core.account import Account
from slotport.core.export import LoggedEvent
from slotport.errors import WireError
from slotport.storage import export_events, export_polls
from slotport.storage.store import Store


def newest(store: Store) -> int:
    """The id after which new events come."""
    with store.read() as transaction:
        return export_events.newest_id(transaction)


def events(store: Store, owner: Account, after_id: int, limit: int) -> list[LoggedEvent]:
    """The first events of the person's exports with larger ids, ascending."""
    with store.read() as transaction:
        return export_events.poll(transaction, owner.id, after_id, limit)


def event(store: Store, owner: Account, event_id: int) -> LoggedEvent:
    """The event of that id if it is about one of the person's exports; raises WireError event_not_found."""
    with store.read() as transaction:
        found = export_events.find(transaction, owner.id, event_id)
    if found is None:
        raise WireError("error.user.event_not_found", "There is no such event.", parameters={"id": str(event_id)})
    return found


def news(store: Store, after_id: int | None) -> tuple[set[int], int]:
    """The ids of the people with events that can be polled after that one, and the id to ask for next time.

    Without an id nobody has news: the answer is where to begin.
    """
    with store.read() as transaction:
        last = export_events.newest_id(transaction)
        if after_id is None or last <= after_id:
            return set(), last
        return export_polls.owners_since(transaction, after_id), last
