"""Objects of a run as bytes, for the files in which they wait (msgpack).

The times of a slot are instants or days, which msgspec writes but reads only where the type does not say so.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct, structs

from slotport.core.deletion import Deletion
from slotport.core.exported import Exported
from slotport.core.object_links import Linked
from slotport.core.slot import Slot

encode: Callable[[Struct], bytes] = msgspec.msgpack.Encoder().encode
encode_block: Callable[[Sequence[Exported]], bytes] = msgspec.msgpack.Encoder().encode


class _Slot(Slot, frozen=True, kw_only=True, gc=False, array_like=True):
    start: Any
    end: Any = None


class _Exported(Exported, frozen=True, kw_only=True, gc=False, array_like=True):
    slot: _Slot | None = None


class _Linked(Linked, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    object: _Exported


class _Deletion(Deletion, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    slot: _Slot | None = None


_block = msgspec.msgpack.Decoder(list[_Exported]).decode
_linked = msgspec.msgpack.Decoder(_Linked).decode
_deletion = msgspec.msgpack.Decoder(_Deletion).decode


def block(body: bytes | memoryview) -> Sequence[Exported]:
    """The objects that ``encode_block`` made the bytes of."""
    found = _block(body)
    for one in found:
        if one.slot is not None:
            _set_days(one.slot)
    return found


def linked(body: bytes | memoryview) -> Linked:
    """The linked object that ``encode`` made the bytes of."""
    one = _linked(body)
    if one.object.slot is not None:
        _set_days(one.object.slot)
    return one


def deletion(body: bytes | memoryview) -> Deletion:
    """The deletion that ``encode`` made the bytes of."""
    one = _deletion(body)
    if one.slot is not None:
        _set_days(one.slot)
    return one


def _set_days(slot: Slot) -> None:
    """Make days of the texts that stand for them: right after reading, before anybody sees the slot."""
    if isinstance(slot.start, datetime):
        return
    read: dict[str, Any] = {"start": slot.start, "end": slot.end}
    for name, value in read.items():
        if isinstance(value, str):
            structs.force_setattr(slot, name, date.fromisoformat(value))
