"""Time slots as they were encoded for catalogs before: after a change only what changed is loaded and encoded again.

A view holds all that an encoded time slot depends on but its own version and its event's: who asks, and the
convention's ``shared_change``, the number of the last commit that touched its people, locations, tag types or settings.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable

from slotport.core.convention import TimeSlot
from slotport.storage.timeslots import Stamp

MIB = 1024 * 1024
ENTRY_BYTES = 300  #: that a piece takes beside its text
VIEW_BYTES = 1000  #: that a view takes beside its pieces

Wanted = Callable[[list[Stamp]], list[int]]
Held = dict[int, tuple[Stamp, bytes]]


class Pieces:
    """Encoded time slots by view, the views least recently asked for forgotten; safe to use from any thread."""

    def __init__(self, most_bytes: int = 32 * MIB) -> None:
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._views: OrderedDict[Hashable, Held] = OrderedDict()
        self._lock = threading.Lock()

    def array(
        self,
        view: Hashable,
        ask: Callable[[Wanted], tuple[list[Stamp], list[TimeSlot]]],
        encode: Callable[[list[TimeSlot]], Iterable[bytes]],
    ) -> bytes:
        """The JSON array of a catalog: ``ask`` gives its stamps, and whole those that are wanted of them."""
        held = self._held(view)
        found: dict[int, bytes] = {}

        def wanted(stamps: list[Stamp]) -> list[int]:
            for stamp in stamps:
                known = held.get(stamp.slot_id)
                if known is not None and known[0] == stamp:
                    found[stamp.slot_id] = known[1]
            return [stamp.slot_id for stamp in stamps if stamp.slot_id not in found]

        stamps, slots = ask(wanted)
        new = dict(zip((slot.id for slot in slots), encode(slots), strict=True))
        found |= new
        self._keep(view, held, {stamp.slot_id: (stamp, new[stamp.slot_id]) for stamp in stamps if stamp.slot_id in new})
        return b"[" + b",".join([found[stamp.slot_id] for stamp in stamps]) + b"]"

    def _held(self, view: Hashable) -> Held:
        with self._lock:
            if view not in self._views:
                self._views[view] = {}
                self._held_bytes += VIEW_BYTES
            self._views.move_to_end(view)
            return self._views[view]

    def _keep(self, view: Hashable, held: Held, new: Held) -> None:
        with self._lock:
            if self._views.get(view) is not held:
                return  # forgotten meanwhile
            self._held_bytes += _size(new) - _size({number: held[number] for number in new.keys() & held.keys()})
            held.update(new)
            while self._held_bytes > self._most_bytes:
                self._held_bytes -= VIEW_BYTES + _size(self._views.popitem(last=False)[1])


def _size(held: Held) -> int:
    return sum(len(piece) + ENTRY_BYTES for _, piece in held.values())
