"""Which addresses Slotport connects to by itself (specification of the export interface, 5.3)."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_NAT64 = ip_network("64:ff9b::/96")
#: what some versions of Python hold for public: protocol assignments, relays, local NAT64, examples, site-local
_NOT_PUBLIC = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "5f00::/16", "fec0::/10"))
)


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks that a text lists: ``10.1.0.0/16 fd00::/8 127.0.0.1``. Raises ValueError."""
    return tuple(ip_network(word) for word in text.split())


def is_allowed(address: str, networks: Collection[Network]) -> bool:
    """Whether the numeric address is one of the public internet, or within one of the networks.

    An IPv6 address that stands for an IPv4 address (mapped, 6to4, Teredo, NAT64) is as good as that one.
    """
    found = ip_address(address.partition("%")[0])
    if any(found in network for network in networks if network.version == found.version):
        return True
    inner = _inner(found)
    if inner is not None:
        return is_allowed(str(inner), networks)
    if any(found in network for network in _NOT_PUBLIC if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
