"""Passwords: argon2id, with the parameters that OWASP's Password Storage Cheat Sheet names first."""

import os
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: a hash takes 19 MiB and a core: more at once would only take memory
_AT_ONCE = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def hashed(password: str) -> str:
    """The password as it is stored."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one of that hash; without a hash False, after the same work."""
    # no UTF-8 has the half of a surrogate pair, so no stored password either
    given = password.encode(errors="replace")
    with _AT_ONCE:
        if password_hash is None:
            _HASHER.hash(given)
            return False
        try:
            return _HASHER.verify(password_hash, given)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)
