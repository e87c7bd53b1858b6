"""Objects that wait in a file come back in order, from wherever a batch begins."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from slotport.actions import object_spool
from slotport.actions.object_spool import ALL, BLOCK
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.core.slot import Slot

BEGIN = datetime(2031, 5, 6, 13, 44, 2, tzinfo=UTC)


def exported(number: int) -> Exported:
    is_day = number % 2 == 0
    start = date(2031, 5, 6) if is_day else BEGIN + timedelta(minutes=number)
    return Exported(
        type=ObjectType.SLOT,
        id=number,
        uuid=UUID(int=number),
        version=1,
        change=1,
        created_at=BEGIN,
        updated_at=BEGIN,
        slot=Slot(title=f"Slot {number}", start=start, end=start + timedelta(days=1)),
    )


def said(one: Exported) -> dict[str, Any]:
    assert one.slot is not None
    return structs.asdict(one) | {"slot": structs.asdict(one.slot)}


@pytest.mark.parametrize("count", [0, 1, BLOCK, 2 * BLOCK + 50])
@pytest.mark.parametrize("size", [0, 1, 7, BLOCK, BLOCK + 50])
def test_batches_together_are_all_objects_in_order(tmp_path: Path, count: int, size: int) -> None:
    written = [exported(number) for number in range(count)]

    assert object_spool.write(tmp_path / "objects", iter(written)) == count

    spans = object_spool.batches(tmp_path / "objects", size)
    batches = [list(object_spool.read(tmp_path / "objects", span)) for span in spans]
    wanted = [written[at : at + size] for at in range(0, count, size)] if size else [written]
    assert [list(map(said, batch)) for batch in batches] == [list(map(said, batch)) for batch in wanted or [[]]]
    assert list(map(said, object_spool.read(tmp_path / "objects", ALL))) == list(map(said, written))
