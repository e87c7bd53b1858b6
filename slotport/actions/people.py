"""The people a convention knows (spec of the convention interface, 3.6)."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from slotport.actions.account_fields import Fields, applied, email_address
from slotport.core import convention_input as given
from slotport.core.account import Account
from slotport.core.convention import Access, Person
from slotport.core.person_reference import NOBODY, reference
from slotport.core.slot import is_storable
from slotport.errors import Forbidden, Invalid, NotFound
from slotport.storage import accounts, conventions, people
from slotport.storage.store import Store, Transaction

NAME_LENGTH = 255


def listed(store: Store, access: Access) -> list[Person]:
    """Everybody the convention knows, in order of id."""
    with store.read() as transaction:
        return people.known(transaction, access.convention.id)


def by_email(store: Store, access: Access, email: str) -> Person:
    """Whoever has that address, whatever its case, known or not; raises NotFound."""
    person = None
    if is_storable(email):
        with store.read() as transaction:
            person = people.find_by_email(transaction, email, access.convention.id)
    if person is None:
        raise NotFound("there is no user with that email")
    return person


def get(store: Store, access: Access, name: str) -> Person:
    """The caller, or with system access a known person, of that id or e-mail address.

    Raises Forbidden for others without system access, Invalid if there is no such known person.
    """
    person = None
    try:
        wanted = reference({"id": name}, "id")
    except Invalid:
        wanted = None
    if wanted is not None:
        with store.read() as transaction:
            person = people.find(transaction, access, wanted)
    is_caller = person is not None and access.account is not None and person.id == access.account.id
    if not access.sees_all and not is_caller:
        raise Forbidden("only a manager of the convention may see other users")
    if person is None:
        raise Invalid.of("id", NOBODY)
    return person


def add(store: Store, access: Access, fields: dict[str, Any], *, now: datetime) -> Person:
    """Make an account that nobody can sign in to until its password is reset, known to the convention.

    An account that has the address already is made known too, and stays as it is. Raises Invalid.
    """
    name = given.filled_text(fields.get("name"), "name", longest=NAME_LENGTH)
    email = email_address(given.filled_text(fields.get("email"), "email"))
    phone = given.text(fields.get("phone"), "phone")
    blank = Account(id=0, guid=uuid4(), username=name, created_at=now, updated_at=now)
    account = applied(Fields(email=email, phone=phone), blank, now)
    try:
        return _added(store, access, account)
    except Invalid as error:
        if "email" not in error.fields:
            raise
    return _added(store, access, account)  # somebody signed up with the address meanwhile


def _added(store: Store, access: Access, account: Account) -> Person:
    with store.write() as transaction:
        _confirm(transaction, access)
        before = accounts.find_by_email(transaction, account.email or "")
        known = before.account if before is not None else accounts.add(transaction, account, None)
        people.bring_in(transaction, access.convention.id, [known.id], made_here=before is None)
        return people.load(transaction, [known.id], access.convention.id)[known.id]


def _confirm(transaction: Transaction, access: Access) -> None:
    """Return if the caller is a manager still, or the convention itself."""
    account = access.account
    still = (
        access.is_signed if account is None else conventions.is_manager(transaction, access.convention.id, account.id)
    )
    if not still:
        raise Forbidden("only a manager of the convention and the convention itself may add users")
