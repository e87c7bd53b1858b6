"""Where ``/auth`` may send people: only to hosts of the settings (docs/api/convention-auth.md)."""

import re
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from litestar import MediaType, Response

from slotport.core.convention_input import text
from slotport.core.when import shown
from slotport.errors import Invalid
from slotport.settings import Settings

LONGEST = 2000
NAME = "redirect_url"
#: what browsers read otherwise than we do, or what ends a header
_SLY = re.compile(r"[\x00-\x20\x7f\\]")
_URL_CHARACTERS = "!#$%&'()*+,-./:;=?@[]_~"
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def redirect_url(value: Any, settings: Settings) -> str | None:
    """The address of a request's ``redirect-url``, all in ASCII; None if it has none.

    Raises Invalid if it is not of ``http`` or ``https`` and of a host that the settings allow.
    """
    sent = (text(value, NAME, longest=LONGEST) or "").strip()
    if not sent:
        return None
    address = quote(sent, safe=_URL_CHARACTERS)
    try:
        parts = urlsplit(sent)
        host, port = parts.hostname or "", parts.port
    except ValueError as cause:
        raise Invalid.of(NAME, f"is not an address: {shown(sent)}") from cause
    if _SLY.search(sent) or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise Invalid.of(NAME, f"must be an http or https address, not {shown(sent)}")
    name = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        name = f"{name}:{port}"
    if name.lower() not in settings.allowed_redirect_hosts:
        raise Invalid.of(NAME, f"must lead to a host that this server sends people to, not {shown(sent)}")
    return address


def with_fields(address: str, **fields: str) -> str:
    """The address with further fields at the end of its query; its fragment stays."""
    whole, mark, fragment = address.partition("#")
    join = "" if whole.endswith(("?", "&")) else "&" if "?" in whole else "?"
    return f"{whole}{join}{urlencode(fields)}{mark}{fragment}"


def origin_of(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def to(address: str) -> Response[bytes]:
    """An answer that sends the browser there."""
    return Response(b"", status_code=302, media_type=MediaType.TEXT, headers={**HEADERS, "Location": address})
