"""The export interface's routes: ``/api/v1``, and everything about exports below ``/api/v1/v1`` as well."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from slotport.api.export import eas, events, exports, files, sessions
from slotport.api.export.access import find_session, provided
from slotport.api.export.methods import told

_EXPORT = [*exports.HANDLERS, *files.HANDLERS]

ROUTERS: list[ControllerRouterHandler] = [
    Router(
        "/api/v1",
        route_handlers=[
            *told([*sessions.HANDLERS, *events.HANDLERS, *eas.HANDLERS]),
            Router("/export", route_handlers=told(_EXPORT)),
        ],
        guards=[find_session],
        dependencies=provided(),
    ),
    # a well-known page about this interface prints some of its addresses so
    Router(
        "/api/v1/v1/export",
        route_handlers=told(_EXPORT),
        guards=[find_session],
        dependencies=provided(),
        include_in_schema=False,
    ),
]
