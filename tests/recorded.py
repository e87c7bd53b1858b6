"""Requests as real clients send them, byte for byte, from files in samples/clients.

A file has requests under lines ``### name``: the request line, headers, a blank line, the body if any. ``{{words}}``
are filled in when it is sent; Host and Content-Length are added where the client sends them, which is always.
"""

import json
import re
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "samples" / "clients"


@dataclass(frozen=True)
class Recorded:
    """One request of a file."""

    name: str
    head: str  #: request line and headers
    body: str


@dataclass(frozen=True)
class Answer:
    """What the server said to it."""

    status: int
    headers: dict[str, str]  #: by name in lower case
    body: bytes

    @property
    def value(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def recorded(file: str) -> dict[str, Recorded]:
    """The requests of a file by name, in their order."""
    text = (FOLDER / file).read_text(encoding="utf-8")
    found: dict[str, Recorded] = {}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        name, _, request = part.partition("\n")
        head, _, body = request.strip("\n").partition("\n\n")
        found[name.strip()] = Recorded(name.strip(), head, body)
    return found


def replay(request: Recorded, port: int, **words: object) -> Answer:
    """Send the request to the server on this machine, and read its answer."""
    head, body = _filled(request.head, words), _filled(request.body, words).encode()
    lines = [*head.split("\n"), f"Host: 127.0.0.1:{port}", *([f"Content-Length: {len(body)}"] if body else [])]
    raw = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(raw)
        with HTTPResponse(connection) as answer:
            answer.begin()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())


def _filled(text: str, words: dict[str, object]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda match: str(words[match[1]]), text)
