"""Whether transports may lead where they lead, before they are stored (specification of the export interface, 5.3).

A name is looked up here once more than needed: what counts is the address that a delivery connects to, which is
checked again then. So a host that cannot be found now is taken.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from slotport.actions.parcels import outside
from slotport.core.export import Transport
from slotport.core.transport_target import Target, is_within, target
from slotport.errors import WireError
from slotport.settings import Settings
from slotport.transports import TransportError
from slotport.transports.outside import NotAllowed, Outside
from slotport.transports.rsync_link import Link

LOOKING_SECONDS = 10.0  #: after which hosts that were not looked up yet are taken


def check_targets(transports: Sequence[Transport], settings: Settings) -> None:
    """Raise transport_target_not_allowed for the first transport that leads where the administrator lets none lead.

    Looks names up: not to be called within a transaction.
    """
    allowed = outside(settings)
    give_up_at = time.monotonic() + LOOKING_SECONDS
    seen: set[tuple[str, int]] = set()
    for one in transports:
        _check_rsync(one, allowed)
        found = target(one.type, one.options)
        if found is None or (found.host, found.port) in seen:
            continue
        seen.add((found.host, found.port))
        if time.monotonic() < give_up_at:
            _check_address(one, found, allowed)


def _check_address(transport: Transport, found: Target, allowed: Outside) -> None:
    try:
        allowed.addresses(found.host, found.port)
    except NotAllowed as cause:
        raise _not_allowed(transport, found.host, str(cause)) from cause
    except TransportError:
        pass


def _check_rsync(transport: Transport, allowed: Outside) -> None:
    if transport.type != "rsync":
        return
    text: str = transport.options["destination"]
    if text.startswith("/"):
        place = Path(text).resolve()
        is_allowed = any(place.is_relative_to(root.resolve()) for root in allowed.rsync_roots)
    else:
        link = Link(destination=text, target=target("rsync", transport.options), outside=allowed)
        text = link.with_port()
        is_allowed = any(is_within(text, beginning) for beginning in allowed.rsync_destinations)
    if not is_allowed:
        raise _not_allowed(transport, text, "rsync may not write there")


def _not_allowed(transport: Transport, place: str, sentence: str) -> WireError:
    return WireError(
        "error.user.transport_target_not_allowed",
        f"{sentence[:1].upper()}{sentence[1:]}.",
        parameters={"type": transport.type, "target": place[:200]},
    )
