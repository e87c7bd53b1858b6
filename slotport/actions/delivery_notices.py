"""Mails that tell of a delivery, where a transport of another type than ``email`` asks for them."""

from collections.abc import Callable

from slotport.core.export import Transport
from slotport.transports import Log, Parcel, TransportError
from slotport.transports.email import message_id, one_line

TEXT = """The export "{name}" (number {id}) was delivered ({type}).

{message}{links}"""


def notify(parcel: Parcel, transport: Transport, log: Log, check: Callable[[], None]) -> None:
    """Mail the transport's recipients, one by one, that the parcel is where it belongs.

    What goes wrong stands in the log: the delivery itself went well. A mail that is sent twice, after a crash, has the
    same Message-ID.
    """
    if transport.type == "email" or not parcel.recipients:
        return
    if parcel.post is None:
        log("warning", "nobody was told: the setting smtp_host is empty")
        return
    subject = f"Export {one_line(parcel.export_name)}"
    for recipient in parcel.recipients:
        check()
        number = message_id(parcel, recipient)
        try:
            parcel.post(to=recipient, subject=subject, text=_text(parcel, transport), message_id=number)
        except TransportError as error:
            log("warning", f"{recipient} was not told: {error}")
        else:
            log("info", f"the mail server took the mail to {recipient}")


def _text(parcel: Parcel, transport: Transport) -> str:
    said = (transport.email.message or "").strip() if transport.email else ""
    links = [link.url for link in parcel.links] if transport.type == "download" else []
    return TEXT.format(
        name=one_line(parcel.export_name),
        id=parcel.export_id,
        type=transport.type,
        message=f"{said}\n\n" if said else "",
        links="".join(f"{link}\n" for link in links),
    )
