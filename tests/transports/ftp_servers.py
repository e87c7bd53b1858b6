"""FTP servers that do odd things, as servers do: handlers of pyftpdlib."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_FTPHandler
from pyftpdlib.log import logger


def without(*commands: str, base: type[FTPHandler] = FTPHandler) -> dict[str, Any]:
    """Attributes of a handler that does not know the commands."""
    return {"base": base, "proto_cmds": {name: one for name, one in base.proto_cmds.items() if name not in commands}}


def answering(command: str, answer: str) -> dict[str, Any]:
    """Attributes of a handler that gives this answer to the command."""
    return {f"ftp_{command}": lambda self, *_arguments: self.respond(answer)}


class Elsewhere(FTPHandler):
    """Knows no EPSV, and names another address for data connections."""

    proto_cmds = without("EPSV")["proto_cmds"]
    masquerade_address = "192.0.2.1"


class Latin(FTPHandler):
    """Speaks German, in Latin-1."""

    def push(self, text: str) -> None:
        text = text.replace("Not enough privileges", "Zugriff nicht möglich: access")
        super(FTPHandler, self).push(text.encode("latin-1", errors="replace"))


class NeverReplaces(FTPHandler):
    """Renames nothing over an existing file."""

    def ftp_RNTO(self, path: str) -> Any:  # noqa: N802  # pyftpdlib's name
        if os.path.exists(path):  # noqa: PTH110
            self.respond("550 A file of that name exists.")
            return None
        return super().ftp_RNTO(path)


class NeverRenames(FTPHandler):
    """Renames nothing."""

    def ftp_RNTO(self, _path: str) -> Any:  # noqa: N802
        self.respond("550 Rename failed.")


class Injecting(TLS_FTPHandler):
    """Says more after AUTH than TLS protects, as somebody in between could."""

    def ftp_AUTH(self, _line: str) -> None:  # noqa: N802
        self.push("234 go on\r\n230 you are in\r\n")


class Shortening(FTPHandler):
    """Keeps no more than the first 1000 bytes of a file, and says that it has all."""

    def on_file_received(self, file: str) -> None:
        os.truncate(file, 1000)


class Damaging(FTPHandler):
    """Changes a byte of each file."""

    def on_file_received(self, file: str) -> None:
        with open(file, "r+b") as stored:  # noqa: PTH123
            stored.seek(700)
            stored.write(b"!")


class _First1000(DTPHandler):
    """Sends the first 1000 bytes of a file, and calls that the whole file."""

    def push_with_producer(self, producer: Any) -> None:
        self.push(producer.file.read(1000))


class _Cut(_First1000):
    """Sends the first 1000 bytes of a file, and says that there was more."""

    def handle_close(self) -> None:
        self._resp = ("426 Connection closed; transfer aborted.", logger.debug)
        self.close()


class ShortReading(FTPHandler):
    """Gives back the beginning of a file as if it was all."""

    dtp_handler = _First1000


class Cutting(FTPHandler):
    """Breaks off in the middle of what it gives back."""

    dtp_handler = _Cut


@contextmanager
def talking(*pieces: bytes, endless: bytes = b"") -> Iterator[int]:
    """A server that says the pieces, whoever connects, then the last one again and again; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        with suppress(OSError):
            while True:
                link, _ = listener.accept()
                with link, suppress(OSError):
                    for piece in pieces:
                        link.sendall(piece)
                    while endless:
                        link.sendall(endless)
                    link.recv(1000)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
