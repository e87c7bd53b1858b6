import csv
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.slot import Outcome, Place, Problem, Slot
from slotport.errors import BadText, FormatError
from slotport.formats import outlook
from slotport.formats.options import DateOrder, ReadOptions, WriteOptions
from tests.strategies_files import RISKY, cut, damaged, slots

HEADER = (
    "Subject,Start_Date,Start_Time,End_Date,End_Time,All_Day_Event,Categories,Show_Time,Location,Description,"
    "uid,recurrence_id,timezone\n"
)
FOREIGN = "Subject,Start Date,Start Time,End Date,End Time,All Day Event,Location,Description\n"
START = datetime(2031, 5, 6, 13, 44, tzinfo=UTC)
END = datetime(2031, 5, 6, 15, 5, tzinfo=UTC)


def read(*chunks: str | bytes, date_order: DateOrder | None = None) -> list[Slot | Problem]:
    given = [chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks]
    return list(outlook.read(given, ReadOptions(date_order=date_order)))


def write(*written: Slot, zone: str | None = None) -> str:
    return b"".join(outlook.write(written, WriteOptions(zone=zone))).decode()


def row(cells: str, header: str = FOREIGN) -> Slot | Problem:
    (found,) = read(header + cells + "\n")
    return found


def kept(slot: Slot | Problem) -> dict[str, object]:
    """Give what a file of Slotport says of a slot."""
    assert isinstance(slot, Slot)
    return {field: getattr(slot, field) for field in outlook.KEEPS} | {"place": slot.place and slot.place.name}


def test_a_file_without_slots_is_its_header() -> None:
    assert write() == HEADER
    assert read(HEADER) == []


def test_records_are_written_column_by_column() -> None:
    timed = Slot(
        title="Harbour walk", start=START, end=END, uid="u1", recurrence_id="20310506", description="Bring, all"
    )
    whole = Slot(title='The "fair"', start=date(987, 5, 6), end=date(987, 5, 8), place=Place(name="Quay 4; hall"))
    exact = Slot(title="Run", start=START.replace(second=7), end=END.replace(microsecond=5000), place=Place(ocean="A"))
    bare = Slot(title="Über", start=START)

    assert write(timed, whole, exact, bare) == HEADER + (
        'Harbour walk,2031-05-06,13:44,2031-05-06,15:05,FALSE,Timeslot,,,"Bring, all",u1,20310506,\n'
        '"The ""fair""",0987-05-06,00:00,0987-05-08,00:00,TRUE,Timeslot,,Quay 4; hall,,,,\n'
        "Run,2031-05-06,13:44:07,2031-05-06,15:05:00.005,FALSE,Timeslot,,,,,,\n"
        "Über,2031-05-06,13:44,,,FALSE,Timeslot,,,,,,\n"
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("'=1", "''=1"),
        ("''@", "'''@"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        ("'", "'"),
    ],
)
def test_no_cell_is_a_formula_and_the_guard_comes_off_again(text: str, cell: str) -> None:
    slot = Slot(title=text, start=START, uid=text, description=text, place=Place(name=text), line=2)

    written = write(slot)

    assert written == HEADER + f"{cell},2031-05-06,13:44,,,FALSE,Timeslot,,{cell},{cell},{cell},,\n"
    assert read(written) == [slot]


def test_the_guard_of_a_tab_or_carriage_return_comes_off_again() -> None:
    for text in ("\tx", "\rx", "'\rx", "a\rb", "a\r\nb\n"):
        slot = Slot(title="x", start=START, description=text, line=2)
        assert read(write(slot)) == [slot]


def test_another_programs_apostrophe_stays() -> None:
    assert row("'=1,2031-05-06") == Slot(title="'=1", start=datetime(2031, 5, 6, tzinfo=UTC), line=2)


def test_with_a_zone_the_wall_clock_of_that_zone_is_written_and_read() -> None:
    slot = Slot(title="x", start=START, end=END)
    written = write(slot, zone="Europe/Berlin")

    assert written == HEADER + "x,2031-05-06,15:44,2031-05-06,17:05,FALSE,Timeslot,,,,,,Europe/Berlin\n"
    assert read(written) == [Slot(title="x", start=START, end=END, zone="Europe/Berlin", line=2)]


def test_with_a_zone_the_repeated_hour_days_and_floating_times_stay_as_they_are() -> None:
    repeated = Slot(title="a", start=datetime(2031, 10, 26, 1, 30, tzinfo=UTC))
    floating = Slot(title="b", start=START, floating=True)
    whole = Slot(title="c", start=date(2031, 5, 6))

    assert write(repeated, floating, whole, zone="Europe/Berlin") == HEADER + (
        "a,2031-10-26,01:30,,,FALSE,Timeslot,,,,,,\n"
        "b,2031-05-06,13:44,,,FALSE,Timeslot,,,,,,\n"
        "c,2031-05-06,00:00,,,TRUE,Timeslot,,,,,,\n"
    )


