from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from slotport.core.slot import (
    NOWHERE,
    GroupRef,
    Media,
    MediaType,
    Note,
    Outcome,
    Place,
    Problem,
    Slot,
    Visibility,
)
from slotport.errors import BadText, FormatError
from slotport.formats import timeslot
from slotport.formats.options import ReadOptions, WriteOptions
from tests.strategies_files import cut, damaged, slots

SAMPLES = Path(__file__).parents[1] / "samples/timeslot"

#: a record with the keys of the interface's document, in their order, media and notes last first
RECORD = (
    b'{"uid":"5e1f6c0a-7b1d-4c52-9a37-0d4b8f2e6a11","title":"Harbour walk","visibility":"friends",'
    b'"start":"2031-05-06T13:44:00.000Z","end":"2031-05-06T15:05:00.000Z",'
    b'"media":[{"public_id":"pier-08","media_type":"video","position":1,"duration":null,"title":"Film"},'
    b'{"public_id":"pier-07","media_type":"image","position":0,"duration":2.5,"title":null}],'
    b'"notes":[{"title":"Later","content":"Tea"},{"title":"Bring","content":"Binoculars"}],'
    b'"settings":[{"alerts":"0000010000"}],'
    b'"groups":[{"uuid":"b0c7b1f4-52f0-4b0e-8c3e-9a2d51f7c610","name":"Walks","image":"","public":false,'
    b'"description":null}],'
    b'"location":{"name":"Quay 4","country":"","postalcode":"5003","city":"Bergen","address":"Bryggen 4",'
    b'"latitude":60.397,"longitude":null}}'
)
SLOT = Slot(
    uid="5e1f6c0a-7b1d-4c52-9a37-0d4b8f2e6a11",
    title="Harbour walk",
    visibility=Visibility.FRIENDS,
    start=datetime(2031, 5, 6, 13, 44, tzinfo=UTC),
    end=datetime(2031, 5, 6, 15, 5, tzinfo=UTC),
    media=(
        Media(public_id="pier-07", media_type=MediaType.IMAGE, position=0, duration=2.5),
        Media(public_id="pier-08", media_type=MediaType.VIDEO, position=1, title="Film"),
    ),
    notes=(Note(title="Bring", content="Binoculars"), Note(title="Later", content="Tea")),
    alerts="0000010000",
    groups=(GroupRef(uuid="b0c7b1f4-52f0-4b0e-8c3e-9a2d51f7c610", name="Walks"),),
    place=Place(name="Quay 4", postal_code="5003", locality="Bergen", thoroughfare="Bryggen 4", latitude=60.397),
)
BARE = Slot(title="Plain", start=datetime(2031, 5, 6, tzinfo=UTC))


def read(*chunks: bytes | str) -> list[Slot | Problem]:
    return list(timeslot.read([chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks], ReadOptions()))


def write(*written: Slot, extended: bool = False) -> bytes:
    return b"".join(timeslot.write(written, WriteOptions(extended=extended)))


def said(slot: Slot) -> Slot:
    """Give the slot as the extended form says it: what it has none of is said to be so."""
    return structs.replace(slot, description=slot.description or "", rrule=slot.rrule or "")


def only(fields: str) -> Slot | Problem:
    """Read a record with these fields besides title and start."""
    (found,) = read('[{"title":"Plain","start":"2031-05-06",' + fields + "}]")
    return found


def test_a_record_is_written_as_in_the_document() -> None:
    assert write(SLOT, SLOT) == b"[" + RECORD + b"," + RECORD + b"]"


def test_a_record_as_in_the_document_is_read() -> None:
    assert read(b"[" + RECORD + b"]") == [SLOT]


def test_an_empty_array_is_written_and_read() -> None:
    assert write() == b"[]"
    assert read(" [ ]\n") == []


def test_what_a_slot_does_not_say_is_written_as_what_it_stands_for() -> None:
    assert write(BARE) == (
        b'[{"uid":"","title":"Plain","visibility":"private","start":"2031-05-06T00:00:00.000Z","end":"","media":[],'
        b'"notes":[],"settings":[],"groups":[],"location":null,"open_end":true}]'
    )


