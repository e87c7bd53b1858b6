"""Answers that were made before and are still right, kept in memory.

The pages of a convention ask for its catalog all day, and it changes now and then. A key holds all that the answer
depends on: who asks for what, and the convention's ``change``, the number of the last commit that touched anything of
it. Whoever asks has just read that number, so that nothing stale is ever found.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

MIB = 1024 * 1024
ENTRY_BYTES = 500  #: of the least entry


class Answers:
    """Encoded answers, the least recently wanted of them forgotten; safe to use from any thread."""

    def __init__(self, most_bytes: int = 16 * MIB) -> None:
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """The answer kept under the key; if there is none, what ``make`` gives."""
        with self._lock:
            if (kept := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return kept
        made = make()
        with self._lock:
            if key not in self._kept and _size(key, made) <= self._most_bytes:
                self._kept[key] = made
                self._held_bytes += _size(key, made)
            while self._held_bytes > self._most_bytes:
                self._held_bytes -= _size(*self._kept.popitem(last=False))
        return made


def _size(key: Hashable, answer: bytes) -> int:
    """What is held, about: keys are as long as clients make them."""
    return len(answer) + 2 * len(repr(key)) + ENTRY_BYTES
