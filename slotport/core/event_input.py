"""What is said of an event, and what it becomes (docs/api/convention-events.md)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from msgspec import Struct

from slotport.core.convention import Event, EventStatus
from slotport.core.convention_input import flag, integer, json_value, moment, text
from slotport.core.tagging import said_tags
from slotport.core.when import shown
from slotport.errors import Forbidden, Invalid

TITLE_LENGTH = 1000
MAX_MINUTES = 5_256_000  #: of an event's duration: ten years
MAX_PRICE_CENTS = 10**12

Fields = Mapping[str, Any]

_TEXTS = ("description", "notes_to_attendees", "notes_to_staff", "scheduling_constraints", "logistical_requirements")
#: what only a manager says of an event that is there
_MANAGED = (
    "requires_registration",
    "price",
    "status",
    "user",
    "staff_contact",
    "tags",
    "remove_tags",
)
_PRICE = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<cents>[0-9]{1,2})0*)?", re.ASCII)
_ORDINALS = {status.value: status for status in EventStatus}
_LABELS = {status.label: status for status in EventStatus}


class EventInput(Struct, frozen=True, kw_only=True):
    """A checked request: new values of an Event by their names, and what only the store can look up."""

    values: dict[str, Any]
    tags: dict[str, str | tuple[str, ...]]  #: to add
    removed_tags: dict[str, str | tuple[str, ...]]
    owner: Any = None  #: a user reference; None: not given
    staff_contact: Any = None  #: a user reference; None: not given
    no_staff_contact: bool = False  #: there is to be none
    created_at: datetime | None = None


def new_event(fields: Fields, zone: tzinfo, *, managed: bool) -> EventInput:
    """What is said of a new event; ``managed``: by a manager. Raises Invalid, and Forbidden for a manager's fields."""
    values = _values(fields)
    for name in ("title", "teaser"):
        if not values.get(name):
            raise Invalid.of(name, "is needed")
    if "duration_minutes" not in values:
        raise Invalid.of("duration", "is needed: a whole number of minutes, at least 1")
    tags = said_tags(fields.get("tags"), "tags")
    if tags and not managed:
        raise Forbidden("only a manager of the convention tags its events")
    created = fields.get("created_time") if managed else None
    return EventInput(
        values=values,
        tags=tags,
        removed_tags={},
        owner=_given(fields.get("user")),
        created_at=None if created in (None, "") else moment(created, zone, "created-time"),
    )


def changed_event(fields: Fields, event: Event, *, managed: bool) -> EventInput:
    """What is said of the event; ``managed``: by a manager, else by its owner.

    Raises Invalid, and Forbidden for what an owner may not change, or not any more.
    """
    if not managed:
        if event.status is not EventStatus.SUBMITTED:
            raise Forbidden("the event is being worked on: only a manager of the convention changes it now")
        if refused := [name for name in _MANAGED if _is_said(fields.get(name))]:
            raise Forbidden(f"only a manager of the convention sets {refused[0].replace('_', '-')}")
        fields = {name: value for name, value in fields.items() if name not in _MANAGED}
    values = _values(fields)
    for name in ("title", "teaser"):
        if name in values and not values[name] and getattr(event, name):
            raise Invalid.of(name, "cannot be empty")
    contact = fields.get("staff_contact")
    return EventInput(
        values=values | _managed_values(fields),
        tags=said_tags(fields.get("tags"), "tags"),
        removed_tags=said_tags(fields.get("remove_tags"), "remove-tags"),
        owner=_given(fields.get("user")),
        staff_contact=_contact(_given(contact)),
        no_staff_contact="staff_contact" in fields and _given(contact) is None,
    )


def _values(fields: Fields) -> dict[str, Any]:
    """What an owner may say too; what is not given is not among them."""
    found: dict[str, Any] = {}
    for name in ("title", "teaser"):
        if name in fields:
            longest = {"longest": TITLE_LENGTH} if name == "title" else {}
            found[name] = (text(fields[name], name, **longest) or "").strip()
    for name in _TEXTS:
        if name in fields:
            found[name] = text(fields[name], name.replace("_", "-")) or None
    if "logitsical_requirements" in fields and "logistical_requirements" not in fields:
        name = "logitsical-requirements"  # as the service's documents, and so its clients, spell it
        found["logistical_requirements"] = text(fields["logitsical_requirements"], name) or None
    numbers: tuple[tuple[str, str, Callable[[Any, str], int | None]], ...] = (
        ("duration", "duration_minutes", lambda value, name: integer(value, name, least=1, most=MAX_MINUTES)),
        ("min_attendees", "min_attendees", integer),
    )
    for name, field, read in numbers:
        if (number := read(fields.get(name), name.replace("_", "-"))) is not None:
            found[field] = number
    if "max_attendees" in fields:
        found["max_attendees"] = integer(fields["max_attendees"], "max-attendees")
    if (registers := flag(fields.get("requires_registration"), "requires-registration")) is not None:
        found["requires_registration"] = registers
    for name in ("custom_data", "data"):  # the latter counts if both are there
        if name in fields:
            found["data"] = json_value(fields[name], name)
    return found


def _managed_values(fields: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "price" in fields:
        found["price_cents"] = _cents(fields["price"])
    if _given(fields.get("status")) is not None:
        found["status"] = event_status(fields["status"], "status")
    return found


def event_status(value: Any, name: str) -> EventStatus:
    """The status of an ordinal, as number or text, or of a label in whatever case. Raises Invalid."""
    if isinstance(value, str) and (found := _LABELS.get(value.strip().lower())) is not None:
        return found  # submitted is 0, and so false
    ordinal = value if isinstance(value, int) and not isinstance(value, bool) else -1
    if isinstance(value, str) and len(value) < 4 and value.isascii() and value.isdecimal():
        ordinal = int(value)
    if ordinal in _ORDINALS:
        return _ORDINALS[ordinal]
    choices = ", ".join(f"{status.value} ({status.label})" for status in EventStatus)
    raise Invalid.of(name, f"must be one of {choices}, not {shown(value)}")


def _cents(value: Any) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{Decimal(repr(value)):f}" if abs(value) < 1e15 else "-"
    match = _PRICE.fullmatch(value.strip()) if isinstance(value, str) else None
    cents = int(match["whole"]) * 100 + int((match["cents"] or "0").ljust(2, "0")) if match else -1
    if not 0 <= cents <= MAX_PRICE_CENTS:
        raise Invalid.of("price", f"must be an amount such as 12.50, not {shown(value)}")
    return cents


def _contact(value: Any) -> Any:
    """A staff contact may be named by the bare address."""
    if isinstance(value, str):
        return {"id": value}  # which is an address if it holds an @
    return value


def _given(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _is_said(value: Any) -> bool:
    """Whether a field means anything: forms send all of theirs, empty ones too."""
    return value is not None and value != "" and value != [] and value != {}
