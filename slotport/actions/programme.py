"""A convention's programme as everybody may read it: what its schedule files show, a day at a time (docs/page.md)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from msgspec import Struct, structs

from slotport.core.convention import Convention, Event, Location, TimeSlot
from slotport.core.programme import Listed, Moment, chosen_day, day_of, moment
from slotport.core.slot import is_storable
from slotport.errors import NotFound
from slotport.storage import conventions, locations, overviews, timeslots
from slotport.storage.overviews import TagUse
from slotport.storage.store import Store, Transaction
from slotport.storage.timeslots import Filters

MOST_SHOWN = 2000  #: time slots at once
MOST_SEARCHED = 10_000
CHUNK = 500  #: time slots that are looked through at a time
GLANCE = 12  #: time slots of now, and of next


class Asked(Struct, frozen=True, kw_only=True):
    """What somebody wants to see; all that is given must hold."""

    day: date | None = None
    all_days: bool = False
    one_day: bool = False  #: even if more could be found on others
    location: str = ""  #: slug
    tag: str = ""  #: ``<title>=<value>``
    text: str = ""  #: in title, teaser, description, hosts or locations, whatever its case

    @property
    def is_filtered(self) -> bool:
        """Whether anything but a day is asked for."""
        return bool(self.location or self.tag or self.text)


class Outline(Struct, frozen=True, kw_only=True):
    """What is known of a programme before any of it is loaded."""

    convention: Convention
    days: tuple[date, ...]  #: in the convention's zone, those with time slots
    day: date | None  #: that is shown; None: all
    listed: tuple[Listed, ...]  #: by start and id
    moment: Moment


class Programme(Struct, frozen=True, kw_only=True):
    """What is shown."""

    slots: list[TimeSlot]  #: by start and id
    has_more: bool  #: there is more than is shown at once
    places: list[Location]  #: that can be asked for, by title
    tags: list[TagUse]  #: that can be asked for


class Glance(Struct, frozen=True, kw_only=True):
    """What goes on now, and what begins next; of many only the first."""

    running: list[TimeSlot]
    running_count: int
    following: list[TimeSlot]
    following_count: int
    until: datetime | None  #: when that changes


def outline(store: Store, name: str, asked: Asked, *, now: datetime) -> Outline:
    """The outline of the programme of the convention of that slug or id; raises NotFound."""
    with store.read() as transaction:
        convention = conventions.find_named(transaction, name) if is_storable(name) else None
        if convention is None:
            raise NotFound("there is no such convention")
        listed = overviews.public_times(transaction, convention.id)
    zone = convention.zone
    days = tuple(sorted({day_of(each.start, zone) for each in listed}))
    day = asked.day if asked.day in days else chosen_day(days, day_of(now, zone))
    if asked.all_days or (asked.is_filtered and asked.day is None and not asked.one_day):
        day = None
    return Outline(convention=convention, days=days, day=day, listed=tuple(listed), moment=moment(listed, now))


def read(store: Store, outlined: Outline, asked: Asked) -> Programme:
    """The time slots of the outline that are asked for, and what can be asked for."""
    convention = outlined.convention
    wanted = [
        each.slot_id
        for each in outlined.listed
        if outlined.day is None or day_of(each.start, convention.zone) == outlined.day
    ]
    with store.read() as transaction:
        tags = overviews.public_tags(transaction, convention.id)
        if asked.location or asked.tag:
            passing = _passing(transaction, convention.id, asked, tags)
            wanted = [slot_id for slot_id in wanted if slot_id in passing]
        found: list[TimeSlot] = []
        for slot in _loaded(transaction, convention.id, wanted[:MOST_SEARCHED]):
            if has_text(slot, asked.text):
                found.append(slot)
            if len(found) > MOST_SHOWN:
                break
        return Programme(
            slots=found[:MOST_SHOWN],
            has_more=len(found) > MOST_SHOWN or len(wanted) > MOST_SEARCHED,
            places=overviews.public_places(transaction, convention.id),
            tags=tags,
        )


def glance(store: Store, outlined: Outline) -> Glance:
    """What goes on at the outline's moment, and next."""
    running, following = outlined.moment.running[:GLANCE], outlined.moment.following[:GLANCE]
    with store.read() as transaction:
        found = timeslots.load(transaction, outlined.convention.id, [*running, *following])
    found = [slot for slot in found if slot.is_public]
    return Glance(
        running=[slot for slot in found if slot.id in running],
        running_count=len(outlined.moment.running),
        following=[slot for slot in found if slot.id in following],
        following_count=len(outlined.moment.following),
        until=outlined.moment.until,
    )


def event(store: Store, name: str, event_id: int) -> tuple[Convention, Event, list[TimeSlot]]:
    """The convention of that slug or id, its event, and the time slots of it that everybody sees.

    Raises NotFound, also where the event has none.
    """
    with store.read() as transaction:
        convention = conventions.find_named(transaction, name) if is_storable(name) else None
        if convention is None:
            raise NotFound("there is no such convention")
        slots = timeslots.catalog(transaction, convention.id, Filters(event_id=event_id))
    if not slots:
        raise NotFound("there is no such event in the programme")
    return convention, slots[0].event, slots


def has_text(slot: TimeSlot, text: str) -> bool:
    """Whether the public may find the time slot by the text."""
    if not text:
        return True
    event, wanted = slot.event, text.casefold()
    said = [event.title, event.teaser, event.description or ""]
    said += [host.shown_name for host in slot.hosts]
    said += [place.title for place in slot.locations]
    return any(wanted in each.casefold() for each in said)


def _passing(transaction: Transaction, convention_id: int, asked: Asked, tags: Sequence[TagUse]) -> set[int]:
    """The ids of the public time slots at the location and with the tag that are asked for."""
    filters = Filters()
    if asked.location:
        place = locations.by_slugs(transaction, convention_id, [asked.location]).get(asked.location)
        if place is None:
            return set()
        filters = structs.replace(filters, location_id=place.id)
    if asked.tag:
        tag = next((tag for tag in tags if f"{tag.title}={tag.value}" == asked.tag), None)
        if tag is None:
            return set()
        filters = structs.replace(filters, tags=(tuple(tag),))
    return {stamp.slot_id for stamp in timeslots.stamps(transaction, convention_id, filters, sees_all=False)}


def _loaded(transaction: Transaction, convention_id: int, slot_ids: Sequence[int]) -> Iterator[TimeSlot]:
    """The time slots, by start and id, but none that left the public view meanwhile."""
    for begin in range(0, len(slot_ids), CHUNK):
        some = timeslots.load(transaction, convention_id, slot_ids[begin : begin + CHUNK])
        yield from (slot for slot in some if slot.is_public)
