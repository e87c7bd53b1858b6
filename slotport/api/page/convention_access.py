"""Which convention a page is about, and what its caller may do there.

A handler below ``/app/conventions/{convention_name}`` asks for ``access``: that of a manager, nobody else has one.
"""

from typing import Any
from urllib.parse import quote

from litestar.di import NamedDependency, Provide

from slotport.actions import conventions
from slotport.api.callers import AnyRequest
from slotport.api.page.visitors import account_of
from slotport.api.scope import ESCAPED_SLASH
from slotport.core.convention import Access, Convention
from slotport.errors import Forbidden, Unauthorized
from slotport.storage.store import Store

NAME = "convention_name"  #: path parameter
BELOW = f"/conventions/{{{NAME}:str}}"  #: where a convention's pages are, below ``/app``


def name_of(request: AnyRequest) -> str:
    """The slug or id that the address names, as it was before it was escaped."""
    name: str = request.path_params[NAME]
    return name.replace(ESCAPED_SLASH, "/")


def path_of(convention: Convention, below: str = "") -> str:
    """The path of a convention's page, fit for ``page.go``."""
    return f"/app/conventions/{quote(convention.slug, safe='')}{below}"


def _access(request: AnyRequest, store: NamedDependency[Store]) -> Access:
    """The access of whoever is signed in. Raises Unauthorized, NotFound, and Forbidden for all but managers."""
    account = account_of(request.scope)
    if account is None:
        raise Unauthorized("you are not signed in")
    access = conventions.access_of(store, name_of(request), account)
    if not access.is_manager:
        raise Forbidden("only managers of the convention come here")
    return access


PROVIDED: dict[str, Any] = {"access": Provide(_access, sync_to_thread=True)}
