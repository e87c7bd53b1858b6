"""Who may ask for what: keys, tokens, signatures (docs/api/convention.md), over the running server."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from slotport.actions import convention_access
from slotport.actions.convention_access import Credentials
from slotport.core.account import Account
from slotport.core.convention import Convention
from slotport.errors import Forbidden
from slotport.settings import Settings
from slotport.storage.store import Store
from tests.calendars import add_person
from tests.conventions import add_convention, client_of, signature, token_of
from tests.mail_servers import Clock
from tests.servers import HttpServer, http_server

SLOTS = "/entities/timeslots"
VECTOR = "1809158400:bGFudGVybi1zYWx0:81e6e1d3983d44c926108823c9e7ded30532aad0"
SIGNED_AT = datetime.fromtimestamp(1809158400, UTC)
EVENT = {"title": "Lanterns", "teaser": "Of paper", "duration": 90}


def refused(answer: httpx.Response) -> tuple[int, bool]:
    """The status, and whether the body is an error's."""
    body = answer.json()
    return answer.status_code, isinstance(body, dict) and body.get("status") is False and bool(body.get("error"))


def scheduled(manager: httpx.Client, **fields: Any) -> tuple[int, int]:
    """A new event of the client's convention with a time slot; the ids of both."""
    event = manager.post("/entities/events", json=EVENT).json()["id"]
    manager.post("/entities/locations", json={"title": "Pier", "max_attendees": 20})
    sent = {"event": event, "start": 1810290600, "locations": ["pier"], "allow-conflicts": True, **fields}
    answer = manager.post(SLOTS, json=sent)
    assert answer.status_code == 200, answer.text
    return event, int(answer.json()["id"])


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [int(slot["id"]) for slot in answer.json()]


# Keys


@pytest.mark.parametrize("headers", [{}, {"Convention": "unknown"}, {"Convention": "undefined"}, {"Convention": ""}])
@pytest.mark.parametrize("path", [SLOTS, f"{SLOTS}/1", "/entities/events", "/entities/locations", "/entities/tagtypes"])
def test_without_a_known_key_it_is_403(api: httpx.Client, headers: dict[str, str], path: str) -> None:
    assert refused(api.get(path, headers=headers)) == (403, True)


def test_the_key_may_stand_in_the_query_string(api: httpx.Client, convention: Convention) -> None:
    assert api.get(SLOTS, params={"convention": convention.public_key}).json() == []


def test_a_header_goes_before_the_query_string_and_an_empty_one_is_none(
    api: httpx.Client, convention: Convention
) -> None:
    query = {"convention": convention.public_key}

    assert refused(api.get(SLOTS, params=query, headers={"Convention": "unknown"})) == (403, True)
    assert api.get(SLOTS, params=query, headers={"Convention": ""}).json() == []


def test_conventions_can_be_read_without_a_key(api: httpx.Client, convention: Convention) -> None:
    unknown = {"Convention": "undefined"}

    assert api.get("/entities/conventions", headers=unknown).status_code == 200
    assert api.get(f"/entities/conventions/{convention.id}", headers=unknown).json()["slug"] == convention.slug
    assert refused(api.get("/entities/conventions/self", headers=unknown)) == (403, True)


def test_a_manager_lists_the_own_conventions_before_choosing_one(
    client: Callable[..., httpx.Client], convention: Convention, boss: Account
) -> None:
    signed_in = client(None, boss)

    answer = signed_in.get("/entities/conventions/?keys=1&manager=1", headers={"Convention": "undefined"})

    (found,) = answer.json()
    assert (found["id"], found["public-key"]) == (str(convention.id), convention.public_key)


# Tokens


@pytest.mark.parametrize("path", [SLOTS, "/entities/locations", "/entities/events"])
@pytest.mark.parametrize("token", ["no-user-token", "Bearer x", "Token token=x", "\x80", "Bearer"])
def test_a_token_that_is_of_no_use_is_none(public: httpx.Client, path: str, token: str) -> None:
    answer = public.get(path, headers=[(b"Authorization", token.encode("latin-1"))])

    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize("token", ["", "no-user-token"])
def test_where_a_user_is_needed_it_is_403(public: httpx.Client, token: str) -> None:
    answer = public.post("/entities/events", json=EVENT, headers={"Authorization": token})

    assert refused(answer) == (403, True)


