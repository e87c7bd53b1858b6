"""Sign-in at an OpenID Connect provider: whose account it is (docs/design/accounts.md).

An account is never found by an address, whoever verified it: only a person who is signed in links it.
"""

from datetime import datetime
from uuid import uuid4

from msgspec import structs

from slotport.actions import tries
from slotport.actions.account_fields import Fields, applied
from slotport.actions.sessions import hold
from slotport.actions.sign_in import SignedIn, failures, new_session
from slotport.actions.tries import source_of
from slotport.core.account import USERNAME_LENGTHS, Account
from slotport.core.slot import collapsed
from slotport.errors import Conflict, Forbidden, Invalid, NotFound
from slotport.oidc import Person, Refused
from slotport.settings import Settings
from slotport.storage import accounts, identities
from slotport.storage.identities import Identity
from slotport.storage.store import Store, Transaction


def count_try(store: Store, address: str, *, settings: Settings, now: datetime) -> None:
    """Count a sign-in that may fail; raises TooManyTries."""
    tries.take(store, failures(settings, source_of(address)), what="failed sign-ins", now=now)


def count_success(store: Store, address: str) -> None:
    """Take it back: it did not fail."""
    tries.settle(store, good=[source_of(address)])


def sign_in(
    store: Store, person: Person, *, surface: str, settings: Settings, device: str | None, now: datetime
) -> SignedIn:
    """Begin a session of the surface for the person's account, which is made if there is none.

    Raises Refused: ``unknown`` if none is to be made, ``unverified`` if the provider verified no address, ``taken`` if
    another account has the address, ``disabled``.
    """
    with store.write() as transaction:
        account_id = identities.find(transaction, person.issuer, person.subject)
        if account_id is None:
            account_id = _made(transaction, person, settings, now)
        elif accounts.locked(transaction, account_id).account.disabled_at is not None:
            raise Refused("disabled", "this account is disabled")
        identities.touch(transaction, issuer=person.issuer, subject=person.subject, email=person.email, now=now)
        token = new_session(transaction, account_id, surface=surface, settings=settings, device=device, now=now)
        return SignedIn(profile=accounts.profile(transaction, account_id), token=token)


def link(store: Store, account: Account, person: Person, *, token: str, now: datetime) -> None:
    """Let the person sign in to the account, whose session the token is.

    Raises Conflict if the person signs in to another account already; Unauthorized if the session has ended.
    """
    with store.write() as transaction:
        hold(transaction, account, token, now)
        before = identities.find(transaction, person.issuer, person.subject)
        if before == account.id:
            return
        if before is not None:
            raise Conflict("another account is linked to this sign-in already")
        identities.add(
            transaction, account.id, issuer=person.issuer, subject=person.subject, email=person.email, now=now
        )


def list_links(store: Store, account: Account) -> list[Identity]:
    """Who signs in to the account elsewhere, the oldest link first."""
    with store.read() as transaction:
        return identities.of_account(transaction, account.id)


def unlink(store: Store, account: Account, *, issuer: str, subject: str) -> None:
    """Remove a link. Raises NotFound; Forbidden if it is the only way in to the account."""
    with store.write() as transaction:
        known = accounts.locked(transaction, account.id)
        if known.password_hash is None and len(identities.of_account(transaction, account.id)) <= 1:
            raise Forbidden("this is the only way in to your account: set a password first")
        if not identities.remove(transaction, account.id, issuer=issuer, subject=subject):
            raise NotFound("there is no such link")


def _made(transaction: Transaction, person: Person, settings: Settings, now: datetime) -> int:
    if settings.oidc_sign_up == "refuse":
        raise Refused("unknown", "no account is linked to this sign-in")
    if person.email is None:
        raise Refused("unverified", "the provider has verified no e-mail address")
    _ = transaction.change  # the first lock of all that adds objects
    if accounts.find_by_email(transaction, person.email) is not None:
        raise Refused("taken", "there is an account with this address already")
    name = collapsed(person.name)[: USERNAME_LENGTHS.stop - 1] or person.email.partition("@")[0]
    blank = Account(id=0, guid=uuid4(), username=name, created_at=now, updated_at=now)
    try:
        account = structs.replace(applied(Fields(email=person.email), blank, now), email_verified=True)
        stored = accounts.add(transaction, account, None)
    except Invalid as cause:
        raise Refused("unverified", "the provider's e-mail address cannot be used") from cause
    identities.add(transaction, stored.id, issuer=person.issuer, subject=person.subject, email=person.email, now=now)
    return stored.id
