"""rsync (docs/transports/rsync.md): to a daemon, through ssh, or into a folder of this machine.

rsync itself stores each file under another name, compares it with what was sent, and renames it. What is there in the
end is compared once more by checksums, in a run of its own that changes nothing.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from slotport.core import transport_target
from slotport.core.export import Receipt, Transport
from slotport.transports import rsync_process
from slotport.transports.outside import NotAllowed, Outside
from slotport.transports.parcel import Log, Parcel, TransportError, TransportRefused
from slotport.transports.pinned_http import within
from slotport.transports.rsync_copier import Copier
from slotport.transports.rsync_link import Link

TRY_OUT_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Rsync:
    """Has rsync store files."""

    link: Link  #: to where it stores them
    options: Mapping[str, Any]
    outside: Outside = field(repr=False)

    @classmethod
    def of(cls, transport: Transport, secrets: Mapping[str, str], outside: Outside) -> Self:
        """The carrier of the transport."""
        options = transport.options
        link = Link(
            destination=options["destination"],
            target=transport_target.target("rsync", options),
            password=secrets.get("password", ""),
            private_key=secrets.get("private_key", ""),
            passphrase=secrets.get("passphrase", ""),
            host_key=options.get("host_key") or "",
            outside=outside,
        )
        return cls(link=link, options=options.get("options") or {}, outside=outside)

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Have the parcel's files stored, and removed what only earlier runs stored."""
        with self._ready(self.options, check) as copier:
            receipt, excluded = copier.store(parcel)
            log("info", f"{receipt.files} files of {receipt.bytes} bytes stored, their checksums compared")
            if excluded:
                log("info", f"{excluded} files excluded")
            if parcel.keeps_old:
                return receipt
            if self.options.get("delete") and not parcel.archives and (count := copier.mirror(parcel)):
                log("info", f"{count} files removed that are not of this export")
            if count := copier.remove_old(parcel):
                log("info", f"{count} files of earlier runs removed")
            return receipt

    def try_out(self, uuid: str, log: Log) -> None:
        """Store a small file and remove it."""
        check = within(max(TRY_OUT_SECONDS, self.outside.timeout_seconds))
        with self._ready({}, check) as copier:
            copier.try_out(f".slotport-{uuid[:8]}.part", log)

    @contextmanager
    def _ready(self, options: Mapping[str, Any], check: Callable[[], None]) -> Iterator[Copier]:
        program = shutil.which("rsync")
        if program is None:
            raise rsync_process.missing()
        if not self._is_allowed():
            raise NotAllowed(f"rsync to {self.link.destination} is not allowed here")
        check()
        with tempfile.TemporaryDirectory(prefix="slotport-rsync-") as name, self._explained(check):
            reached = self.link.reached(Path(name), check)
            yield Copier(program, Path(name), reached, options, self.outside.timeout_seconds, check)

    def _is_allowed(self) -> bool:
        """Whether the administrator lets rsync write there; a port of the options counts as one of the address."""
        if ".." in self.link.destination.split("/"):
            return False
        if self.link.target is None:
            path = Path(self.link.destination).resolve()
            return any(path.is_relative_to(root.resolve()) for root in self.outside.rsync_roots)
        text = self.link.with_port()
        return any(transport_target.is_within(text, beginning) for beginning in self.outside.rsync_destinations)

    @contextmanager
    def _explained(self, check: Callable[[], None]) -> Iterator[None]:
        """Adds the fingerprint to what ssh says of a key that it does not know."""
        try:
            yield
        except TransportRefused as refusal:
            if "host key verification failed" not in str(refusal).lower():
                raise
            try:
                self.link.server_key(check, host_key="")
            except TransportError as shown:
                raise TransportRefused(f"{shown}, or add the key to known_hosts of this machine") from refusal
            raise