@given(written=st.lists(slots(), max_size=4), zone=st.sampled_from([None, "Europe/Berlin", "Pacific/Apia", "UTC"]))
def test_what_was_written_reads_back_the_same(written: list[Slot], zone: str | None) -> None:
    again = read(write(*written, zone=zone))

    assert [kept(slot) for slot in again] == [kept(slot) for slot in written]


@given(data=st.data(), written=st.lists(slots(), min_size=1, max_size=3))
def test_chunks_may_be_cut_anywhere(data: st.DataObject, written: list[Slot]) -> None:
    chunks = data.draw(cut(write(*written).encode()))

    assert [kept(slot) for slot in read(*chunks)] == [kept(slot) for slot in written]


@given(text=RISKY | st.text("'=+-@\t\r\n\",;a ", min_size=1, max_size=8))
def test_no_written_cell_starts_a_formula(text: str) -> None:
    written = write(Slot(title="x", start=START, description=text))

    cells = list(csv.reader(StringIO(written, newline="")))[1]
    assert cells[9][0] not in "=+-@\t\r"
    assert kept(read(written)[0])["description"] == text


@pytest.mark.parametrize(
    ("cells", "start", "end"),
    [
        ("x,2031-05-06,13:44,2031-05-06,15:05", START, END),
        ("x,6.5.2031,13:44:00,06.05.2031,15:05:00", START, END),
        ("x,2031/05/06,1:44 PM,2031-5-6,3:05:00 pm", START, END),
        ("x,6. 5. 2031,01:44\u202fPM,6.5.31,3:05 p.m.", START, END),
        (
            "x,2031-05-06,12:00:00 AM,2031-05-06,12:00 PM",
            START.replace(hour=0, minute=0),
            START.replace(hour=12, minute=0),
        ),
        ("x,2031-05-06,,2031-05-07,", START.replace(hour=0, minute=0), datetime(2031, 5, 7, tzinfo=UTC)),
        ("x,2031-05-06,13:44,,", START, None),
        ("x,2031-05-06,13:44, ,15:00,no", START, None),
        ("x,2031-05-06,13:44,2031-05-06,24:00,Aus", START, datetime(2031, 5, 7, tzinfo=UTC)),
        ("x,2031-05-06,13:44:00.000,2031-05-06,15:05:00.0009,Onwaar", START, END),
        ("x,2031-05-06,13:44", START, None),
        ("x,2031-05-06,,,,TRUE", date(2031, 5, 6), None),
        ("x,2031-05-06,,2031-05-06,,Wahr", date(2031, 5, 6), date(2031, 5, 7)),
        ("x,2031-05-06,,2031-05-07,,Ein", date(2031, 5, 6), date(2031, 5, 8)),
        ("x,2031-05-06,00:00,2031-05-07,00:00,ja", date(2031, 5, 6), date(2031, 5, 7)),
        ("x,2031-05-06,12:00 AM,2031-05-06,12:00 AM,Yes", date(2031, 5, 6), date(2031, 5, 7)),
        ("x,2031-05-06,10:00,2031-05-07,18:00,WAAR", date(2031, 5, 6), date(2031, 5, 8)),
    ],
)
def test_dates_and_times_are_read(cells: str, start: datetime | date, end: datetime | date | None) -> None:
    assert row(cells) == Slot(title="x", start=start, end=end, line=2)


@pytest.mark.parametrize(
    ("cells", "code", "message"),
    [
        ("x,soon", "bad_date", '"soon" is not a date.'),
        ("x,2031-02-30", "bad_date", '"2031-02-30" is no date that exists.'),
        ("x,32/13/2031", "bad_date", '"32/13/2031" is no date that exists if the month is first.'),
        ("x,2031-05-06,25:00", "bad_time", '"25:00" is no time of day that exists.'),
        ("x,2031-05-06,13:00 PM", "bad_time", '"13:00 PM" is no time of day that exists.'),
        ("x,2031-05-06,noon", "bad_time", '"noon" is not a time of day.'),
        ("x,2031-05-06,7", "bad_time", '"7" is not a time of day.'),
        (
            "x,2031-05-06,10:00,2031-05-06,9:00",
            "end_before_start",
            'The end "2031-05-06 9:00" is before the start "2031-05-06 10:00".',
        ),
        (
            "x,2031-05-06,,2031-05-05,,TRUE",
            "end_before_start",
            'The end "2031-05-05" is before the start "2031-05-06".',
        ),
        ("x,2031-05-06,,,,maybe", "bad_all_day", '"maybe" says neither yes nor no.'),
        ("x,9999-12-31,24:00", "bad_date", "The record reaches beyond the years 1 to 9999."),
        ("x,9999-12-31,,9999-12-31,,TRUE", "bad_date", "The last day of the slot is the last one there is."),
        ("x,2031-05-06,,,,,,a\0b", "bad_character", "The record has a NUL character."),
    ],
)
def test_a_wrong_record_has_its_code_and_sentence(cells: str, code: str, message: str) -> None:
    assert row(cells) == Problem(code=code, message=message, line=2, title="x")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("x,2031-05-06,,,,,,,,,u,20310506T12,", "bad_recurrence_id"),
        ("x,2031-05-06,,,,,,,,,u,,Mars/Olympus", "unknown_zone"),
        ("x,0001-01-01,,,,,,,,,u,,Asia/Tokyo", "bad_date"),
    ],
)
def test_a_wrong_cell_of_our_own_columns_is_rejected(cells: str, code: str) -> None:
    found = row(cells, HEADER)

    assert isinstance(found, Problem)
    assert (found.code, found.outcome, found.uid, found.title) == (code, Outcome.REJECTED, "u", "x")


