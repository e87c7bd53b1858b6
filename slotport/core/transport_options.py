"""The options of transports that connect to other machines, secrets apart (docs/transports/README.md).

What a transport takes depends on the protocol: of the types ``ftp``, ``ftps`` and ``sftp`` the scheme of ``server``
says it. A secret may have a second name, and each of its names the suffix ``:secret``.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from slotport.core import transport_target
from slotport.core.json_input import Reader, an_object, array_of, flag, member, members, number, short_text, text
from slotport.errors import attribute_expected, invalid_value

SUFFIX = ":secret"
MOST_EXCLUDES = 100
LARGEST_LIMIT = 10_000_000  #: of ``bwlimit``, in KiB a second

_FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_IPV4 = re.compile(r"([0-9]{1,3}\.){3}[0-9]{1,3}")
_KEY = re.compile(
    r"\s*-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[ \t]*\r?\n(?P<body>[\x20-\x7e\r\n]+?)-----END \1-----\s*"
)
_HEADER = re.compile(r"[A-Za-z-]+: .*")
_OPENSSH = b"openssh-key-v1\0"


class Protocol(Struct, frozen=True, kw_only=True):
    """The options that one protocol takes."""

    options: Mapping[str, Reader[Any]]
    secrets: Mapping[str, Reader[str]] = {}
    other_names: Mapping[str, str] = {}  #: of options and of secrets
    needed: tuple[str, ...] = ()


class Options(Struct, frozen=True, kw_only=True):
    """What was said of a transport's options. Its representation shows no secret."""

    public: dict[str, Any]
    secrets: dict[str, str | None]  #: None: to be forgotten
    packer: str | None

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Options({self.public!r}, secrets={sorted(self.secrets)!r})"


def read(kind: str, value: Any, place: str) -> Options:
    """The options of a transport of that type. Raises WireError, in whose text there is no value."""
    given = an_object(value, place)
    takes = PROTOCOLS[_protocol(kind, given, place)] if kind in PROTOCOLS else Protocol(options={})
    names: dict[str, tuple[str, ...]] = {name: (name,) for name in takes.options}
    names |= {name: (name, name + SUFFIX) for name in takes.secrets}
    for other, name in takes.other_names.items():
        names[name] += (other, other + SUFFIX) if name in takes.secrets else (other,)
    readers = {**takes.options, **takes.secrets}
    said = members(given, place, {"packer": text} | {one: readers[name] for name in names for one in names[name]})
    found: dict[str, Any] = {}
    for name, spellings in names.items():
        values = {one: said[one] for one in spellings if one in said}
        if len(set(map(repr, values.values()))) > 1:
            raise invalid_value(member(place, list(values)[-1]), f"differs from {next(iter(values))}")
        if values:
            found[name] = next(iter(values.values()))
    for name in takes.needed:
        if name not in found:
            raise attribute_expected(member(place, name))
    forgotten = {name for name in takes.secrets if name not in found and any(one in given for one in names[name])}
    return Options(
        public={name: one for name, one in found.items() if name not in takes.secrets},
        secrets=dict.fromkeys(forgotten) | {name: found[name] for name in takes.secrets if name in found},
        packer=said.get("packer"),
    )


def secret_names(kind: str) -> frozenset[str]:
    """The secrets that a transport of that type can have, whatever its server."""
    protocols = ("ftp", "ftps", "sftp") if kind == "ftp" else (kind,) if kind in PROTOCOLS else ()
    return frozenset(name for one in protocols for name in PROTOCOLS[one].secrets)


def _protocol(kind: str, given: Mapping[str, Any], place: str) -> str:
    """What the transport speaks; raises WireError if its server is none of that type."""
    if kind not in _SCHEMES or given.get("server") is None:
        return kind
    return transport_target.protocol(kind, _server(kind)(given["server"], member(place, "server")))


# Readers


def _server(kind: str) -> Reader[str]:
    return lambda value, place: transport_target.server(value, place, _SCHEMES[kind])


def _plain(longest: int) -> Reader[str]:
    """A reader of texts on one line."""

    def read_plain(value: Any, place: str) -> str:
        found = short_text(1, longest)(value, place)
        if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in found):
            raise invalid_value(place, "must not hold control characters")
        return found

    return read_plain


