"""Time zones by name: what calendar programs write as TZID becomes an IANA zone, with quick look-ups of its offsets."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from slotport.formats.windows_zones import WINDOWS_ZONES

MOST_DAYS = 20_000  #: offsets of days remembered for each zone

#: names that say UTC itself: a time in them is held as one without a zone
UTC_NAMES = frozenset(
    "utc z zulu uct universal etc/utc etc/uct etc/zulu etc/universal gmt/utc tzone://microsoft/utc".split()
) | {"coordinated universal time", "utc time"}

#: made-up and localised names, in lower case, that programs are known to write
OTHER_NAMES = {
    "pacific time": "America/Los_Angeles",
    "mountain time": "America/Denver",
    "central time": "America/Chicago",
    "eastern time": "America/New_York",
    "atlantic time": "America/Halifax",
    "arizona": "America/Phoenix",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "newfoundland": "America/St_Johns",
    "us-eastern": "America/New_York",
    "us-central": "America/Chicago",
    "us-mountain": "America/Denver",
    "us-pacific": "America/Los_Angeles",
    "customized time zone": "",
    "central european standard time": "Europe/Warsaw",
    "central european time": "Europe/Paris",
    "mitteleuropäische zeit": "Europe/Berlin",
    "westeuropäische zeit": "Europe/London",
    "osteuropäische zeit": "Europe/Bucharest",
    "westeuropa (normalzeit)": "Europe/Berlin",
    "mitteleuropa (normalzeit)": "Europe/Budapest",
    "heure d'europe centrale": "Europe/Paris",
    "west-europa (standaardtijd)": "Europe/Berlin",
    "kamchatka standard time": "Asia/Kamchatka",
    "mid-atlantic standard time": "Etc/GMT+2",
}

_OFFSET = re.compile(r"\(?\s*(?:UTC|GMT)\s*([+-−])?\s*(?:(\d{1,2})(?::?(\d\d))?)?\s*\)?", re.IGNORECASE)
_LONELY_NUMBER = re.compile(r"\s+\d+\Z")
_NO_OFFSET = timedelta(0)


class Zone:
    """An IANA zone whose offsets are looked up by day, and only asked for on days with a change of it."""

    __slots__ = ("_days", "info", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.info = ZoneInfo(name)
        self._days: dict[str, timedelta | None] = {}

    def instant(self, day: str, wall: datetime) -> datetime:
        """The instant at which this zone's clocks first show ``wall`` (naive, whose date is ``day``, YYYYMMDD).

        A time that a change skips counts with the offset before the change (RFC 5545 section 3.3.5).
        Raises OverflowError outside of the years 1 to 9999.
        """
        offset = self._days.get(day)
        if offset is None:
            offset = self._offset(day, wall)
        return (wall - offset).replace(tzinfo=UTC)

    def _offset(self, day: str, wall: datetime) -> timedelta:
        if day not in self._days:
            if len(self._days) >= MOST_DAYS:
                self._days.clear()
            first = _utc_offset(self.info, wall.replace(hour=0, minute=0, second=0))
            last = _utc_offset(self.info, wall.replace(hour=23, minute=59, second=59, fold=1))
            self._days[day] = first if first == last else None
        return _utc_offset(self.info, wall)


def _utc_offset(info: ZoneInfo, wall: datetime) -> timedelta:
    offset = info.utcoffset(wall)
    return _NO_OFFSET if offset is None else offset


@lru_cache(maxsize=1024)
def zone(name: str) -> Zone:
    """The zone of this IANA name (one of ``iana_names``)."""
    return Zone(name)


@lru_cache(maxsize=1)
def iana_names() -> dict[str, str]:
    """Every IANA name, by itself in lower case and with blanks for its underscores too."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    names = {name.lower(): name for name in sorted(listed) if name != "Factory"}
    names |= {key.replace("_", " "): name for key, name in names.items() if "_" in key}
    return names


