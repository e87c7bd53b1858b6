"""Connections to other machines: every address is checked, and the checked one is connected to (spec 5.3)."""

import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from slotport.core.outgoing import Network, is_allowed
from slotport.transports.parcel import TransportError, TransportRefused

LOOKUP_SECONDS = 10.0
#: as many as deliver, try out and write transports at a time: nobody waits for the slow names of others
_lookups = ThreadPoolExecutor(max_workers=64, thread_name_prefix="lookup")


class NotAllowed(TransportRefused):
    """The address or the port is none that the administrator lets Slotport connect to."""


def look_up(host: str, port: int) -> list[str]:
    """The numeric addresses of a host, as the system orders them; raises TransportError."""

    def ask() -> list[str]:
        return list(
            dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        )

    try:
        return _lookups.submit(ask).result(timeout=LOOKUP_SECONDS)
    except TooSlow:
        raise TransportError(f"the address of {host} was not found in time") from None
    except (OSError, UnicodeError) as cause:
        raise TransportError(f"{host} has no address") from cause


class Outside(Struct, frozen=True, kw_only=True):
    """What the administrator lets transports do, and how they connect."""

    networks: tuple[Network, ...] = ()  #: that are none of the public internet, and yet allowed
    ports: frozenset[int] | None = None  #: None: all
    timeout_seconds: float = 30.0  #: that a connection may be silent
    authorities: Path | None = None  #: a PEM file with certificates to trust; None: those of the system
    rsync_destinations: tuple[str, ...] = ()  #: what a destination of rsync may begin with
    rsync_roots: tuple[Path, ...] = ()  #: folders below which rsync may write on this machine
    resolve: Callable[[str, int], list[str]] = look_up

    def addresses(self, host: str, port: int) -> list[str]:
        """The numeric addresses of the host, all of them allowed.

        Raises NotAllowed if one of them, or the port, is not; TransportError if there is none.
        """
        if self.ports is not None and port not in self.ports:
            raise NotAllowed(f"connections to port {port} are not allowed here")
        found = self.resolve(host, port)
        if not all(is_allowed(address, self.networks) for address in found):
            raise NotAllowed(f"connections to {host} are not allowed here: it is not an address of the public internet")
        if not found:
            raise TransportError(f"{host} has no address")
        return found

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to the first of the host's addresses that answers; its silence ends after ``timeout_seconds``.

        Raises what ``addresses`` raises, and TransportError.
        """
        last: OSError | None = None
        for address in self.addresses(host, port):
            try:
                return socket.create_connection((address, port), timeout=self.timeout_seconds)
            except OSError as error:
                last = error
        raise TransportError(f"{host} does not answer on port {port}: {_said(last)}") from last

    def tls(self) -> ssl.SSLContext:
        """A context that verifies certificates and names."""
        return ssl.create_default_context(cafile=str(self.authorities) if self.authorities else None)


def _said(error: OSError | None) -> str:
    with suppress(AttributeError):
        if error is not None and error.strerror:
            return error.strerror.lower()
    return "no answer in time" if isinstance(error, TimeoutError) else str(error)
