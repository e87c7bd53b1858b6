"""Made-up objects of a run: one of each kind that link to each other, and slots for hypothesis."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from msgspec import structs

from slotport.core.convention import (
    Convention,
    Event,
    EventStatus,
    Host,
    Location,
    Person,
    Requirement,
    Tags,
    TimeSlot,
)
from slotport.core.export import AssetClass
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Asset, Exported, Group, MediaItem
from slotport.core.object_ids import object_uuid
from slotport.core.slot import GroupRef, Media, MediaType, Note, Place, Slot, Visibility
from slotport.formats import run_calendar
from slotport.formats.objects import Shape
from slotport.formats.objects_json import Head
from tests.strategies import slots as plain_slots

MADE = datetime(2031, 4, 1, 8, 0, 0, 500000, UTC)
CHANGED = datetime(2031, 4, 2, 9, 30, tzinfo=UTC)
GENERATED = datetime(2031, 5, 1, 4, 0, 7, tzinfo=UTC)
HEAD = Head(export_id=31, export_version=4, export_name="Summer & <slots>", generated=GENERATED)
CALENDAR_HEAD = run_calendar.Head(name="Summer, slots", server="https://slots.example/", now=GENERATED)
SHAPE = Shape(instance_name="harbour")


def _uuid(number: int) -> UUID:
    return UUID(f"00000000-0000-4000-8000-{number:012}")


def exported(kind: ObjectType, number: int, **fields: Any) -> Exported:
    """An object of that kind and id; the keywords are what it is."""
    stored = None if kind in {ObjectType.SLOT, ObjectType.EVENT, ObjectType.CONVENTION} else str(_uuid(number))
    values: dict[str, Any] = {
        "uuid": object_uuid(kind, number, 1_932_796_800_500, stored),
        "version": 3,
        "change": 70 + number,
        "created_at": MADE,
        "updated_at": CHANGED,
        "owner_id": 6,
        **fields,
    }
    return Exported(type=kind, id=number, **values)


PIER = Asset(
    id=4,
    owner_id=6,
    public_id="pier-07",
    asset_class=AssetClass.IMAGE,
    extension="jpg",
    original_filename="Pier, old.jpg",
    size=1234,
    sha256="ab" * 32,
    media_type="image/jpeg",
    width=1200,
    height=800,
    uploaded_at=MADE,
    versions=("preview", "small"),
)
WALKS = Group(id=12, uuid=_uuid(12), name="Walks", description="On foot", public=False, image="pier-07")
MEDIA = (MediaItem(public_id="pier-07", title="Pier", asset=PIER), MediaItem(public_id="elsewhere"))
WALK = Slot(
    uid="5e1f6c0a@slots.example",
    title="=Harbour walk",
    start=datetime(2031, 5, 6, 13, 44, tzinfo=UTC),
    end=datetime(2031, 5, 6, 15, 5, tzinfo=UTC),
    visibility=Visibility.FRIENDS,
    description='Bring "binoculars", please\nand a hat',
    rrule="",
    place=Place(name="Quay 4", locality="Bergen"),
    notes=(Note(title="Bring", content="Binoculars"), Note(title="Way", content="Bus 3\nor walk")),
    media=(
        Media(public_id="pier-07", media_type=MediaType.IMAGE, title="Pier"),
        Media(public_id="elsewhere", media_type=MediaType.IMAGE, position=1),
    ),
    alerts="0000010000",
    groups=(GroupRef(uuid=str(WALKS.uuid), name="Walks", image="pier-07", description="On foot"),),
    icalendar=("STATUS:CONFIRMED", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "END:VALARM"),
)
FAIR_DAY = Slot(
    uid="fair",
    title="Fair",
    start=date(2031, 6, 7),
    end=date(2031, 6, 9),
    visibility=Visibility.PUBLIC,
    description="",
    rrule="FREQ=YEARLY",
    notes=(),
    media=(),
    alerts="",
    icalendar=(),
)
CON = Convention(
    id=40,
    slug="harbour-con",
    title="Harbour Con",
    website="https://con.example",
    start_date=date(2031, 6, 7),
    settings={"timezone": "Europe/Berlin"},
    public_key="",
    secret_key="",
    created_at=MADE,
    updated_at=CHANGED,
    change=99,
    changed_at=CHANGED,
)
PIER_ROOM = Location(id=43, guid=_uuid(43), title="Pier Room", slug="pier-room", max_attendees=20, area="Quay")
DECK = Location(id=44, guid=_uuid(44), title="Deck", slug="deck")
OLGA = Person(id=8, guid=_uuid(8), name="Olga")
LANTERNS = Event(
    id=41,
    convention_id=40,
    owner=OLGA,
    title="Lantern Making",
    teaser="Paper & light",
    duration_minutes=90,
    max_attendees=12,
    status=EventStatus.APPROVED,
    notes_to_staff="Glue!",
    tags=(
        Tags(title="Type", requirement=Requirement.ANY, public=True, values=("Workshop",)),
        Tags(title="Budget", requirement=Requirement.ANY, public=False, values=("10",)),
    ),
    created_at=MADE,
    updated_at=CHANGED,
    version=5,
)
LATERNS_AT_NINE = TimeSlot(
    id=42,
    guid=_uuid(42),
    event=LANTERNS,
    start=datetime(2031, 6, 7, 7, tzinfo=UTC),
    duration_minutes=90,
    max_attendees=12,
    locations=(DECK, PIER_ROOM),
    hosts=(Host(person=OLGA, name="Captain Olga"),),
    version=3,
    created_at=MADE,
    updated_at=CHANGED,
)

SLOT = exported(ObjectType.SLOT, 10, slot=WALK, groups=(WALKS,), media=MEDIA)
DAYS = exported(ObjectType.SLOT, 11, slot=FAIR_DAY)
GROUP = exported(ObjectType.GROUP, 12, group=WALKS, media=(MediaItem(public_id="pier-07", asset=PIER),))
TIME_SLOT = exported(ObjectType.TIMESLOT, 42, time_slot=LATERNS_AT_NINE, of_convention=CON, owner_id=8)
EVENT = exported(ObjectType.EVENT, 41, event=LANTERNS, of_convention=CON, owner_id=8, version=5)
LOCATION = exported(ObjectType.LOCATION, 43, location=PIER_ROOM, of_convention=CON, owner_id=None)
CONVENTION = exported(ObjectType.CONVENTION, 40, convention=CON, owner_id=None)
ALL = (SLOT, DAYS, GROUP, TIME_SLOT, EVENT, LOCATION, CONVENTION)


@st.composite
def exported_slots(draw: st.DrawFn) -> Exported:
    """A slot of any kind, as a run holds it."""
    slot = draw(plain_slots())
    groups = tuple(
        Group(
            id=100 + number,
            uuid=UUID(ref.uuid),
            name=ref.name,
            description=ref.description,
            public=ref.public,
            image=ref.image,
        )
        for number, ref in enumerate(slot.groups)
    )
    media = tuple(MediaItem(public_id=item.public_id, title=item.title) for item in slot.media or ())
    return exported(ObjectType.SLOT, draw(st.integers(1, 2**53)), slot=slot, groups=groups, media=media)


def many_slots(count: int) -> list[Exported]:
    """So many slots that differ a little."""
    return [
        exported(ObjectType.SLOT, number, slot=structs.replace(WALK, uid=f"{number}@x", title=f"Slot {number}"))
        for number in range(1, count + 1)
    ]
