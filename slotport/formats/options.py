"""What a reader and a writer may be told besides the bytes or slots."""

from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

DateOrder = Literal["dmy", "mdy"]


class ReadOptions(Struct, frozen=True, kw_only=True):
    """How to read a file."""

    date_order: DateOrder | None = None  #: of slash dates in CSV; None: see docs/formats/outlook.md


class WriteOptions(Struct, frozen=True, kw_only=True):
    """How to write a file."""

    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)  #: stands in the file as the time of writing
    zone: str | None = None  #: IANA name: wall-clock times of this zone where the format has a choice (CSV)
    own_stamps: bool = False  #: iCalendar: a slot that says when it was written does so, instead of ``now``
    extended: bool = False  #: write Slotport's own additional keys always (Timeslot JSON)
