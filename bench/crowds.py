"""Made-up people with calendars, written straight into an empty store, and what they ask a server for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import servers
from bench.clusters import Cluster
from bench.servers import Server
from slotport.actions.files import ImportOptions, import_file
from slotport.actions.sign_in import new_session, token_hash
from slotport.core.account import Account
from slotport.core.feed import Show
from slotport.settings import Settings
from slotport.storage import accounts, feeds, schema
from slotport.storage.store import Store

JSON = {"Content-Type": "application/json"}
NEW_SLOT = json.dumps(
    {
        "title": "Supper at the harbour",
        "startDate": "2031-05-06T17:00:00.000Z",
        "endDate": "2031-05-06T19:00:00.000Z",
        "description": "Bring a chair, if you can.",
    }
)


@dataclass(frozen=True, kw_only=True)
class Someone:
    """Somebody with an account, and with a feed of all that is in it."""

    token: str
    feed: str  #: the path

    @property
    def headers(self) -> dict[str, str]:
        """Those of a request."""
        return {"Authorization": f"Token token={self.token}"}

    def reads(self, path: str, **more: Any) -> dict[str, Any]:
        """As a member of a crowd that asks for a path."""
        return {"method": "GET", "path": path, "headers": self.headers, "expected": [200], **more}

    def writes(self, **more: Any) -> dict[str, Any]:
        """As one that makes slots."""
        return {
            "method": "POST",
            "path": "/v1/slots",
            "headers": self.headers | JSON,
            "body": NEW_SLOT,
            "expected": [201],
            **more,
        }

    def subscribes(self, *, expected: tuple[int, ...], **more: Any) -> dict[str, Any]:
        """As one that reads the feed if it has changed, each time on a new connection."""
        asked = {"method": "GET", "path": self.feed, "expected": expected, "conditional": True, "fresh": True}
        return {**asked, **more}


def add_people(database: str, count: int, *, calendar: Path | None = None) -> list[Someone]:
    """Write so many people, with the slots of a file, into the database of that URL."""
    store = Store.open(database)
    now = datetime.now(UTC)
    try:
        schema.migrate(store.engine)
        made: list[tuple[Account, Someone]] = []
        with store.write() as transaction:
            for number in range(count):
                blank = Account(
                    id=0,
                    guid=uuid4(),
                    username=f"person {number}",
                    email=f"{uuid4().hex}@bench.example",
                    created_at=now,
                    updated_at=now,
                )
                account = accounts.add(transaction, blank, None)
                token = new_session(
                    transaction, account.id, surface="v1", settings=Settings(), device=None, now=datetime.now(UTC)
                )
                secret = f"bench-{uuid4().hex}"
                feeds.add(transaction, account.id, token_hash(secret), group_id=None, show=Show.ALL, now=now)
                made.append((account, Someone(token=token, feed=f"/v1/feeds/{secret}.ics")))
        if calendar is not None:
            content = calendar.read_bytes()
            for account, _ in made:
                import_file(store, account, [content], ImportOptions(), now=now)
        return [someone for _, someone in made]
    finally:
        store.close()


@contextmanager
def place(cluster: Cluster | None) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL of an empty database with the schema: on PostgreSQL, or a file in the folder."""
    with servers.folder() as folder:
        if cluster is None:
            yield folder, f"sqlite:///{folder / 'slotport.db'}"
        else:
            yield folder, cluster.add_database()


@contextmanager
def server(folder: Path, database: str, *, processes: int = 1, **settings: str) -> Iterator[Server]:
    """``slotport serve`` on the database; nobody is signed in."""
    said = {"SLOTPORT_DATABASE": database, **{f"SLOTPORT_{name.upper()}": text for name, text in settings.items()}}
    with servers.slotport(folder, "", settings=said, processes=processes) as running:
        yield running
