"""What the tests of transports share: each server is started once a process, each test has a folder on it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import trustme

from tests.transports.peer import Peer, site
from tests.transports.peers import PEERS


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs the certificates of all servers."""
    return trustme.CA()


@pytest.fixture(scope="session")
def fresh(authority: trustme.CA) -> Iterator[Callable[[str], Peer]]:
    """A function that gives a peer of PEERS with a fresh folder; its server starts with the first."""
    with ExitStack() as running:
        servers: dict[str, Callable[[], Peer]] = {}

        def give(name: str) -> Peer:
            if name not in servers:
                servers[name] = running.enter_context(PEERS[name](running.enter_context(site(authority))))
            return servers[name]()

        yield give


@pytest.fixture(params=list(PEERS))
def peer(request: pytest.FixtureRequest, fresh: Callable[[str], Peer]) -> Peer:
    """A real server with an empty folder: each test runs on every one."""
    return fresh(request.param)
