"""Reads values of a JSON document strictly: a wrong one is a WireError that names its place in the document.

A **reader** takes a value and its place, such as ``export.csv.quote`` or ``_schedules[0].hours[2]``, and gives the
typed value. ``"3"`` is no number, ``1`` is no truth value; what a client may not name is refused, never dropped.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import UNSET

from slotport.core.slot import is_storable
from slotport.errors import attribute_not_accepted, invalid_value, type_mismatch

T = TypeVar("T")
Reader = Callable[[Any, str], T]

LONGEST_TEXT = 10_000  #: characters of a text without a limit of its own
LARGEST_NUMBER = 2**31 - 1
LARGEST_ID = 2**63 - 1
_SHOWN_NAME = 80  #: characters of a member's name that a place repeats


def member(place: str, name: str) -> str:
    """The place of an object's member; of an odd name, what can be shown of it."""
    cut = name[:_SHOWN_NAME]
    shown = "".join(letter if letter.isprintable() else "?" for letter in cut)
    shown += "..." if len(name) > _SHOWN_NAME else ""
    return f"{place}.{shown}" if place else shown


def entry(place: str, index: int) -> str:
    """The place of an array's entry."""
    return f"{place}[{index}]"


def an_object(value: Any, place: str) -> Mapping[str, Any]:
    """The object."""
    if not isinstance(value, Mapping):
        raise type_mismatch(place, "an object")
    return value


def an_array(value: Any, place: str, *, most: int) -> Sequence[Any]:
    """The array, of at most so many entries."""
    if not isinstance(value, list | tuple):
        raise type_mismatch(place, "an array")
    if len(value) > most:
        raise invalid_value(place, f"must have at most {most} entries")
    return value


def array_of(read: Reader[T], *, most: int, least: int = 0) -> Reader[tuple[T, ...]]:
    """A reader of arrays, each entry of which the other one reads."""

    def read_array(value: Any, place: str) -> tuple[T, ...]:
        entries = an_array(value, place, most=most)
        if len(entries) < least:
            raise invalid_value(place, f"must have at least {least} entry" if least == 1 else f"needs {least} entries")
        return tuple(read(one, entry(place, index)) for index, one in enumerate(entries))

    return read_array


def flag(value: Any, place: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise type_mismatch(place, "true or false")
    return value


def number(least: int, most: int = LARGEST_NUMBER) -> Reader[int]:
    """A reader of whole numbers within bounds, both included."""

    def read(value: Any, place: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise type_mismatch(place, "a whole number")
        if not least <= value <= most:
            raise invalid_value(place, f"must be from {least} to {most}")
        return value

    return read


def text(value: Any, place: str) -> str:
    """A text that a database can hold."""
    if not isinstance(value, str):
        raise type_mismatch(place, "a text")
    if len(value) > LONGEST_TEXT:
        raise invalid_value(place, f"must have at most {LONGEST_TEXT} characters")
    if not is_storable(value):
        raise invalid_value(place, "holds a character that cannot be stored")
    return value


def short_text(shortest: int, longest: int) -> Reader[str]:
    """A reader of texts with so many characters."""

    def read(value: Any, place: str) -> str:
        found = text(value, place)
        if not shortest <= len(found) <= longest:
            raise invalid_value(place, f"must have {shortest} to {longest} characters")
        return found

    return read


def choice(*words: str) -> Reader[Any]:
    """A reader of one of the words."""

    def read(value: Any, place: str) -> str:
        word = text(value, place)
        if word not in words:
            raise invalid_value(place, f"must be one of {', '.join(words)}")
        return word

    return read


def off(value: Any, place: str) -> Any:
    """What Slotport does not have: false is taken, and means nothing, as ``null`` does."""
    if value is not False:
        raise attribute_not_accepted(place)
    return UNSET


def absent(_value: Any, place: str) -> Any:
    """What Slotport does not have: nothing but ``null`` is taken, which ``members`` leaves out before."""
    raise attribute_not_accepted(place)


def ignored(_value: Any, _place: str) -> Any:
    """What may be sent back as it was shown, whatever it is, and means nothing."""
    return UNSET


def members(value: Any, place: str, readers: Mapping[str, Reader[Any]]) -> dict[str, Any]:
    """What an object says, by name, as its members' readers give it; ``null``, the default, is left out.

    Raises what they raise, and attribute_not_accepted for a member that has no reader.
    """
    said = an_object(value, place)
    only(said, place, readers)
    found: dict[str, Any] = {}
    for name, one in said.items():
        if one is not None and (read := readers[name](one, member(place, name))) is not UNSET:
            found[name] = read
    return found


def only(said: Mapping[str, Any], place: str, names: Collection[str]) -> None:
    """Raise attribute_not_accepted for the first member that has another name."""
    for name in said:
        if name not in names:
            raise attribute_not_accepted(member(place, name))
