"""CSV files of other programs: their headers, their date orders."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from slotport.core.slot import Outcome, Place, Problem, Slot
from slotport.errors import FormatError
from slotport.formats import outlook
from slotport.formats.options import DateOrder, ReadOptions

SAMPLES = Path(__file__).parents[1] / "samples/outlook"
CORPUS = Path(__file__).parents[2].parent / "shared/corpus/ics/csv-own"
FOREIGN = b"Subject,Start Date\n"


def read(data: bytes, date_order: DateOrder | None = None) -> list[Slot | Problem]:
    return list(outlook.read([data], ReadOptions(date_order=date_order)))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


EXPECTED: dict[str, list[Slot]] = {
    "dutch.csv": [
        Slot(
            title="Overleg",
            start=at(2024, 3, 4, 10),
            end=at(2024, 3, 4, 11),
            place=Place(name="Zaal 12"),
            description="Regel een",
            line=2,
        ),
        Slot(title="Koningsdag", start=date(2024, 4, 27), end=date(2024, 4, 28), place=Place(name="Utrecht"), line=3),
    ],
    "google-french.csv": [
        Slot(
            title="Réunion", start=at(2024, 3, 4, 10), end=at(2024, 3, 4, 11, 30), place=Place(name="Salle 3"), line=2
        ),
        Slot(title="Fête", start=date(2024, 7, 13), end=date(2024, 7, 15), line=3),
    ],
    "semicolons.csv": [
        Slot(
            title="Candle lighting",
            start=at(2025, 2, 26, 13, 30),
            end=at(2025, 2, 26, 13, 30),
            place=Place(name="Bern"),
            line=3,
        ),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_of_another_program_is_recognised_and_read(name: str) -> None:
    data = (SAMPLES / name).read_bytes()

    assert outlook.fits(data)
    assert read(data) == EXPECTED[name]
    assert read(data.replace(b",", b"\t").replace(b";", b"\t")) == EXPECTED[name] or b", " in data


def test_a_list_of_tasks_is_recognised_and_refused() -> None:
    data = (SAMPLES / "tasks.csv").read_bytes()

    assert outlook.fits(data)
    with pytest.raises(FormatError, match="outlook, line 1: this is a list of tasks, not of calendar entries"):
        read(data)


@pytest.mark.parametrize(
    ("name", "encoding", "expected"),
    [
        (
            "outlook-en-22col-cp1252.csv",
            "cp1252",
            ["Project sync", 'Line one of a quoted "title"', "Holiday", "Müller – Café €5"],
        ),
        (
            "outlook-en-22col-utf8bom.csv",
            "utf-8-sig",
            ["Project sync", 'Line one of a quoted "title"', "Holiday", "Müller – Café €5"],
        ),
        ("outlook-de-22col-cp1252.csv", "cp1252", ["Besprechung Müller", "Karfreitag", "Arzt"]),
        ("google-import.csv", "utf-8", ["Final exam", "All day thing", "No end given", "Überraschung 🎉"]),
        ("thunderbird-export.csv", "utf-8", ["ambiguous_dates", "Lunch", "Midnight job"]),
        ("yahoo-export.csv", "utf-8", ["ambiguous_dates", "New Year", "Conference"]),
    ],
)
def test_the_corpus_is_read(name: str, encoding: str, expected: list[str]) -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not here")
    data = (CORPUS / name).read_bytes().decode(encoding).encode()

    assert outlook.fits(data)
    assert [found.title or getattr(found, "code", "") for found in read(data)] == expected


def test_an_english_outlook_file_is_read_whole() -> None:
    data = (
        b'"Subject","Start Date","Start Time","End Date","End Time","All day event","Reminder on/off","Categories",'
        b'"Description","Location","Private","Sensitivity","Show time as"\r\n'
        b'"Line ""one""","3/5/2024","12:00:00 AM","3/5/2024","12:30:00 PM","False","False","Work",'
        b'"First\r\nSecond\r\n",'
        b'"Room 12,\r\n3rd floor","True","Private","3"\r\n'
        b'"Holiday","3/29/2024","12:00:00 AM","3/30/2024","12:00:00 AM","True","False",,,"Germany",'
        b'"False","Normal","4"\r\n'
    )

    assert read(data) == [
        Slot(
            title='Line "one"',
            start=at(2024, 3, 5),
            end=at(2024, 3, 5, 12, 30),
            description="First\nSecond\n",
            place=Place(name="Room 12, 3rd floor"),
            line=2,
        ),
        Slot(title="Holiday", start=date(2024, 3, 29), end=date(2024, 3, 30), place=Place(name="Germany"), line=6),
    ]