@lru_cache(maxsize=1)
def _cities() -> dict[str, tuple[str, ...]]:
    """The IANA names by their last part in lower case: several where places share a name."""
    cities: dict[str, tuple[str, ...]] = {}
    for key, name in iana_names().items():
        city = key.rpartition("/")[2]
        if "/" in name and not name.startswith(("Etc/", "US/", "SystemV/")):
            cities[city] = (*cities.get(city, ()), name)
    return cities


@lru_cache(maxsize=1)
def _windows_names() -> dict[str, str]:
    return {name.lower(): zone_name for name, zone_name in WINDOWS_ZONES.items()}


def is_utc(name: str) -> bool:
    """Whether the name says UTC itself."""
    return name.strip().lower() in UTC_NAMES


@lru_cache(maxsize=4096)
def known_zone(name: str) -> str | None:
    """The IANA name that a TZID surely means ("UTC" for UTC itself), None if it means none for sure.

    Sure are: IANA names in any case, at the end of a path, or with underscores for slashes; Windows names; the
    names of OTHER_NAMES; and each of them with a number behind it.
    """
    text = " ".join(name.split()).strip("\"' ").lower()
    if text in UTC_NAMES:
        return "UTC"
    for candidate in (text, _LONELY_NUMBER.sub("", text)):
        found = _known(candidate)
        if found is not None:
            return "UTC" if found.lower() in UTC_NAMES else found
    return None


def _known(text: str) -> str | None:
    names = iana_names()
    if text in names:
        return names[text]
    if (found := _windows_names().get(text) or OTHER_NAMES.get(text)) is not None:
        return found or None
    parts = text.strip("/").split("/")
    for count in (3, 2):
        if len(parts) >= count and (path := "/".join(parts[-count:])) in names:
            return names[path]
    if "/" not in text and "_" in text:
        area, _, rest = text.partition("_")
        return names.get(f"{area}/{rest}")
    return None


@lru_cache(maxsize=4096)
def guessed_zone(name: str) -> str | None:
    """The IANA name that a display name such as "(UTC+01:00) Amsterdam, Berlin" probably means, None if nothing fits.

    Its cities are looked up, and where an offset stands before them it must be that zone's; else the offset alone
    counts if it is of whole hours.
    """
    text = " ".join(name.split()).strip("\"' ")
    match = _OFFSET.match(text)
    offset = _stated_offset(match) if match else None
    places = text[match.end() :] if match else text
    for place in re.split(r"[,;/()]", places):
        found = _zone_of_place(place.strip().lower(), offset)
        if found is not None:
            return found
    return _fixed(offset)


def _stated_offset(match: re.Match[str]) -> timedelta | None:
    sign, hours, minutes = match.groups()
    if hours is None:
        return timedelta(0) if sign is None else None
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -offset if sign in {"-", "−"} else offset


def _zone_of_place(place: str, offset: timedelta | None) -> str | None:
    candidates = [*_cities().get(place, ())]
    known = OTHER_NAMES.get(place) or _windows_names().get(place)
    if known:
        candidates.insert(0, known)
    for candidate in candidates:
        if offset is None or _standard_offset(candidate) == offset:
            return candidate
    return None


@lru_cache(maxsize=1024)
def _standard_offset(name: str) -> timedelta:
    """The smaller of the offsets in January and July of a recent year."""
    info = zone(name).info
    return min(_utc_offset(info, datetime(2025, month, 1)) for month in (1, 7))  # noqa: DTZ001 - a wall time


def _fixed(offset: timedelta | None) -> str | None:
    if offset is None:
        return None
    hours, rest = divmod(offset, timedelta(hours=1))
    if rest or not -12 <= hours <= 14:
        return None
    return "UTC" if hours == 0 else f"Etc/GMT{-hours:+d}"


def day_text(day: date) -> str:
    """The day as YYYYMMDD."""
    return day.isoformat().replace("-", "")
