"""Somebody who uses the export interface of a real server."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.processes import Client, Served, calendar, served, signed_up


@dataclass(frozen=True)
class Exporter:
    """A signed-in session, and the same person's calendar."""

    url: str
    token: str
    calendar: Client

    def at(self, server: Served) -> "Exporter":
        """The same person at another server on the same data."""
        return Exporter(server.url, self.token, self.calendar.at(server))

    def call(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The answer to a request below ``/api/v1``."""
        headers = {"X-Easydb-Token": self.token, **sent.pop("headers", {})}
        return httpx.request(method, f"{self.url}/api/v1/{path}", headers=headers, timeout=60, trust_env=False, **sent)

    def define(self, export: dict[str, Any], **more: Any) -> int:
        """The id of a new export."""
        answer = self.call("PUT", "export", json={"export": export, **more})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["export"]["_id"])

    def start(self, export_id: int, query: str = "") -> None:
        """Start a run."""
        answer = self.call("POST", f"export/{export_id}/start{query}")
        assert answer.status_code == 200, answer.text

    def get(self, export_id: int) -> dict[str, Any]:
        """The export as it is."""
        found: dict[str, Any] = self.call("GET", f"export/{export_id}").json()
        return found

    def ended(self, export_id: int, seconds: float = 120) -> dict[str, Any]:
        """The export once neither a run nor a delivery is under way."""
        end = time.monotonic() + seconds
        while True:
            export = self.get(export_id)
            states = {export["_state"], *(one["_state"] for one in export["_transports"])}
            if not states & {"pending", "processing"}:
                return export
            assert time.monotonic() < end, export
            time.sleep(0.05)

    def run(self, export_id: int, query: str = "") -> dict[str, Any]:
        """The export after a run."""
        self.start(export_id, query)
        return self.ended(export_id)

    def contents(self, export_id: int) -> dict[str, bytes]:
        """The files of the result by path."""
        return {
            file["path"]: self.call("GET", f"export/{export_id}/file/{file['path']}").content
            for file in self.get(export_id)["_files"]
        }

    def import_slots(self, count: int, prefix: str = "event") -> None:
        """Add slots to the calendar."""
        answer = self.calendar.post("/v1/import/", files={"file": calendar(count, prefix)})
        assert answer.status_code == 200, answer.text


def exporter(server: Served, name: str = "ada") -> Exporter:
    """Somebody with a new account who is signed in for exports."""
    client = signed_up(server, name)
    token = httpx.get(f"{server.url}/api/v1/session", trust_env=False).json()["token"]
    form = {"token": token, "login": f"{name}@example.org", "password": "correct horse"}
    answer = httpx.post(f"{server.url}/api/v1/session/authenticate", data=form, trust_env=False)
    assert answer.status_code == 200, answer.text
    return Exporter(server.url, token, client)


@contextmanager
def exporting(data: Path, **settings: str) -> Iterator[tuple[Served, Exporter]]:
    """A server, and somebody who is signed in there."""
    with served(data, settings=settings) as server:
        yield server, exporter(server)


EVERYTHING = {
    "csv": True,
    "xml": True,
    "json": True,
    "ical": True,
    "outlook": True,
    "timeslot": True,
    "schedule_xml": True,
    "schedule_json": True,
    "manifest": True,
}


def types(export: dict[str, Any]) -> list[str]:
    return [entry["event"]["type"] for entry in export["_log"]]


def timeless(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Files without when they were made."""
    made = re.compile(rb'generated="[^"]*"|"generated":"[^"]*"|DTSTAMP:[0-9TZ]*')
    return {path: made.sub(b"", content) for path, content in contents.items()}
