"""Who manages a convention (spec of the convention interface, 3.5). Roles are labels: all have the same rights."""

from datetime import datetime
from typing import Any

from slotport.actions.conventions import locked
from slotport.core import convention_input as given
from slotport.core.convention import Access, Person, Role
from slotport.core.person_reference import reference
from slotport.errors import Invalid, NotFound
from slotport.storage import conventions, people
from slotport.storage.conventions import Manager
from slotport.storage.store import Store, Transaction


def listed(store: Store, access: Access) -> list[Manager]:
    """The convention's managers, in order of appointment."""
    with store.read() as transaction:
        return conventions.managers(transaction, access.convention.id)


def get(store: Store, access: Access, name: str) -> Manager:
    """The manager of that id or e-mail address; raises NotFound."""
    with store.read() as transaction:
        manager = _find(transaction, access, name)
    if manager is None:
        raise NotFound("there is no such manager")
    return manager


def appoint(store: Store, access: Access, fields: dict[str, Any], *, now: datetime) -> Person:
    """Make the person that ``id`` or ``email`` names a manager, in the ``role`` if it is none yet; raises Invalid."""
    wanted, role = reference(fields, "user"), _role(fields.get("role"))
    with store.write() as transaction:
        convention = locked(transaction, access)
        person = people.resolved(transaction, access, [wanted], "user")[0]
        if not conventions.is_manager(transaction, convention.id, person.id):
            conventions.add_manager(transaction, convention.id, person.id, role, now)
        return person


def dismiss(store: Store, access: Access, name: str) -> None:
    """Let the manager of that id or e-mail address manage no longer; an unknown one is no error.

    Raises Invalid if it is the caller.
    """
    with store.write() as transaction:
        convention = locked(transaction, access)
        manager = _find(transaction, access, name)
        if manager is None:
            return
        if access.account is not None and manager.person.id == access.account.id:
            raise Invalid.of("id", "is your own: a manager cannot dismiss oneself")
        conventions.remove_manager(transaction, convention.id, manager.person.id)


def _find(transaction: Transaction, access: Access, name: str) -> Manager | None:
    try:
        wanted = reference({"id": name}, "id")
    except Invalid:
        return None
    person = people.find(transaction, access, wanted)
    found = [] if person is None else conventions.managers(transaction, access.convention.id, [person.id])
    return found[0] if found else None


def _role(value: Any) -> Role:
    name = (given.text(value, "role") or "").strip().lower()
    try:
        return Role(name) if name else Role.MANAGER
    except ValueError as cause:
        raise Invalid.of("role", f"must be one of {', '.join(Role)}") from cause
