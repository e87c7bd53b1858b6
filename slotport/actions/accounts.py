"""What a person can do with the own account, and the command line with any (docs/design/accounts.md).

Sign-in and reset links are in actions/sign_in.py and actions/resets.py.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from msgspec import UNSET, structs

from slotport.actions import passwords, tries
from slotport.actions.account_fields import BLANK, Fields, about_password, applied
from slotport.actions.sign_in import (
    SignedIn,
    authenticated,
    count_sign_up,
    find_login,
    new_session,
    proven,
    sign_in,
    sign_out,
    token_hash,
)
from slotport.core.account import Account
from slotport.errors import Invalid, NotFound, Unauthorized
from slotport.settings import Settings
from slotport.storage import accounts, assets, exports, identities, people, sessions
from slotport.storage.accounts import Known, Profile
from slotport.storage.store import Store, Transaction

__all__ = [
    "Fields",
    "SignedIn",
    "add",
    "authenticated",
    "change_profile",
    "disable",
    "enable",
    "get",
    "list_accounts",
    "profile",
    "remove",
    "set_password",
    "sign_in",
    "sign_out",
    "sign_up",
]


def sign_up(
    store: Store,
    fields: Fields,
    *,
    surface: str,
    address: str,
    settings: Settings,
    now: datetime,
    device: str | None = None,
    name: str = "",
) -> SignedIn:
    """Make an account with its two calendars, and sign it in on the surface.

    ``name`` is a username of any length, for fields that have none. Raises Invalid, naming every field that is
    wrong, ``email`` or ``phone`` if another account has it; TooManyTries if too many came from ``address``.
    """
    account = _new(fields, now, name)
    count_sign_up(store, address, settings, now)
    password_hash = _hashed(fields)
    with store.write() as transaction:
        stored = accounts.add(transaction, account, password_hash)
        token = new_session(transaction, stored.id, surface=surface, settings=settings, device=device, now=now)
        return SignedIn(profile=accounts.profile(transaction, stored.id), token=token)


def add(store: Store, fields: Fields, *, now: datetime, name: str = "") -> Account:
    """Make an account with its two calendars; ``name`` and what it raises are as ``sign_up`` has them."""
    account, password_hash = _new(fields, now, name), _hashed(fields)
    with store.write() as transaction:
        return accounts.add(transaction, account, password_hash)


def profile(store: Store, account: Account) -> Profile:
    """The account as it is now, with what is counted and listed of it."""
    with store.read() as transaction:
        return accounts.profile(transaction, account.id)


def change_profile(
    store: Store, account: Account, fields: Fields, *, token: str, settings: Settings, now: datetime
) -> Profile:
    """Change the fields that are said, and no other. A new password ends every session but the token's.

    Raises Invalid, naming every field that is wrong; Unauthorized if a new password comes with a wrong old one;
    TooManyTries if that came too often. Nothing is changed then.
    """
    applied(fields, account, now)
    old_hash = new_hash = None
    if isinstance(fields.password, str):
        if not isinstance(fields.old_password, str) or not fields.old_password:
            raise Invalid.of("old_password", BLANK)
        old_hash = proven(store, account, fields.old_password, settings)
        new_hash = passwords.hashed(fields.password)
    with store.write() as transaction:
        if any(value is not UNSET for value in (fields.username, fields.email, fields.phone)):
            _ = transaction.change  # conventions may show them: the first lock of all that changes objects
        before = accounts.locked(transaction, account.id)
        if before.account.deleted_at is not None or (new_hash and before.password_hash != old_hash):
            raise Unauthorized("the account was changed meanwhile; sign in again")
        after = applied(fields, before.account, now)
        accounts.change(transaction, after)
        if _shown(after) != _shown(before.account):
            people.mark_changed(transaction, account.id, now)
        if after.username != before.account.username:
            people.mark_renamed(transaction, account.id, now)
        if new_hash is not None:
            _set_password(transaction, account.id, new_hash, but=token_hash(token))
        elif after.email != before.account.email:
            sessions.end_resets(transaction, account.id)  # they were mailed to the old address
        return accounts.profile(transaction, account.id)


def remove(store: Store, account: Account, *, now: datetime) -> Profile:
    """Delete the account softly: its slots and groups too, its sessions end, its address and number are free.

    Its media files and exports are gone for all at once, and runs end; what lies on the disk goes with the next
    tidying up (actions/due_exports.py).
    """
    with store.write() as transaction:
        accounts.remove(transaction, account.id, now)
        for export_id in exports.of_owner(transaction, account.id):
            exports.remove(transaction, export_id)
        assets.remove_of(transaction, account.id)
        people.mark_changed(transaction, account.id, now)
        sessions.end_all(transaction, account.id)
        sessions.end_resets(transaction, account.id)
        return accounts.profile(transaction, account.id)


def get(store: Store, login: str) -> Account:
    """The account with that e-mail address (case ignored) or telephone number; raises NotFound."""
    with store.read() as transaction:
        return _named(transaction, login).account


def list_accounts(store: Store) -> Iterable[Account]:
    """Every account that is not deleted, in order of id; disabled ones too."""
    with store.read() as transaction:
        return accounts.list_all(transaction)


def set_password(store: Store, login: str, password: str, *, now: datetime) -> Account:
    """Give the account a new password, which ends all its sessions; raises NotFound and Invalid."""
    if problems := about_password(password):
        raise Invalid(problems)
    new_hash = passwords.hashed(password)
    with store.write() as transaction:
        account = structs.replace(_named(transaction, login, lock=True).account, updated_at=now)
        accounts.change(transaction, account)
        _set_password(transaction, account.id, new_hash)
        identities.remove_foreign(transaction, account)
    tries.settle(store, good=(), forgotten=[f"account:{account.id}"])
    return account


def disable(store: Store, login: str, *, now: datetime) -> Account:
    """End the account's sessions, and let it sign in no more until it is enabled; raises NotFound."""
    return _set_disabled(store, login, now, disabled_at=now)


