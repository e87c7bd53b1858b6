"""A carrier that says no secret: what other servers answer is shown, and some of them repeat what they were sent."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Literal

from slotport.core.export import Receipt
from slotport.transports import Carrier, Log, Parcel, TransportError

SHORTEST = 4  #: characters of a secret that is looked for: shorter ones stand in other words
MASK = "***"


class Discreet:
    """The carrier, with the secrets masked in what it logs and in why it fails."""

    def __init__(self, carrier: Carrier, secrets: Collection[str]) -> None:
        self._carrier = carrier
        lines = {line.strip() for secret in secrets for line in (secret, *secret.splitlines())}
        self._secrets = sorted((one for one in lines if len(one) >= SHORTEST), key=len, reverse=True)

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Bring the parcel where it belongs."""
        with self._masked():
            return self._carrier.deliver(parcel, self._log(log), check)

    def try_out(self, uuid: str, log: Log) -> None:
        """Do what a delivery needs."""
        with self._masked():
            self._carrier.try_out(uuid, self._log(log))

    def _log(self, log: Log) -> Log:
        def note(level: Literal["info", "warning", "error"], message: str) -> None:
            log(level, self._mask(message))

        return note

    @contextmanager
    def _masked(self) -> Iterator[None]:
        try:
            yield
        except TransportError as error:
            if (text := self._mask(str(error))) != str(error):
                raise type(error)(text) from None
            raise

    def _mask(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text
