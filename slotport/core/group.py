"""Group: a calendar that several people share, and who may do what with it (docs/api/timeslot-groups.md)."""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from slotport.core.account import Account
from slotport.core.slot import Visibility, collapsed, is_alerts, is_storable
from slotport.errors import Invalid

MOST_GROUPS = 1_000  #: of one account; a list of slots costs as much as its reader has groups
NAME_LENGTH = 255
IMAGE_LENGTH = 255
DESCRIPTION_LENGTH = 255
COLOR_LENGTH = 6
NO_ALERTS = "0000000000"

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class State(StrEnum):
    """How a person stands to a group."""

    ACTIVE = "active"
    INVITED = "invited"
    REFUSED = "refused"
    KICKED = "kicked"
    LEFT = "left"
    DELETED = "deleted"  #: the group was
    UNDEFINED = "undefined"  #: never had to do with it; not stored


class Preset(StrEnum):
    """Which of the two calendars made at sign-up a group is."""

    NONE = ""
    PRIVATE = "private"
    PUBLIC = "public"


class Group(Struct, frozen=True, kw_only=True):
    """A calendar as stored."""

    id: int
    uuid: UUID
    owner_id: int
    name: str
    image: str = ""
    description: str | None = None
    default_color: str = "000000"
    public: bool = False
    members_can_post: bool = True
    members_can_invite: bool = False
    preset: Preset = Preset.NONE
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    version: int = 1


class Membership(Struct, frozen=True, kw_only=True):
    """How one person stands to one group."""

    group_id: int
    account_id: int
    state: State
    color: str = "000000"
    notifications: bool = True
    default_alerts: str = NO_ALERTS
    show_in_schedule: bool = False
    deleted_at: datetime | None = None


class GroupEdit(Struct, frozen=True, kw_only=True):
    """What a request says of a group; UNSET is what it does not say."""

    name: str | UnsetType | None = UNSET
    image: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    default_color: str | UnsetType = UNSET
    public: bool | UnsetType = UNSET
    members_can_post: bool | UnsetType = UNSET
    members_can_invite: bool | UnsetType = UNSET


class MemberEdit(Struct, frozen=True, kw_only=True):
    """What a member sets for oneself on a group; None is what the request does not say."""

    notifications: bool | None = None
    color: str | None = None
    default_alerts: str | None = None


class GroupView(Struct, frozen=True, kw_only=True):
    """A group as one reader sees it."""

    group: Group
    owner: Account
    member_ids: tuple[int, ...] = ()  #: active members, ascending
    slot_count: int = 0  #: of the slots that the reader may read
    membership: Membership | None = None  #: the reader's own


def default_rights(*, public: bool) -> tuple[bool, bool]:
    """Whether members may post, and invite, where nobody said so."""
    return (not public, public)


def is_active(membership: Membership | None) -> bool:
    """Whether the person is a member now."""
    return membership is not None and membership.state is State.ACTIVE


def may_read(group: Group, account_id: int, membership: Membership | None) -> bool:
    """Whether the person may see the group; a deleted one only its owner."""
    if group.deleted_at is not None:
        return group.owner_id == account_id
    return group.public or group.owner_id == account_id or is_active(membership)


def may_post(group: Group, account_id: int, membership: Membership | None) -> bool:
    """Whether the person may put slots into the group and take them out."""
    if group.deleted_at is not None:
        return False
    return group.owner_id == account_id or (group.members_can_post and is_active(membership))


def may_invite(group: Group, account_id: int, membership: Membership | None) -> bool:
    """Whether the person may make others members."""
    if group.deleted_at is not None:
        return False
    return group.owner_id == account_id or (group.members_can_invite and is_active(membership))


def parsed_uuid(text: str) -> UUID | None:
    """The UUID in its usual form of 36 characters; None for all else."""
    return UUID(text) if _UUID.fullmatch(text) else None


_WIDTH = {width: rank for rank, width in enumerate(Visibility)}


def widest(visibilities: Iterable[Visibility]) -> Visibility:
    """The one that lets most people read; private if there is none."""
    return max(visibilities, key=_WIDTH.__getitem__, default=Visibility.PRIVATE)


class Placement(Struct, frozen=True, kw_only=True):
    """What becomes of a new slot, by what was asked for."""

    visibility: Visibility
    presets: frozenset[Preset]  #: the own default calendars that it is also put into


def placement(asked: Visibility | None, *, with_friends: bool, publics: Iterable[bool]) -> Placement:
    """How visible a new slot is and in which default calendars (Timeslot API, section 3).

    ``publics`` says of each group that the slot is put into whether it is public; unwritable ones do not count.
    """
    listed = list(publics)
    wanted = [asked or Visibility.PRIVATE]
    if with_friends:
        wanted.append(Visibility.FRIENDS)
    if any(listed):
        wanted.append(Visibility.PUBLIC)
    visibility = widest(wanted)
    presets = set()
    if asked is Visibility.PUBLIC and not any(listed):
        presets.add(Preset.PUBLIC)
    if asked is not None and asked is not Visibility.PUBLIC and all(listed):
        presets.add(Preset.PRIVATE)
    if not listed and not presets:
        presets.add(Preset.PUBLIC if visibility is Visibility.PUBLIC else Preset.PRIVATE)
    return Placement(visibility=visibility, presets=frozenset(presets))


def about_text(text: str, longest: int) -> str | None:
    """What is wrong with a text that is to be stored; None if nothing is."""
    if len(text) > longest:
        return f"must have at most {longest} characters"
    if not is_storable(text):
        return "holds a character that cannot be stored"
    return None


def about_color(text: str) -> str | None:
    """What is wrong with a colour; None if nothing is."""
    return about_text(text, COLOR_LENGTH) or (None if len(text) == COLOR_LENGTH else "must have 6 characters")


def about_alerts(text: str) -> str | None:
    """What is wrong with alerts; None if nothing is."""
    return None if is_alerts(text) else "must be ten characters 0 or 1"


def checked_group(edit: GroupEdit, *, is_new: bool) -> dict[str, Any]:
    """What the edit says, by field of Group. Raises Invalid, naming every field that is wrong."""
    said = {name: value for name in GroupEdit.__struct_fields__ if (value := getattr(edit, name)) is not UNSET}
    problems: dict[str, list[str]] = {}
    if "name" in said:
        said["name"] = collapsed(said["name"] or "")
        _note(problems, "name", about_text(said["name"], NAME_LENGTH) if said["name"] else "must not be blank")
    elif is_new:
        _note(problems, "name", "is missing")
    if "image" in said:
        said["image"] = said["image"] or ""
        _note(problems, "image", about_text(said["image"], IMAGE_LENGTH))
    if said.get("description") is not None:
        _note(problems, "description", about_text(said["description"], DESCRIPTION_LENGTH))
    if "default_color" in said:
        _note(problems, "default_color", about_color(said["default_color"]))
    if problems:
        raise Invalid(problems)
    return said


def checked_member(edit: MemberEdit) -> dict[str, Any]:
    """What the edit says, by field of Membership. Raises Invalid, naming every field that is wrong."""
    said = {name: value for name in edit.__struct_fields__ if (value := getattr(edit, name)) is not None}
    problems: dict[str, list[str]] = {}
    if "color" in said:
        _note(problems, "color", about_color(said["color"]))
    if "default_alerts" in said:
        _note(problems, "default_alerts", about_alerts(said["default_alerts"]))
    if problems:
        raise Invalid(problems)
    return said


def _note(problems: dict[str, list[str]], field: str, text: str | None) -> None:
    if text is not None:
        problems[field] = [text]
