"""Transports: a finished result -> elsewhere, one module a protocol (docs/transports/).

A transport is a frozen value of its options with one method::

    deliver(parcel, log, check) -> Receipt
    try_out(uuid, log)

It may be called again for the same parcel after a crash, and leaves then what it left the first time. ``log`` takes a
level and a line, ``check`` raises when the delivery is to stop. Only TransportRefused ends the tries early.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from slotport.core.export import Receipt, Transport
from slotport.transports import download, email
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


#: by type: what makes a carrier of a transport's options, its secrets by option, and what it may connect to
TRANSPORTS: Mapping[str, Callable[[Transport, Mapping[str, str], Outside], Carrier]] = {
    "download": download.Download.of,
    "email": email.Email.of,
}
