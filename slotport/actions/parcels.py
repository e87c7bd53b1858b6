"""What is handed to a transport: a parcel of a result, and the carrier that brings it away."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from slotport import mail
from slotport.actions.delivery_journal import DeliveryJournal
from slotport.actions.discreet import Discreet
from slotport.actions.run_folder import RunFolder
from slotport.actions.run_handle import RunHandle
from slotport.actions.sealing import WrongKey, unsealed
from slotport.core.export import Archive, Export, ExportType, Transport
from slotport.core.file_names import clean_name
from slotport.core.outgoing import networks_of
from slotport.core.transport_target import spoken_by
from slotport.depot import Depot, depot_of
from slotport.settings import Settings
from slotport.storage import accounts, deliveries, export_files
from slotport.storage.deliveries import Delivery
from slotport.storage.store import Store, Transaction
from slotport.transports import TRANSPORTS, Carrier, Parcel, TransportError, TransportRefused
from slotport.transports.outside import Outside
from slotport.transports.parcel import Link, Outgoing

PAGE = 1000


def archive_name(export: Export) -> str:
    """What the export's archives are called, without an ending: the cleaned name, blanks as ``_``."""
    return folder_name(export).replace(" ", "_")


def folder_name(export: Export) -> str:
    """What the folder of the export's files is called elsewhere: the cleaned name."""
    return clean_name(export.name, fallback=f"export-{export.id}")


def outside(settings: Settings, *, timeout_seconds: float = 30.0) -> Outside:
    """What the administrator lets transports do."""
    return Outside(
        networks=networks_of(settings.outgoing_networks),
        ports=frozenset(int(port) for port in settings.outgoing_ports.split()) or None,
        timeout_seconds=timeout_seconds,
        authorities=settings.outgoing_authorities_file,
        rsync_destinations=tuple(settings.rsync_destinations.split()),
        rsync_roots=tuple(settings.rsync_root_folders),
    )


def carrier(transport: Transport, settings: Settings, *, timeout_seconds: float = 30.0) -> Carrier:
    """What delivers through the transport; no connection is silent for longer than that.

    Raises TransportRefused if there is none: the type is not there any more, or the secrets were stored with another
    key.
    """
    spoken = spoken_by(transport.type, transport.options)
    if not settings.transport_types.issuperset((transport.type, spoken)) or spoken not in TRANSPORTS:
        raise TransportRefused(f"transports of the type {transport.type} are not available here")
    try:
        secrets = unsealed(settings, transport.secrets)
    except WrongKey as cause:
        raise TransportRefused(str(cause)) from cause
    found = TRANSPORTS[spoken](transport, secrets, outside(settings, timeout_seconds=timeout_seconds))
    return Discreet(found, secrets.values())


def parcel_of(
    handle: RunHandle,
    delivery: Delivery,
    export: Export,
    transport: Transport,
    settings: Settings,
    base_url: str,
) -> Parcel:
    """The result of the delivery's run, packed as the transport wants it."""
    with handle.store.read() as transaction:
        archives = deliveries.archives(transaction, delivery.run_id, transport.packing)
        recipients = addresses_of(transaction, transport)
    depot = depot_of(settings)
    folder = RunFolder(depot, export.id, delivery.run_id).published
    prefix = f"{base_url}/api/v1/export/{export.id}/download/{export.passkey}/"
    result = export.result
    parcel = (
        partial(_files, handle.store, depot, delivery, export, folder)
        if transport.packing == "folder"
        else partial(_archives, depot, archives, folder)
    )
    return Parcel(
        run_id=delivery.run_id,
        transport_uuid=transport.uuid,
        export_id=export.id,
        export_name=export.name,
        finished_at=(result.finished_at if result else None) or export.updated_at,
        archives=archives,
        archives_folder=folder / "archives",
        files_folder=folder / "files",
        outgoing=parcel,
        journal=DeliveryJournal(handle, delivery),
        keeps_old=export.definition.type is ExportType.INCREMENTAL,
        links=tuple(Link(url=prefix + archive.file_name, size=archive.size) for archive in archives),
        recipients=recipients,
        post=partial(_post, settings) if settings.smtp_host else None,
    )


def _archives(depot: Depot, archives: tuple[Archive, ...], folder: Path) -> Iterator[Outgoing]:
    for one in archives:
        source = folder / "archives" / one.file_name
        with suppress(FileNotFoundError):
            depot.present(source)
        yield Outgoing(name=one.file_name, source=source, size=one.size, sha256=one.sha256)


def _files(store: Store, depot: Depot, delivery: Delivery, export: Export, folder: Path) -> Iterator[Outgoing]:
    after, above = -1, folder_name(export)
    while True:
        with store.read() as transaction:
            members = export_files.page(transaction, delivery.run_id, after=after, limit=PAGE)
        for one in members:
            source = folder / "files" / one.path
            with suppress(FileNotFoundError):
                depot.present(source)
            yield Outgoing(name=f"{above}/{one.path}", source=source, size=one.size, sha256=one.sha256)
        if len(members) < PAGE:
            return
        after = members[-1].position


def _post(settings: Settings, *, to: str, subject: str, text: str, message_id: str) -> None:
    """Send a mail, with failures as transports have them."""
    try:
        refusal = mail.post(settings, to=to, subject=subject, text=text, message_id=message_id)
    except mail.MailFailed as error:
        raise TransportError(str(error)) from error
    if refusal is not None:
        raise TransportRefused(refusal)


def addresses_of(transaction: Transaction, transport: Transport) -> tuple[str, ...]:
    """The addresses of the recipients as they are now, each once."""
    if transport.email is None:
        return ()
    found: dict[str, None] = {}
    for one in transport.email.recipients:
        if one.email is not None:
            found[one.email] = None
        elif one.user_id is not None:
            found.update(dict.fromkeys(accounts.addresses(transaction, user_ids=[one.user_id])))
        elif one.group_id is not None:
            found.update(dict.fromkeys(accounts.addresses(transaction, group_id=one.group_id)))
    return tuple(found)
