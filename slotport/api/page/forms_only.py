"""Addresses that only forms are sent to, some of which answer with a page: loaded again, they lead to the form."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency

from slotport.api.callers import AnyRequest
from slotport.api.page.rendering import Page

_CONVENTION = "/conventions/{convention_name}"
#: what a form is sent to -> where the form stands
LEADS = {
    "/groups/{group_id:str}/members": "/groups/{group_id}",
    "/groups/{group_id:str}/own": "/groups/{group_id}",
    "/imports/{import_id:str}/undo": "/import",
    "/exports/{export_id:int}/start": "/exports/{export_id}",
    "/exports/{export_id:int}/stop": "/exports/{export_id}",
    "/exports/{export_id:int}/transports/{uuid:str}/test": "/exports/{export_id}",
    "/exports/{export_id:int}/transports/{uuid:str}/retry": "/exports/{export_id}",
    "/conventions/{convention_name:str}/locations/{slug:str}/remove": f"{_CONVENTION}/locations",
    "/conventions/{convention_name:str}/tags/{tag_id:int}/remove": f"{_CONVENTION}/tags",
    "/oidc/link": "/account/password",
}


def _leading_back(path: str, target: str) -> Any:
    @get(path, sync_to_thread=False)
    def lead_back(request: AnyRequest, page: NamedDependency[Page]) -> Response[Any]:
        """Whoever loads the page anew, or in another language, sees where the form stands."""
        parts = {name: quote(str(value), safe="") for name, value in request.path_params.items()}
        return page.go("/app" + target.format(**parts))

    return lead_back


HANDLERS: list[Any] = [_leading_back(path, target) for path, target in LEADS.items()]
