"""Addresses where nothing is: of what Slotport does not keep, and of items without an id.

Old clients ask for tickets, passes, coupons and such all the same. Their lists are empty, so that the clients go on;
whatever would change or name one of them is refused.
"""

from typing import Any

from litestar import get, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath
from msgspec import Struct

from slotport.core.convention import Access
from slotport.errors import Invalid, NotSupported

NAMES = (
    "tickets",
    "purchases",
    "coupons",
    "coupontypes",
    "passes",
    "userpasses",
    "passrequirements",
    "merchandiseskus",
    "members",
)
#: what has items that are changed one by one
COLLECTIONS = ("timeslots", "events", "tagtypes", "locations", "conventions", "managers", "users")
NOT_KEPT = "Slotport keeps no tickets, passes, coupons, merchandise, members or records"
_CHANGES = [HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE]


class NoRecord(Struct, frozen=True):
    """`data` is always null."""

    data: None


@route(
    [f"/{name}" for name in COLLECTIONS],
    http_method=[HttpMethod.PUT, HttpMethod.DELETE],
    status_code=200,
    sync_to_thread=False,
)
def change_no_item() -> None:
    """Refuse to change or delete one item without its id."""
    raise Invalid.of("id", "is missing: it is the last part of the address")


@get([f"/{name}" for name in NAMES], sync_to_thread=False)
def list_nothing(access: NamedDependency[Access]) -> list[str]:
    """List what Slotport does not keep: an empty list."""
    return []


@route([f"/{name}" for name in NAMES], http_method=_CHANGES, status_code=200, sync_to_thread=False)
def change_nothing(access: NamedDependency[Access]) -> None:
    """Refuse to make what Slotport does not keep."""
    raise NotSupported(NOT_KEPT)


@route(
    [f"/{name}/{{item:str}}" for name in NAMES],
    http_method=[HttpMethod.GET, *_CHANGES],
    status_code=200,
    sync_to_thread=False,
)
def show_nothing(access: NamedDependency[Access], item: FromPath[str]) -> None:
    """Refuse to show or change what Slotport does not keep."""
    raise NotSupported(NOT_KEPT)


@get("/records/{item:str}", sync_to_thread=False)
def show_no_record(access: NamedDependency[Access], item: FromPath[str]) -> NoRecord:
    """Show that there is no such record."""
    return NoRecord(None)


@route("/records/{item:str}", http_method=_CHANGES, status_code=200, sync_to_thread=False)
def change_no_record(access: NamedDependency[Access], item: FromPath[str]) -> None:
    """Refuse to keep a record."""
    raise NotSupported(NOT_KEPT)


@route(
    ["/records", "/records/{item:str}/{rest:path}"],
    http_method=[HttpMethod.GET],
    sync_to_thread=False,
    include_in_schema=False,
)
def show_no_records(access: NamedDependency[Access]) -> NoRecord:
    """Show that there is none of the records."""
    return NoRecord(None)


@route("/checkout", http_method=[HttpMethod.GET, *_CHANGES], status_code=200, sync_to_thread=False)
def checkout() -> None:
    """Refuse to sell anything."""
    raise NotSupported("Slotport sells nothing")


@route(
    "/checkout/{rest:path}",
    http_method=[HttpMethod.GET, *_CHANGES],
    status_code=200,
    sync_to_thread=False,
    include_in_schema=False,
)
def checkout_below() -> None:
    """Refuse to sell anything."""
    raise NotSupported("Slotport sells nothing")


HANDLERS: list[Any] = [
    change_no_item,
    list_nothing,
    change_nothing,
    show_nothing,
    show_no_record,
    show_no_records,
    change_no_record,
]
CHECKOUT: list[Any] = [checkout, checkout_below]