def test_additional_keys_stand_after_the_ten_where_they_hold_something() -> None:
    slot = Slot(
        uid="7",
        title="Fair",
        start=date(987, 5, 6),
        end=date(987, 5, 8),
        visibility=Visibility.PUBLIC,
        description="Über alles",
        rrule="FREQ=YEARLY",
        recurrence_id="09870506",
        zone="Europe/Oslo",
        floating=True,
        media=(Media(public_id="a", media_type=MediaType.AUDIO, local_id="l", thumbnail="t"),),
        notes=(Note(title="n", content="c", local_id="l"),),
        place=Place(ocean="Atlantic", place_id="p", private_location=False),
        icalendar=("X-A:1",),
    )

    assert write(slot).decode() == (
        '[{"uid":"7","title":"Fair","visibility":"public","start":"0987-05-06T00:00:00.000Z",'
        '"end":"0987-05-08T00:00:00.000Z","media":[{"public_id":"a","media_type":"audio","position":0,"duration":null,'
        '"title":null,"local_id":"l","thumbnail":"t"}],"notes":[{"title":"n","content":"c","local_id":"l"}],'
        '"settings":[],"groups":[],"location":{"name":"","country":"","postalcode":"","city":"","address":"",'
        '"latitude":null,"longitude":null,"ocean":"Atlantic","place_id":"p","private_location":false},'
        '"description":"Über alles","allday":true,"rrule":"FREQ=YEARLY","recurrence_id":"09870506",'
        '"timezone":"Europe/Oslo","floating":true}]'
    )


def test_the_extended_form_always_has_the_additional_keys() -> None:
    slot = Slot(title="Plain", start=BARE.start, icalendar=("X-A:1",), place=Place(name="Q"))

    assert write(slot, extended=True).endswith(
        b'"location":{"name":"Q","country":"","postalcode":"","city":"","address":"","latitude":null,"longitude":null,'
        b'"sub_thoroughfare":"","sub_locality":"","administrative_area":"","sub_administrative_area":"",'
        b'"iso_country_code":"","in_land_water":"","ocean":"","areas_of_interest":"","place_id":"",'
        b'"private_location":null},"description":"","allday":false,"open_end":true,"rrule":"","recurrence_id":"",'
        b'"timezone":"","icalendar":["X-A:1"]}]'
    )


@given(written=st.lists(slots(), max_size=4))
def test_what_was_written_reads_back_the_same(written: list[Slot]) -> None:
    again = read(*timeslot.write(written, WriteOptions(extended=True)))

    assert again == [said(slot) for slot in written]


@given(written=st.lists(slots(), max_size=3))
def test_without_the_extended_form_only_calendar_lines_are_lost(written: list[Slot]) -> None:
    again = read(*timeslot.write(written, WriteOptions()))

    kept = [{field: getattr(slot, field) for field in timeslot.KEEPS} for slot in written]
    assert [{field: getattr(slot, field) for field in timeslot.KEEPS} for slot in again] == kept


@given(data=st.data(), written=st.lists(slots(), min_size=1, max_size=3))
def test_chunks_may_be_cut_anywhere(data: st.DataObject, written: list[Slot]) -> None:
    chunks = data.draw(cut(write(*written, extended=True)))

    assert read(*chunks) == [said(slot) for slot in written]


def test_many_records_come_in_order_whatever_stands_between_them() -> None:
    records = [RECORD.replace(b"Harbour walk", b"Walk %d" % number) for number in range(2000)]
    titles = [f"Walk {number}" for number in range(2000)]

    for between in (b",", b" ,\r\n\t"):
        data = b"[" + between.join(records) + b"\n]"
        assert [slot.title for slot in read(data)] == titles
        assert [slot.title for slot in read(*(data[at : at + 999] for at in range(0, len(data), 999)))] == titles


def test_records_that_look_alike_within_are_told_apart() -> None:
    record = b'{"title":"A","start":"2031-05-06","x":[{"b":1},{"title":2}],"y":"},{\\"title\\"},{"}'

    assert [slot.title for slot in read(b"[" + b",".join([record] * 3000) + b"]")] == ["A"] * 3000


