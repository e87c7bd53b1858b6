"""How answers show people and locations, wherever they stand (docs/api/convention-places.md)."""

from msgspec import UNSET, Struct, UnsetType

from slotport.core.convention import Access, Location, Person, Role


class UserObject(Struct, kw_only=True):
    """An account; `phone` and `date_of_birth` only of oneself, and with system access of some."""

    status: bool | UnsetType = UNSET  #: true where the answer tells of a change
    id: str
    name: str
    email: str | None
    phone: str | UnsetType | None = UNSET
    date_of_birth: str | UnsetType | None = UNSET


class PlaceObject(Struct, kw_only=True, rename="kebab"):
    """A location as a time slot shows it."""

    title: str
    slug: str
    max_attendees: str
    area: str | None


def user_object(person: Person, access: Access) -> UserObject:
    """The person as the caller may see them."""
    shown = UserObject(id=str(person.id), name=person.name, email=person.email)
    if shows_details(person, access):
        shown.phone = person.phone
        shown.date_of_birth = None  # accounts have none
    return shown


def shows_details(person: Person, access: Access) -> bool:
    """Whether the caller may see phone and date of birth: one's own, and with system access those of open people."""
    is_caller = access.account is not None and access.account.id == person.id
    return is_caller or (access.sees_all and person.is_open)


class RoleObject(Struct, frozen=True, kw_only=True):
    """What a manager is called."""

    id: str
    key: str
    title: str


ROLES = {
    role: RoleObject(id=str(number), key=role.value, title=role.value.capitalize())
    for number, role in enumerate(Role, start=1)
}


class Done(Struct, frozen=True):
    """That it is done."""

    status: bool = True


def place_object(location: Location) -> PlaceObject:
    """The location without its time slots."""
    return PlaceObject(
        title=location.title, slug=location.slug, max_attendees=str(location.max_attendees), area=location.area
    )
