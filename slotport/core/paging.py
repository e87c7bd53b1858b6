"""Pages of slots: which ones a request means, and the cursors between them (Timeslot API, section 5).

All here is about integers: instants in milliseconds since 1970-01-01T00:00Z, both ends of every range included.
"""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from slotport.core.when import instant, shown
from slotport.errors import Invalid

DEFAULT_LIMIT = 40
LARGEST_LIMIT = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST = 300_000_000_000_000  #: milliseconds; no instant of the years 1 to 9999 is that far from 1970
_LARGEST_ID = 2**63 - 2


class Mode(StrEnum):
    """Which slots, seen from a moment."""

    PAST = "past"
    UPCOMING = "upcoming"
    ONGOING = "ongoing"
    FINISHED = "finished"
    NOW = "now"
    AROUND = "around"
    ALL = "all"


class Position(NamedTuple):
    """A place in the one order of slots."""

    start: int
    end: int
    id: int


class Bounds(NamedTuple):
    """Which slots count, by their times; None is no bound."""

    start_min: int | None = None
    start_max: int | None = None
    end_min: int | None = None
    end_max: int | None = None

    def narrowed(self, other: "Bounds") -> "Bounds":
        """What holds both bounds."""
        return Bounds(
            _both(max, self.start_min, other.start_min),
            _both(min, self.start_max, other.start_max),
            _both(max, self.end_min, other.end_min),
            _both(min, self.end_max, other.end_max),
        )

    def hold(self, position: Position) -> bool:
        """Whether a slot with these times counts."""
        return (
            (self.start_min is None or position.start >= self.start_min)
            and (self.start_max is None or position.start <= self.start_max)
            and (self.end_min is None or position.end >= self.end_min)
            and (self.end_max is None or position.end <= self.end_max)
        )


def _both(choose: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)


class Scan(Struct, frozen=True, kw_only=True):
    """A walk along the order: at most ``limit`` slots after, or before, a position."""

    bounds: Bounds
    limit: int
    after: Position | None = None
    before: Position | None = None
    backward: bool = False  #: the last ones of the range instead of the first


class Request(Struct, frozen=True, kw_only=True):
    """The parameters as they came: texts, None where absent."""

    limit: str | None = None
    mode: str | None = None
    moment: str | None = None
    filter: str | None = None
    earliest: str | None = None
    latest: str | None = None
    before: str | None = None
    after: str | None = None

    @property
    def is_paged(self) -> bool:
        """Whether the answer is a page rather than all slots."""
        return any(getattr(self, name) is not None for name in self.__struct_fields__)


class Query(Struct, frozen=True, kw_only=True):
    """What a request for a page means."""

    limit: int
    mode: Mode | None  #: None: a cursor decides
    moment: datetime | None
    earliest: datetime | None = None  #: with ``latest``: only slots between
    latest: datetime | None = None
    before: Position | None = None
    after: Position | None = None

    @property
    def pool(self) -> Bounds:
        """What the filter leaves."""
        if self.earliest is None or self.latest is None:
            return Bounds()
        return Bounds(start_max=_number(self.latest) - 1, end_min=_number(self.earliest) + 1)

    @property
    def scans(self) -> list[Scan]:
        """The walks that give the page, in the page's order."""
        pool = self.pool
        if self.after is not None:
            return [Scan(bounds=pool, limit=self.limit, after=self.after)]
        if self.before is not None:
            return [Scan(bounds=pool, limit=self.limit, before=self.before, backward=True)]
        if self.mode is None or self.moment is None or self.mode is Mode.ALL:
            return [Scan(bounds=pool, limit=self.limit)]
        if self.mode is Mode.AROUND:
            half = self.limit // 2
            return [
                Scan(bounds=pool.narrowed(self._bounds_of(Mode.PAST)), limit=half, backward=True),
                Scan(bounds=pool.narrowed(self._bounds_of(Mode.UPCOMING)), limit=self.limit - half),
            ]
        backward = self.mode in {Mode.PAST, Mode.FINISHED}
        return [Scan(bounds=pool.narrowed(self._bounds_of(self.mode)), limit=self.limit, backward=backward)]

    def _bounds_of(self, mode: Mode) -> Bounds:
        moment = 0 if self.moment is None else _number(self.moment)
        return {
            Mode.PAST: Bounds(start_max=moment - 1),
            Mode.UPCOMING: Bounds(start_min=moment),
            Mode.ONGOING: Bounds(start_max=moment, end_min=moment),
            Mode.FINISHED: Bounds(end_max=moment, start_max=moment),
            Mode.NOW: Bounds(end_min=moment),  # no slot ends before it starts
        }[mode]

    @property
    def gap(self) -> Position:
        """Where an empty page lies in the order: everything else comes before or after this position."""
        if self.after is not None:
            return self.after._replace(id=self.after.id + 1)
        if self.before is not None:
            return self.before._replace(id=self.before.id - 1)
        moment = 0 if self.moment is None else _number(self.moment)
        return Position(moment, moment - 1, 0)