def test_the_form_with_one_group_and_one_image_is_read() -> None:
    assert read((SAMPLES / "legacy.json").read_bytes()) == [
        Slot(
            uid="legacy-1",
            title="Harbour walk",
            start=datetime(2031, 5, 6, 13, 44, tzinfo=UTC),
            media=(Media(public_id="https://example.org/pier.jpg", media_type=MediaType.IMAGE),),
            groups=(GroupRef(name="Walks", image="https://example.org/walks.jpg", public=True),),
            place=Place(name="Quay 4", postal_code="5003", locality="Bergen", latitude=60.397),
        )
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('"uid":""', {}),
        ('"uid":null,"visibility":null,"media":null,"notes":null,"settings":null,"groups":null', {}),
        ('"VISIBILITY":"private","visibility":" "', {}),
        ('"visibility":"foaf"', {"visibility": Visibility.FOAF}),
        ('"end":""', {}),
        ('"end":null', {}),
        ('"end":" "', {}),
        ('"end":"2031-05-06"', {"end": datetime(2031, 5, 6, tzinfo=UTC)}),
        ('"end":"20310506T120000.1239+0200"', {"end": datetime(2031, 5, 6, 10, 0, 0, 123000, tzinfo=UTC)}),
        ('"end":"2031-05-06T23:59:59Z","openEnd":true', {}),
        ('"location":null', {"place": NOWHERE}),
        ('"location":{}', {"place": NOWHERE}),
        ('"location":{"name":"","latitude":"","longitude":null}', {"place": NOWHERE}),
        (
            '"location":{"thoroughfare":"Bryggen","subLocality":"B"}',
            {"place": Place(thoroughfare="Bryggen", sub_locality="B")},
        ),
        ('"location":{"latitude":60,"longitude":" 5.5 "}', {"place": Place(latitude=60.0, longitude=5.5)}),
        ('"settings":[]', {"alerts": ""}),
        ('"settings":[{"alerts":null}]', {"alerts": ""}),
        ('"settings":{"alerts":"1111111111"}', {"alerts": "1111111111"}),
        ('"settings":[{"alerts":"1111111111"},{"alerts":"x"}]', {"alerts": "1111111111"}),
        ('"media":[]', {"media": ()}),
        ('"notes":[]', {"notes": ()}),
        ('"description":""', {"description": ""}),
        ('"rrule":"RRULE:FREQ=DAILY"', {"rrule": "FREQ=DAILY"}),
        ('"timezone":"UTC"', {}),
        ('"allDay":true', {"start": date(2031, 5, 6)}),
        ('"allday":true,"end":"2031-05-08T10:00:00Z"', {"start": date(2031, 5, 6), "end": date(2031, 5, 9)}),
        ('"allday":null,"user":{"id":[[[[1]]]]},"unknown":"x"', {}),
        (
            '"groups":[{"uuid":"B0C7B1F4-52F0-4B0E-8C3E-9A2D51F7C610"}]',
            {"groups": (GroupRef(uuid="b0c7b1f4-52f0-4b0e-8c3e-9a2d51f7c610"),)},
        ),
        ('"groups":[{"name":" By  the sea "}]', {"groups": (GroupRef(name="By the sea"),)}),
        ('"groups":[{"uuid":"7","name":"W","image":null,"public":null}]', {"groups": (GroupRef(name="W"),)}),
        (
            '"media":[{"publicId":"b","mediaType":"image"},{"publicId":"a","mediaType":"audio","position":null,"localId":"l"}]',
            {
                "media": (
                    Media(public_id="a", media_type=MediaType.AUDIO, local_id="l"),
                    Media(public_id="b", media_type=MediaType.IMAGE, position=1),
                )
            },
        ),
        (
            '"media":[{"public_id":"a","media_type":"image","position":5},{"public_id":"b","media_type":"image","position":7}]',
            {
                "media": (
                    Media(public_id="a", media_type=MediaType.IMAGE, position=5),
                    Media(public_id="b", media_type=MediaType.IMAGE, position=7),
                )
            },
        ),
    ],
)
def test_a_field_is_read(fields: str, expected: dict[str, object]) -> None:
    wanted = {field: getattr(BARE, field) for field in BARE.__struct_fields__} | expected

    assert only(fields) == Slot(**wanted)


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ('"visibility":"secret"', "bad_visibility", 'The visibility "secret" is not private, friends, foaf or public.'),
        ('"visibility":7', "bad_visibility", 'The visibility "7" is not private, friends, foaf or public.'),
        ('"end":"2031-05-05"', "end_before_start", 'The end "2031-05-05" is before the start "2031-05-06".'),
        ('"end":"soon"', "bad_end", 'The end "soon" is not an ISO 8601 date and time.'),
        ('"end":5', "bad_end", "The value of end cannot be taken: expected a text or null, got a whole number."),
        (
            '"end":"2031-02-30"',
            "bad_end",
            'The end "2031-02-30" is no date and time that exists in the years 1 to 9999.',
        ),
        ('"settings":[{"alerts":"012"}]', "bad_alerts", 'The alerts "012" are not ten characters of 0 and 1.'),
        (
            '"settings":[7]',
            "bad_alerts",
            "The value of settings[0] cannot be taken: expected an object, got a whole number.",
        ),
        ('"notes":[{"title":" ","content":"x"}]', "bad_notes", "A note has no title or no content."),
        ('"notes":[{"title":"x"}]', "bad_notes", "The value of notes[0].content cannot be taken: it is missing."),
        (
            '"media":[{"public_id":"","media_type":"image"}]',
            "bad_media",
            "The value of media[0].public_id cannot be taken: expected a text of length >= 1.",
        ),
        (
            '"media":[{"public_id":"x","media_type":"gif"}]',
            "bad_media",
            "The value of media[0].media_type cannot be taken: invalid enum value 'gif'.",
        ),
        ('"media":{"a":1}', "bad_media", "The value of media cannot be taken: expected a list or null, got an object."),
        ('"location":{"latitude":"north"}', "bad_location", 'The latitude "north" of the location is not a number.'),
        ('"location":{"longitude":"nan"}', "bad_location", 'The longitude "nan" of the location is not a number.'),
        (
            '"location":{"iso_country_code":"123456789"}',
            "bad_location",
            "The value of location.iso_country_code cannot be taken: expected a text of length <= 8.",
        ),
        (f'"groups":[{{"name":"{"x" * 256}"}}]', "bad_groups", "A text of a group has more than 255 characters."),
        ('"groups":[{"uuid":"x"}]', "bad_groups", "A group has neither a name nor a well-formed uuid."),
        (
            '"timezone":"Mars/Olympus"',
            "unknown_zone",
            'The time zone "Mars/Olympus" is not the IANA name of a time zone.',
        ),
        (
            '"recurrence_id":"20310230"',
            "bad_recurrence_id",
            'The recurrence_id "20310230" is not of the form YYYYMMDD, YYYYMMDDTHHMMSS or YYYYMMDDTHHMMSSZ.',
        ),
        ('"description":"a\\u0000b"', "bad_character", "A text of the record has a NUL character."),
        ('"x":1e999', "bad_number", "The record has a number that is out of range."),
    ],
)
def test_a_wrong_field_has_its_code_and_sentence(fields: str, code: str, message: str) -> None:
    assert only(fields) == Problem(code=code, message=message, index=0, title="Plain")