@pytest.mark.parametrize(
    ("dates", "order", "expected"),
    [
        (["5/6/2031", "21/6/2031"], None, [(6, 5), (6, 21)]),
        (["5/6/2031", "6/21/2031"], None, [(5, 6), (6, 21)]),
        (["6/21/2031", "5/6/2031", "21/6/2031"], None, ["bad_date", (6, 5), (6, 21)]),
        (["5/6/2031", "7/8/2031"], None, ["ambiguous_dates", (5, 6), (7, 8)]),
        (["5-6-2031", "7-8-2031"], None, ["ambiguous_dates", (5, 6), (7, 8)]),
        (["5/6/31", "7-8-31"], "dmy", [(6, 5), (8, 7)]),
        (["5/6/2031", "21/6/2031"], "mdy", [(5, 6), "bad_date"]),
        (["5/5/2031", "6.7.2031", "2031-08-07"], None, [(5, 5), (7, 6), (8, 7)]),
        (["2031-05-06", "5/6/2031"], None, [(5, 6), "ambiguous_dates", (5, 6)]),
        (
            ["2031-05-06", "5/6/2031", "x", "99/99/2031", "13/1/2031"],
            None,
            [(5, 6), (6, 5), "bad_date", "bad_date", (1, 13)],
        ),
    ],
)
def test_one_order_of_slash_dates_holds_for_the_file(
    dates: list[str], order: DateOrder | None, expected: list[str | tuple[int, int]]
) -> None:
    found = read(FOREIGN + "".join(f"x,{text}\n" for text in dates).encode(), order)

    said = [item.code if isinstance(item, Problem) else (item.start.month, item.start.day) for item in found]
    assert said == expected


def test_the_default_order_is_told() -> None:
    assert read(FOREIGN + b"x,5/6/2031\n")[0] == Problem(
        code="ambiguous_dates",
        message="Every date fits day-first and month-first; the month was taken to be first. date_order says it.",
        outcome=Outcome.NOTE,
        line=2,
    )


def test_under_a_header_in_a_language_that_has_the_day_first_that_is_the_default() -> None:
    note, slot = read(b"Betreff;Beginnt am\nx;5/6/2031\n")

    assert isinstance(slot, Slot)
    assert slot.start == at(2031, 6, 5)
    assert note.message.startswith("Every date fits day-first and month-first; the day was taken")  # type: ignore[union-attr]


def test_the_order_of_an_end_date_counts_too() -> None:
    header = b"Subject,Start Date,End Date\n"

    assert read(header + b"x,1/2/2031,13/2/2031\n") == [
        Slot(title="x", start=at(2031, 2, 1), end=at(2031, 2, 13), line=2)
    ]


@pytest.mark.parametrize(("text", "year"), [("1/1/68", 2068), ("1/1/69", 1969), ("1.1.00", 2000), ("1-1-99", 1999)])
def test_years_of_two_digits_are_those_of_posix(text: str, year: int) -> None:
    assert read(FOREIGN + f"x,{text}\n".encode()) == [Slot(title="x", start=at(year, 1, 1), line=2)]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"Subject,Start_Date,Start_Time,End_Date,End_Time", True),
        (b'\r\n\r\n"START DATE";"subject"\r\n', True),
        (b"Betreff\tBeginnt am\tGanzt\xe4giges Ereignis\r\n", True),
        (b"Subject,End_Date", False),
        (b"Subject Start_Date", False),
        (b"", False),
        (b"[]", False),
        (b"BEGIN:VCALENDAR", False),
        (b'"' * 65536, False),
        (b"," * 65536, False),
    ],
)
def test_the_first_record_tells_the_format(head: bytes, expected: bool) -> None:
    assert outlook.fits(head) is expected
