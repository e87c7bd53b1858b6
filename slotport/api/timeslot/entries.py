"""The slot and group objects of the Timeslot API (docs/api/timeslot-slots.md, timeslot-groups.md)."""

from urllib.parse import quote
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, structs

from slotport.actions.lists import Page
from slotport.actions.slots import Made, Shown
from slotport.api.timeslot.people import BasicUser, FullUser, basic_user, full_user
from slotport.api.timeslot.places import Location, LocationForm, location_of, place_of
from slotport.core.entry import Entry, MediaEdit, MediaEntry, NoteEdit, SettingsEdit, SlotEdit, TimeSlotOrigin
from slotport.core.group import NO_ALERTS, Group, GroupView, State, parsed_uuid
from slotport.core.paging import Paging, cursor
from slotport.core.slot import MediaType, Visibility
from slotport.core.when import iso
from slotport.errors import NotFound

LARGEST_ID = 2**63 - 1


class SlotForm(Struct, kw_only=True):
    """What a request says of a slot. `visibility` and `slotGroups` count for a new one only."""

    title: str | UnsetType | None = UNSET
    start_date: str | UnsetType | None = UNSET
    end_date: str | UnsetType | None = UNSET
    allday: bool | UnsetType | None = UNSET
    rrule: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    location: LocationForm | UnsetType | None = UNSET
    notes: list[NoteEdit] | None = None
    media: list[MediaEdit] | None = None
    settings: SettingsEdit | None = None
    visibility: str | UnsetType | None = UNSET
    slot_groups: list[str] | None = None

    @property
    def edit(self) -> SlotEdit:
        """What it says. Raises Invalid for a location that is none."""
        return SlotEdit(
            title=self.title,
            start_date=self.start_date,
            end_date=self.end_date,
            allday=self.allday,
            rrule=self.rrule,
            description=self.description,
            place=UNSET if isinstance(self.location, UnsetType) else place_of(self.location),
            notes=self.notes or (),
            media=self.media or (),
            settings=self.settings,
            visibility=self.visibility,
            slot_groups=self.slot_groups or (),
        )


class GroupObject(Struct, kw_only=True, rename="camel"):
    """A group as its reader sees it."""

    id: UUID
    name: str
    image: str
    description: str | None
    default_color: str
    members_can_post: bool
    members_can_invite: bool
    public: bool
    created_at: str
    updated_at: str
    deleted_at: str | None
    owner: BasicUser
    member_ids: tuple[int, ...]
    member_count: int
    slot_count: int


class GroupWithState(GroupObject, kw_only=True, rename="camel"):
    """A group, and how the reader stands to it; without a membership there is no colour."""

    membership_state: State
    color: str | UnsetType = UNSET


class CalendarObject(GroupWithState, kw_only=True, rename="camel"):
    """A group in which the caller is active."""

    show_in_schedule: bool


class NoteObject(Struct, kw_only=True, rename="camel"):
    """A note."""

    id: int
    title: str
    content: str
    local_id: str | None
    created_at: str


class MediaObject(Struct, kw_only=True, rename="camel"):
    """A media reference: audio with `duration` and `title`, video with `duration` and `thumbnail`."""

    media_id: int
    public_id: str
    position: int
    local_id: str | None
    media_type: MediaType
    created_at: str
    duration: float | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    thumbnail: str | UnsetType | None = UNSET


class SettingsObject(Struct, kw_only=True, rename="camel"):
    """What the reader set for itself."""

    alerts: str


class ConventionRef(Struct, kw_only=True):
    """Which convention it is."""

    id: int
    slug: str
    title: str


class TimeSlotRef(Struct, kw_only=True):
    """Of which event and convention a time slot is."""

    event: int
    convention: ConventionRef


class SlotObject(Struct, kw_only=True, rename="camel"):
    """A slot as its reader sees it; an open end has no `endDate`, a visitor no `settings`."""

    id: int
    title: str
    description: str
    start_date: str
    end_date: str | UnsetType = UNSET
    rrule: str
    allday: bool
    open_end: bool
    created_at: str
    updated_at: str
    deleted_at: str | None
    location: Location | None
    creator: BasicUser
    notes: list[NoteObject]
    media: list[MediaObject]
    settings: SettingsObject | UnsetType = UNSET
    visibility: Visibility
    liker_ids: tuple[int, ...] = ()
    likes: int = 0
    comments_counter: int = 0
    first_group: GroupObject | None
    slot_group_uuids: tuple[UUID, ...]
    time_slot: TimeSlotRef | UnsetType = UNSET


class ShownSlot(SlotObject, kw_only=True, rename="camel"):
    """A slot by itself; `visibleCount` is the number of people who may read it, or `all`."""

    visible_count: str


class MadeSlot(SlotObject, kw_only=True, rename="camel"):
    """A slot just made or deleted; `unauthorizedSlotgroups` are the groups that the caller may not put slots into."""

    creator: FullUser
    unauthorized_slotgroups: tuple[UUID, ...]


class ListedSlot(SlotObject, kw_only=True, rename="camel"):
    """A slot of a page."""

    url: str


class PagingObject(Struct, kw_only=True, rename="camel"):
    """What a page says of itself; `before` and `after` are null where there is nothing more."""

    limit: int
    mode: str | None
    moment: str | None
    filter: str
    earliest: str | None
    latest: str | None
    before: str | None
    after: str | None
    pool_size: int


class SlotPage(Struct, kw_only=True, rename="camel"):
    """A page of slots."""

    paging: PagingObject
    data: list[ListedSlot]


