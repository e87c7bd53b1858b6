"""Which methods a path of the export interface knows: the answer to OPTIONS (docs/api/export.md)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler


def allowed(methods: Collection[str]) -> str:
    """The header Allow of a path whose handlers are for these methods."""
    return ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))


def told(handlers: Iterable[HTTPRouteHandler]) -> list[Any]:
    """The handlers, after one for OPTIONS of each of their paths: the framework's own names the first method only."""
    of_path: defaultdict[str, set[str]] = defaultdict(set)
    known = list(handlers)
    for handler in known:
        for path in handler.paths:
            of_path[path] |= handler.http_methods
    return [*(_options(path, allowed(methods)) for path, methods in of_path.items()), *known]


def _options(path: str, allow: str) -> HTTPRouteHandler:
    @route(path, http_method=["OPTIONS"], status_code=204, sync_to_thread=False, include_in_schema=False)
    def tell_methods() -> Response[None]:
        """Say what the path knows."""
        return Response(None, headers={"Allow": allow})

    return tell_methods
