"""The member ``_transports`` of an export: where its result goes (docs/api/export-definition.md).

Whether recipients exist, and where hosts lead, is not known here.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from slotport.core import transport_options
from slotport.core.account import EMAIL_LENGTH
from slotport.core.export import Mail, Recipient, Transport
from slotport.core.json_input import (
    LARGEST_ID,
    Reader,
    an_array,
    array_of,
    choice,
    entry,
    ignored,
    member,
    members,
    number,
    short_text,
    text,
)
from slotport.core.transport_target import receiver, spoken_by
from slotport.errors import WireError, attribute_expected, invalid_value

MOST_TRANSPORTS = 50  #: of one export
MOST_RECIPIENTS = 50  #: of one transport
MESSAGE_LENGTH = 4000


class Kind(Struct, frozen=True, kw_only=True):
    """What a type of transport takes, its options apart."""

    packers: frozenset[str]
    needs_mail: bool = False


_ARCHIVES = frozenset({"zip", "zip_10mb", "zip_2gb", "tar_bz2", "tar.gz"})
KINDS = {
    "download": Kind(packers=_ARCHIVES),
    "email": Kind(packers=_ARCHIVES, needs_mail=True),
    **dict.fromkeys(transport_options.PROTOCOLS, Kind(packers=_ARCHIVES | {"folder"})),
}
SPLITTING = frozenset({"zip_10mb", "zip_2gb"})  #: packers that number their archives
_TYPE_ALIASES = {
    "easydb-export-transport-ftp-plugin:transport_ftp": "ftp",
    "easydb-export-transport-ftp-plugin:transport_webdav": "webdav",
}
_PACKER_ALIASES = {"tar_gz": "tar.gz"}
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"\\]+@[^@\s,;:<>()\[\]\"\\]+\.[^@\s.,;:<>()\[\]\"\\]+")
_STATUS = ("_id", "_state", "_download", "_log", "_attempts", "_next_attempt", "_receipt", "_secrets_set")


def transports(
    value: Any,
    place: str,
    before: Sequence[Transport],
    *,
    new_uuid: Callable[[], str],
    seal: Callable[[str], str],
    types: Collection[str] = KINDS,
) -> tuple[Transport, ...]:
    """The transports in their order; one with the uuid of one before keeps that one's id, log and secrets.

    ``new_uuid`` makes the uuid of one that has none, ``seal`` encrypts a secret, ``types`` are those there may be.
    A secret that is left out is kept, unless another server would get to know it; ``null`` removes it. Raises
    WireError, also transport_not_available.
    """
    if value is None:
        return ()
    known = {one.uuid: one for one in before}
    found: dict[str, Transport] = {}
    for index, one in enumerate(an_array(value, place, most=MOST_TRANSPORTS)):
        below = entry(place, index)
        transport, secrets = _transport(one, below, new_uuid, types)
        if transport.uuid in found:
            raise invalid_value(member(below, "uuid"), "is that of another transport in the array")
        kept: dict[str, str] = {}
        if old := known.get(transport.uuid):
            transport = structs.replace(transport, id=old.id, log=old.log)
            kept = _kept(old, transport)
        said = {name: None if secret is None else seal(secret) for name, secret in secrets.items()}
        laid = sorted((kept | said).items())
        found[transport.uuid] = structs.replace(transport, secrets={name: one for name, one in laid if one is not None})
    _refuse_mixed(list(found.values()), place)
    return tuple(found.values())


def same(left: Sequence[Transport], right: Sequence[Transport]) -> bool:
    """Whether two lists of transports say the same; how their deliveries went does not count."""
    return [_said(one) for one in left] == [_said(one) for one in right]


def _said(one: Transport) -> tuple[Any, ...]:
    return one.uuid, one.type, one.packer, one.email, one.options


def _kept(old: Transport, new: Transport) -> dict[str, str]:
    """The secrets that go over to what the transport has become."""
    if not old.secrets or receiver(old.type, old.options) != receiver(new.type, new.options):
        return {}
    names = transport_options.secret_names(new.type)
    return {name: sealed for name, sealed in old.secrets.items() if name in names}


def _transport(
    value: Any, place: str, new_uuid: Callable[[], str], types: Collection[str]
) -> tuple[Transport, dict[str, str | None]]:
    """The transport, and what is said of its secrets; None: there is to be none."""
    readers: dict[str, Reader[Any]] = {
        "type": text,
        "uuid": _uuid,
        "packer": text,
        "email": _mail,
        "options": _unread,
        **dict.fromkeys(_STATUS, ignored),
    }
    said = members(value, place, readers)
    if "type" not in said:
        raise attribute_expected(member(place, "type"))
    name = _TYPE_ALIASES.get(said["type"], said["type"])
    if name not in KINDS or name not in types:
        raise not_available(name, types)
    kind = KINDS[name]
    _check_mail(said.get("email"), value, kind, place)
    options = transport_options.read(name, said.get("options", {}), member(place, "options"))
    if (spoken := spoken_by(name, options.public)) not in types:  # type ftp may name a server by sftp://
        raise not_available(spoken, types)
    transport = Transport(
        uuid=said.get("uuid") or new_uuid(),
        type=name,
        packer=_packer(said.get("packer"), options.packer, kind, place),
        email=said.get("email"),
        options=options.public,
    )
    return transport, options.secrets


def not_available(kind: str, types: Collection[str]) -> WireError:
    """The error of a type of transport that there is not, or that the administrator does not want."""
    there = [one for one in KINDS if one in types]
    return WireError(
        "error.user.transport_not_available",
        f"There is no such type of transport here; there {'is ' if len(there) == 1 else 'are '}"
        + (", ".join(there) or "none")
        + ".",
        parameters={"type": kind[:80]},
    )


def _check_mail(mail: Mail | None, value: Any, kind: Kind, place: str) -> None:
    """Raise WireError if a transport that mails has nobody to mail to."""
    if not kind.needs_mail:
        return
    if mail is None:
        raise attribute_expected(member(place, "email"))
    if not mail.recipients:
        below = member(member(place, "email"), "recipients")
        if value["email"].get("recipients") is None:
            raise attribute_expected(below)
        raise invalid_value(below, "must name somebody")


def _unread(value: Any, _place: str) -> Any:
    return value


def _uuid(value: Any, place: str) -> str:
    found = text(value, place)
    if not _UUID.fullmatch(found):
        raise invalid_value(place, "must be a UUID")
    return str(UUID(found))


def _packer(given: str | None, in_options: str | None, kind: Kind, place: str) -> str | None:
    """The packer, which may stand in the options too."""
    names = {"packer": given, "options.packer": in_options}
    for name, packer in names.items():
        if packer is not None and _PACKER_ALIASES.get(packer, packer) not in kind.packers:
            raise invalid_value(f"{place}.{name}", f"must be one of {', '.join(sorted(kind.packers))}")
    first, second = (_PACKER_ALIASES.get(one, one) if one is not None else None for one in names.values())
    if first is not None and second is not None and first != second:
        raise invalid_value(f"{place}.options.packer", "differs from the transport's packer")
    return first or second


def _refuse_mixed(found: Sequence[Transport], place: str) -> None:
    """Raise invalid_value if parts of two packers would have the same name."""
    first: str | None = None
    for index, one in enumerate(found):
        if one.packer in SPLITTING:
            first = first or one.packer
            if one.packer != first:
                below = member(entry(place, index), "packer")
                raise invalid_value(below, f"cannot be {one.packer} beside a transport with {first}")


def _mail(value: Any, place: str) -> Mail:
    readers: dict[str, Reader[Any]] = {
        "recipients": array_of(_recipient, most=MOST_RECIPIENTS),
        "message": short_text(0, MESSAGE_LENGTH),
    }
    said = members(value, place, readers)
    return Mail(recipients=tuple(dict.fromkeys(said.get("recipients", ()))), message=said.get("message"))


def _recipient(value: Any, place: str) -> Recipient:
    readers: dict[str, Reader[Any]] = {
        "_basetype": choice("user", "group"),
        "user": _user,
        "group": _group,
    }
    said = members(value, place, readers)
    if "_basetype" not in said:
        raise attribute_expected(member(place, "_basetype"))
    kind = said.pop("_basetype")
    if kind not in said:
        raise attribute_expected(member(place, kind))
    if len(said) > 1:
        other = next(name for name in said if name != kind)
        raise invalid_value(member(place, other), f"does not go with the _basetype {kind}")
    recipient: Recipient = said[kind]
    return recipient


def _group(value: Any, place: str) -> Recipient:
    said = members(value, place, {"_id": number(1, LARGEST_ID)})
    if "_id" not in said:
        raise attribute_expected(member(place, "_id"))
    return Recipient(group_id=said["_id"])


def _user(value: Any, place: str) -> Recipient:
    said = members(value, place, {"_id": number(1, LARGEST_ID), "type": choice("email"), "login": _address})
    if "type" not in said:
        if "login" in said:
            raise attribute_expected(member(place, "type"))
        if "_id" not in said:
            raise attribute_expected(member(place, "_id"))
        return Recipient(user_id=said["_id"])
    if "_id" in said:
        raise invalid_value(member(place, "_id"), "does not go with an address")
    if "login" not in said:
        raise attribute_expected(member(place, "login"))
    return Recipient(email=said["login"])


def _address(value: Any, place: str) -> str:
    address = text(value, place)
    if len(address) > EMAIL_LENGTH or not _EMAIL.fullmatch(address) or not address.isprintable():
        raise invalid_value(place, "must be an address such as x@y.z")
    return address
