"""Sharing a calendar: addresses for calendar programs, each shown once, with a code for phones (docs/page.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup
from msgspec import Struct

from slotport.actions import feeds, groups
from slotport.actions.feeds import Made
from slotport.api.addresses import own_address
from slotport.api.body import body_of
from slotport.api.callers import AnyRequest
from slotport.api.page.rendering import Page
from slotport.core.account import Account
from slotport.core.feed import Feed, Show
from slotport.core.group import GroupView
from slotport.errors import Invalid, NotFound
from slotport.settings import Settings
from slotport.storage.store import Store


class ShareForm(Struct, kw_only=True):
    """What is shared: one's own calendar or a group's, and what whoever has the address reads."""

    group: str = ""
    show: str = Show.PUBLIC


@dataclass(frozen=True, kw_only=True)
class Address:
    """The address of a new feed, and the same for programs that subscribe when it is opened."""

    url: str
    webcal: str
    code: Markup  #: a QR code, as SVG


@get("/share", sync_to_thread=True)
def show_share(
    page: NamedDependency[Page], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> Response[Any]:
    """The form, and the addresses that there are."""
    return page.show("share.html", **_values(store, caller, ShareForm()))


@post("/share", status_code=200, sync_to_thread=True, dependencies={"form": body_of(ShareForm)})
def share(
    form: NamedDependency[ShareForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make an address, and show it at once: only a hash of it is kept."""
    try:
        made = feeds.make(store, caller, group=form.group, show=form.show, now=now)
    except (Invalid, NotFound) as problem:
        return page.show("share.html", status_code=422, problem=problem, **_values(store, caller, form))
    address = _address(made, (settings.base_url or own_address(request)).rstrip("/"))
    return page.show("share.html", **_values(store, caller, form, address))


@get("/share/{feed_id:str}/remove", sync_to_thread=True)
def ask_to_remove(
    feed_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The question before an address ends."""
    feed = next((one for one in feeds.own(store, caller) if str(one.id) == feed_id), None)
    if feed is None:
        raise NotFound(feeds.NO_FEED)
    return page.show("share_remove.html", feed=feed, names=_names(groups.calendars(store, caller)))


@post("/share/{feed_id:str}/remove", sync_to_thread=True)
def remove(
    feed_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """End an address."""
    feeds.remove(store, caller, feed_id)
    return page.go("/app/share", said="share-removed")


HANDLERS: list[Any] = [show_share, share, ask_to_remove, remove]


def _values(store: Store, caller: Account, form: ShareForm, address: Address | None = None) -> dict[str, Any]:
    calendars = groups.calendars(store, caller)
    own: list[Feed] = feeds.own(store, caller)
    return {"form": form, "address": address, "feeds": own[::-1], "calendars": calendars, "names": _names(calendars)}


def _names(calendars: list[GroupView]) -> dict[str, str]:
    """The names of groups, by uuid."""
    return {str(view.group.uuid): view.group.name for view in calendars}


def _address(made: Made, server: str) -> Address:
    path = f"/v1/feeds/{made.secret}.ics"
    code = segno.make(server + path, error="m", micro=False)
    picture = code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="code", lineclass=None)
    return Address(
        url=server + path,
        webcal=f"webcal://{urlsplit(server).netloc}{urlsplit(server).path}{path}",
        code=Markup(picture),  # noqa: S704  # squares, and no text of anybody
    )
