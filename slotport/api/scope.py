"""What our parts of a request tell one another: keys of its ASGI scope."""

from tempfile import SpooledTemporaryFile
from typing import Any, cast

from litestar.types import Scope

HEAD = "slotport.head"  #: present if the answer is to have no body
ESCAPED_SLASH = "\ue02f"  #: stands for ``%2F`` inside a path parameter (a private character of Unicode)
CALLER = "slotport.caller"  #: Account | None
SPOOLS = "slotport.spools"  #: list of files that the request's end closes

Spool = SpooledTemporaryFile[bytes]


def own(scope: Scope) -> dict[str, Any]:
    """The scope as the plain mapping that it is."""
    return cast("dict[str, Any]", scope)