def test_a_problem_names_index_uid_and_title_and_the_others_are_read() -> None:
    bad = b'{"uid":"u","title":" The  bad ","start":"then"}'

    assert read(b"[" + RECORD + b"," + bad + b"," + RECORD + b"]") == [
        SLOT,
        Problem(
            code="bad_start",
            message='The start "then" is not an ISO 8601 date and time.',
            index=1,
            uid="u",
            title="The bad",
        ),
        SLOT,
    ]


@pytest.mark.parametrize(
    ("record", "code", "outcome"),
    [
        ('{"start":"2031-05-06"}', "no_title", Outcome.SKIPPED),
        ('{"title":" ","start":"2031-05-06"}', "no_title", Outcome.SKIPPED),
        ('{"title":null,"start":"2031-05-06"}', "no_title", Outcome.SKIPPED),
        ('{"title":"x"}', "no_start", Outcome.SKIPPED),
        ('{"title":"x","start":""}', "no_start", Outcome.SKIPPED),
        ('{"title":7,"start":"2031-05-06"}', "bad_title", Outcome.REJECTED),
        ('{"title":"x","start":7}', "bad_start", Outcome.REJECTED),
        ("7", "bad_record", Outcome.REJECTED),
        ('"a,]b"', "bad_record", Outcome.REJECTED),
        ("null", "bad_record", Outcome.REJECTED),
        ("[[]]", "bad_record", Outcome.REJECTED),
    ],
)
def test_what_is_no_slot_is_told(record: str, code: str, outcome: Outcome) -> None:
    found = read("[" + record + ' , {"title":"Plain","start":"2031-05-06"}]')

    assert [(problem.code, problem.outcome, problem.index) for problem in found[:1]] == [(code, outcome, 0)]
    assert found[1:] == [BARE]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("{}", 1),
        ("nonsense", 1),
        ("[", 1),
        ("[{}", 1),
        ("[{},", 2),
        ("[{},]", 2),
        ("[,{}]", 1),
        ("[{}{}]", 1),
        ("[{}] x", 2),
        ("[]]", 1),
        ("[{},{]}]", 2),
        ("[{},{'a':1}]", 2),
        ("[tru]", 1),
        ('["abc]', 1),
        ("[1 2]", 1),
        ('[{"a":01}]', 1),
        ("[" * 70, 1),
        ('[{"a":' + "[" * 65 + "]" * 65 + "}]", 1),
        ("[" * 1_000_000, 1),
        ('[{"a":' * 100_000, 1),
        ('[{"a":"' + "x" * 9_000_000 + '"}]', 1),
        ('[{},"' + "x" * 9_000_000, 2),
    ],
)
def test_a_file_that_cannot_be_read_further_is_refused(text: str, line: int) -> None:
    with pytest.raises(FormatError) as refused:
        read(text)

    assert (refused.value.format_name, refused.value.line) == ("timeslot", line)


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b'[{"title":"\xff"}]', 11),
        (b'[{"title":"\xc3', 11),
        (b'[{"title":"a","start":"2031-05-06"},\xc3\x28', 36),
        (b'[7, {"title":"\\ud800","start":"2031-05-06"}]', 4),
        (b'[7,{"title":"\\udc00\\ud800","start":"2031-05-06"}]', 3),
        (b'[{"title":"a","x":"\\\\\\uD83dx"}]', 1),
    ],
)
def test_what_is_not_text_is_refused_with_its_offset(data: bytes, offset: int) -> None:
    for chunks in ([data], [data[at : at + 1] for at in range(len(data))]):
        with pytest.raises(BadText) as refused:
            read(*chunks)
        assert refused.value.offset == offset


