"""The filter of a list of exports: ``type:download|export+status:failed,type:export_incremental``.

``,`` is or between groups, ``+`` is and between the parts of a group, ``|`` is or between a part's values
(docs/api/export-definition.md).
"""

from msgspec import Struct

from slotport.core.export import ExportType, State
from slotport.errors import WireError, invalid_value

LONGEST = 2000  #: characters

_VALUES = {"type": frozenset(ExportType), "status": frozenset(State)}


class Part(Struct, frozen=True, kw_only=True):
    """An export has one of the types, and one of the states; None: any."""

    types: frozenset[ExportType] | None = None
    states: frozenset[State] | None = None


#: alternatives, at least one of which must hold; none at all: every export is meant
Filter = tuple[Part, ...]


def read(text: str | None) -> Filter:
    """The filter of that text, as it is after percent-decoding; raises WireError invalid_value for ``filter``."""
    if not text:
        return ()
    if len(text) > LONGEST:
        raise _refused(f"must have at most {LONGEST} characters")
    if " " in text:
        raise _refused("holds a blank; a plus sign has to be written as %2B in an address")
    return tuple(dict.fromkeys(_group(group) for group in text.split(",")))


def _group(text: str) -> Part:
    types: frozenset[str] | None = None
    states: frozenset[str] | None = None
    for part in text.split("+"):
        name, colon, values = part.partition(":")
        if not colon or name not in _VALUES:
            raise _refused("is made of type:… and status:… parts, joined with %2B (and) or a comma (or)")
        found = frozenset(values.split("|"))
        if not found <= _VALUES[name]:
            raise _refused(f"{name} must be one of {', '.join(sorted(_VALUES[name]))}")
        if name == "type":
            types = found if types is None else types & found
        else:
            states = found if states is None else states & found
    return Part(
        types=None if types is None else frozenset(map(ExportType, types)),
        states=None if states is None else frozenset(map(State, states)),
    )


def _refused(text: str) -> WireError:
    return invalid_value("filter", text)