def _folder(*, may_be_absolute: bool) -> Reader[str]:
    """A reader of folders elsewhere: cleaned of empty parts, of ``.`` and of slashes at the end."""

    def read_folder(value: Any, place: str) -> str:
        found = short_text(0, transport_target.LONGEST)(value, place)
        if any(ord(letter) < 32 or 127 <= ord(letter) < 160 or letter == "\\" for letter in found):
            raise invalid_value(place, "must not hold control characters or backslashes")
        parts = [part for part in found.split("/") if part not in ("", ".")]
        if ".." in parts:
            raise invalid_value(place, "must not hold .. as a part")
        return ("/" if may_be_absolute and found.startswith("/") else "") + "/".join(parts)

    return read_folder


def _basic_login(value: Any, place: str) -> str:
    login = _LOGIN(value, place)
    if ":" in login:
        raise invalid_value(place, "must not hold a colon")
    return login


def _host_key(value: Any, place: str) -> str:
    found = _FINGERPRINT.fullmatch(text(value, place).strip())
    if found is None:
        raise invalid_value(place, "must be a fingerprint as ssh-keygen -l shows it: SHA256: and 43 characters")
    return f"SHA256:{found[1]}"


def _private_key(value: Any, place: str) -> str:
    """A key in PEM; a passphrase is not tried: a made-up key would let that take hours."""
    key = text(value, place)
    found = _KEY.fullmatch(key)
    lines = [] if found is None else found["body"].split("\n")
    body = "".join(line.strip() for line in lines if not _HEADER.match(line.strip()))
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if found is None or not content or ("OPENSSH" in found[1] and not content.startswith(_OPENSSH)):
        raise invalid_value(place, "must be a private key as ssh-keygen writes it, from BEGIN to END")
    return key.strip().replace("\r\n", "\n") + "\n"


def _bucket(value: Any, place: str) -> str:
    found = text(value, place)
    if not _BUCKET.fullmatch(found) or _IPV4.fullmatch(found) or any(two in found for two in ("..", ".-", "-.")):
        raise invalid_value(place, "must have 3 to 63 lower-case letters, digits, dots and hyphens, as buckets do")
    return found


def _region(value: Any, place: str) -> str:
    found = text(value, place)
    if not _REGION.fullmatch(found):
        raise invalid_value(place, "must be a region such as eu-central-1")
    return found


def _rsync_options(value: Any, place: str) -> dict[str, Any]:
    return members(value, place, _RSYNC)


def _exclude(value: Any, place: str) -> str:
    return _plain(transport_target.LONGEST)(value, place)


_SCHEMES = {"ftp": ("ftp", "ftps", "sftp"), "ftps": ("ftps",), "sftp": ("sftp",)}
_LOGIN = _plain(200)
_SECRET = _plain(1000)
_RSYNC: dict[str, Reader[Any]] = {
    **dict.fromkeys(("archive", "delete", "checksum", "compress"), flag),
    "bwlimit": number(0, LARGEST_LIMIT),
    "port": number(1, 65535),
    "exclude": array_of(_exclude, most=MOST_EXCLUDES),
}
_FTP: dict[str, Reader[Any]] = {
    "server": text,  # read before, to know the protocol
    "directory": _folder(may_be_absolute=True),
    "login": _LOGIN,
}
PROTOCOLS = {
    "ftp": Protocol(options=_FTP, secrets={"password": _SECRET}, needed=("server",)),
    "ftps": Protocol(options={**_FTP, "implicit_tls": flag}, secrets={"password": _SECRET}, needed=("server",)),
    "sftp": Protocol(
        options={**_FTP, "host_key": _host_key},
        secrets={"password": _SECRET, "private_key": _private_key, "passphrase": _SECRET},
        needed=("server", "login"),
    ),
    "webdav": Protocol(
        options={
            "server": transport_target.url,
            "directory": _folder(may_be_absolute=False),
            "login": _basic_login,
        },
        secrets={"password": _SECRET},
        other_names={"webdav_user": "login", "webdav_pass": "password"},
        needed=("server",),
    ),
    "s3": Protocol(
        options={
            "endpoint": transport_target.url,
            "region": _region,
            "bucket": _bucket,
            "prefix": _folder(may_be_absolute=False),
            "access_key": _plain(200),
            "path_style": flag,
        },
        secrets={"secret_key": _SECRET},
        needed=("bucket", "access_key"),
    ),
    "rsync": Protocol(
        options={
            "destination": transport_target.destination,
            "host_key": _host_key,
            "options": _rsync_options,
        },
        secrets={"password": _SECRET, "private_key": _private_key, "passphrase": _SECRET},
        needed=("destination",),
    ),
}
