"""The Timeslot API, ``/v1`` (docs/api/timeslot.md): its handlers, and what all of them may ask for by name."""

from litestar import Router

from slotport.api.callers import find_caller, provided
from slotport.api.timeslot import accounts, feeds, files, groups, imports, lists, slots

SURFACE = "v1"

router = Router(
    "/v1",
    route_handlers=[
        *accounts.HANDLERS,
        *slots.HANDLERS,
        *groups.HANDLERS,
        *lists.HANDLERS,
        *files.HANDLERS,
        *imports.HANDLERS,
        *feeds.HANDLERS,
    ],
    guards=[find_caller(SURFACE)],
    dependencies=provided(),
)
