"""How often passwords may be tried and reset links asked for: counted in this process, over all surfaces together."""

import ipaddress
import math
import threading
import time
from weakref import WeakKeyDictionary

from limits.storage import MemoryStorage

from slotport.errors import TooManyTries
from slotport.storage.store import Store


class Tries:
    """Counts tries a name (an account, an address); a window begins with a name's first try."""

    def __init__(self) -> None:
        self._counts = MemoryStorage()
        self._lock = threading.Lock()

    def take(self, limits: dict[str, int], *, seconds: int, what: str) -> None:
        """Count one try for every name. ``limits``: name -> tries allowed in ``seconds``; 0 is no limit.

        Raises TooManyTries, and counts nothing, if one of them has none left.
        """
        names = [name for name, limit in limits.items() if limit > 0]
        with self._lock:
            used_up = [name for name in names if self._counts.get(name) >= limits[name]]
            if used_up:
                free_at = max(self._counts.get_expiry(name) for name in used_up)
                wait = max(1, math.ceil(free_at - time.time()))
                raise TooManyTries(f"too many {what}; try again in {wait} seconds", retry_after_seconds=wait)
            for name in names:
                self._counts.incr(name, seconds)

    def give_back(self, name: str) -> None:
        """Take one try off the name's count: it was a good one."""
        with self._lock:
            if self._counts.get(name):
                self._counts.decr(name)

    def forget(self, name: str) -> None:
        """Begin the name's count anew."""
        with self._lock:
            self._counts.clear(name)


_OF_STORE: WeakKeyDictionary[Store, Tries] = WeakKeyDictionary()
_LOCK = threading.Lock()


def tries_of(store: Store) -> Tries:
    """The one count that every surface on the store shares."""
    with _LOCK:
        return _OF_STORE.setdefault(store, Tries())


def source_of(address: str) -> str:
    """The name under which an address is counted: of IPv6 the network of 64 bits, all of which one person has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return f"address:{address[:100]}"
    if parsed.version == 6:
        return f"address:{ipaddress.ip_network((parsed.packed, 64), strict=False)}"
    return f"address:{parsed}"