def test_a_token_may_come_as_bearer_or_in_the_query_string(
    public: httpx.Client, server: HttpServer, boss: Account
) -> None:
    token = token_of(server.store, boss)

    bearer = public.get("/entities/managers", headers={"Authorization": f"bearer {token}"})
    query = public.get("/entities/managers", params={"token": token})
    both = public.get("/entities/managers", params={"token": token}, headers={"Authorization": "no-user-token"})

    assert (bearer.status_code, query.status_code, refused(both)) == (200, 200, (403, True))


def test_tokens_of_v1_are_of_no_use_here_and_ours_of_none_there(
    person: Callable[..., Any], public: httpx.Client, server: HttpServer, boss: Account
) -> None:
    theirs = public.post("/entities/events", json=EVENT, headers={"Authorization": person().token})
    ours = public.get("/v1/me", headers={"Authorization": f"Token token={token_of(server.store, boss)}"})

    assert (refused(theirs), ours.status_code) == ((403, True), 401)


def test_no_cookie_says_who_asks(public: httpx.Client, server: HttpServer, boss: Account) -> None:
    public.cookies.set("slotport_auth", token_of(server.store, boss))

    assert refused(public.get("/entities/managers")) == (403, True)


# Signatures


@pytest.fixture(scope="module")
def clocked(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HttpServer, Clock, Convention]]:
    """A server whose clock is moved, with the convention of the test vector."""
    clock = Clock()
    with http_server(Settings(data=tmp_path_factory.mktemp("clocked"), port=0), clock=clock) as server:
        yield server, clock, add_convention(server.store, secret_key="harbour-secret-01")


@pytest.mark.parametrize("word", ["Convention", "convention", "CONVENTION"])
@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 200), (600, 200), (-600, 200), (601, 403), (-601, 403), (600.5, 200)]
)
def test_the_vector_counts_for_ten_minutes(
    clocked: tuple[HttpServer, Clock, Convention], word: str, seconds: float, status: int
) -> None:
    server, clock, convention = clocked
    clock.now = SIGNED_AT + timedelta(seconds=seconds)

    with client_of(server, convention) as client:
        header = client.get(SLOTS, headers={"Authorization": f"{word} {VECTOR}"})
        query = client.get(SLOTS, params={"token": f"{word} {VECTOR}"})

    assert (header.status_code, query.status_code) == (status, status)


@pytest.mark.parametrize(
    "text",
    [
        "Convention",
        "Convention x",
        "Convention 1:2",
        "Convention 1:2:3:4",
        "Convention ::",
        f"Convention {VECTOR.upper()}",
        f"Convention {VECTOR[:-1]}",
        f"Convention {VECTOR[:-1]}1",
        f"Convention {VECTOR}\x80",
        f"Convention x{VECTOR}",
        f"Convention {VECTOR.replace('bG', 'b G')}",
        "Convention " + "9" * 5000 + ":a:b",
        "Convention ١٨٠٩١٥٨٤٠٠:a:b",
    ],
)
@pytest.mark.parametrize("path", [SLOTS, "/entities/conventions", "/entities/conventions/self"])
def test_a_wrong_signature_is_403_on_public_calls_too(
    clocked: tuple[HttpServer, Clock, Convention], text: str, path: str
) -> None:
    server, clock, convention = clocked
    clock.now = SIGNED_AT

    with client_of(server, convention) as client:
        answer = client.get(path, headers=[(b"Authorization", text.encode())])

    assert refused(answer) == (403, True)


def test_another_conventions_signature_is_403(system: httpx.Client, server: HttpServer) -> None:
    other = add_convention(server.store)

    assert system.get(SLOTS).status_code == 200
    assert refused(system.get(SLOTS, headers={"Convention": other.public_key})) == (403, True)
    assert refused(system.get(SLOTS, headers={"Convention": ""})) == (403, True)


def test_a_signature_opens_its_own_convention_only(
    system: httpx.Client, convention: Convention, server: HttpServer
) -> None:
    other = add_convention(server.store)

    own = system.get(f"/entities/conventions/{convention.slug}").json()
    foreign = system.get(f"/entities/conventions/{other.slug}").json()

    assert (own["secret-key"], "secret-key" in foreign) == (convention.secret_key, False)


