"""Account: a person, with one password for every surface (docs/design/accounts.md)."""

from datetime import datetime
from uuid import UUID, uuid5

from msgspec import Struct

from slotport.core.slot import Place

USERNAME_LENGTHS = range(3, 51)
NAME_LENGTHS = range(2, 51)
PASSWORD_LENGTHS = range(5, 73)
EMAIL_LENGTH = 254
PHONE_LENGTH = 35
GENDERS = ("male", "female", "other")


class Account(Struct, frozen=True, kw_only=True):
    """A person as stored; never holds the password or a token."""

    id: int
    guid: UUID  #: random, fixed for the account's life
    username: str = ""
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    gender: str | None = None
    lang: str | None = None
    email: str | None = None
    email_verified: bool = False
    phone: str | None = None
    phone_verified: bool = False
    image: str = ""
    public_url: str | None = None
    push: bool = True
    place: Place | None = None
    place_uuid: UUID | None = None
    disabled_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    change: int = 0  #: number of the last commit that changed a slot or group of the account

    # The uuids of the views that the Timeslot API addresses as if they were groups: the account's own only.

    @property
    def my_calendar(self) -> UUID:
        """The schedule."""
        return uuid5(self.guid, "my-calendar")

    @property
    def friends_calendar(self) -> UUID:
        """What friends share."""
        return uuid5(self.guid, "friends-calendar")

    @property
    def all_my_slots(self) -> UUID:
        """Everything related to the account."""
        return uuid5(self.guid, "all-my-slots")

    @property
    def my_created_slots(self) -> UUID:
        """What the account created."""
        return uuid5(self.guid, "my-created-slots")

    @property
    def my_friend_slots(self) -> UUID:
        """What the account shares with friends."""
        return uuid5(self.guid, "my-friend-slots")
