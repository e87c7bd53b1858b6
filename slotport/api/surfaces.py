"""Which prefix belongs to which surface, and how each refuses (design: one row a surface)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response

from slotport.api.convention import errors as convention
from slotport.api.export import errors as export
from slotport.api.page import errors as page
from slotport.api.timeslot import errors as timeslot

CORS_METHODS = "GET, POST, PATCH, DELETE, OPTIONS"
CORS_EXPOSED = (
    "Content-Disposition, ETag, Retry-After, X-Request-Id, X-Import-Id, X-Import-Created, X-Import-Updated,"
    " X-Import-Unchanged, X-Import-Skipped, X-Import-Rejected"
)

Refuse = Callable[[Request[Any, Any, Any], Exception], Response[Any]]


@dataclass(frozen=True)
class Surface:
    """A part of the address space that answers everything below it in one shape."""

    name: str
    prefixes: tuple[str, ...]
    refuse: Refuse
    refusal: type[Any] = timeslot.ErrorBody  #: what a refusal is
    any_origin: bool = False  #: pages of other sites may call it, without credentials
    cors_methods: str = CORS_METHODS  #: for any origin, as the next
    cors_exposed: str = CORS_EXPOSED
    listed_origins: bool = False  #: pages of the sites that the settings list may call it, with credentials
    whole: bool = False  #: the prefixes alone, nothing below them
    pattern: re.Pattern[str] | None = None  #: further paths, each as a whole
    media_type: str = "application/json"  #: what JSON is called
    headers: Mapping[str, str] = field(default_factory=dict)  #: that every answer has, unless it says otherwise
    stopped: bytes = b'{"error":"the server stops, and the request was cut"}'  #: answer to a request that was cut

    def holds(self, path: str) -> bool:
        """Whether a path, as routing sees it, belongs here."""
        if any(path == prefix or (not self.whole and path.startswith(f"{prefix}/")) for prefix in self.prefixes):
            return True
        return self.pattern is not None and self.pattern.fullmatch(path) is not None


SURFACES = (
    Surface("v1", ("/v1",), timeslot.refuse, any_origin=True),
    Surface(
        "schedule",
        (),
        convention.refuse,
        convention.Refusal,
        any_origin=True,
        pattern=re.compile(r"/entities/conventions/[^/]+/schedule\.(xml|json|ics)"),
        stopped=convention.STOPPED,
    ),
    Surface(
        "convention",
        ("/auth", "/entities", "/checkout"),
        convention.refuse,
        convention.Refusal,
        listed_origins=True,
        media_type=convention.MEDIA_TYPE,
        stopped=convention.STOPPED,
    ),
    Surface(
        "export",
        ("/api/v1",),
        export.refuse,
        export.ErrorObject,
        any_origin=True,
        cors_methods="GET, PUT, POST, DELETE, OPTIONS",
        cors_exposed="Content-Disposition, ETag, Content-Range, Retry-After, X-Request-Id",
        headers={
            "X-Slotport-API-Version": "1",
            "Referrer-Policy": "no-referrer",  # tokens travel in addresses
            "Cache-Control": "no-cache",
        },
        stopped=export.STOPPED,
    ),
    Surface("page", ("/",), page.refuse, any_origin=True, whole=True),
    Surface("app", ("/app", "/c", "/static"), page.refuse),
    Surface(
        "operations",
        ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"),
        page.refuse,
        whole=True,
    ),
)
ALL_ELSE = Surface("none", (), page.refuse)


def surface_of(path: str) -> Surface:
    """The surface that answers for a path."""
    return next((surface for surface in SURFACES if surface.holds(path)), ALL_ELSE)