def enable(store: Store, login: str, *, now: datetime) -> Account:
    """Let a disabled account sign in again; raises NotFound."""
    return _set_disabled(store, login, now, disabled_at=None)


def _new(fields: Fields, now: datetime, name: str = "") -> Account:
    password = fields.password if isinstance(fields.password, str) else None
    # a missing password is told together with whatever else is wrong
    return applied(
        structs.replace(fields, password=password, old_password=UNSET),
        Account(id=0, guid=uuid4(), username=name, created_at=now, updated_at=now),
        now,
    )


def _hashed(fields: Fields) -> str:
    return passwords.hashed(fields.password if isinstance(fields.password, str) else "")


def _shown(account: Account) -> tuple[str | None, ...]:
    """What conventions show of the account."""
    return (account.username, account.email, account.phone)


def _set_password(transaction: Transaction, account_id: int, new_hash: str, *, but: bytes | None = None) -> None:
    accounts.set_password(transaction, account_id, new_hash)
    sessions.end_all(transaction, account_id, but=but)
    sessions.end_resets(transaction, account_id)


def _set_disabled(store: Store, login: str, now: datetime, *, disabled_at: datetime | None) -> Account:
    with store.write() as transaction:
        found = _named(transaction, login, lock=True).account
        account = structs.replace(found, disabled_at=disabled_at, updated_at=now)
        accounts.change(transaction, account)
        if disabled_at is not None:
            sessions.end_all(transaction, account.id)
            sessions.end_resets(transaction, account.id)
        return account


def _named(transaction: Transaction, login: str, *, lock: bool = False) -> Known:
    found = find_login(transaction, email=login) if "@" in login else find_login(transaction, phone=login)
    if found is None:
        raise NotFound(f"there is no account {login}")
    return accounts.locked(transaction, found.account.id) if lock else found
