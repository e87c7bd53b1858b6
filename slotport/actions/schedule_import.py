"""A schedule file becomes a convention's events, locations, hosts and time slots (docs/formats/schedule.md).

All of it in one transaction: what is reported as stored is stored as a whole, or nothing is.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct, structs

from slotport.actions import convention_access
from slotport.actions.conventions import locked
from slotport.actions.report import Report
from slotport.core.account import Account
from slotport.core.convention import Access, Event, EventStatus, Host, Location, Person, Tags, TimeSlot
from slotport.core.imported import ImportedPerson, ImportedPlace, ImportedSlot
from slotport.core.slot import Outcome, Problem
from slotport.core.slugs import SLUG_LENGTH, free_slug, slug_of
from slotport.errors import FormatError, Invalid, TooLarge
from slotport.formats import schedule_json, schedule_xml
from slotport.formats.schedule_xml import sayable
from slotport.storage import accounts, conventions, events, guids, locations, people, tags, timeslots
from slotport.storage.instants import at
from slotport.storage.store import Store, Transaction

RECORD_LIMIT = 100_000
MADE_SLUG = "location"
NAMELESS = "Host"
_EVENT_URL = re.compile(r"https?://[^\s?#]+/entities/conventions/[^\s/?#]+/schedule\.ics\?event=[0-9]{1,19}")
_BOM = b"\xef\xbb\xbf"


class Refused(Invalid):
    """Nothing of the file can be stored; ``report`` says why."""

    def __init__(self, report: Report, sentence: str) -> None:
        super().__init__({"file": [sentence]})
        self.report = report


def import_schedule(store: Store, access: Access, chunks: Iterable[bytes], *, dry_run: bool, now: datetime) -> Report:
    """Store the file's time slots in the convention, and say what became of each entry.

    Raises Forbidden for all but managers; Refused if nothing can be read, or every entry is rejected.
    """
    report = Report(problems=[])
    found = _read(chunks, report)
    with store.write() as transaction:
        locked(transaction, access)
        importing = _Import(transaction, access, report, now)
        importing.take(found)
        if report.rejected and not (report.created or report.updated or report.unchanged):
            raise Refused(report, f"has {report.rejected} entries, and none of them can be stored")
        if dry_run:
            transaction.roll_back()
    return report


def _read(chunks: Iterable[bytes], report: Report) -> list[ImportedSlot]:
    pieces = list(chunks)
    head = b"".join(pieces)[:1024].removeprefix(_BOM).lstrip()[:1]
    read = {b"<": schedule_xml.read, b"{": schedule_json.read}.get(head)
    if read is None:
        message = "The file is neither a schedule.xml nor a schedule.json."
        report.problems.append(Problem(code="unknown_format", message=message))
        raise Refused(report, "is neither a schedule.xml nor a schedule.json")
    found: list[ImportedSlot] = []
    count = 0
    try:
        for item in read(pieces):
            count += 1
            if count > RECORD_LIMIT:
                raise TooLarge(f"the file has more than {RECORD_LIMIT} entries")
            if isinstance(item, Problem):
                report.tell(item)
            else:
                found.append(item)
    except FormatError as error:
        report.problems.append(Problem(code="unreadable", message=f"{error}.", line=error.line))
        raise Refused(report, f"cannot be read: {error}") from error
    return found


class _Wanted(Struct, frozen=True):
    """An entry, and the time slot that it is to become."""

    entry: ImportedSlot
    slot: TimeSlot
    old: TimeSlot | None


class _Import:
    """One file becoming what a convention has."""

    def __init__(self, transaction: Transaction, access: Access, report: Report, now: datetime) -> None:
        self._transaction = transaction
        self._access = access
        self._convention_id = access.convention.id
        self._report = report
        self._now = now
        caller = convention_access.manager(access)
        self._owner = people.load(transaction, [caller.id])[caller.id]
        self._changed_events: set[int] = set()
        self._changed_places: set[int] = set()

    def take(self, entries: list[ImportedSlot]) -> None:
        """Store the entries, and report on each."""
        old = {slot.guid: slot for slot in timeslots.where(self._transaction, self._own, self._convention_id)}
        entries = self._possible(entries)
        places = self._places(entries)
        persons = self._persons(entries)
        event_of = self._events(entries, old)
        wanted = [self._wanted(entry, old.get(entry.guid), event_of, places, persons) for entry in entries]
        self._store(wanted)

    @property
    def _own(self) -> str:
        return f"slot.convention_id = {self._convention_id:d}"

    # Entries that cannot be stored

    def _possible(self, entries: list[ImportedSlot]) -> list[ImportedSlot]:
        foreign = guids.of_other_time_slots(self._transaction, self._convention_id, {entry.guid for entry in entries})
        seen: set[UUID] = set()
        kept: list[ImportedSlot] = []
        for entry in entries:
            if entry.guid in foreign:
                self._tell(entry, "foreign_guid", "A time slot of another convention has its guid.")
            elif entry.guid in seen:
                self._tell(entry, "repeated_guid", "An entry before it has the same guid.")
            elif not self._in_range(entry):
                self._tell(entry, "bad_date", "It is not within the years 1 to 9999.")
            else:
                kept.append(entry)
            seen.add(entry.guid)
        return kept

    def _in_range(self, entry: ImportedSlot) -> bool:
        last = at(timeslots.LATEST_MS)
        minutes = (last - entry.start).total_seconds() / 60
        return entry.start >= at(timeslots.EARLIEST_MS) and minutes >= entry.duration_minutes

    def _tell(self, entry: ImportedSlot, code: str, message: str, outcome: Outcome = Outcome.REJECTED) -> None:
        self._report.tell(
            Problem(
                code=code,
                message=message,
                outcome=outcome,
                line=entry.line,
                index=entry.index,
                uid=str(entry.guid),
                title=entry.title,
            )
        )

    # Locations

    def _places(self, entries: list[ImportedSlot]) -> dict[ImportedPlace, Location]:
        """The location of each place that the file names, made where there is none."""
        named = dict.fromkeys(place for entry in entries for place in entry.places)
        known = locations.all_of(self._transaction, self._convention_id)
        by_guid, by_title = (
            {place.guid: place for place in known},
            {title: place for place in known for title in (sayable(place.title), place.title)},
        )
        taken = {place.slug for place in known}
        used = guids.of_locations(self._transaction, {place.guid for place in named if place.guid is not None})
        found: dict[ImportedPlace, Location] = {}
        # rooms say their guid, links to further locations do not: rooms first
        for place in sorted(named, key=lambda place: place.guid is None):
            # once: of two rooms of one guid the second is another
            location = by_guid.pop(place.guid, None) if place.guid is not None else None
            if location is not None and not _says(place.title, location.title) and place.title not in by_title:
                location = structs.replace(location, title=place.title)
                locations.change(self._transaction, location, self._now)
                self._changed_places.add(location.id)
            location = location or by_title.get(place.title)
            if location is None:
                slug = free_slug(_fit(place.slug) or slug_of(place.title) or MADE_SLUG, taken)
                guid = place.guid if place.guid is not None and place.guid not in used else uuid4()
                location = locations.add(
                    self._transaction, self._convention_id, title=place.title, slug=slug, guid=guid, now=self._now
                )
                taken.add(slug)
                used.add(guid)
                self._changed_places.add(location.id)
            by_title[place.title] = location
            found[place] = location
        return found

    # Hosts

    def _persons(self, entries: list[ImportedSlot]) -> dict[ImportedPerson, Person]:
        """Whom each host of the file is: by guid, then by name somebody known, else a new account without address."""
        named = dict.fromkeys(person for entry in entries for person in entry.hosts)
        told = {person.guid for person in named if person.guid is not None}
        known = people.known(self._transaction, self._convention_id)
        by_guid = {person.guid: person for person in known}
        by_name: dict[str, Person] = {}
        for person in known:
            if person.guid not in told:  # who is in the file by guid is nobody else in it
                by_name.setdefault(person.name, person)
                by_name.setdefault(sayable(person.name), person)
        used = guids.of_accounts(self._transaction, told)
        found: dict[ImportedPerson, Person] = {}
        made: dict[UUID | str, Person] = {}
        for each in named:
            key = each.name if each.guid is None else each.guid
            host = by_guid.get(each.guid) if each.guid is not None else None
            host = host or made.get(key) or by_name.get(each.name)
            if host is None:
                host = made[key] = self._new_person(each, used)
            found[each] = host
        people.bring_in(self._transaction, self._convention_id, {person.id for person in made.values()}, made_here=True)
        return found

    def _new_person(self, person: ImportedPerson, used: set[UUID]) -> Person:
        guid = person.guid if person.guid is not None and person.guid not in used else uuid4()
        used.add(guid)
        blank = Account(id=0, guid=guid, username=person.name or NAMELESS, created_at=self._now, updated_at=self._now)
        account = accounts.add(self._transaction, blank, None)
        return Person(id=account.id, guid=guid, name=account.username)

    # Events

    def _events(self, entries: list[ImportedSlot], old: dict[UUID, TimeSlot]) -> dict[UUID, Event]:
        """The event of each entry, by its guid, made or changed where that is needed."""
        groups: dict[tuple[str, ...], list[ImportedSlot]] = {}
        for entry in entries:
            groups.setdefault(_key(entry), []).append(entry)
        by_text: dict[tuple[str, ...], Event] = {}
        for there in events.listed(self._transaction, structs.replace(self._access, is_manager=True)):
            if there.status is not EventStatus.CANCELLED:
                by_text.setdefault((there.title, there.teaser), there)
                by_text.setdefault((sayable(there.title), sayable(there.teaser)), there)
        found: dict[UUID, Event] = {}
        new: list[tuple[Event, list[ImportedSlot]]] = []
        for key, group in groups.items():
            known = [old[entry.guid].event for entry in group if entry.guid in old]
            same = known[0] if known else by_text.get(key)
            if same is None:
                new.append((self._new_event(group[0]), group))
            else:
                found |= dict.fromkeys((entry.guid for entry in group), self._changed(same, group[0]))
        ids = events.add(self._transaction, [event for event, _ in new], self._now)
        for number, (event, group) in zip(ids, new, strict=True):
            found |= dict.fromkeys((entry.guid for entry in group), structs.replace(event, id=number))
        self._tag(entries, found)
        return found

    def _new_event(self, entry: ImportedSlot) -> Event:
        return Event(
            id=0,
            convention_id=self._convention_id,
            owner=self._owner,
            title=entry.title,
            teaser=entry.teaser,
            description=entry.description,
            duration_minutes=entry.duration_minutes,
            status=EventStatus.SCHEDULED,
            created_at=self._now,
            updated_at=self._now,
        )

    def _changed(self, event: Event, entry: ImportedSlot) -> Event:
        """The event with what the entry says, stored if that is anything new."""
        after = event
        for name in ("title", "teaser", "description"):
            said = getattr(entry, name)
            if said is not None and not _says(said, getattr(event, name) or ""):
                after = structs.replace(after, **{name: said})
        if not EventStatus.SCHEDULED <= event.status <= EventStatus.APPROVED:
            after = structs.replace(after, status=EventStatus.SCHEDULED)
        if after == event:
            return event
        after = structs.replace(after, updated_at=self._now, version=event.version + 1)
        events.change(self._transaction, after, self._now)
        if after.status != event.status:
            timeslots.event_status_changed(self._transaction, event.id, after.status, self._now)
        self._changed_events.add(event.id)
        return after

    def _tag(self, entries: list[ImportedSlot], event_of: dict[UUID, Event]) -> None:
        """Give events the type and the track that their entries say."""
        kinds = tags.listed(self._transaction, self._convention_id, private=True)
        titles = {word: next((kind for kind in kinds if kind.title.casefold() == word), None) for word in _TAGGED}
        wanted: dict[int, dict[str, tuple[str, ...]]] = {}
        for entry in entries:
            event = event_of[entry.guid]
            for word, said in (("type", entry.kind), ("track", entry.track)):
                kind = titles[word]
                if said is None or _says(said, _value(event.tags, word)) or (kind is not None and not kind.public):
                    continue
                wanted.setdefault(event.id, {}).setdefault(word if kind is None else kind.title, (said,))
        if wanted:
            tags.put(self._transaction, self._convention_id, wanted)
            events.touch(self._transaction, self._convention_id, wanted, self._now)
            self._changed_events |= wanted.keys()

    # Time slots

    def _wanted(
        self,
        entry: ImportedSlot,
        old: TimeSlot | None,
        event_of: dict[UUID, Event],
        places: dict[ImportedPlace, Location],
        persons: dict[ImportedPerson, Person],
    ) -> _Wanted:
        event = event_of[entry.guid]
        if old is not None:
            event = event if event.id == old.event.id else old.event
        held = {places[place].id: places[place] for place in entry.places}
        hosts: dict[int, Host] = {}
        for imported in entry.hosts:
            person = persons[imported]
            name = imported.name if imported.name and not _says(imported.name, person.name) else None
            hosts.setdefault(person.id, Host(person=person, name=name))
        now = self._now
        slot = old or TimeSlot(
            id=0,
            guid=entry.guid,
            event=event,
            start=entry.start,
            duration_minutes=entry.duration_minutes,
            min_attendees=event.min_attendees,
            max_attendees=event.max_attendees,
            notes_to_attendees=event.notes_to_attendees,
            hosts=(Host(person=event.owner),),
            created_at=now,
            updated_at=now,
        )
        slot = structs.replace(
            slot,
            event=event,
            start=entry.start,
            duration_minutes=entry.duration_minutes,
            locations=tuple(sorted(held.values(), key=lambda place: (place.title, place.id))),
            hosts=tuple(hosts.values()) or slot.hosts,
            is_cancelled=False,
        )
        return _Wanted(entry, slot, old)

    def _store(self, wanted: list[_Wanted]) -> None:
        new = [each for each in wanted if each.old is None]
        changed = [each for each in wanted if each.old is not None and _facts(each.slot) != _facts(each.old)]
        ids = list(self._transaction.object_ids(len(new))) if new else []
        added = [structs.replace(each.slot, id=number) for each, number in zip(new, ids, strict=True)]
        timeslots.add(self._transaction, self._convention_id, added, self._now)
        updated = [structs.replace(each.slot, version=each.slot.version + 1, updated_at=self._now) for each in changed]
        timeslots.change(self._transaction, updated, self._now)
        ids_changed = {slot.id for slot in updated}
        for each in wanted:
            places = {place.id for place in each.slot.locations}
            if each.old is None:
                self._report.count(Outcome.CREATED)
            elif (
                each.slot.id in ids_changed
                or each.slot.event.id in self._changed_events
                or not places.isdisjoint(self._changed_places)
            ):
                self._report.count(Outcome.UPDATED)
            else:
                self._report.count(Outcome.UNCHANGED)
        if added or updated or self._changed_events or self._changed_places:
            conventions.mark_changed(self._transaction, self._convention_id, self._now)
        self._tell_of_clashes(new, added, changed)

    def _tell_of_clashes(self, new: list[_Wanted], added: list[TimeSlot], changed: list[_Wanted]) -> None:
        entry_of = {slot.id: each.entry for slot, each in zip(added, new, strict=True)}
        entry_of |= {each.slot.id: each.entry for each in changed}
        others: dict[int, list[int]] = {}
        for one, other in timeslots.clashing_pairs(self._transaction, list(entry_of)):
            others.setdefault(one, []).append(other)
        for number, found in others.items():
            which = ", ".join(str(other) for other in found)
            message = (
                f"A location of it is occupied at that time by the time slots {which}; it was stored all the same."
            )
            self._tell(entry_of[number], "conflict", message, Outcome.NOTE)


_TAGGED = ("type", "track")


def _value(tagged: tuple[Tags, ...], word: str) -> str:
    """The first value of the public tag type of that title, whatever its case."""
    return next(
        (each.values[0] for each in tagged if each.public and each.title.casefold() == word and each.values), ""
    )


def _says(said: str, there: str) -> bool:
    """Whether a file says what is there already, as far as it can be said in it."""
    return said in (there, sayable(there), there.strip(), sayable(there).strip())


def _fit(slug: str | None) -> str | None:
    """The slug, if it is fit to stand in an address."""
    return slug if slug and slug.isprintable() and len(slug) <= SLUG_LENGTH and slug not in (".", "..") else None


def _key(entry: ImportedSlot) -> tuple[str, ...]:
    """What entries of one event have in common."""
    return (entry.url,) if _EVENT_URL.fullmatch(entry.url) else (entry.title, entry.teaser)


def _facts(slot: TimeSlot) -> tuple[object, ...]:
    """What a file says of a time slot."""
    return (
        slot.start,
        slot.duration_minutes,
        {place.id for place in slot.locations},
        {(host.person.id, sayable(host.name or "")) for host in slot.hosts},
        slot.is_cancelled,
    )
