"""The pages that people see: ``/``, ``/app/…`` and ``/c/<slug>`` (docs/page.md)."""

from typing import Any

from litestar import Response, Router
from litestar.types import ControllerRouterHandler

from slotport.api.callers import provided
from slotport.api.page import (
    account,
    board,
    board_forms,
    board_moves,
    calendar,
    convention_access,
    conventions,
    downloads,
    export_edit,
    export_files,
    export_page,
    exports,
    forms_only,
    groups,
    imports,
    oidc,
    programme,
    share,
    sign_in,
    slots,
    start,
)
from slotport.api.page.rendering import PROVIDED, with_policy
from slotport.api.page.visitors import find_person, from_own_page


async def guarded(answer: Any) -> Any:
    """Each answer with the policy of pages; files, which are sent in pieces, bring their own sandbox."""
    return with_policy(answer) if isinstance(answer, Response) else answer


ROUTERS: list[ControllerRouterHandler] = [
    Router(
        "/",
        route_handlers=[
            start.home,
            start.first,
            start.static,
            *programme.HANDLERS,
            Router(
                "/app",
                route_handlers=[
                    *sign_in.HANDLERS,
                    *account.HANDLERS,
                    *calendar.HANDLERS,
                    *slots.HANDLERS,
                    *groups.HANDLERS,
                    *oidc.HANDLERS,
                    *conventions.HANDLERS,
                    *downloads.HANDLERS,
                    *exports.HANDLERS,
                    *export_edit.HANDLERS,
                    *export_page.HANDLERS,
                    *export_files.HANDLERS,
                    *imports.HANDLERS,
                    *share.HANDLERS,
                    *forms_only.HANDLERS,
                    Router(
                        convention_access.BELOW,
                        route_handlers=[*board.HANDLERS, *board_forms.HANDLERS, *board_moves.HANDLERS],
                        dependencies=convention_access.PROVIDED,
                    ),
                ],
            ),
        ],
        guards=[from_own_page, find_person],
        after_request=guarded,
        dependencies={**provided(), **PROVIDED},
        include_in_schema=False,
    )
]
