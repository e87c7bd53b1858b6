"""One record of Timeslot JSON as it stands in the file (docs/formats/timeslot.md), and how others spell it.

A record as Slotport writes it is decoded straight into ``Record``. Any other one goes through ``mended``, which
spells keys as Slotport does, drops those that it does not know, and says what is wrong with the rest.
"""

import math
import re
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from slotport.core.slot import PLACE_LENGTH, PLACE_LENGTHS, MediaType, Place, Visibility
from slotport.core.when import shown
from slotport.formats.checks import Wrong, no_start, no_title

_Text255 = Annotated[str, Meta(max_length=255)]
_PlaceText = Annotated[str, Meta(max_length=PLACE_LENGTH)]
_Coordinate = float | str | None


class MediaRecord(Struct, forbid_unknown_fields=True, gc=False):
    """An item of ``media``."""

    public_id: Annotated[str, Meta(min_length=1, max_length=255)]
    media_type: MediaType
    position: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    duration: float | None = None
    title: Annotated[str, Meta(max_length=64)] | None = None
    local_id: Annotated[str, Meta(max_length=512)] | None = None
    thumbnail: _Text255 | None = None


class NoteRecord(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An item of ``notes``."""

    title: str
    content: str
    local_id: str | None = None


class SettingsRecord(Struct, forbid_unknown_fields=True, gc=False):
    """The item of ``settings``."""

    alerts: str


class GroupRecord(Struct, forbid_unknown_fields=True, gc=False):
    """An item of ``groups``."""

    uuid: str | None = None
    name: str = ""
    image: str = ""
    public: bool = False
    description: str | None = None


class PlaceRecord(Struct, forbid_unknown_fields=True, gc=False):
    """The ``location``."""

    name: _PlaceText | None = None
    country: _PlaceText | None = None
    postalcode: Annotated[str, Meta(max_length=PLACE_LENGTHS["postal_code"])] | None = None
    city: _PlaceText | None = None
    address: _PlaceText | None = None
    latitude: _Coordinate = None
    longitude: _Coordinate = None
    sub_thoroughfare: _PlaceText | None = None
    sub_locality: _PlaceText | None = None
    administrative_area: _PlaceText | None = None
    sub_administrative_area: _PlaceText | None = None
    iso_country_code: Annotated[str, Meta(max_length=PLACE_LENGTHS["iso_country_code"])] | None = None
    in_land_water: _PlaceText | None = None
    ocean: _PlaceText | None = None
    areas_of_interest: _PlaceText | None = None
    place_id: _PlaceText | None = None
    private_location: bool | None = None


class Record(Struct, forbid_unknown_fields=True, gc=False):
    """A record with the keys as Slotport writes them."""

    title: str
    start: str
    uid: str | None = None
    visibility: Visibility | None = None
    end: str | None = None
    media: list[MediaRecord] | None = None
    notes: list[NoteRecord] | None = None
    settings: list[SettingsRecord] | None = None
    groups: list[GroupRecord] | None = None
    location: PlaceRecord | UnsetType | None = UNSET
    description: str | None = None
    allday: bool = False
    open_end: bool = False
    rrule: str | None = None
    recurrence_id: str = ""
    timezone: str | None = None
    floating: bool = False
    icalendar: list[str] | None = None


#: location keys of the file -> fields of a Place, where the names differ
PLACE_FIELDS = {"postalcode": "postal_code", "city": "locality", "address": "thoroughfare"}

_ALIASES = {"all_day": "allday", "image_url": "image"}
_PLACE_ALIASES = {field: key for key, field in PLACE_FIELDS.items()}
_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")
_PATH = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_WORDS = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "array": "a list", "object": "an object", "null": "null",
}  # fmt: skip
_KINDS = re.compile(r"`([^`]*)`")


def mended(found: object) -> Record:
    """Make a record of what an element of the file holds, however its keys are spelt. Raises Wrong."""
    if not isinstance(found, dict):
        raise Wrong("bad_record", "The element is not an object.")
    fields = _known(found, Record, _ALIASES)
    if _is_blank(fields.get("title")):
        raise no_title()
    if _is_blank(fields.get("start")):
        raise no_start()
    _legacy(fields, _snake(found))
    if _is_blank(fields.get("visibility")):
        fields["visibility"] = None
    elif fields["visibility"] not in list(Visibility):
        wrong = shown(fields["visibility"])
        raise Wrong("bad_visibility", f"The visibility {wrong} is not private, friends, foaf or public.")
    for key in ("allday", "open_end", "floating", "recurrence_id"):
        if fields.get(key, 0) is None:
            del fields[key]
    fields["media"] = _media(fields.get("media"))
    fields["notes"] = _each(fields.get("notes"), NoteRecord)
    fields["groups"] = [
        _without_null(group, "name", "image", "public") for group in _each(fields.get("groups"), GroupRecord) or []
    ]
    fields["settings"] = _settings(fields.get("settings"))
    if isinstance(fields.get("location"), dict):
        fields["location"] = _known(fields["location"], PlaceRecord, _PLACE_ALIASES)
    try:
        return msgspec.convert(fields, Record)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)) from error


def coordinate(text: str, key: str) -> float | None:
    """Read a coordinate that is given as a text, blank where it is unset. Raises Wrong."""
    if not text.strip():
        return None
    try:
        value = float(text) if len(text) <= 100 and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    raise Wrong("bad_location", f"The {key} {shown(text)} of the location is not a number.")


def texts(found: Any) -> list[str]:
    """List every text in a decoded JSON value, in no certain order."""
    rest, listed = [found], []
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            listed.append(value)
        elif isinstance(value, dict):
            rest.extend(value.values())
        elif isinstance(value, list):
            rest.extend(value)
    return listed


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _snake(found: dict[str, Any]) -> dict[str, Any]:
    """Spell the keys in snake_case; a key that is so already wins."""
    humped = {_HUMP.sub(lambda hump: "_" + hump[0], key).lower(): value for key, value in found.items()}
    return humped | {key: value for key, value in found.items() if key.islower()}


def _known(found: dict[str, Any], kind: type[Struct], aliases: dict[str, str]) -> dict[str, Any]:
    """Keep the keys that ``kind`` has, spelt as it does."""
    spelt = _snake(found)
    for alias, key in aliases.items():
        if alias in spelt:
            spelt.setdefault(key, spelt[alias])
    return {key: spelt[key] for key in kind.__struct_fields__ if key in spelt}


def _each(found: object, kind: type[Struct]) -> Any:
    """Keep the known keys of each item of a list; what is no list of objects stays, to be refused."""
    if not isinstance(found, list):
        return found
    return [_known(item, kind, _ALIASES) if isinstance(item, dict) else item for item in found]


def _without_null(item: Any, *keys: str) -> Any:
    """Leave those keys out that are null: they mean what an absent one does."""
    if not isinstance(item, dict):
        return item
    return {key: value for key, value in item.items() if value is not None or key not in keys}


def _media(found: object) -> Any:
    """Give items without a position the one that their place in the list (last first) stands for."""
    items = _each(found, MediaRecord)
    if isinstance(items, list):
        for number, item in enumerate(items):
            if isinstance(item, dict) and item.get("position") is None:
                item["position"] = len(items) - 1 - number
    return items


def _settings(found: object) -> Any:
    """Take the first of the settings; an object alone, as the Slot API has it, is that."""
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not found:
        return found
    first = _each(found[:1], SettingsRecord)[0]
    if isinstance(first, dict) and first.get("alerts") is None:
        return []
    return [first]


def _legacy(fields: dict[str, Any], record: dict[str, Any]) -> None:
    """Take the group and the image of the form that holds a single calendar."""
    group = record.get("group")
    if "groups" not in fields and isinstance(group, dict):
        group = _snake(group)
        fields["groups"] = [
            {
                "name": group.get("title") or group.get("name"),
                "image": group.get("image_url") or group.get("image"),
                "public": group.get("visibility") == "public",
                "description": group.get("description"),
            }
        ]
    if not fields.get("media") and not _is_blank(record.get("image_url")):
        fields["media"] = [{"public_id": record["image_url"], "media_type": "image", "position": 0}]


def _wrong(message: str) -> Wrong:
    """Word what msgspec found: the code of the first key on the way there, and a sentence."""
    parts = _PATH.fullmatch(message)
    said, path = (parts[1], parts[2] or "") if parts else (message, "")
    if missing := _MISSING.fullmatch(said):
        path, said = f"{path}.{missing[1]}".lstrip("."), "it is missing"
    key = re.split(r"[.\[]", path, maxsplit=1)[0] or "record"
    code = "bad_alerts" if key == "settings" else f"bad_{key}"
    said = _KINDS.sub(lambda kind: " or ".join(_WORDS.get(word, word) for word in kind[1].split(" | ")), said)
    return Wrong(code, f"The value of {path or 'the record'} cannot be taken: {said[:1].lower()}{said[1:]}.")


# a field added to Place needs a key
assert {PLACE_FIELDS.get(key, key) for key in PlaceRecord.__struct_fields__} == set(Place.__struct_fields__)  # noqa: S101
