"""What iCalendar import takes from an event, and what it refuses."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from slotport.core.slot import Outcome, Place, Problem, Slot, Visibility
from slotport.errors import BadText, FormatError
from slotport.formats import icalendar
from slotport.formats.options import ReadOptions

START = "DTSTART:20260102T030405Z"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def calendar(*lines: str, head: str = "") -> bytes:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", *filter(None, [head]), "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    ).encode()


def read(data: bytes) -> list[Slot | Problem]:
    return list(icalendar.read([data], ReadOptions()))


def slot(*lines: str, head: str = "") -> Slot:
    (found,) = read(calendar(*lines, head=head))
    assert isinstance(found, Slot), found
    return found


def problem(*lines: str) -> tuple[str, Outcome, int | None]:
    (found,) = read(calendar(*lines))
    assert isinstance(found, Problem), found
    return found.code, found.outcome, found.line


def test_an_event_with_everything() -> None:
    found = slot(
        "UID:u\\,1", "DTSTAMP:20260101T000000Z", START, "DTEND:20260102T040405Z", "CLASS:PUBLIC", "DESCRIPTION:a\\nb",
        "LOCATION:here", "SUMMARY: Two  words", "RRULE:FREQ=DAILY", "RECURRENCE-ID:20260102T030405Z", "SEQUENCE:2",
        "LAST-MODIFIED:20260101T000001Z", "STATUS:CONFIRMED", "BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM",
    )  # fmt: skip

    assert found == Slot(
        title="Two words", start=AT, end=datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC), uid="u,1",
        recurrence_id="20260102T030405Z", visibility=Visibility.PUBLIC, description="a\nb", rrule="FREQ=DAILY",
        place=Place(name="here"), sequence=2, modified=datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
        stamped=datetime(2026, 1, 1, tzinfo=UTC), line=2,
        icalendar=("SUMMARY: Two  words", "STATUS:CONFIRMED", "BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM"),
    )  # fmt: skip


def test_an_event_with_little() -> None:
    assert slot(START, "SUMMARY:x") == Slot(title="x", start=AT, rrule="", icalendar=(), line=2)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART;VALUE=DATE:20260102"], (date(2026, 1, 2), date(2026, 1, 3))),
        (["DTSTART:20260102", "DTEND:20260102"], (date(2026, 1, 2), date(2026, 1, 3))),
        (["DTSTART:20260102", "DURATION:P2D"], (date(2026, 1, 2), date(2026, 1, 4))),
        ([START, "DURATION:PT1H"], (AT, datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC))),
        ([START, "DTEND:20260102T030405Z"], (AT, AT)),
        ([START], (AT, None)),
        (["dtstart:20260102t030460z"], (datetime(2026, 1, 2, 3, 4, 59, tzinfo=UTC), None)),
        (["DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:P1D"],
         (datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 10, tzinfo=UTC))),
    ],
)  # fmt: skip
def test_starts_and_ends(lines: list[str], expected: tuple[object, object]) -> None:
    found = slot(*lines, "SUMMARY:x")

    assert (found.start, found.end) == expected


def test_floating_times_and_the_calendars_zone() -> None:
    floating = slot("DTSTART:20260102T030405", "SUMMARY:x")
    zoned = slot("DTSTART:20260102T040405", "EXDATE:20260103T040405", "SUMMARY:x", head="X-WR-TIMEZONE:Europe/Berlin")

    assert (floating.start, floating.zone, floating.floating) == (AT, None, True)
    assert (zoned.start, zoned.zone, zoned.floating) == (AT, "Europe/Berlin", False)
    assert zoned.icalendar == ("EXDATE;TZID=Europe/Berlin:20260103T040405",)


@pytest.mark.parametrize(
    ("lines", "visibility", "kept"),
    [
        (["CLASS:PUBLIC"], Visibility.PUBLIC, ()),
        (["CLASS:CONFIDENTIAL"], Visibility.PRIVATE, ("CLASS:CONFIDENTIAL",)),
        (["CLASS:X-OTHER"], Visibility.PRIVATE, ("CLASS:X-OTHER",)),
        (["CLASS:FOAF"], Visibility.FOAF, ()),
        (["CLASS:PRIVATE", "X-SLOTPORT-VISIBILITY:friends"], Visibility.FRIENDS, ()),
        ([], None, ()),
    ],
)
def test_visibility(lines: list[str], visibility: Visibility | None, kept: tuple[str, ...]) -> None:
    found = slot(START, "SUMMARY:x", *lines)

    assert (found.visibility, found.icalendar) == (visibility, kept)


def test_lines_that_say_more_than_a_field_are_kept() -> None:
    title, text = "t" * 61, "d" * 501
    found = slot(
        START,
        f"SUMMARY:{title}",
        f"DESCRIPTION:{text}",
        "LOCATION:a\\nb",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260102T030405Z",
    )

    assert (found.title, found.description, found.place) == (title[:60], text, Place(name="a, b"))
    assert found.icalendar == (
        f"DESCRIPTION:{text}", "LOCATION:a\\nb", f"SUMMARY:{title}",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260102T030405Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([START, "SUMMARY: "], "no_title"),
        (["SUMMARY:x"], "no_start"),
        (["SUMMARY:x", "DTSTART:20260231T000000Z"], "bad_start"),
        (["SUMMARY:x", "DTSTART:00001231T000000Z"], "out_of_range"),
        (["SUMMARY:x", "DTSTART;TZID=Asia/Tokyo:00010101T000000"], "out_of_range"),
        (["SUMMARY:x", START, "DTEND:soon"], "bad_end"),
        (["SUMMARY:x", START, "DTEND:20260102T030404Z"], "end_before_start"),
        (["SUMMARY:x", START, "DURATION:1H"], "bad_duration"),
        (["SUMMARY:x", START, "DURATION:-PT1H"], "negative_duration"),
        (["SUMMARY:x", START, "RECURRENCE-ID:x"], "bad_recurrence_id"),
        (["SUMMARY:x\0", START], "bad_character"),
        (["SUMMARY:x", START, *["BEGIN:A"] * 60], "too_deep"),
        (["SUMMARY:x", START, "X-A:" + "a" * (1 << 20)], "too_large"),
    ],
)
def test_what_is_refused(lines: list[str], code: str) -> None:
    outcome = Outcome.SKIPPED if code in {"no_title", "no_start"} else Outcome.REJECTED

    assert problem(*lines) == (code, outcome, 2)


def test_one_bad_event_among_good_ones_is_named() -> None:
    good = b"BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20260102T030405Z\r\nEND:VEVENT\r\n"
    bad = good.replace(b"2026", b"year").replace(b"SUMMARY", b"UID:bad\r\nSUMMARY")

    found = read(good * 499 + bad + good * 500)

    assert len([record for record in found if isinstance(record, Slot)]) == 999
    (refused,) = [record for record in found if isinstance(record, Problem)]
    assert (refused.code, refused.line, refused.uid, refused.title) == ("bad_start", 499 * 4 + 1, "bad", "x")


def test_events_that_do_not_end() -> None:
    found = read(b"BEGIN:VEVENT\nSUMMARY:a\n" + calendar(START, "SUMMARY:x") + b"begin:vevent\nSUMMARY:b\n")

    assert [r.code if isinstance(r, Problem) else r.title for r in found] == ["unterminated", "x", "unterminated"]


def test_every_kind_of_line_end_and_fold_is_read() -> None:
    data = calendar(START, "SUMMARY:ä\r\n b", "X-A:c")
    variants = [data.replace(b"\r\n", end) for end in (b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\r\n")]

    assert {r.title for r in read(data.replace(b"\r\n ", b"\r\n\t")) if isinstance(r, Slot)} == {"äb"}
    assert [r.title for one in variants[:3] for r in read(one) if isinstance(r, Slot)] == ["äb"] * 3
    assert all(isinstance(record, Slot) for one in variants[3:] for record in read(one))
    cut = data.replace("ä".encode(), b"\xc3\r\n \xa4")
    assert [record.title for record in read(cut) if isinstance(record, Slot)] == ["äb"]


def test_other_components_are_no_records() -> None:
    todo = b"BEGIN:VTODO\r\nSUMMARY:t\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VTODO\r\n"

    found = read(calendar(START, "SUMMARY:x").replace(b"BEGIN:VEVENT", todo + b"BEGIN:VEVENT"))

    assert [record.title for record in found] == ["x"]


@pytest.mark.parametrize(("text", "offset"), [("SUMMARY:a\xff", 9), ("SUMMARY:a\r\n b\xff", 13)])
def test_bytes_that_are_not_text_are_named(text: str, offset: int) -> None:
    data = calendar(START, "SUMMARY:x").replace(b"SUMMARY:x", text.encode("latin-1"))

    with pytest.raises(BadText) as caught:
        read(data)

    assert caught.value.offset == data.index(b"SUMMARY") + offset


@pytest.mark.parametrize("data", [b"", b"hello", b"Subject,Start Date\r\n", "BEGIN:VCALENDAR".encode("utf-16")])
def test_what_is_no_calendar_at_all(data: bytes) -> None:
    with pytest.raises(FormatError):
        read(data)
    assert not icalendar.fits(data)


@pytest.mark.parametrize("head", [b"BEGIN:VCALENDAR\r\nX", b"\r\n\n begin:vcalendar \n", b"BEGIN:VCALENDAR"])
def test_what_begins_as_a_calendar_does(head: bytes) -> None:
    assert icalendar.fits(head)


def test_memory_stays_flat() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"BEGIN:VCALENDAR\r\n"
        for number in range(20_000):
            yield b"BEGIN:VEVENT\r\nUID:%d\r\nDTSTART:20260102T030405Z\r\nSUMMARY:x\r\nEND:VEVENT\r\n" % number
        yield b"BEGIN:VEVENT\r\nSUMMARY:"
        yield from (b"y" * 65536 for _ in range(200))
        yield b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

    tracemalloc.start()
    count = sum(1 for _ in icalendar.read(chunks(), ReadOptions()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 20_001
    assert peak < 12_000_000
