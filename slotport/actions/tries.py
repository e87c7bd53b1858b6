"""How often passwords may be tried, reset links and sessions asked for: counted over all surfaces and processes."""

import ipaddress
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from slotport.errors import TooManyTries
from slotport.storage import tries
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Store, Transaction


class Limit(Struct, frozen=True, kw_only=True):
    """How many tries a name (an account, an address) has in a window, which begins with its first try.

    ``blocks``: the last one that is allowed begins a window of the same length, in which there is none.
    """

    name: str
    most: int  #: 0: no limit
    seconds: int
    blocks: bool = False

    @property
    def key(self) -> str:
        """The name as it is stored: nobody who reads the table learns who tried."""
        return _key(self.name)


def take(store: Store, limits: Sequence[Limit], *, what: str, now: datetime) -> None:
    """Count one try for every name. Raises TooManyTries, and counts nothing, if one of them has none left."""
    with store.write() as transaction:
        take_in(transaction, limits, what=what, now=now)


def take_in(transaction: Transaction, limits: Sequence[Limit], *, what: str, now: datetime) -> None:
    """The same as a part of the transaction."""
    limits = [limit for limit in limits if limit.most > 0]
    if not limits:
        return
    before = tries.locked(transaction, [limit.key for limit in limits], now=milliseconds(now))
    _refuse(before, limits, what, now)
    after: dict[str, tries.Count] = {}
    for limit in limits:
        known = before.get(limit.key, _NONE)
        begins = known.count == 0 or (limit.blocks and known.count + 1 == limit.most)
        end = milliseconds(now + timedelta(seconds=limit.seconds)) if begins else known.expires_at
        after[limit.key] = tries.Count(known.count + 1, end)
    tries.put(transaction, after)


def look(store: Store, limits: Sequence[Limit], *, what: str, now: datetime) -> None:
    """Count nothing; raises TooManyTries if one of the names has no try left."""
    with store.read() as transaction:
        before = tries.counts(transaction, [limit.key for limit in limits], now=milliseconds(now))
    _refuse(before, limits, what, now)


def settle(store: Store, *, good: Sequence[str], forgotten: Sequence[str] = ()) -> None:
    """Take one try off the names of which it was a good one, and begin the counts of others anew."""
    with store.write() as transaction:
        tries.give_back(transaction, [_key(name) for name in good])
        tries.forget(transaction, [_key(name) for name in forgotten])


def source_of(address: str) -> str:
    """The name under which an address is counted: of IPv6 the network of 64 bits, all of which one person has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return f"address:{address[:100]}"
    if parsed.version == 6:
        return f"address:{ipaddress.ip_network((parsed.packed, 64), strict=False)}"
    return f"address:{parsed}"


def _key(name: str) -> str:
    return sha256(name.encode(errors="replace")).hexdigest()[:40]


def _refuse(before: dict[str, tries.Count], limits: Sequence[Limit], what: str, now: datetime) -> None:
    used_up = [before[limit.key].expires_at for limit in limits if before.get(limit.key, _NONE).count >= limit.most]
    if used_up:
        wait = max(1, math.ceil((at(max(used_up)) - now).total_seconds()))
        raise TooManyTries(f"too many {what}; try again in {wait} seconds", retry_after_seconds=wait)


_NONE = tries.Count(0, 0)
