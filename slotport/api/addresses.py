"""Where a request comes from, and where it arrived."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import State

from slotport.settings import Settings

AnyRequest = Request[Any, Any, State]


def client_address(request: AnyRequest) -> str:
    """Whose request it is, as far as the trusted proxies saw; "" if nobody knows."""
    return request.client.host if request.client else ""


def base_path(settings: Settings) -> str:
    """What stands before our paths, as far as browsers see it: the path of ``base_url`` without a slash at its end."""
    return urlsplit(settings.base_url).path.rstrip("/")


def own_address(request: AnyRequest) -> str:
    """Where this server was reached. Its socket is asked: whoever sends a Host header could have links lead home."""
    host, port = request.scope["server"] or ("localhost", None)
    name = f"[{host}]" if ":" in host else host
    return f"{request.scope['scheme']}://{name}:{port}" if port else f"{request.scope['scheme']}://{name}"