@pytest.mark.parametrize("status", [0, 1, 2, 3, 4, 5, 6])
def test_the_signed_convention_sees_time_slots_of_every_status(
    manager: httpx.Client, system: httpx.Client, public: httpx.Client, status: int
) -> None:
    event, slot = scheduled(manager)
    manager.put(f"/entities/events/{event}", json={"status": status})

    assert (ids(system.get(SLOTS)), ids(public.get(SLOTS))) == ([slot], [slot] if status in (4, 5) else [])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", SLOTS),
        ("PUT", f"{SLOTS}/{{slot}}"),
        ("DELETE", f"{SLOTS}/{{slot}}"),
        ("POST", "/entities/events"),
        ("PUT", "/entities/events/{event}"),
        ("DELETE", "/entities/events/{event}"),
        ("POST", "/entities/locations"),
        ("PUT", "/entities/locations/pier"),
        ("DELETE", "/entities/locations/pier"),
        ("POST", "/entities/tagtypes"),
        ("PUT", "/entities/tagtypes/a"),
        ("DELETE", "/entities/tagtypes/a"),
        ("GET", "/entities/managers"),
        ("POST", "/entities/managers"),
        ("DELETE", "/entities/managers/1"),
        ("GET", "/entities/users"),
        ("PUT", "/entities/conventions/self"),
    ],
)
def test_a_signature_and_a_user_who_is_no_manager_change_nothing(
    manager: httpx.Client,
    system: httpx.Client,
    client: Callable[..., httpx.Client],
    server: HttpServer,
    convention: Convention,
    method: str,
    path: str,
) -> None:
    event, slot = scheduled(manager)
    before = manager.get(SLOTS).json()
    url = path.format(event=event, slot=slot)
    askers = (
        [system]
        if (method, path) == ("POST", "/entities/events")
        else [system, client(convention, add_person(server.store))]
    )

    answers = [refused(asker.request(method, url, json={"title": "x"})) for asker in askers]

    assert answers == [(403, True)] * len(askers)
    assert manager.get(SLOTS).json() == before


# Another convention's things


def test_a_manager_of_one_convention_reaches_nothing_of_another(
    manager: httpx.Client, client: Callable[..., httpx.Client], server: HttpServer
) -> None:
    event, slot = scheduled(manager)
    stranger = add_person(server.store)
    other = client(add_convention(server.store, stranger), stranger)
    before = manager.get(f"{SLOTS}/{slot}").json()

    assert other.get(SLOTS).json() == []
    assert other.get(f"{SLOTS}/{slot}").json() is None
    assert refused(other.put(f"{SLOTS}/{slot}", json={"duration": 5})) == (400, True)
    assert other.delete(f"{SLOTS}/{slot}").json() == {"status": True}
    assert refused(other.get(f"/entities/events/{event}")) == (404, True)
    assert refused(other.put(f"/entities/events/{event}", json={"title": "x"})) == (400, True)
    assert other.delete(f"/entities/events/{event}").json() == {"status": True}
    assert other.get("/entities/locations/pier").json() is None
    assert refused(other.put("/entities/locations/pier", json={"title": "x"})) == (400, True)
    other.post("/entities/locations", json={"title": "Quay", "max_attendees": 1})
    sent = {"event": event, "start": 1810290600, "locations": ["quay"]}
    assert refused(other.post(SLOTS, json=sent)) == (400, True)
    assert manager.get(f"{SLOTS}/{slot}").json() == before


def test_a_manager_of_one_convention_is_nobody_in_another(
    client: Callable[..., httpx.Client], convention: Convention, server: HttpServer
) -> None:
    stranger = add_person(server.store)
    add_convention(server.store, stranger)
    guest = client(convention, stranger)

    assert refused(guest.post("/entities/locations", json={"title": "Quay", "max_attendees": 1})) == (403, True)
    assert refused(guest.get("/entities/managers")) == (403, True)


# The action, on both databases


def test_access_knows_who_asks(store: Store) -> None:
    boss, guest = add_person(store), add_person(store)
    convention = add_convention(store, boss)
    now = datetime.now(UTC)

    def asked(authorization: str | None) -> tuple[str | None, bool, bool]:
        credentials = Credentials(key=convention.public_key, authorization=authorization)
        access = convention_access.by_key(store, credentials, now=now)
        return access.account.username if access.account else None, access.is_manager, access.is_signed

    assert asked(None) == (None, False, False)
    assert asked("no-user-token") == (None, False, False)
    assert asked(token_of(store, guest)) == (guest.username, False, False)
    assert asked(token_of(store, boss)) == (boss.username, True, False)
    assert asked(f"Bearer {token_of(store, boss)}") == (boss.username, True, False)
    assert asked(signature(convention, at=now)) == (None, False, True)
    with pytest.raises(Forbidden):
        asked(signature(convention, at=now)[:-1])


def test_a_key_that_no_database_holds_is_unknown(store: Store) -> None:
    with pytest.raises(Forbidden):
        convention_access.by_key(store, Credentials(key="a\0b"), now=datetime.now(UTC))
