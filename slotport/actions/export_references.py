"""Checks what an export names against the store: recipients of mails, and assets (docs/api/export-definition.md)."""

from collections.abc import Sequence

from slotport.core.export import AssetRule, Definition, Transport
from slotport.core.export_input_media import asset_not_found, check_class
from slotport.errors import WireError
from slotport.storage import export_references
from slotport.storage.store import Transaction


def check_recipients(transaction: Transaction, owner_id: int, transports: Sequence[Transport]) -> None:
    """Raise user_not_found or group_not_found for a recipient that the owner may not name."""
    recipients = [one for transport in transports if transport.email for one in transport.email.recipients]
    users = {one.user_id for one in recipients if one.user_id is not None}
    groups = {one.group_id for one in recipients if one.group_id is not None}
    for number in sorted(users - export_references.people(transaction, owner_id, users)):
        raise _not_found("user", number)
    for number in sorted(groups - export_references.groups(transaction, owner_id, groups)):
        raise _not_found("group", number)


def check_assets(transaction: Transaction, owner_id: int, definition: Definition) -> None:
    """Raise asset_not_found for an asset that the owner may not see, invalid_value for a rule it cannot follow."""
    named = {int(name): rule for name, rule in (definition.assets or {}).items()}
    seen = export_references.assets(transaction, owner_id, named)
    for number, rule in named.items():
        if number not in seen:
            raise asset_not_found(str(number))
        if isinstance(rule, AssetRule) and rule.versions is not None:
            check_class(rule.versions, seen[number], f"export.assets.{number}.versions")


def _not_found(kind: str, number: int) -> WireError:
    return WireError(
        f"error.user.{kind}_not_found", f"There is no {kind} {number} to send mails to.", parameters={"id": str(number)}
    )
