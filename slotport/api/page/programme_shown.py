"""Time slots of a public schedule as its page shows them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from msgspec import Struct

from slotport.api.page.texts import Texts
from slotport.core.convention import Convention, TimeSlot
from slotport.core.programme import day_of
from slotport.formats.schedule import local, public_value
from slotport.storage.overviews import TagUse

#: titles of tag types, whatever their case: the values of the first that there is have colours
COLOURED = ("track", "type")
COLOURS = 10


class Shown(Struct, frozen=True, kw_only=True):
    """A time slot."""

    slot: TimeSlot
    day: date  #: of the programme
    begins: str  #: time of day, with the day of the week if that is another one than the programme's
    ends: str
    start_seconds: int  #: since 1970
    end_seconds: int
    places: str
    hosts: str
    tags: tuple[str, ...]  #: values of public tag types
    colour: int | None


class Hour(Struct, frozen=True, kw_only=True):
    """What begins at one time."""

    begins: str
    slots: tuple[Shown, ...]


class Day(Struct, frozen=True, kw_only=True):
    """A day of the programme."""

    date: date
    hours: tuple[Hour, ...]


class Viewer(Struct, frozen=True, kw_only=True):
    """How time slots are shown."""

    convention: Convention
    zone: ZoneInfo  #: that times are shown in
    t: Texts
    colours: dict[str, int]  #: by the value of the tag

    def shown(self, slot: TimeSlot) -> Shown:
        """The time slot; what of it is not public is left out."""
        day = day_of(slot.start, self.convention.zone)
        coloured = (public_value(slot.event, title) for title in COLOURED)
        return Shown(
            slot=slot,
            day=day,
            begins=self.time(slot.start, day),
            ends=self.time(slot.end, day),
            start_seconds=int(slot.start.timestamp()),
            end_seconds=int(slot.end.timestamp()),
            places=", ".join(place.title for place in slot.locations),
            hosts=", ".join(host.shown_name for host in slot.hosts),
            tags=tuple(value for tags in slot.event.tags if tags.public for value in tags.values),
            colour=next((self.colours[value] for value in coloured if value in self.colours), None),
        )

    def days(self, slots: Iterable[TimeSlot]) -> list[Day]:
        """The time slots, which come by start, by day and time."""
        found = [self.shown(slot) for slot in slots]
        return [
            Day(date=day, hours=tuple(_hours(list(of_day))))
            for day, of_day in groupby(sorted(found, key=lambda each: each.day), key=lambda each: each.day)
        ]

    def time(self, instant: datetime, day: date) -> str:
        """The time of day, with the day of the week if that is another one than the programme's."""
        moment = local(instant, self.zone)
        time = self.t.time(moment)
        return time if moment.date() == day else f"{self.t.day(moment.date(), 'EEE')} {time}"


def colours_of(tags: Sequence[TagUse]) -> dict[str, int]:
    """A colour for each track, or each type where there are no tracks; the same as long as the values are."""
    by_title = ({tag.value for tag in tags if tag.title.casefold() == title} for title in COLOURED)
    values = sorted(next(filter(None, by_title), set()), key=lambda value: (value.casefold(), value))
    return {value: number % COLOURS for number, value in enumerate(values)}


def _hours(slots: Sequence[Shown]) -> Iterable[Hour]:
    for begins, together in groupby(slots, key=lambda each: each.begins):
        by_place = sorted(together, key=lambda each: (each.places, each.slot.id))
        yield Hour(begins=begins, slots=tuple(by_place))
