"""People who sign up on the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx

from tests.servers import HttpServer

PASSWORD = "harbour"
OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@contextmanager
def signed_up(server: HttpServer, name: str = "Ada") -> Iterator[tuple[httpx.Client, str]]:
    """A browser without scripts with the session of a new account, and the account's e-mail address."""
    email = f"{uuid4().hex}@page.example"
    with httpx.Client(base_url=server.url, headers=OURS, trust_env=False) as client:
        form = {"username": name, "email": email, "password": PASSWORD}
        assert client.post("/app/sign-up", data=form).status_code == 303
        yield client, email
