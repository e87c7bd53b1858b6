"""Which prefix belongs to which surface, and how each refuses (design: one row a surface)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response

from slotport.api import elsewhere
from slotport.api.timeslot import errors as timeslot

Refuse = Callable[[Request[Any, Any, Any], Exception], Response[Any]]


@dataclass(frozen=True)
class Surface:
    """A part of the address space that answers everything below it in one shape."""

    name: str
    prefixes: tuple[str, ...]
    refuse: Refuse
    any_origin: bool = False  #: pages of other sites may call it, without credentials
    whole: bool = False  #: the prefixes alone, nothing below them

    def holds(self, path: str) -> bool:
        """Whether a path, as routing sees it, belongs here."""
        return any(path == prefix or (not self.whole and path.startswith(f"{prefix}/")) for prefix in self.prefixes)


SURFACES = (
    Surface("v1", ("/v1",), timeslot.refuse, any_origin=True),
    Surface("page", ("/",), elsewhere.refuse, any_origin=True, whole=True),
    Surface(
        "operations",
        ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"),
        elsewhere.refuse,
        whole=True,
    ),
)
ALL_ELSE = Surface("none", (), elsewhere.refuse)


def surface_of(path: str) -> Surface:
    """The surface that answers for a path."""
    return next((surface for surface in SURFACES if surface.holds(path)), ALL_ELSE)
