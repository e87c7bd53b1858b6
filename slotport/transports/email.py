"""E-mail: one mail with the links to each recipient, never the files (docs/transports/email.md).

A mail's Message-ID is made of run, transport and recipient: one that is sent twice, because the server ended between
sending and noting it, is shown once by programs that look at it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from slotport.core.export import Receipt, Transport
from slotport.transports.download import verified_size
from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, Parcel, TransportError, TransportRefused

TEXT = """The export "{name}" (number {id}) is ready.

{message}{links}

The links work without signing in: pass them on with care.
"""


@dataclass(frozen=True)
class Email:
    """Mails where the archives are."""

    message: str = ""

    @classmethod
    def of(cls, transport: Transport, _secrets: Mapping[str, str], _outside: Outside) -> Self:
        """The message is the user's own words."""
        return cls(message=(transport.email.message or "") if transport.email else "")

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Hand one mail a recipient over; raises if one of them was refused, after all were tried."""
        size = verified_size(parcel, check)
        if not parcel.recipients:
            raise TransportRefused("no recipient has an e-mail address")
        if parcel.post is None:
            raise TransportRefused("no mail can be sent: the setting smtp_host is empty")
        failures: list[TransportError] = []
        for recipient in parcel.recipients:
            check()
            number = message_id(parcel, recipient)
            if parcel.journal.has(number):
                continue
            subject = f"Export {one_line(parcel.export_name)}"
            try:
                parcel.post(to=recipient, subject=subject, text=self.text(parcel), message_id=number)
            except TransportError as error:
                log("error", f"{recipient}: {error}")
                failures.append(error)
            else:
                log("info", f"the mail server took the mail to {recipient}")
                parcel.journal.note(number, at_once=True)
        if failures:
            # what is refused for good does not keep the others from a second try
            raise next((one for one in failures if not isinstance(one, TransportRefused)), failures[0])
        return Receipt(files=len(parcel.archives), bytes=size, finished=parcel.finished_at, verified="none")

    def try_out(self, uuid: str, log: Log) -> None:
        """The mail server is asked by who knows it."""

    def text(self, parcel: Parcel) -> str:
        """The mail's words."""
        message = f"{self.message.strip()}\n\n" if self.message.strip() else ""
        links = "\n".join(link.url for link in parcel.links)
        return TEXT.format(name=one_line(parcel.export_name), id=parcel.export_id, message=message, links=links)


def message_id(parcel: Parcel, recipient: str) -> str:
    """The left part of the Message-ID: the same for the same mail."""
    said = f"{parcel.run_id} {parcel.transport_uuid} {recipient}"
    return sha256(said.encode()).hexdigest()[:40]


def one_line(text: str) -> str:
    """The text without anything that would end a header's line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
