"""What every format passes: the suite behind the registry."""

import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotport.core.slot import Problem, Slot, names_no_place
from slotport.errors import FormatError
from slotport.formats import FORMATS, Format, ReadOptions, WriteOptions, recognised
from tests.strategies import slots

DOCS = Path(__file__).parents[2] / "docs" / "formats"
NOW = WriteOptions(now=datetime(2031, 5, 6, tzinfo=UTC))
EACH = pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS.keys())


def kept(slot: Slot, format_: Format) -> dict[str, Any]:
    """What the format promises to give back of a slot; what it does not say is the same as what is empty."""
    found = {name: getattr(slot, name) for name in sorted(format_.keeps)}
    if names_no_place(slot.place):
        found.pop("place", None)
    if "groups" in found:
        found["groups"] = sorted(slot.groups, key=lambda group: (group.name, group.uuid or ""))
    return {name: value or None for name, value in found.items()}


@EACH
@settings(max_examples=60, deadline=None)
@given(written=st.lists(slots(), max_size=4))
def test_what_was_written_reads_back_the_same(format_: Format, written: list[Slot]) -> None:
    again = list(format_.read(list(format_.write(written, NOW)), ReadOptions()))

    assert not [item for item in again if isinstance(item, Problem)]
    found = [kept(slot, format_) for slot in again if isinstance(slot, Slot)]
    assert found == [kept(slot, format_) for slot in written]


@EACH
@settings(max_examples=60, deadline=None)
@given(written=st.lists(slots(), max_size=3), size=st.integers(1, 200))
def test_where_a_chunk_ends_means_nothing(format_: Format, written: list[Slot], size: int) -> None:
    whole = b"".join(format_.write(written, NOW))
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]

    assert list(format_.read(chunks, ReadOptions())) == list(format_.read([whole], ReadOptions()))


@EACH
@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_end_in_slots_problems_or_a_format_error(format_: Format, data: bytes) -> None:
    try:
        found = list(format_.read([data], ReadOptions()))
    except FormatError:
        return
    assert all(isinstance(item, Slot | Problem) for item in found)


@EACH
def test_an_own_file_is_recognised(format_: Format) -> None:
    empty = b"".join(format_.write([], NOW))

    assert recognised(empty).read is format_.read


@EACH
def test_memory_does_not_grow_with_the_file(format_: Format) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in format_.read(Walk(format_, count), ReadOptions()):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)

    assert peak(20_000) < peak(2_000) + 4 * 1024 * 1024


class Walk:
    """A file of so many slots, written anew each time it is walked."""

    def __init__(self, format_: Format, count: int) -> None:
        self._format = format_
        self._count = count

    def __iter__(self) -> Iterator[bytes]:
        return self._format.write(many(self._count), NOW)


def many(count: int) -> Iterable[Slot]:
    """So many slots, made as they are asked for."""
    start = datetime(2031, 1, 1, tzinfo=UTC)
    for number in range(count):
        at = start + timedelta(hours=number % 10_000)
        yield Slot(uid=f"{number}@x", title=f"Slot {number}", start=at, end=at + timedelta(hours=1))


@EACH
def test_every_format_has_a_page(format_: Format) -> None:
    name = {"ical": "icalendar", "google": "icalendar"}.get(format_.name, format_.name)

    assert (DOCS / f"{name}.md").read_text().startswith("# ")
