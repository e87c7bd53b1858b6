"""Exports as a test wants them: read from a body alone, or put into a store."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from slotport.actions import exports
from slotport.core import export_input
from slotport.core.account import Account
from slotport.core.export import Definition, Export, Run, State, Trigger
from slotport.core.export_input import Said
from slotport.errors import WireError
from slotport.settings import Settings
from slotport.storage.store import Store
from tests.calendars import NOW

MADE = datetime(2031, 4, 9, 5, 15, 0, 250000, UTC)
MOST_SCHEDULES = 20
SETTINGS = Settings(max_exports=3, max_runs=2, max_schedules=2)
HASH = b"s" * 32
DOWNLOAD = [{"type": "download"}]


def numbered_uuids() -> Callable[[], str]:
    """A source of uuids that are the same in every test."""
    numbers = count(1)
    return lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"


def an_export(**fields: Any) -> Export:
    """An export that is stored somewhere, as far as anybody asks."""
    values: dict[str, Any] = {
        "id": 31,
        "owner_id": 6,
        "version": 4,
        "state": State.NEW,
        "definition": Definition(),
        "passkey": "key",
        "created_at": MADE,
        "updated_at": MADE,
        **fields,
    }
    return Export(**values)


def created(body: Any) -> Said:
    """What a body makes."""
    return export_input.created(body, most_schedules=MOST_SCHEDULES, new_uuid=numbered_uuids(), seal=str.swapcase)


def changed(body: Any, before: Export | None = None) -> Said:
    """What a body makes of an export."""
    return export_input.changed(
        body, before or an_export(), most_schedules=MOST_SCHEDULES, new_uuid=numbered_uuids(), seal=str.swapcase
    )


def defined(**members: Any) -> Definition:
    """The definition that members of ``export`` make."""
    return created({"export": members}).definition


def refusal(call: Callable[[], Any]) -> tuple[str, dict[str, str]]:
    """The code, without its first word, and the parameters of the error that the call ends in."""
    with pytest.raises(WireError) as caught:
        call()
    assert str(caught.value)
    return caught.value.code.removeprefix("error."), caught.value.parameters


def refused_at(call: Callable[[], Any]) -> tuple[str, str]:
    """The same, of an error about one attribute."""
    code, parameters = refusal(call)
    return code, parameters["attribute"]


def create(store: Store, owner: Account, _body: Any = None, **members: Any) -> Export:
    """A new export of the owner's: of a whole body, or of members of ``export``."""
    body = {"export": members} if _body is None else _body
    return exports.create(store, owner, body, settings=SETTINGS, now=NOW, session_hash=HASH)


def begin(store: Store, export: Export, owner_id: int | None = None, **fields: Any) -> tuple[Run, int]:
    """A new run of the export, and how many its owner has then."""
    values: dict[str, Any] = {"trigger": Trigger.MANUAL, "full": False, "due_at": None, "now": NOW, **fields}
    with store.write() as transaction:
        return exports.begin_run(transaction, export.id, owner_id or export.owner_id, settings=SETTINGS, **values)