def number_in_path(text: str) -> int:
    """The id that a path names. Raises NotFound for all but digits."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_ID:
        return int(text)
    raise NotFound("there is nothing here")


def uuid_in_path(text: str) -> UUID:
    """The uuid that a path names. Raises NotFound for what is none."""
    uuid = parsed_uuid(text)
    if uuid is None:
        raise NotFound("there is nothing here")
    return uuid


def group_object(view: GroupView) -> GroupObject:
    """The group."""
    group = view.group
    return GroupObject(
        id=group.uuid,
        name=group.name,
        image=group.image,
        description=group.description,
        default_color=group.default_color,
        members_can_post=group.members_can_post,
        members_can_invite=group.members_can_invite,
        public=group.public,
        created_at=iso(group.created_at),
        updated_at=iso(group.updated_at),
        deleted_at=deleted_at(group),
        owner=basic_user(view.owner),
        member_ids=view.member_ids,
        member_count=len(view.member_ids),
        slot_count=view.slot_count,
    )


def group_with_state(view: GroupView) -> GroupWithState:
    """The group, and how its reader stands to it."""
    membership = view.membership
    return GroupWithState(
        **structs.asdict(group_object(view)),
        membership_state=State.UNDEFINED if membership is None else membership.state,
        color=UNSET if membership is None else membership.color,
    )


def calendar_object(view: GroupView) -> CalendarObject:
    """The group as one of the reader's calendars."""
    shown = view.membership is not None and view.membership.show_in_schedule
    return CalendarObject(**structs.asdict(group_with_state(view)), show_in_schedule=shown)


def deleted_at(group: Group) -> str | None:
    """When the group was deleted."""
    return None if group.deleted_at is None else iso(group.deleted_at)


def slot_object(entry: Entry, *, with_settings: bool) -> SlotObject:
    """The slot; a visitor has no settings."""
    times = entry.times
    return SlotObject(
        id=entry.id,
        title=entry.title,
        description=entry.description,
        start_date=iso(times.start),
        end_date=UNSET if times.end is None else iso(times.end),
        rrule=entry.rrule,
        allday=times.all_day,
        open_end=times.end is None,
        created_at=iso(entry.created_at),
        updated_at=iso(entry.updated_at),
        deleted_at=None if entry.deleted_at is None else iso(entry.deleted_at),
        location=location_of(entry.place, entry.place_uuid),
        creator=basic_user(entry.creator),
        notes=[
            NoteObject(
                id=note.id,
                title=note.title,
                content=note.content,
                local_id=note.local_id,
                created_at=iso(note.created_at),
            )
            for note in entry.notes
        ],
        media=[_media_object(item) for item in entry.media],
        settings=SettingsObject(alerts=entry.alerts or NO_ALERTS) if with_settings else UNSET,
        visibility=entry.visibility,
        first_group=None if entry.first_group is None else group_object(entry.first_group),
        slot_group_uuids=entry.group_uuids,
        time_slot=UNSET if entry.time_slot is None else _time_slot_ref(entry.time_slot),
    )


def _time_slot_ref(origin: TimeSlotOrigin) -> TimeSlotRef:
    convention = ConventionRef(id=origin.convention_id, slug=origin.convention_slug, title=origin.convention_title)
    return TimeSlotRef(event=origin.event_id, convention=convention)


#: what a kind of media always says of itself; the rest only where it is set
_SAID = {MediaType.IMAGE: (), MediaType.AUDIO: ("duration", "title"), MediaType.VIDEO: ("duration", "thumbnail")}


def _media_object(item: MediaEntry) -> MediaObject:
    said = {
        name: value
        for name in ("duration", "title", "thumbnail")
        if (value := getattr(item, name)) is not None or name in _SAID[item.media_type]
    }
    return MediaObject(
        media_id=item.id,
        public_id=item.public_id,
        position=item.position,
        local_id=item.local_id,
        media_type=item.media_type,
        created_at=iso(item.created_at),
        **said,
    )


def shown_slot(shown: Shown, *, with_settings: bool) -> ShownSlot:
    """The slot by itself."""
    fields = structs.asdict(slot_object(shown.entry, with_settings=with_settings))
    return ShownSlot(**fields, visible_count="all" if shown.readers is None else str(shown.readers))


def made_slot(made: Made) -> MadeSlot:
    """The slot just made or deleted."""
    fields = structs.asdict(slot_object(made.entry, with_settings=True))
    fields["creator"] = full_user(made.entry.creator, slot_count=made.slot_count, calendar_count=made.calendar_count)
    return MadeSlot(**fields, unauthorized_slotgroups=made.unauthorized)


def slot_page(page: Page, base_url: str, *, with_settings: bool) -> SlotPage:
    """The page; ``base_url`` is what the server's addresses begin with."""
    return SlotPage(
        paging=_paging_object(page.paging),
        data=[
            ListedSlot(
                **structs.asdict(slot_object(entry, with_settings=with_settings)),
                url=_address(entry, base_url),
            )
            for entry in page.entries
        ],
    )


def _address(entry: Entry, base_url: str) -> str:
    origin = entry.time_slot
    if origin is None:
        return f"{base_url}/v1/slots/{entry.id}"
    slug = quote(origin.convention_slug, safe="")
    return f"{base_url}/entities/conventions/{slug}/schedule.ics?event={origin.event_id}"


def _paging_object(paging: Paging) -> PagingObject:
    query = paging.query
    return PagingObject(
        limit=query.limit,
        mode=query.mode,
        moment=None if query.moment is None else iso(query.moment),
        filter="none" if query.earliest is None else "between",
        earliest=None if query.earliest is None else iso(query.earliest),
        latest=None if query.latest is None else iso(query.latest),
        before=None if paging.before is None else cursor(paging.before),
        after=None if paging.after is None else cursor(paging.after),
        pool_size=paging.pool_size,
    )
