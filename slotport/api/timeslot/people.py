"""The user objects of the Timeslot API (docs/api/timeslot-accounts.md): keys in the documented order."""

from uuid import UUID

from msgspec import Struct, structs

from slotport.api.timeslot.places import Location, location_of
from slotport.core.account import Account
from slotport.core.when import iso
from slotport.storage.accounts import Profile


class BasicUser(Struct, kw_only=True, rename="camel"):
    """A person as others see it: in ``creator`` and ``owner``."""

    id: int
    username: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    created_at: str
    updated_at: str
    deleted_at: str | None
    image: str


class FullUser(BasicUser, kw_only=True, rename="camel"):
    """A person with place and counters: ``creator`` where a slot was just made or deleted."""

    location: Location | None
    slot_count: int
    calendar_count: int
    friends_count: int = 0


class MembershipItem(Struct, kw_only=True, rename="camel"):
    """One of the caller's calendars."""

    group_id: UUID
    state: str
    color: str
    notifications: bool


class OwnUser(FullUser, kw_only=True, rename="camel"):
    """The caller."""

    gender: str | None
    lang: str | None
    email: str | None
    email_verified: bool
    phone: str | None
    phone_verified: bool
    public_url: str | None
    push: bool
    my_calendar_uuid: UUID
    friends_calendar_uuid: UUID
    all_my_slots_uuid: UUID
    my_created_slots_uuid: UUID
    my_private_slots_uuid: UUID | None
    my_friend_slots_uuid: UUID
    my_public_slots_uuid: UUID | None
    friendships: tuple[()] = ()
    memberships: list[MembershipItem]
    friendship_state: str = "myself"


class SignedInUser(OwnUser, kw_only=True, rename="camel"):
    """The caller just after sign-up or sign-in: the only answer with a token."""

    auth_token: str


def basic_user(account: Account) -> BasicUser:
    """The person as others see it."""
    return BasicUser(
        id=account.id,
        username=account.username,
        first_name=account.first_name,
        middle_name=account.middle_name,
        last_name=account.last_name,
        created_at=iso(account.created_at),
        updated_at=iso(account.updated_at),
        deleted_at=iso(account.deleted_at) if account.deleted_at else None,
        image=account.image,
    )


def full_user(account: Account, *, slot_count: int, calendar_count: int) -> FullUser:
    """The person with place and counters."""
    return FullUser(
        **structs.asdict(basic_user(account)),
        location=location_of(account.place, account.place_uuid),
        slot_count=slot_count,
        calendar_count=calendar_count,
    )


def own_user(profile: Profile) -> OwnUser:
    """The person as it sees itself."""
    account = profile.account
    full = full_user(account, slot_count=profile.slot_count, calendar_count=profile.calendar_count)
    return OwnUser(
        **structs.asdict(full),
        gender=account.gender,
        lang=account.lang,
        email=account.email,
        email_verified=account.email_verified,
        phone=account.phone,
        phone_verified=account.phone_verified,
        public_url=account.public_url,
        push=account.push,
        my_calendar_uuid=account.my_calendar,
        friends_calendar_uuid=account.friends_calendar,
        all_my_slots_uuid=account.all_my_slots,
        my_created_slots_uuid=account.my_created_slots,
        my_private_slots_uuid=profile.private_calendar,
        my_friend_slots_uuid=account.my_friend_slots,
        my_public_slots_uuid=profile.public_calendar,
        memberships=[
            MembershipItem(group_id=item.group, state=item.state, color=item.color, notifications=item.notifications)
            for item in profile.memberships
        ],
    )


def signed_in_user(profile: Profile, token: str) -> SignedInUser:
    """The person as it sees itself, and its new token."""
    return SignedInUser(**structs.asdict(own_user(profile)), auth_token=token)