class Paging(Struct, frozen=True, kw_only=True):
    """What a page says of itself."""

    query: Query
    before: Position | None
    after: Position | None
    pool_size: int


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def understood(request: Request, now: datetime) -> Query:
    """What the request means. Raises Invalid, naming each parameter that is wrong."""
    problems: dict[str, list[str]] = {}
    earliest, latest = _filter(request, problems)
    limit = _limit(request.limit, problems)
    mode = _mode(request.mode, problems)
    moment = _moment("moment", request.moment, problems)
    cursors = {name: _cursor(name, getattr(request, name), problems) for name in ("before", "after")}
    if request.before is not None and request.after is not None:
        problems.setdefault("before", []).append("and after must not both be given")
    if problems:
        raise Invalid(problems)
    if any(cursors.values()):
        return Query(limit=limit, mode=None, moment=None, earliest=earliest, latest=latest, **cursors)
    if mode is None:
        mode = Mode.ALL if earliest is None else Mode.NOW
    return Query(limit=limit, mode=mode, moment=moment or earliest or now, earliest=earliest, latest=latest)


def _filter(request: Request, problems: dict[str, list[str]]) -> tuple[datetime | None, datetime | None]:
    if request.filter in {None, "none"}:
        return None, None
    if request.filter != "between":
        problems["filter"] = ["must be none or between"]
        return None, None
    earliest = _moment("earliest", request.earliest or "", problems)
    latest = _moment("latest", request.latest or "", problems)
    if earliest and latest and latest < earliest:
        problems["latest"] = ["must not be before earliest"]
    return earliest, latest


def _limit(text: str | None, problems: dict[str, list[str]]) -> int:
    if text is None:
        return DEFAULT_LIMIT
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or not digits.strip("0"):
        problems["limit"] = ["must be a positive integer"]
        return DEFAULT_LIMIT
    return LARGEST_LIMIT if len(digits.lstrip("0")) > 3 else min(int(digits), LARGEST_LIMIT)


def _mode(text: str | None, problems: dict[str, list[str]]) -> Mode | None:
    if text is None:
        return None
    try:
        return Mode(text)
    except ValueError:
        problems["mode"] = [f"must be one of {', '.join(Mode)}"]
        return None


#: a query string's bare plus arrives as a blank
_PLUS = re.compile(r"(T\S+) ([0-9:]{2,5})$")


def _moment(name: str, text: str | None, problems: dict[str, list[str]]) -> datetime | None:
    if text is None:
        return None
    try:
        return instant(_PLUS.sub(r"\1+\2", text.strip()))
    except ValueError as cause:
        problems[name] = [str(cause)]
        return None


def _cursor(name: str, text: str | None, problems: dict[str, list[str]]) -> Position | None:
    if text is None:
        return None
    try:
        return read_cursor(text)
    except ValueError as cause:
        problems[name] = [str(cause)]
        return None


_CURSOR = re.compile(r"(-?[0-9]{1,15})\.(-?[0-9]{1,15})\.(-?[0-9]{1,19})", re.ASCII)


def cursor(position: Position) -> str:
    """The position as a text for the client: URL-safe and opaque."""
    text = f"{position.start}.{position.end}.{position.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Position:
    """The position that ``cursor`` wrote. Raises ValueError with a sentence."""
    try:
        decoded = base64.b64decode(text.strip().rstrip("=") + "=" * (-len(text.strip().rstrip("=")) % 4), b"-_", True)  # noqa: FBT003
        found = _CURSOR.fullmatch(decoded.decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is not None:
        position = Position(*map(int, found.groups()))
        if max(abs(position.start), abs(position.end)) <= _FARTHEST and -1 <= position.id <= _LARGEST_ID:
            return position
    raise ValueError(f"{shown(text)} is not a cursor from an earlier page")