def test_escapes_that_only_look_like_half_a_pair_are_text() -> None:
    assert only(r'"description":"\ud83d\ude00 \\ud800","unknown":1') == Slot(
        title="Plain", start=BARE.start, description="😀 \\ud800"
    )


def test_a_byte_order_mark_is_no_part_of_the_file() -> None:
    assert read("\ufeff[" + RECORD.decode() + "]") == [SLOT]


def test_a_file_of_wrong_records_alone_is_given_up() -> None:
    with pytest.raises(FormatError, match="more than 100000 records have a problem"):
        read("[" + "{}," * 100_001 + "{}]")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"[]", True),
        (b" \r\n\t[{", True),
        (b"{}", False),
        (b"", False),
        (b"Subject,Start_Date", False),
        (b"\xff[", False),
    ],
)
def test_an_array_is_recognised(head: bytes, expected: bool) -> None:
    assert timeslot.fits(head) is expected


@given(data=st.binary(max_size=60) | st.text(alphabet='[]{}",:1a\\u \n', max_size=60).map(str.encode))
def test_any_bytes_end_in_slots_problems_or_a_format_error(data: bytes) -> None:
    try:
        found = read(b"[" + data, b"]")
    except FormatError:
        return
    assert all(isinstance(item, Slot | Problem) for item in found)


@given(data=st.data())
def test_damaged_files_end_in_slots_problems_or_a_format_error(data: st.DataObject) -> None:
    damage = data.draw(damaged(b"[" + RECORD + b"," + RECORD + b"]"))
    try:
        found = read(damage)
    except FormatError:
        return
    assert all(isinstance(item, Slot | Problem) for item in found)
