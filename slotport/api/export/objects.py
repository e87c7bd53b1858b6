"""What exports look like in answers: every attribute, its default filled in (docs/api/export-definition.md).

Times are in UTC and whole seconds. Whoever sees an export owns it: its passkey is in the addresses of its archives.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import structs

from slotport.core.account import Account
from slotport.core.export import (
    LINKED,
    Archive,
    Export,
    File,
    LoggedEvent,
    LogLine,
    Mail,
    Receipt,
    Recipient,
    Run,
    Schedule,
    State,
    Transport,
)
from slotport.core.transport_options import secret_names
from slotport.core.when import iso_seconds

Shape = dict[str, Any]


def rendered(
    export: Export,
    *,
    files: Iterable[File],
    archives: Sequence[Archive],
    log: Iterable[LoggedEvent],
    base_path: str = "",
    owner: Account | None = None,
    session_hash: bytes | None = None,
) -> Shape:
    """The whole object. ``files`` and ``archives`` are of its result, and shown only while that is current.

    ``base_path`` stands before ``/api/v1``. ``owner`` and the asking session are shown in the log's events.
    """
    is_done = export.state is State.DONE
    links = [_links(export, one, archives if is_done else (), base_path) for one in export.transports]
    return {
        **listed(export),
        "_schedules": [_schedule(one) for one in export.schedules] or None,
        "_transports": [_transport(one, found) for one, found in zip(export.transports, links, strict=True)],
        "_log": [event(one, owner=owner, session_hash=session_hash) for one in log],
        "_files": [file(one) for one in files] if is_done else [],
        "_downloads": [
            {"transport": one.uuid, **link}
            for one, found in zip(export.transports, links, strict=True)
            for link in found or ()
        ],
    }


def listed(export: Export) -> Shape:
    """The object as lists have it: without _files, _downloads, _schedules, _transports and _log."""
    return {
        "_basetype": "export",
        "_date_created": moment(export.created_at),
        "_date_updated": moment(export.updated_at),
        "_state": export.state.value,
        "_next_run": moment(export.next_run_at),
        "_expires": moment(export.expires_at),
        "_progress": _progress(export),
        "_last_run": _last_run(export.run),
        "_last_success": _last_success(export.result),
        "export": _definition(export),
    }


def event(one: LoggedEvent, *, owner: Account | None = None, session_hash: bytes | None = None) -> Shape:
    """An event, in the log or in a poll; ``session_self``: the asking session caused it."""
    shape: Shape = {
        "event": {
            "_id": one.id,
            "type": one.type,
            "schema": "BASE",
            "basetype": "export",
            "object_id": one.export_id,
            "object_version": one.export_version,
            "session_self": session_hash is not None and one.session_hash == session_hash,
            "timestamp": moment(one.timestamp),
            "info": dict(one.info),
        }
    }
    if owner is not None:
        shape["_user"] = {"_id": owner.id, "_generated_displayname": display_name(owner)}
    return shape


def file(one: File) -> Shape:
    """A file of a result."""
    shape: Shape = {
        "path": one.path,
        "size": one.size,
        "sha256": one.sha256,
        "media_type": one.media_type,
        "modified": moment(one.modified),
    }
    if one.eas_id is not None:
        shape |= {"eas_id": one.eas_id, "eas_version": one.eas_version, "eas_fileclass": one.eas_fileclass}
    return shape


def display_name(account: Account) -> str:
    """First and last name, else the user name."""
    names = (account.first_name, account.last_name)
    return " ".join(name for name in names if name) or account.username


def moment(instant: datetime | None) -> str | None:
    """The instant, such as ``2031-04-09T05:15:00Z``."""
    return None if instant is None else iso_seconds(instant)


def _definition(export: Export) -> Shape:
    shape: Shape = {"_id": export.id, "_version": export.version, **_plain(export.definition), "name": export.name}
    for rules in (shape["classes"] or {}).values():
        for rule in rules:
            if rule["custom"] is not None:
                del rule["custom"]["transform"]  # stands below assets only
    return shape


def _plain(value: msgspec.Struct) -> Shape:
    """A struct as JSON has it: dicts, lists and texts."""
    shape: Shape = msgspec.json.decode(msgspec.json.encode(value))
    return shape


def _schedule(one: Schedule) -> Shape:
    return {name: list(part) if isinstance(part, tuple) else part for name, part in structs.asdict(one).items()}


def _transport(one: Transport, links: Sequence[Mapping[str, Any]] | None) -> Shape:
    shape: Shape = {
        "_id": one.id,
        "uuid": one.uuid,
        "type": one.type,
        "packer": one.packer,
        "email": None if one.email is None else _mail(one.email),
        "options": one.options,
        "_state": one.state.value,
        "_download": None if links is None else {"_files": links},
        "_log": [_line(line) for line in one.log],
        "_attempts": one.attempts,
        "_next_attempt": moment(one.next_attempt),
        "_receipt": None if one.receipt is None else _receipt(one.receipt),
    }
    if secret_names(one.type):
        shape["_secrets_set"] = sorted(one.secrets)
    return shape


def _links(
    export: Export, transport: Transport, archives: Sequence[Archive], base_path: str
) -> list[Mapping[str, Any]] | None:
    """Where the transport's archives are fetched; None if it is not that kind of transport."""
    if transport.type not in LINKED:
        return None
    packer = transport.packing
    below = f"{base_path}/api/v1/export/{export.id}/download/"
    urls = [(f"{export.passkey}/{quote(one.file_name, safe='')}", one.size) for one in archives if one.packer == packer]
    return [{"url": url, "href": below + url, "size": size} for url, size in urls]


def _mail(mail: Mail) -> Shape:
    return {"recipients": [_recipient(one) for one in mail.recipients], "message": mail.message}


def _recipient(one: Recipient) -> Shape:
    if one.group_id is not None:
        return {"_basetype": "group", "group": {"_id": one.group_id}}
    if one.user_id is not None:
        return {"_basetype": "user", "user": {"_id": one.user_id}}
    return {"_basetype": "user", "user": {"type": "email", "login": one.email}}


def _line(line: LogLine) -> Shape:
    return {"timestamp": moment(line.timestamp), "level": line.level, "message": line.message}


def _receipt(receipt: Receipt) -> Shape:
    return {
        "files": receipt.files,
        "bytes": receipt.bytes,
        "finished": moment(receipt.finished),
        "verified": receipt.verified,
    }


def _progress(export: Export) -> Shape | None:
    return structs.asdict(export.run.progress) if export.is_running and export.run is not None else None


def _last_run(run: Run | None) -> Shape | None:
    if run is None:
        return None
    return {
        "run": run.id,
        "trigger": run.trigger.value,
        "started": moment(run.started_at),
        "finished": moment(run.finished_at),
        "outcome": run.outcome.value,
        "objects": run.objects,
        "deletions": run.deletions,
        "skipped": run.skipped,
        "warnings": run.warnings,
    }


def _last_success(run: Run | None) -> Shape | None:
    if run is None:
        return None
    return {"run": run.id, "finished": moment(run.finished_at), "files": run.files, "bytes": run.bytes}
