"""The days that slots touch (Timeslot API, section 4: dates)."""

import re
from collections.abc import Iterable
from datetime import date

from slotport.core.when import shown
from slotport.errors import Invalid

DAY_MS = 86_400_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal() - _EPOCH_DAY
_FIRST_DAY = date.min.toordinal() - _EPOCH_DAY
_OFFSET = re.compile(r"([+\-− ])([01][0-9]|2[0-3]):([0-5][0-9])")


def offset_minutes(text: str | None) -> int:
    """Minutes ahead of UTC that ``+02:00`` names; None: 0. A query string's bare plus may have become a blank.

    Raises Invalid, naming ``timezone``.
    """
    if text is None:
        return 0
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise Invalid.of("timezone", f"must be an offset such as +02:00, not {shown(text)}")
    minutes = int(found[2]) * 60 + int(found[3])
    return minutes if found[1] in "+ " else -minutes


def touched(times: Iterable[tuple[bool, int, int]], limit: int) -> list[date]:
    """The days that slots touch, each once and ascending: the first ``limit`` of them.

    A slot is given by whether its clock is another than that of others, start and exclusive end; each of the two
    kinds in order of start. Instants are milliseconds since 1970-01-01T00:00 of the clock in question.
    """
    unseen = {False: _FIRST_DAY, True: _FIRST_DAY}  # the first day that no earlier slot of the kind reached
    found: set[int] = set()
    for kind, start, end in times:
        first = max(start // DAY_MS, unseen[kind])
        last = min(max(end - 1, start) // DAY_MS, _LAST_DAY, first + limit)
        found.update(range(first, last + 1))
        unseen[kind] = max(unseen[kind], last + 1)
        if len(found) > 2 * limit:
            break
    return [date.fromordinal(day + _EPOCH_DAY) for day in sorted(found)[:limit]]
