"""A convention's schedule for everybody: schedule.xml, schedule.json, iCalendar (docs/api/convention-schedules.md).

They hold the public view, whoever asks. A tag that is known without loading the schedule says whether it changed.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import blake2b

import structlog
from msgspec import Struct

from slotport import __version__
from slotport.core.convention import Convention, TimeSlot
from slotport.core.convention_input import identifier
from slotport.errors import NotFound
from slotport.formats import feed, schedule_json, schedule_xml
from slotport.formats.schedule import Head, fits
from slotport.storage import conventions, schedules, timeslots
from slotport.storage.store import Store, Transaction
from slotport.storage.timeslots import Filters

log = structlog.get_logger("slotport")

WRITERS: dict[str, Callable[[Head, Iterable[TimeSlot]], Iterator[bytes]]] = {
    "xml": schedule_xml.write,
    "json": schedule_json.write,
}


class Asked(Struct, frozen=True, kw_only=True):
    """Which time slots a calendar is to hold; all that is given must hold, empty is not given."""

    location: str = ""  #: slug
    host: str = ""  #: id of a user
    event: str = ""  #: id
    tags: tuple[tuple[str, str], ...] = ()


class File(Struct, frozen=True, kw_only=True):
    """A schedule as it is now."""

    etag: str
    modified_at: datetime
    body: bytes | None  #: None: who asks has it already


def read(
    store: Store,
    convention_id: int,
    word: str,
    asked: Asked,
    is_known: Callable[[str, datetime], bool],
    *,
    server: str,
    now: datetime,
) -> File:
    """The convention's schedule as ``xml``, ``json`` or ``ics``; without a body if ``is_known`` knows tag and time.

    ``server``: what the addresses in it begin with. Raises NotFound, and Invalid for an id that is none.
    """
    host_id, event_id = identifier(asked.host, "host"), identifier(asked.event, "event")
    with store.read() as transaction:
        convention = conventions.find(transaction, convention_id)
        if convention is None:
            raise NotFound("there is no such convention")
        forgotten_at = schedules.forgotten_at(transaction, convention_id, now) if word == "ics" else None
        modified_at = max(convention.changed_at, forgotten_at or convention.changed_at)
        said = f"{__version__} {server} {convention_id} {word} {asked} {convention.change} {forgotten_at}"
        etag = blake2b(said.encode(), digest_size=16).hexdigest()
        if is_known(etag, modified_at):
            return File(etag=etag, modified_at=modified_at, body=None)
        if word == "ics":
            filters = Filters(event_id=event_id, host_id=host_id, tags=asked.tags)
            pieces = _calendar(transaction, convention, filters, asked.location, server, now)
        else:
            pieces = _schedule(transaction, convention, word, server)
        return File(etag=etag, modified_at=modified_at, body=b"".join(pieces))


def _calendar(
    transaction: Transaction, convention: Convention, filters: Filters, slug: str, server: str, now: datetime
) -> Iterator[bytes]:
    found = schedules.listed(transaction, convention.id, filters, now, location_slug=slug)
    slots = (feed.time_slot_event(listed, server) for listed in found)
    return feed.write(convention.title, slots, zone=convention.zone_name)


def _schedule(transaction: Transaction, convention: Convention, word: str, server: str) -> Iterator[bytes]:
    slots = timeslots.catalog(transaction, convention.id)
    for slot in slots:
        if not fits(slot):
            log.warning("a schedule file has no room for a time slot of that length", time_slot=slot.id)
    head = Head(convention=convention, base_url=feed.base_url_of(server, convention), generator_version=__version__)
    return WRITERS[word](head, slots)
