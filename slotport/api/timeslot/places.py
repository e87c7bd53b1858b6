"""The location object of the Timeslot API (docs/api/timeslot-slots.md): in answers, and in requests."""

from uuid import UUID

from msgspec import Struct, structs

from slotport.core.slot import PLACE_LENGTH, PLACE_LENGTHS, Place, is_storable, names_no_place
from slotport.errors import Invalid

_TEXTS = [name for name in Place.__struct_fields__ if name not in {"latitude", "longitude", "private_location"}]
_DEGREES = {"latitude": 90.0, "longitude": 180.0}  #: the largest value, either way


class Location(Struct, kw_only=True, rename="camel"):
    """A place as answered; what is unset is null."""

    id: UUID | None
    name: str | None
    thoroughfare: str | None
    sub_thoroughfare: str | None
    locality: str | None
    sub_locality: str | None
    administrative_area: str | None
    sub_administrative_area: str | None
    country: str | None
    in_land_water: str | None
    ocean: str | None
    areas_of_interest: str | None
    postal_code: str | None
    iso_country_code: str | None
    latitude: float | None
    longitude: float | None
    place_id: str | None


class LocationForm(Struct, kw_only=True):
    """A place as asked for. Numbers may be texts; other keys than these are left alone."""

    name: str | None = None
    thoroughfare: str | None = None
    sub_thoroughfare: str | None = None
    locality: str | None = None
    sub_locality: str | None = None
    administrative_area: str | None = None
    sub_administrative_area: str | None = None
    postal_code: str | None = None
    country: str | None = None
    iso_country_code: str | None = None
    in_land_water: str | None = None
    ocean: str | None = None
    areas_of_interest: str | None = None
    latitude: float | str | None = None
    longitude: float | str | None = None
    place_id: str | None = None
    private_location: bool | None = None


def location_of(place: Place | None, uuid: UUID | None) -> Location | None:
    """The answer's object; None where there is no place."""
    if place is None or names_no_place(place):
        return None
    values = {name: getattr(place, name) for name in Location.__struct_fields__ if name != "id"}
    return Location(id=uuid, **values)


def place_of(form: LocationForm | None) -> Place | None:
    """The place that a request names; None for null or no value at all: a blank text is none.

    Raises Invalid, naming ``location``.
    """
    if form is None:
        return None
    values = structs.asdict(form)
    values |= {name: None for name in _TEXTS if values[name] is not None and not values[name].strip()}
    problems = [text for name in _TEXTS if (text := _about_text(name, values[name]))]
    for name, largest in _DEGREES.items():
        try:
            values[name] = _degrees(values[name], largest)
        except ValueError:
            problems.append(f"{name} must be a number from -{largest:g} to {largest:g}")
    if problems:
        raise Invalid({"location": problems})
    place = Place(**values)
    return None if names_no_place(place) else place


def _about_text(name: str, value: str | None) -> str | None:
    longest = PLACE_LENGTHS.get(name, PLACE_LENGTH)
    if value is None or (len(value) <= longest and is_storable(value)):
        return None
    if len(value) > longest:
        return f"{name} must have at most {longest} characters"
    return f"{name} holds a character that cannot be stored"


def _degrees(value: float | str | None, largest: float) -> float | None:
    if value is None or value == "":
        return None
    number = float(value)
    if not abs(number) <= largest:  # NaN compares false, too
        raise ValueError(value)
    return number