def test_a_problem_names_the_first_line_of_its_record_and_the_others_are_read() -> None:
    found = read(
        HEADER
        + 'a,2031-05-06,,,,,,,,"1\r\n2\n\n",,,\n\n,,,\n"b\nc",then,,,,,,,,,\'=u,,\n,2031-05-06\nd,,\ne,2031-05-06\n'
    )

    first = datetime(2031, 5, 6, tzinfo=UTC)
    assert found == [
        Slot(title="a", start=first, description="1\r\n2\n\n", line=2),
        Problem(code="bad_date", message='"then" is not a date.', line=8, uid="=u", title="b c"),
        Problem(code="no_title", message="The record has no title.", line=10, outcome=Outcome.SKIPPED),
        Problem(code="no_start", message="The record has no start.", line=11, outcome=Outcome.SKIPPED, title="d"),
        Slot(title="e", start=first, line=12),
    ]


def test_an_edited_file_of_ours_may_have_its_columns_in_any_order() -> None:
    header = ",".join(reversed(HEADER.rstrip().upper().replace("_", " ").split(",")))

    assert read(f"{header}\r\n,,'u,'=d,,,,,,,,2031-05-06,'=t\r\n") == [
        Slot(title="=t", start=datetime(2031, 5, 6, tzinfo=UTC), description="=d", uid="'u", line=2)
    ]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("", 1),
        ("\n\n", 1),
        ("Name,Day\nx,1\n", 1),
        ("\n\nsubject\n", 3),
        (HEADER + 'a,2031-05-06\n"b,2031-05-06\nc,2031-05-06\n', 3),
        (HEADER + "a," + "1" * 1_100_000 + "\n", 2),
        (HEADER + '"' + "a\n" * 600_000 + '"\n', 2),
        (HEADER + "," * 5_000_000, 2),
        (HEADER + '"\n",' * 2_000_000, 2),
        ("Subject,Start_Date" + "," * 5000 + "\n", 1),
        ("Subject," * 1_000_000, 1),
        (HEADER + "a\n" * 100_001, 100_002),
    ],
    ids=range(12),
)
def test_a_file_that_cannot_be_read_further_is_refused(data: str, line: int) -> None:
    with pytest.raises(FormatError) as refused:
        read(data)

    assert (refused.value.format_name, refused.value.line) == ("outlook", line)


@pytest.mark.parametrize(
    ("data", "offset"), [(b"\xfc", len(HEADER)), (b"\xe2\x82", len(HEADER)), (b"a\xc3\x28", len(HEADER) + 1)]
)
def test_what_is_not_text_is_refused_with_its_offset(data: bytes, offset: int) -> None:
    whole = HEADER.encode() + data
    for chunks in ([whole], [whole[at : at + 1] for at in range(len(whole))]):
        with pytest.raises(BadText) as refused:
            read(*chunks)
        assert refused.value.offset == offset


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do_and_the_last_may_be_missing(end: str) -> None:
    lines = ["\ufeff" + FOREIGN.rstrip(), "x,2031-05-06", "", "y,2031-05-06"]
    midnight = datetime(2031, 5, 6, tzinfo=UTC)

    for chunks in ([end.join(lines)], list(end.join(lines))):
        assert read(*chunks) == [Slot(title="x", start=midnight, line=2), Slot(title="y", start=midnight, line=4)]


@given(data=st.binary(max_size=60) | st.text("a,;\t\"'=\r\n\0 01/-.:2", max_size=60).map(str.encode))
def test_any_bytes_end_in_slots_problems_or_a_format_error(data: bytes) -> None:
    try:
        found = read(FOREIGN + "x,", data)
    except FormatError:
        return
    assert all(isinstance(item, Slot | Problem) for item in found)


@given(data=st.data())
def test_damaged_files_end_in_slots_problems_or_a_format_error(data: st.DataObject) -> None:
    samples = sorted((Path(__file__).parents[1] / "samples/outlook").glob("*.csv"))
    damage = data.draw(damaged(data.draw(st.sampled_from(samples)).read_bytes()))
    outlook.fits(damage)
    try:
        found = read(damage)
    except FormatError:
        return
    assert all(isinstance(item, Slot | Problem) for item in found)
