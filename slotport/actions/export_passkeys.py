"""The passkey of an export: whoever has it fetches the archives, without a session (docs/api/export-definition.md)."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from slotport.actions.export_states import found
from slotport.core import when
from slotport.core.account import Account
from slotport.core.export import Export
from slotport.core.json_input import members, text
from slotport.errors import WireError, invalid_value
from slotport.storage import exports as stored
from slotport.storage.store import Store

PASSKEY_BYTES = 32


def new_passkey() -> str:
    """A passkey nobody can guess, of letters that an address takes."""
    return secrets.token_urlsafe(PASSKEY_BYTES)


def rotate_passkey(store: Store, owner: Account, export_id: int, body: Any, *, now: datetime) -> Export:
    """Give the export another passkey, at whose ``expires`` (none: never) it opens nothing any more.

    Raises WireError: export_not_found, and api errors for the body.
    """
    if not isinstance(body, Mapping):
        raise WireError("error.api.type_mismatch", "The body must be an object.")
    expires_at: datetime | None = members(body, "", {"expires": _instant}).get("expires")
    if expires_at is not None and expires_at <= now:
        raise invalid_value("expires", "is over")
    with store.write() as transaction:
        found(transaction, owner, export_id)
        stored.set_passkey(transaction, export_id, new_passkey(), expires_at)
        return found(transaction, owner, export_id)


def find_by_passkey(store: Store, export_id: int, passkey: str, now: datetime) -> Export | None:
    """The export that the passkey opens now.

    None, after the same work, if there is no such export, it has no archives to fetch, or the passkey is another.
    """
    with store.read() as transaction:
        secret = stored.secret_of(transaction, export_id)
        right = secret.passkey if secret is not None else new_passkey()
        fits = compare_digest(_digest(passkey), _digest(right))
        is_over = secret is not None and secret.expires_at is not None and secret.expires_at <= now
        if secret is None or not fits or is_over:
            return None
        return stored.find(transaction, export_id, None)


def _digest(passkey: str) -> bytes:
    return sha256(passkey.encode(errors="replace")).digest()


def _instant(value: Any, place: str) -> datetime:
    try:
        return when.instant(text(value, place))
    except ValueError as cause:
        raise invalid_value(place, f"cannot be used: {cause}") from cause
