"""Which addresses are of the public internet, and what an administrator allows besides them."""

import pytest

from slotport.core.outgoing import is_allowed, networks_of
from slotport.transports.outside import NotAllowed, Outside, look_up
from slotport.transports.parcel import TransportError

INSIDE = """
    127.0.0.1 127.255.255.254 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    100.127.255.255 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255
    :: ::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd12::1 ff02::1 100::1 2001:db8::1 3fff::1 5f00::1
"""
#: IPv6 addresses that stand for IPv4 ones: mapped, compatible, translated, 6to4, Teredo, NAT64
DISGUISED = """
    ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1
    2002:7f00:1:: 2002:a9fe:a9fe::
    2001:0:1:1:0:0:80ff:fffe 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1
"""
PUBLIC = "8.8.8.8 1.1.1.1 172.32.0.1 100.128.0.1 2606:4700::1 ::ffff:8.8.8.8 2002:808:808:: 64:ff9b::808:808"
#: what the system takes for an address although it does not look like one
ODD_LOOPBACKS = ["2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "017700000001", "0"]


@pytest.mark.parametrize("address", [*INSIDE.split(), *DISGUISED.split()])
def test_an_address_inside_is_refused(address: str) -> None:
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", PUBLIC.split())
def test_an_address_of_the_internet_is_allowed(address: str) -> None:
    assert is_allowed(address, ())


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("10.2.2.3", False),
        ("::ffff:10.1.2.3", True),
        ("::ffff:10.2.2.3", False),
        ("fd00::1", True),
        ("fc00::1", False),
        ("127.0.0.1", True),
        ("127.0.0.2", False),
        ("8.8.8.8", True),
    ],
)
def test_networks_of_the_administrator_are_allowed_besides(address: str, allowed: bool) -> None:
    assert is_allowed(address, networks_of("10.1.0.0/16 fd00::/8 127.0.0.1")) == allowed


@pytest.mark.parametrize("host", [*ODD_LOOPBACKS, "localhost", "127.0.0.1", "::1"])
def test_a_host_that_stands_for_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(NotAllowed):
        Outside().addresses(host, 80)


def test_one_address_inside_among_others_is_enough_to_refuse() -> None:
    several = Outside(resolve=lambda _host, _port: ["8.8.8.8", "169.254.169.254"])

    with pytest.raises(NotAllowed):
        several.addresses("both.example.org", 443)


def test_ports_can_be_restricted() -> None:
    only = Outside(ports=frozenset({21, 22}), resolve=lambda _host, _port: ["8.8.8.8"])

    assert only.addresses("files.example.org", 22) == ["8.8.8.8"]
    with pytest.raises(NotAllowed):
        only.addresses("files.example.org", 25)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 64 + ".example", "a..b"])
def test_a_host_without_an_address_is_an_error_of_the_transport(host: str) -> None:
    with pytest.raises(TransportError):
        look_up(host, 80)
