"""Where transports connect to: the servers, addresses and destinations of their options (docs/transports/README.md).

A host is in ASCII: a name, an address, or what the system takes for one, such as ``2130706433``. What it stands for is
looked up, and checked, by whoever connects.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from slotport.core.json_input import short_text
from slotport.errors import invalid_value

LONGEST = 1000  #: characters of an address or a path
PORTS = {
    "ftp": 21,
    "ftps": 21,
    "sftp": 22,
    "http": 80,
    "https": 443,
    "rsync": 873,
    "ssh": 22,
}
IMPLICIT_PORT = 990  #: of FTPS that begins with TLS

_HOST = r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?)"
_PORT = r"(?::(?P<port>[0-9]{1,5}))?"
_USER = r"(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})@)?"
#: of what is handed to rsync: nothing that a shell or a pattern would take for more than a letter
_SHELL_PATH = r"[\w./~+=,%-]+"
_SERVER = re.compile(rf"(?:(?P<scheme>[a-z]+)://)?{_HOST}{_PORT}", re.ASCII | re.IGNORECASE)
_URL = re.compile(rf"(?P<scheme>https?)://{_HOST}{_PORT}(?P<path>/[^\s?#\\]*)?", re.IGNORECASE)
_RSYNC_URL = re.compile(rf"(?P<scheme>rsync)://{_USER}{_HOST}{_PORT}/(?P<path>[\w.+=,-][\w ./~+=,%-]*)")
_RSYNC_SHELL = re.compile(rf"{_USER}{_HOST}:(?!//)(?P<path>{_SHELL_PATH})")
_RSYNC_LOCAL = re.compile(r"(?P<path>/[^\\]*)")


class Target(Struct, frozen=True, kw_only=True):
    """A server and what speaks there; ``host`` is in lower case and without brackets."""

    scheme: str
    host: str
    port: int
    path: str = ""


def server(value: Any, place: str, schemes: tuple[str, ...]) -> str:
    """A server ``[scheme://]host[:port]`` with one of the schemes, or none. Raises WireError."""
    text = short_text(1, LONGEST)(value, place)
    found = _SERVER.fullmatch(text)
    if found is None:
        raise invalid_value(place, f"must be [{schemes[0]}://]host[:port], without a user and without a path")
    _check(found, place)
    if (scheme := found["scheme"]) is not None and scheme.lower() not in schemes:
        raise invalid_value(place, f"must begin with {' or '.join(f'{one}://' for one in schemes)}, or with the host")
    return text


def url(value: Any, place: str) -> str:
    """An ``http`` or ``https`` address without a user, a query or a fragment. Raises WireError."""
    text = short_text(1, LONGEST)(value, place)
    found = _URL.fullmatch(text)
    if found is None or not text.isprintable():
        raise invalid_value(place, "must be http(s)://host[:port][/path], without a user and without a query")
    _check(found, place)
    if any(unquote(part) in (".", "..") for part in (found["path"] or "").split("/")):
        raise invalid_value(place, "must not hold . or .. as a part of its path")
    return text


def destination(value: Any, place: str) -> str:
    """What rsync writes to: ``rsync://[user@]host[:port]/module/path``, ``[user@]host:path`` or a folder here.

    Raises WireError.
    """
    text = short_text(1, LONGEST)(value, place)
    found = _RSYNC_URL.fullmatch(text) or _RSYNC_SHELL.fullmatch(text) or _RSYNC_LOCAL.fullmatch(text)
    if found is None or not text.isprintable():
        raise invalid_value(
            place,
            "must be rsync://[user@]host[:port]/module/path, [user@]host:path or an absolute path, without a password"
            " and without characters that mean something to a shell",
        )
    if "host" in found.groupdict():
        _check(found, place)
    if ".." in found["path"].split("/"):
        raise invalid_value(place, "must not hold .. as a part of its path")
    return text


def target(kind: str, options: Mapping[str, Any]) -> Target | None:
    """Where a transport of that type connects to by its options, which were checked; None: to no other machine."""
    if kind in ("ftp", "ftps", "sftp"):
        return _of_server(kind, options)
    if kind == "webdav":
        return _of(_matched(_URL, options["server"]))
    if kind == "s3":
        region = options.get("region", "us-east-1")
        return _of(_matched(_URL, options.get("endpoint", f"https://s3.{region}.amazonaws.com")))
    if kind == "rsync":
        return _of_destination(options)
    return None


def protocol(kind: str, text: str) -> str:
    """What is spoken to the server of a transport of that type: its scheme, or else the type."""
    scheme = _matched(_SERVER, text)["scheme"]
    return scheme.lower() if scheme else kind


def spoken_by(kind: str, options: Mapping[str, Any]) -> str:
    """The type whose protocol a transport speaks: that of the scheme of its server, where that may differ."""
    return protocol(kind, options["server"]) if kind in ("ftp", "ftps", "sftp") else kind


def receiver(kind: str, options: Mapping[str, Any]) -> Target | str | None:
    """Who gets to know the transport's secrets: with another one they must not be used."""
    if kind == "s3" and "endpoint" not in options:
        return "aws"
    return target(kind, options)


def is_within(text: str, beginning: str) -> bool:
    """Whether a destination of rsync is the one that may be written to, or lies below it."""
    whole = beginning if beginning.endswith(("/", ":")) else f"{beginning}/"
    return text.startswith(whole) or text.rstrip("/") == beginning.rstrip("/")


def _of_server(kind: str, options: Mapping[str, Any]) -> Target:
    found = _matched(_SERVER, options["server"])
    scheme = protocol(kind, options["server"])
    standard = IMPLICIT_PORT if scheme == "ftps" and options.get("implicit_tls") else PORTS[scheme]
    return Target(scheme=scheme, host=_host(found), port=int(found["port"] or standard))


def _of_destination(options: Mapping[str, Any]) -> Target | None:
    text: str = options["destination"]
    port = options.get("options", {}).get("port")
    if found := _RSYNC_URL.fullmatch(text):
        return Target(scheme="rsync", host=_host(found), port=int(found["port"] or port or PORTS["rsync"]))
    if found := _RSYNC_SHELL.fullmatch(text):
        return Target(scheme="ssh", host=_host(found), port=int(port or PORTS["ssh"]))
    return None


def _of(found: re.Match[str]) -> Target:
    scheme = found["scheme"].lower()
    path = (found["path"] or "").rstrip("/")
    return Target(scheme=scheme, host=_host(found), port=int(found["port"] or PORTS[scheme]), path=path)


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    if (found := pattern.fullmatch(text)) is None:
        raise ValueError("it was not checked")
    return found


def _host(found: re.Match[str]) -> str:
    return found["host"].strip("[]").lower()


def _check(found: re.Match[str], place: str) -> None:
    """Raise invalid_value for a host or a port that there cannot be."""
    host, port = found["host"], found.groupdict().get("port")
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except ValueError:
            raise invalid_value(place, "holds an address in brackets that is no IPv6 address") from None
    elif ".." in host or any(len(label) > 63 for label in host.split(".")):
        raise invalid_value(place, "holds a host that cannot be one")
    if port is not None and not 1 <= int(port) <= 65535:
        raise invalid_value(place, "must have a port from 1 to 65535")
