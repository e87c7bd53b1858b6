"""Formats: bytes <-> slots, in pieces, one module a format (docs/formats/).

A format module opens no file, asks no clock and makes no ids. It has these names:

``MEDIA_TYPE``  of a written file
``KEEPS``       the Slot fields that ``write``, then ``read``, gives back
``fits``        whether a file that begins with these bytes (UTF-8 without a byte order mark, up to 64 KiB) is one
``read``        chunks of bytes -> Slots and Problems, in file order; the chunks may be walked twice. Raises
                FormatError where nothing after can be read, BadText for bytes that are not UTF-8
``write``       slots -> chunks of bytes
``date_order``  optional: the order of the dates of a file where they do not say it, and whether nothing decides it
``write_keeping``  optional: as write, for slots or what was kept of them when they were written before
"""

from collections.abc import Callable, Iterable, Iterator
from types import ModuleType

from msgspec import Struct

from slotport.core.slot import Problem, Rendering, Slot
from slotport.errors import UnknownFormat
from slotport.formats import icalendar, outlook, timeslot
from slotport.formats.options import DateOrder, ReadOptions, WriteOptions

__all__ = ["FORMATS", "Format", "ReadOptions", "WriteOptions", "recognised"]

HEAD_BYTES = 65536  #: how much of a file's beginning ``fits`` may see


class Format(Struct, frozen=True, kw_only=True):
    """One format: see the names at the top of this module."""

    name: str
    media_type: str
    keeps: frozenset[str]
    fits: Callable[[bytes], bool]
    read: Callable[[Iterable[bytes], ReadOptions], Iterator[Slot | Problem]]
    write: Callable[[Iterable[Slot], WriteOptions], Iterator[bytes]]
    write_keeping: (
        Callable[[Iterable[Slot | Rendering], WriteOptions, Callable[[Rendering], None]], Iterator[bytes]] | None
    ) = None
    date_order: Callable[[Iterable[bytes]], tuple[DateOrder, bool]] | None = None


def _format(name: str, module: ModuleType) -> Format:
    return Format(
        name=name,
        media_type=module.MEDIA_TYPE,
        keeps=module.KEEPS,
        fits=module.fits,
        read=module.read,
        write=module.write,
        write_keeping=getattr(module, "write_keeping", None),
        date_order=getattr(module, "date_order", None),
    )


#: by the word after /v1/export/; recognised in this order
FORMATS: dict[str, Format] = {
    "ical": _format("ical", icalendar),
    "google": _format("google", icalendar),
    "timeslot": _format("timeslot", timeslot),
    "outlook": _format("outlook", outlook),
}


def recognised(head: bytes) -> Format:
    """The format of a file that begins with ``head``. Raises UnknownFormat."""
    for known in FORMATS.values():
        if known.fits(head):
            return known
    raise UnknownFormat("file", 1, "this is neither iCalendar nor Outlook CSV nor Timeslot JSON")
