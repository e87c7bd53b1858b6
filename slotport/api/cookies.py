"""Cookies as every surface sets them."""

from litestar.datastructures import Cookie

from slotport.api.addresses import base_path
from slotport.api.callers import AnyConnection
from slotport.settings import Settings

YEAR_SECONDS = 365 * 24 * 3600


def cookie(
    connection: AnyConnection,
    key: str,
    value: str | None,
    *,
    below: str = "",
    seconds: int = YEAR_SECONDS,
    httponly: bool = True,
) -> Cookie:
    """A cookie for so long, sent to paths ``below`` that of the server; without a value, the browser drops it."""
    settings: Settings = connection.app.state.settings
    return Cookie(
        key=key,
        value=value or "",
        path=base_path(settings) + below or "/",
        max_age=seconds if value else 0,
        secure=connection.scope["scheme"] == "https" or settings.base_url.startswith("https:"),
        httponly=httponly,
        samesite="lax",
    )
