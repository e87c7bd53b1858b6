"""Feeds: secret addresses for calendar programs (docs/api/timeslot-feeds.md)."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import feeds
from slotport.api.addresses import own_address
from slotport.api.body import body_of
from slotport.api.conditions import knows
from slotport.api.timeslot.slots import empty
from slotport.core.account import Account
from slotport.core.feed import Feed
from slotport.core.when import iso
from slotport.errors import NotFound
from slotport.formats import feed as calendar
from slotport.settings import Settings
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]
SUFFIX = ".ics"


class FeedForm(Struct, kw_only=True):
    """What a feed is to tell: the slots of a group, else one's own; `show` is `all` or `public`."""

    group: str | None = None
    show: str | None = None


class MadeFeed(Struct, kw_only=True, rename="camel"):
    """A new feed with its address, which is shown this once."""

    id: int
    url: str
    group: str | None
    show: str
    created_at: str


class FeedObject(Struct, kw_only=True, rename="camel"):
    """A feed of the caller's; `lastUsedAt` is to the hour."""

    id: int
    group: str | None
    show: str
    created_at: str
    last_used_at: str | None


@post("/feeds", status_code=201, sync_to_thread=True, dependencies={"form": body_of(FeedForm)})
def make_feed(
    request: AnyRequest,
    form: NamedDependency[FeedForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> MadeFeed:
    """Make a secret address at which a calendar program reads the caller's slots, or those of a group."""
    made = feeds.make(store, caller, group=form.group, show=form.show, now=now)
    server = settings.base_url or own_address(request)
    return MadeFeed(
        id=made.feed.id,
        url=f"{server.rstrip('/')}/v1/feeds/{made.secret}{SUFFIX}",
        group=_group(made.feed),
        show=made.feed.show,
        created_at=iso(made.feed.created_at),
    )


@get("/feeds", sync_to_thread=True)
def list_feeds(caller: NamedDependency[Account], store: NamedDependency[Store]) -> list[FeedObject]:
    """List the caller's feeds, without their addresses."""
    return [
        FeedObject(
            id=feed.id,
            group=_group(feed),
            show=feed.show,
            created_at=iso(feed.created_at),
            last_used_at=None if feed.last_used_at is None else iso(feed.last_used_at),
        )
        for feed in feeds.own(store, caller)
    ]


@delete("/feeds/{feed_id:str}", status_code=200, sync_to_thread=True)
def delete_feed(
    feed_id: FromPath[str], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> Response[bytes]:
    """Delete a feed of the caller's, by its id or its secret."""
    feeds.remove(store, caller, feed_id.removesuffix(SUFFIX))
    return empty()


@get("/feeds/{feed_id:str}", sync_to_thread=True, opt={"produces": ["text/calendar"]})
def read_feed(
    feed_id: FromPath[str],
    request: AnyRequest,
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Give a feed as iCalendar; the secret in its address, `<secret>.ics`, is all that it takes."""
    if not feed_id.endswith(SUFFIX):
        raise NotFound(feeds.NO_FEED)
    server = settings.base_url or own_address(request)
    found = feeds.read(
        store,
        feed_id.removesuffix(SUFFIX),
        lambda etag: knows(request.headers, etag),
        server=server,
        now=now,
    )
    return Response(
        found.body or b"",
        status_code=304 if found.body is None else 200,
        media_type=calendar.MEDIA_TYPE,
        headers={"ETag": f'"{found.etag}"', "Cache-Control": "private, no-cache"},
    )


def _group(feed: Feed) -> str | None:
    return None if feed.group is None else str(feed.group)


HANDLERS: list[Any] = [make_feed, list_feeds, delete_feed, read_feed]
