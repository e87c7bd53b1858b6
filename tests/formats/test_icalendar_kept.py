"""What is kept of a slot when it is written stands for it the next time."""

from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from slotport.core.slot import Rendering, Slot
from slotport.formats import WriteOptions, icalendar
from tests.strategies import slots

NOW = WriteOptions(now=datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC))


@settings(max_examples=80, deadline=None)
@given(written=st.lists(slots(), max_size=5), cached=st.integers(0, 31))
def test_kept_texts_stand_for_their_slots(written: list[Slot], cached: int) -> None:
    written.sort(key=lambda slot: str(slot.start))
    kept: dict[int, Rendering] = {}
    current = [0]

    def walked() -> Iterator[Slot]:
        for index, slot in enumerate(written):
            current[0] = index
            yield slot

    first = b"".join(icalendar.write_keeping(walked(), NOW, lambda rendering: kept.update({current[0]: rendering})))
    mixed = [kept.get(index, slot) if cached >> index & 1 else slot for index, slot in enumerate(written)]
    second = b"".join(icalendar.write_keeping(mixed, NOW, lambda _: None))

    assert first == b"".join(icalendar.write(written, NOW))
    assert sorted(events(second)) == sorted(events(first))


def events(file: bytes) -> list[bytes]:
    """The events of a file, without its head and zones."""
    return [part.partition(b"END:VEVENT")[0] for part in file.split(b"BEGIN:VEVENT")[1:]]
