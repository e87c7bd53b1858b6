"""The convention interface, ``/entities`` and ``/auth`` (docs/api/convention.md): what its handlers may ask for."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from slotport.api.convention import (
    auth,
    conventions,
    elsewhere,
    events,
    locations,
    managers,
    schedules,
    tagtypes,
    timeslots,
    users,
)
from slotport.api.convention.access import find_access, provided

entities = Router(
    "/entities",
    route_handlers=[
        *timeslots.HANDLERS,
        *events.HANDLERS,
        *tagtypes.HANDLERS,
        *locations.HANDLERS,
        *conventions.HANDLERS,
        *schedules.HANDLERS,
        *managers.HANDLERS,
        *users.HANDLERS,
        *elsewhere.HANDLERS,
    ],
    guards=[find_access],
    dependencies=provided(),
)
sign_in = Router("/auth", route_handlers=auth.HANDLERS, dependencies={**provided(), **auth.provided()})

ROUTERS: list[ControllerRouterHandler] = [entities, sign_in, *elsewhere.CHECKOUT]
