"""The schedule board: a convention's days, the hours that one shows, and what stands in whose way.

A day of the board begins where the night is quietest, so that what lasts past midnight is shown with its evening.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from slotport.core.convention import PUBLIC_STATUSES, EventStatus

LATEST_TURN = 9  #: hour before which a day of the board begins
MOST_DAYS = 31  #: of a convention's own that are shown before anything is scheduled on them
FIRST_HOUR, LAST_HOUR = 9, 20  #: are shown even if nothing is on
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAY_HOURS = 24


class Placement(Struct, frozen=True, kw_only=True, gc=False):
    """A time slot without what only its details show. ``start`` is in UTC."""

    id: int
    version: int
    event_id: int
    title: str
    status: EventStatus
    start: datetime
    duration_minutes: int
    min_attendees: int | None
    max_attendees: int | None
    location_ids: tuple[int, ...] = ()
    hosts: tuple[tuple[int, str], ...] = ()  #: (id, name that is shown), in their order
    tag_value_ids: tuple[int, ...] = ()

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.duration_minutes)

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it, so that it occupies its locations."""
        return self.status in PUBLIC_STATUSES


class Offer(Struct, frozen=True, kw_only=True, gc=False):
    """An event that can be scheduled."""

    id: int
    title: str
    duration_minutes: int
    max_attendees: int | None
    owner: tuple[int, str]
    scheduled: int  #: how many time slots it has
    tag_value_ids: tuple[int, ...] = ()


class Days(Struct, frozen=True, kw_only=True):
    """The days of a convention's board."""

    turn: int  #: local hour at which each begins
    counts: dict[date, int]  #: time slots that begin on it, by day; ascending

    def of(self, local: datetime) -> date:
        """The day that a local time belongs to."""
        return (local - timedelta(hours=self.turn)).date()

    def range_of(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """The instants at which the day begins and ends."""
        return tuple(  # type: ignore[return-value]
            datetime.combine(one, time(self.turn), zone) for one in (day, day + DAY)
        )


class Taking(Struct, frozen=True, gc=False):
    """That a time slot takes up a location or a host for [start, end), in milliseconds."""

    holder_id: int
    slot_id: int
    start: int
    end: int


def days(times: Sequence[tuple[datetime, datetime]], first: date | None, last: date | None) -> Days:
    """The days on which something begins, and those of the convention. ``times``: local starts and ends."""
    turn = _turn(times)
    found = Days(turn=turn, counts={})
    counts: dict[date, int] = {}
    if first is not None and last is not None and (last - first).days < MOST_DAYS:
        counts = {first + timedelta(days=number): 0 for number in range((last - first).days + 1)}
    else:
        counts = {day: 0 for day in (first, last) if day is not None}
    for start, _ in times:
        day = found.of(start)
        counts[day] = counts.get(day, 0) + 1
    return Days(turn=turn, counts=dict(sorted(counts.items())))


def _turn(times: Iterable[tuple[datetime, datetime]]) -> int:
    """The first hour of the night in which the fewest time slots go on; those of a whole day do not count."""
    going_on = [0] * (LATEST_TURN + 1)
    for start, end in times:
        if end - start >= DAY:
            continue
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        for begin in (midnight, midnight + DAY):
            for hour in range(LATEST_TURN + 1):
                going_on[hour] += start < begin + (hour + 1) * HOUR and end > begin + hour * HOUR
    return going_on.index(min(going_on))


def hours(spans: Iterable[tuple[datetime, datetime]], day: date, turn: int) -> tuple[int, int]:
    """The hours that a day shows, from its midnight on: those in which something is on, one around, and daytime."""
    midnight = datetime.combine(day, time())
    first, last = FIRST_HOUR, LAST_HOUR
    for start, end in spans:
        first = min(first, (start - midnight) // HOUR - 1)
        last = max(last, -((midnight - end) // HOUR) + 1)
    return max(turn, first), min(turn + DAY_HOURS, last)


def overlaps(takings: Iterable[Taking], *, most: int) -> dict[tuple[int, int], int]:
    """Pairs of time slots that take up the same at the same time, the lower id first, and since when they do.

    Not more than ``most``: of so many that clash, nobody wants to see all.
    """
    found: dict[tuple[int, int], int] = {}
    going_on: list[Taking] = []
    for taking in sorted(takings, key=lambda one: (one.holder_id, one.start, one.slot_id)):
        going_on = [one for one in going_on if one.holder_id == taking.holder_id and one.end > taking.start]
        for one in going_on:
            pair = (min(one.slot_id, taking.slot_id), max(one.slot_id, taking.slot_id))
            found[pair] = min(taking.start, found.get(pair, taking.start))
        if len(found) >= most:
            break
        going_on.append(taking)
    return found
