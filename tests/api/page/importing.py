"""Files that tests import, and people who are signed in to the pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from itertools import count

import httpx

from tests.servers import HttpServer

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
_NUMBERS = count()


@contextmanager
def signed_up(server: HttpServer) -> Iterator[httpx.Client]:
    """A browser in which a new person is signed in."""
    with httpx.Client(base_url=server.url, headers=OURS, trust_env=False, timeout=60) as client:
        form = {"username": "Ada", "email": f"importer{next(_NUMBERS)}@page.example", "password": "harbour"}
        assert client.post("/app/sign-up", data=form).status_code == 303
        yield client


def event(
    uid: str, title: str, *, start: str = "20310506T100000Z", end: str = "20310506T110000Z", more: str = ""
) -> str:
    """A VEVENT; ``more``: further lines."""
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start}", f"DTEND:{end}", f"SUMMARY:{title}"]
    return "\r\n".join([*lines, *filter(None, [more]), "END:VEVENT", ""])


def calendar(*events: str) -> bytes:
    """A calendar of events."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


def upload(browser: httpx.Client, content: bytes, name: str = "calendar.ics", **fields: str) -> httpx.Response:
    """Send a file by the form; what the browser is shown then."""
    answer = browser.post("/app/import", files={"file": (name, content)}, data=fields)
    return browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


def choose(browser: httpx.Client, preview: httpx.Response, **changed: str | list[str]) -> httpx.Response:
    """Send the form of a preview with what it holds, but for what is changed; the page that follows."""
    form: dict[str, str | list[str]] = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', preview.text)
    }
    form["pick"] = re.findall(r'name="pick" value="(\d+)"[^>]* checked', preview.text)
    answer = browser.post(preview.url.path, data=form | changed)
    return browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


def counts(page: httpx.Response) -> dict[str, int]:
    """How many records a preview has of each kind."""
    return {
        kind: int(number)
        for kind, number in re.findall(r'class="count (\w+)"[^>]*><strong>(\d+)</strong>', page.text)
        if number != "0"
    }


def told(report: httpx.Response) -> dict[str, int]:
    """The counts of a report."""
    pairs = re.findall(r"<dt>([\w ]+)</dt><dd>(\d+)</dd>", report.text)
    return {name: int(number) for name, number in pairs if number != "0"}
