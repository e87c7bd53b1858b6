"""A real mail server, its mailbox, and a clock that a test moves."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """Keeps what a mail server took."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.open = threading.Event()  #: as long as it is not set, no mail is taken
        self.open.set()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        await asyncio.to_thread(self.open.wait, 20)
        self.taken.append((envelope.rcpt_tos, mail))
        return "250 OK"

    def wait(self, count: int = 1) -> list[tuple[list[str], EmailMessage]]:
        """The mails, once there are so many."""
        until = time.monotonic() + 20
        while len(self.taken) < count:
            assert time.monotonic() < until, "no mail came"
            time.sleep(0.01)
        return self.taken

    def secret(self, count: int = 1, pattern: str = r"/v1/users/reset/(\S+)") -> str:
        """What the link of the mail of that number (1 is the first) ends in."""
        found = re.search(pattern, self.wait(count)[count - 1][1].get_content())
        assert found is not None
        return found[1]


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = datetime(2031, 5, 6, 13, 44, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[int]:
    """A server that puts mails into the mailbox; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
