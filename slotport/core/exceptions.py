"""The dates of a series that stand in its kept lines: one more that is left out, or all moved (RFC 5545, 3.8.5)."""

from datetime import timedelta

from slotport.core.recurrence import Clock, clock_of, kept_lines, name_of, zone_of
from slotport.core.slot import Slot
from slotport.errors import Invalid

_RULES = ("RRULE", "RDATE", "EXDATE", "EXRULE")


def with_exception(slot: Slot, recurrence_id: str) -> tuple[str, ...]:
    """The lines of a series without the occurrence of that recurrence id."""
    line = f"EXDATE;VALUE=DATE:{recurrence_id}" if clock_of(slot).is_whole else f"EXDATE:{recurrence_id}"
    return (*(slot.icalendar or ()), line)


def without_dates(slot: Slot) -> tuple[str, ...]:
    """The lines that an override takes over from its series: all but those that say when it repeats."""
    return tuple(line for line, is_own in kept_lines(slot) if not is_own or name_of(line) not in _RULES)


def moved(slot: Slot, by: timedelta) -> tuple[str, ...]:
    """The lines of a series whose occurrences all move. Raises Invalid for dates that cannot be moved."""
    clock = clock_of(slot)
    return tuple(
        _moved(line, clock, by) if is_own and name_of(line) in ("RDATE", "EXDATE") else line
        for line, is_own in kept_lines(slot)
    )


def moved_id(recurrence_id: str, slot: Slot, by: timedelta) -> str:
    """The recurrence id of an occurrence of the series once all have moved."""
    clock = clock_of(slot)
    wall = clock.wall_of(recurrence_id)
    return recurrence_id if wall is None else clock.text(wall + by)


def _moved(line: str, clock: Clock, by: timedelta) -> str:
    head, _, values = line.rpartition(":")
    texts = []
    for value in values.split(","):
        wall = clock.wall_of(value, zone_of(head))
        if wall is None:
            raise Invalid.of("start", "this series has further dates that cannot be moved; change them one by one")
        texts.append(clock.text(wall + by))
    return f"{name_of(line)}{';VALUE=DATE' if clock.is_whole else ''}:{','.join(texts)}"
