"""What a person's calendar shows of some days: slots, the occurrences of series, hosted time slots (docs/page.md)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from msgspec import Struct

from slotport.core.account import Account
from slotport.core.colours import colour_of
from slotport.core.feed import Listed
from slotport.core.group import Group
from slotport.core.recurrence import is_for_all_later, occurrences, repeats
from slotport.core.rule_times import Budget
from slotport.core.slot import Slot
from slotport.core.when import on_clocks
from slotport.storage import calendar, groups, lists, schedules
from slotport.storage.calendar import Held
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store, Transaction

MOST_SLOTS = 3_000  #: that begin or end in the days that are asked for
MOST_SERIES = 2_000
MOST_DAYS = 400
CONVENTION_COLOUR = 9


class Item(Struct, frozen=True, kw_only=True):
    """A slot, or one occurrence of a series, as a reader's calendar shows it.

    Times are those of the viewer's clocks, without a zone; of a whole day dates, ``end`` being the day after the last.
    """

    slot_id: int
    recurrence_id: str  #: which occurrence of the series ``slot_id``; "" of all else
    title: str
    place: str
    start: datetime | date
    end: datetime | date | None  #: None: an open end
    colour: int  #: of core.colours
    group: UUID | None  #: the first of the reader's groups that holds it
    is_own: bool  #: the reader may change it
    repeats: bool  #: it belongs to a series
    convention: str = ""  #: the slug of the convention whose time slot it is

    @property
    def key(self) -> str:
        """What tells it from all others in the calendar."""
        return f"{self.slot_id}.{self.recurrence_id}" if self.recurrence_id else str(self.slot_id)

    @property
    def is_whole(self) -> bool:
        """Whether it takes whole days."""
        return not isinstance(self.start, datetime)

    @property
    def day(self) -> date:
        """The day on which it begins."""
        return self.start.date() if isinstance(self.start, datetime) else self.start


class Calendar(Struct, frozen=True, kw_only=True):
    """A group as the filter of a calendar shows it."""

    group: Group
    colour: int


class Shown(Struct, frozen=True, kw_only=True):
    """Some days of a calendar."""

    items: tuple[Item, ...]  #: by day, whole days first, then by start, title
    more: dict[date, int]  #: how many of a day are left out
    is_cut: bool  #: there are more than a page can show


def calendars(store: Store, caller: Account) -> list[Calendar]:
    """The groups in which the caller is active, oldest first."""
    with store.read() as transaction:
        return [
            Calendar(group=group, colour=colour_of(group, membership))
            for group, membership in groups.active_of(transaction, caller.id)
        ]


def shown(
    store: Store,
    caller: Account,
    first: date,
    last: date,
    zone: tzinfo,
    *,
    without: Collection[UUID] = (),
    most_a_day: int | None = None,
) -> Shown:
    """What is on the days from ``first`` to before ``last`` of the zone: at most MOST_DAYS days.

    ``without``: groups whose slots are left out. ``most_a_day``: how many of a day are given, the others are counted.
    """
    last = min(last, first + timedelta(days=MOST_DAYS))
    window = _Window(first, last, zone)
    with store.read() as transaction:
        sources = [*lists.library(transaction, caller.id), lists.hosted(caller.id)]
        ids = calendar.in_window(transaction, sources, window.low, window.high, limit=MOST_SLOTS + 1)
        series = calendar.series(transaction, caller.id, window.high, limit=MOST_SERIES + 1)
        wanted = list(dict.fromkeys([*ids[:MOST_SLOTS], *series[:MOST_SERIES]]))
        held = calendar.load(transaction, wanted, caller.id)
        overrides = calendar.overrides(transaction, (one for one in held.values() if repeats(one.slot)))
        looks = _Looks(transaction, caller)
        hosted = schedules.in_schedule(transaction, caller.id, [number for number in ids if number not in held])
    budget = Budget()
    found = [
        item
        for one in held.values()
        for item in looks.items(one, overrides.get(one.id, ()), window, budget)
        if item.group not in without
    ]
    found += (_time_slot(listed.slot.id, listed, zone) for listed in hosted)
    is_cut = len(ids) > MOST_SLOTS or len(series) > MOST_SERIES or budget.was_cut
    items, more = _capped(sorted(found, key=_order), first, most_a_day)
    return Shown(items=tuple(items), more=more, is_cut=is_cut)


class _Window:
    """The days that are asked for, on the viewer's clocks and on those of floating times and whole days."""

    def __init__(self, first: date, last: date, zone: tzinfo) -> None:
        self.zone = zone
        self.timed = _midnight(first, zone), _midnight(last, zone)
        self.whole = _midnight(first, UTC), _midnight(last, UTC)
        self.low = milliseconds(min(self.timed[0], self.whole[0]))
        self.high = milliseconds(max(self.timed[1], self.whole[1]))

    def of(self, slot: Slot) -> tuple[datetime, datetime]:
        """The window for a slot's times."""
        is_fixed = isinstance(slot.start, datetime) and not slot.floating
        return self.timed if is_fixed else self.whole


