"""Feeds: secret addresses at which calendar programs read a person's slots (docs/api/timeslot-feeds.md).

What is in one is decided each time it is read, by the rights that its maker has then.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from msgspec import Struct

from slotport import __version__
from slotport.actions.groups import seen_by
from slotport.actions.sign_in import token_hash
from slotport.core.account import Account
from slotport.core.feed import Feed, Show
from slotport.core.group import parsed_uuid
from slotport.core.slot import Slot
from slotport.errors import Forbidden, Invalid, NotFound
from slotport.formats import feed as calendar
from slotport.storage import accounts, feeds, lists, schedules
from slotport.storage.store import Store, Transaction

SECRET_BYTES = 32
MOST = 1000  #: feeds of one account
LARGEST_ID = 2**63 - 1
NO_FEED = "there is no such feed"


class Made(Struct, frozen=True, kw_only=True):
    """A new feed, and the only look at its secret."""

    feed: Feed
    secret: str


class File(Struct, frozen=True, kw_only=True):
    """A calendar as it is now."""

    etag: str
    body: bytes | None  #: None: who asks has it already


def make(store: Store, caller: Account, *, group: str | None, show: str | None, now: datetime) -> Made:
    """Store a new feed of the caller's own slots, or of a group that the caller may read.

    Raises Invalid, NotFound for a group that is not for the caller.
    """
    shown = _show(show)
    uuid = None if group is None or group == "" else parsed_uuid(group)
    if group and uuid is None:
        raise Invalid.of("group", "is not a uuid")
    secret = _secret()
    with store.write() as transaction:
        if not accounts.is_live(transaction, caller.id):
            raise NotFound("the account was closed meanwhile")
        group_id = None if uuid is None else _readable(transaction, caller, uuid)[0]
        if len(feeds.of_account(transaction, caller.id)) >= MOST:
            raise Invalid.of("feed", f"there are {MOST} already; delete one first")
        number = feeds.add(transaction, caller.id, token_hash(secret), group_id=group_id, show=shown, now=now)
    return Made(feed=Feed(id=number, account=caller, group=uuid, show=shown, created_at=now), secret=secret)


def own(store: Store, caller: Account) -> list[Feed]:
    """The caller's feeds, oldest first."""
    with store.read() as transaction:
        return feeds.of_account(transaction, caller.id)


def remove(store: Store, caller: Account, name: str) -> None:
    """Delete the caller's feed of that id or secret; raises NotFound."""
    is_id = name.isascii() and name.isdecimal()
    if is_id and (len(name) > 19 or int(name) > LARGEST_ID):
        raise NotFound(NO_FEED)
    with store.write() as transaction:
        if not feeds.remove(transaction, caller.id, int(name) if is_id else token_hash(name)):
            raise NotFound(NO_FEED)


def read(store: Store, secret: str, is_known: Callable[[str], bool], *, server: str, now: datetime) -> File:
    """The calendar of that secret as its maker may read it now; without a body if ``is_known`` knows its tag.

    ``server``: what the addresses in it begin with. Raises NotFound without such a feed, and where its maker may
    read the group no longer.
    """
    with store.read() as transaction:
        feed = feeds.find(transaction, token_hash(secret))
        if feed is None:
            raise NotFound(NO_FEED)
        source = _Own(transaction, feed, server, now) if feed.group is None else _Group(transaction, feed, now)
        said = f"{__version__} {server} {feed.id} {feed.show} {source.name} {source.state}"
        etag = blake2b(said.encode(), digest_size=16).hexdigest()
        body = None if is_known(etag) else b"".join(calendar.write(source.name, source.slots()))
    feeds.note_use(store, feed, now)
    return File(etag=etag, body=body)


class _Own:
    """The slots that somebody made, and the time slots that somebody hosts."""

    def __init__(self, transaction: Transaction, feed: Feed, server: str, now: datetime) -> None:
        self.name = feed.account.username
        self.state = [
            *feeds.own_state(transaction, feed.account.id, now),
            *schedules.hosted_state(transaction, feed.account.id, now),
        ]
        self._asked = transaction, feed, server, now

    def slots(self) -> Iterator[Slot]:
        transaction, feed, server, now = self._asked
        account = feed.account
        for kept in feeds.own(transaction, account.id, now):
            yield calendar.slot_event(kept, account.guid, public_only=feed.show is Show.PUBLIC)
        for listed in schedules.hosted(transaction, account.id, now):
            yield calendar.time_slot_event(listed, server, marked=True)


class _Group:
    """The slots of a group, as the feed's maker may read them."""

    def __init__(self, transaction: Transaction, feed: Feed, now: datetime) -> None:
        assert feed.group is not None  # noqa: S101 # that is when this is made
        group_id, is_public, name, sources = _readable(transaction, feed.account, feed.group)
        self.name = name if is_public or feed.show is Show.ALL else calendar.BUSY
        self.state = feeds.group_state(transaction, group_id, feed.account.id, now)
        self._asked = transaction, feed, group_id, sources, now

    def slots(self) -> Iterator[Slot]:
        transaction, feed, group_id, sources, now = self._asked
        account = feed.account
        for kept in feeds.in_group(transaction, group_id, sources, account.id, now):
            yield calendar.slot_event(kept, account.guid, public_only=feed.show is Show.PUBLIC)


def _readable(transaction: Transaction, account: Account, uuid: UUID) -> tuple[int, bool, str, list[lists.Source]]:
    """Id, publicness, name and slots of a live group that the account may read; raises NotFound."""
    try:
        group, membership = seen_by(transaction, account, uuid)
    except Forbidden as cause:
        raise NotFound("there is no such group") from cause
    if group.deleted_at is not None:
        raise NotFound("there is no such group")
    return group.id, group.public, group.name, lists.in_group(group, membership, account.id)


def _show(text: str | None) -> Show:
    try:
        return Show(text or Show.ALL)
    except ValueError as cause:
        raise Invalid.of("show", f"must be one of {', '.join(Show)}") from cause


def _secret() -> str:
    """A secret, which never is digits only: those are ids."""
    while True:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        if not secret.isdecimal():
            return secret
