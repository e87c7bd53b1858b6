"""Somebody who uses the pages of exports: a real server that runs them, and a browser that is signed in there."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic, sleep

import httpx

from tests.processes import calendar, served

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
PASSWORD = "correct horse"
SETTINGS = {"SLOTPORT_OUTGOING_NETWORKS": "127.0.0.0/8", "SLOTPORT_LOG_LEVEL": "warning"}
_numbers = count(1)


@dataclass(frozen=True)
class Exporter:
    """A browser that is signed in."""

    client: httpx.Client
    email: str

    def get(self, path: str, **sent: object) -> httpx.Response:
        """The page at a path."""
        return self.client.get(path, **sent)  # type: ignore[arg-type]

    def post(self, path: str, form: Mapping[str, str | list[str]] | None = None) -> httpx.Response:
        """The answer to a form."""
        return self.client.post(path, data=dict(form or {}))

    def first(self) -> int:
        """The number of the export that the empty list offers."""
        return number_of(self.post("/app/exports/first"))

    def ended(self, export_id: int) -> str:
        """The export's page once nothing goes on any more."""
        end = monotonic() + 60
        while True:
            page = self.get(f"/app/exports/{export_id}").text
            if f"/app/exports/{export_id}/stop" not in page:
                return page
            assert monotonic() < end, page
            sleep(0.05)

    def add_slots(self, number: int) -> None:
        """Put slots into the calendar."""
        sent = {"email": self.email, "password": PASSWORD}
        token = self.client.post("/v1/users/signin", json=sent).json()["authToken"]
        headers = {"Authorization": f"Token token={token}"}
        answer = self.client.post("/v1/import/", files={"file": calendar(number)}, headers=headers)
        assert answer.status_code == 200, answer.text


def number_of(answer: httpx.Response) -> int:
    """The number of the export that an answer leads to."""
    found = re.match(r"/app/exports/(\d+)", answer.headers.get("location", ""))
    assert answer.status_code == 303, answer.text
    assert found, answer.headers
    return int(found[1])


@contextmanager
def signed_in(url: str, name: str = "Ada", **headers: str) -> Iterator[Exporter]:
    """A browser that has just signed up."""
    email = f"exports{next(_numbers)}@page.example"
    with httpx.Client(base_url=url, headers={**OURS, **headers}, trust_env=False, timeout=60) as client:
        answer = client.post("/app/sign-up", data={"username": name, "email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        yield Exporter(client, email)


@contextmanager
def export_pages(folder: Path) -> Iterator[str]:
    """The address of a server that runs exports."""
    with served(folder / "data", settings=SETTINGS) as running:
        yield running.url