class _Looks:
    """How slots look to their reader."""

    def __init__(self, transaction: Transaction, caller: Account) -> None:
        self._caller = caller
        self._groups = {
            group.id: (group, colour_of(group, part)) for group, part in groups.active_of(transaction, caller.id)
        }

    def items(self, held: Held, overrides: Sequence[Held], window: _Window, budget: Budget) -> Iterator[Item]:
        """The slot, or its occurrences, in the window."""
        slot = held.slot
        group, colour = self._groups.get(held.group_id or 0, (None, 0))
        low, high = window.of(slot)
        others = [one.slot for one in overrides]
        titles = {one.recurrence_id: one.title for one in others if is_for_all_later(one)}
        for one in occurrences(slot, low, high, overrides=others, budget=budget):
            yield Item(
                slot_id=held.id,
                recurrence_id=one.recurrence_id if repeats(slot) else "",
                title=titles.get(one.changed_by or "", slot.title),
                place=slot.place.name or "" if slot.place else "",
                start=_wall(one.start, slot, window.zone),
                end=None if one.end is None else _wall(one.end, slot, window.zone),
                colour=colour,
                group=None if group is None else group.uuid,
                is_own=held.owner_id == self._caller.id,
                repeats=repeats(slot) or bool(slot.recurrence_id),
            )


def _time_slot(number: int, listed: Listed, zone: tzinfo) -> Item:
    slot = listed.slot
    return Item(
        slot_id=number,
        recurrence_id="",
        title=slot.event.title,
        place=", ".join(place.title for place in slot.locations),
        start=on_clocks(slot.start, zone).replace(tzinfo=None),
        end=on_clocks(slot.end, zone).replace(tzinfo=None),
        colour=CONVENTION_COLOUR,
        group=None,
        is_own=False,
        repeats=False,
        convention=listed.convention.slug,
    )


def _wall(value: datetime | date, slot: Slot, zone: tzinfo) -> datetime | date:
    if not isinstance(value, datetime):
        return value
    return (value if slot.floating else on_clocks(value, zone)).replace(tzinfo=None)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _order(item: Item) -> tuple[date, bool, datetime, str]:
    start = item.start if isinstance(item.start, datetime) else datetime.combine(item.start, time())
    return item.day, not item.is_whole, start, item.title


def _capped(items: Iterable[Item], first: date, most: int | None) -> tuple[list[Item], dict[date, int]]:
    """Those that are shown, and how many of each day are not; what began before counts for the first day."""
    given: list[Item] = []
    counts: Counter[date] = Counter()
    more: Counter[date] = Counter()
    for item in items:
        day = max(item.day, first)
        counts[day] += 1
        if most is not None and counts[day] > most:
            more[day] += 1
        else:
            given.append(item)
    return given, dict(more)
