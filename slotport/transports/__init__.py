"""Transports: a finished result -> elsewhere, one module a protocol (docs/transports/).

A transport is a frozen value of its options with one method::

    deliver(parcel, log, check) -> Receipt
    try_out(uuid, log)

It may be called again for the same parcel after a crash, and leaves then what it left the first time. ``log`` takes a
level and a line, ``check`` raises when the delivery is to stop. Only TransportRefused ends the tries early.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from slotport.core import transport_target
from slotport.core.export import Receipt, Transport
from slotport.transports import download, email, ftp, rsync, s3, sftp, webdav
from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, Parcel, Post, TransportError, TransportRefused

__all__ = ["TRANSPORTS", "Carrier", "Log", "Parcel", "Post", "TransportError", "TransportRefused"]


class Carrier(Protocol):
    """Delivers parcels."""

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Bring the parcel where it belongs.

        Raises TransportRefused if no later try can pass, TransportError if one may.
        """

    def try_out(self, uuid: str, log: Log) -> None:
        """Do what a delivery needs, with a small file that is removed again; raises TransportError."""


def _of_ftp(transport: Transport, secrets: Mapping[str, str], outside: Outside) -> Carrier:
    """What the scheme of the server names: a transport of type ``ftp`` may speak SFTP."""
    is_sftp = transport_target.protocol(transport.type, transport.options["server"]) == "sftp"
    return TRANSPORTS["sftp" if is_sftp else "ftps"](transport, secrets, outside)


#: by type: what makes a carrier of a transport's options, its secrets by option, and what it may connect to
TRANSPORTS: Mapping[str, Callable[[Transport, Mapping[str, str], Outside], Carrier]] = {
    "download": download.Download.of,
    "email": email.Email.of,
    "ftp": _of_ftp,
    "ftps": ftp.Ftp.of,
    "rsync": rsync.Rsync.of,
    "s3": s3.S3.of,
    "sftp": sftp.Sftp.of,
    "webdav": webdav.WebDav.of,
}
