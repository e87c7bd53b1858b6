"""What the export interface needs of whatever runs exports: ``app.state.engine`` (docs/design/exports.md)."""

from typing import Any, Protocol

from slotport.api.callers import AnyRequest
from slotport.core.account import Account
from slotport.core.export import Export
from slotport.errors import Unavailable


class Engine(Protocol):
    """Starts runs and deliveries. Every verb raises WireError as the actions do, Unavailable if it cannot now."""

    def create(self, owner: Account, body: Any, *, session_hash: bytes | None = None) -> Export:
        """Store a new export and start its first run, both or neither; the export, which is pending."""

    def start(self, owner: Account, export_id: int, *, full: bool, session_hash: bytes | None = None) -> Export:
        """Start a run of an own export; the export, which is pending."""

    def retry(self, owner: Account, export_id: int, transport_uuid: str) -> Export:
        """Deliver the current result again through one transport."""

    def test(self, owner: Account, export_id: int, transport_uuid: str) -> tuple[bool, list[dict[str, Any]]]:
        """Connect to where a transport delivers, write and remove a small file; whether that went, and its log.

        A line of the log is {timestamp, level, message}.
        """

    def preview(self, owner: Account, export_id: int, body: dict[str, Any]) -> dict[str, Any]:
        """What a run would export, of the definition with the body laid over: {count, counts, files, bytes}."""


def engine_of(request: AnyRequest) -> Engine:
    """The server's engine; raises Unavailable if it has none."""
    engine: Engine | None = request.app.state.engine
    if engine is None:
        raise Unavailable("this server runs no exports")
    return engine
