"""``/entities/users`` over HTTP, and whom a convention knows (docs/api/convention-places.md)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from slotport.storage import accounts, groups
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.servers import HttpServer

Client = Callable[..., httpx.Client]
URL = "/entities/users"
EVENT = {"title": "Lantern Making", "teaser": "Make one", "duration": 90}


def refused(answer: httpx.Response, status: int) -> str:
    body = answer.json()
    assert (answer.status_code, body["status"], type(body["error"])) == (status, False, str), answer.text
    return str(body["error"])


def new_email() -> str:
    return f"{uuid4().hex[:10]}@example.org"


def ids(caller: httpx.Client) -> set[str]:
    return {user["id"] for user in caller.get(f"{URL}/").json()}


def shown(account: Account, **more: Any) -> dict[str, Any]:
    return {"id": str(account.id), "name": account.username, "email": account.email, **more}


def test_a_manager_makes_an_account_that_has_no_password(
    manager: httpx.Client, api: httpx.Client, server: HttpServer
) -> None:
    email = new_email()

    answer = manager.post(URL, json={"name": "Al", "email": f" {email} ", "phone": " +49 1 "})

    made = answer.json()
    assert answer.status_code == 200
    assert made == {
        "status": True,
        "id": made["id"],
        "name": "Al",
        "email": email,
        "phone": "+49 1",
        "date_of_birth": None,
    }
    assert made["id"] in ids(manager)
    refused(api.post("/auth/signin", json={"email": email, "password": "correct horse"}), 401)
    with server.store.read() as transaction:
        known = accounts.find_by_email(transaction, email)
        assert known is not None
        assert known.password_hash is None
        assert len(groups.presets_of(transaction, known.account.id)) == 2


def test_an_existing_address_gives_that_account_unchanged(
    server: HttpServer, manager: httpx.Client, api: httpx.Client, person: Callable[..., Any]
) -> None:
    ann = person(username="Ann", phone=f"+1 {uuid4().int % 10**12}")
    sent = {"name": "Other", "email": ann.email.upper(), "phone": "+49 2"}

    answer = manager.post(URL, json=sent)

    # her phone is hers: she is known now, but not made here
    assert answer.json() == {"status": True, "id": str(ann.user["id"]), "name": "Ann", "email": ann.email}
    assert answer.json()["id"] in ids(manager)
    again = api.post("/v1/users/signin", json={"email": ann.email, "password": ann.password})
    assert again.status_code == 200
    assert again.json()["username"] == "Ann"


def test_the_signed_convention_may_make_users_but_not_list_them(system: httpx.Client, manager: httpx.Client) -> None:
    made = system.post(URL, json={"name": "Al", "email": new_email()}).json()

    assert made["status"] is True
    assert made["id"] in ids(manager)
    assert system.get(f"{URL}/{made['id']}").json()["name"] == "Al"
    refused(system.get(URL), 403)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "Al"},
        {"email": "al@example.org"},
        {"name": "", "email": "al@example.org"},
        {"name": " ", "email": "al@example.org"},
        {"name": "Al", "email": ""},
        {"name": "Al", "email": "al"},
        {"name": "Al", "email": "al @example.org"},
        {"name": "Al", "email": 5},
        {"name": 5, "email": "al@example.org"},
        {"name": ["Al"], "email": "al@example.org"},
        {"name": "Al\0", "email": "al@example.org"},
        {"name": "Al", "email": "al\0@example.org"},
        {"name": "x" * 256, "email": "al@example.org"},
        {"name": "Al", "email": "al@example.org", "phone": 5},
        {"name": "Al", "email": "al@example.org", "phone": "1" * 36},
    ],
    ids=lambda fields: repr(fields)[:60],
)
def test_wrong_fields_make_nobody(manager: httpx.Client, fields: dict[str, Any]) -> None:
    before = ids(manager)

    refused(manager.post(URL, json=fields), 400)

    assert ids(manager) == before
    assert manager.get(URL, params={"email": "al@example.org"}).status_code == 404


def test_a_taken_phone_is_refused(manager: httpx.Client, person: Callable[..., Any]) -> None:
    phone = f"+1 {uuid4().int % 10**12}"
    person(phone=phone)
    email = new_email()

    assert "phone" in refused(manager.post(URL, json={"name": "Al", "email": email, "phone": phone}), 400)
    assert manager.get(URL, params={"email": email}).status_code == 404


def test_known_are_managers_owners_contacts_hosts_and_whom_managers_added(
    server: HttpServer, client: Client, manager: httpx.Client, convention: Convention, boss: Account
) -> None:
    owner, contact, host, stranger = (add_person(server.store) for _ in range(4))
    assert manager.get(URL).json() == [shown(boss, phone=None, date_of_birth=None)]

    event = client(convention, owner).post("/entities/events", json=EVENT).json()["id"]
    manager.put(f"/entities/events/{event}", json={"staff-contact": contact.email})
    manager.post("/entities/locations", json={"title": "Pier", "max_attendees": 5})
    slot = {"event": event, "start": 1810290600, "locations": ["pier"], "hosts": [{"email": host.email}]}
    assert manager.post("/entities/timeslots", json=slot).status_code == 200

    assert manager.get(URL).json() == [
        shown(boss, phone=None, date_of_birth=None),
        shown(owner, phone=None, date_of_birth=None),
        shown(contact),
        shown(host),
    ]
    for known in (owner, contact, host):
        user = manager.get(f"{URL}/{known.id}").json()
        assert (user["id"], user["coupons"], user["tickets"]) == (str(known.id), [], [])
    refused(manager.get(f"{URL}/{stranger.id}"), 400)


def test_the_manager_of_a_fresh_convention_learns_of_no_account(
    server: HttpServer, client: Client, manager: httpx.Client, boss: Account
) -> None:
    """Item 30: not by list, by id, or by naming ids as hosts, owners or managers."""
    stranger, foreign = add_person(server.store), add_person(server.store)
    other = client(add_convention(server.store, foreign), foreign)
    foreign_event = other.post("/entities/events", json=EVENT).json()["id"]
    event = manager.post("/entities/events", json=EVENT).json()["id"]
    manager.post("/entities/locations", json={"title": "Pier", "max_attendees": 5})
    slot = {"event": event, "start": 1810290600, "locations": ["pier"]}
    mine = manager.post("/entities/timeslots", json=slot).json()["id"]
    unknown = []

    for nobody in (stranger.id, foreign.id, 10**12):
        answers = (
            manager.get(f"{URL}/{nobody}"),
            manager.post("/entities/managers", json={"id": nobody}),
            manager.post("/entities/events", json={**EVENT, "user": {"id": nobody}}),
            manager.put(f"/entities/events/{event}", json={"user": {"id": nobody}}),
            manager.put(f"/entities/events/{event}", json={"staff-contact": {"id": nobody}}),
            manager.post("/entities/timeslots", json={**slot, "start": 1810390600, "hosts": [{"id": nobody}]}),
            manager.put(f"/entities/timeslots/{mine}", json={"hosts": [{"id": str(nobody)}]}),
            manager.put(f"/entities/timeslots/{mine}", json={"remove_hosts": [{"id": nobody}]}),
            manager.get("/entities/timeslots", params={"by_host": nobody}),
        )
        unknown.append([refused(answer, 400).replace(str(nobody), "N") for answer in answers])
        refused(manager.get(f"/entities/managers/{nobody}"), 404)
    assert unknown[0] == unknown[1] == unknown[2]
    assert ids(manager) == {str(boss.id)}
    assert manager.get(f"/entities/events/{foreign_event}").status_code == 404
    # an address may be that of any account
    hosted = manager.put(f"/entities/timeslots/{mine}", json={"hosts": [{"email": stranger.email}]}).json()["hosts"]
    assert shown(stranger) in hosted
    assert ids(manager) == {str(boss.id), str(stranger.id)}


def test_an_address_finds_any_account(server: HttpServer, manager: httpx.Client) -> None:
    stranger = add_person(server.store, email=f"a+{uuid4().hex[:8]}@example.org", phone=f"+{uuid4().int % 10**12}")

    assert manager.get(f"{URL}/?email={(stranger.email or '').replace('+', '%2B')}").json() == shown(stranger)
    assert manager.get(f"{URL}?email={(stranger.email or '').upper()}").json() == shown(stranger)
    assert manager.get(f"{URL}?email=&is_valid=1").json() == manager.get(URL).json()
    for email in ("nobody@example.org", "%25", "%00"):
        assert manager.get(f"{URL}?email={email}").status_code in (400, 404)
    refused(manager.get(f"{URL}?email=%25@example.org"), 404)


def test_oneself_is_shown_to_anybody_signed_in(
    server: HttpServer, client: Client, convention: Convention, boss: Account
) -> None:
    phone = f"+{uuid4().int % 10**12}"
    ann = add_person(server.store, phone=phone)
    signed_in = client(convention, ann)

    own = shown(ann, phone=phone, date_of_birth=None, coupons=[], tickets=[])
    assert signed_in.get(f"{URL}/{ann.id}").json() == own
    assert signed_in.get(f"{URL}/{ann.email}").json() == own
    for other in (boss.id, boss.email, 10**12, "nobody"):
        refused(signed_in.get(f"{URL}/{other}"), 403)


def test_only_some_phones_are_shown(
    server: HttpServer,
    client: Client,
    manager: httpx.Client,
    public: httpx.Client,
    system: httpx.Client,
    convention: Convention,
) -> None:
    owner, host = (add_person(server.store, phone=f"+{uuid4().int % 10**12}") for _ in range(2))
    event = client(convention, owner).post("/entities/events", json=EVENT).json()["id"]
    manager.post("/entities/locations", json={"title": "Pier", "max_attendees": 5})
    hosts = [{"email": owner.email}, {"email": host.email}]
    sent = {"event": event, "start": 1810290600, "locations": ["pier"], "hosts": hosts}
    slot = manager.post("/entities/timeslots", json=sent).json()["id"]

    def seen(caller: httpx.Client) -> list[Any]:
        found = caller.get(f"/entities/timeslots/{slot}").json()
        return [*(user.get("phone") for user in found["hosts"]), found["event"]["user"].get("phone")]

    assert seen(public) == [None, None, None]
    assert seen(manager) == seen(system) == [owner.phone, None, owner.phone]
    assert seen(client(convention, host)) == [None, host.phone, None]
    assert owner.phone not in public.get("/entities/timeslots").text


def test_a_deleted_account_keeps_its_name_on_what_it_hosted_and_owned(
    client: Client, manager: httpx.Client, public: httpx.Client, convention: Convention, person: Callable[..., Any]
) -> None:
    ann = person(username="Ann of the Pier")
    manager.post("/entities/managers", json={"email": ann.email})
    event = manager.post("/entities/events", json={**EVENT, "user": {"email": ann.email}}).json()["id"]
    manager.post("/entities/locations", json={"title": "Pier", "max_attendees": 5})
    sent = {"event": event, "start": 1810290600, "locations": ["pier"]}
    slot = manager.post("/entities/timeslots", json=sent).json()["id"]
    number = ann.user["id"]

    assert ann.client.delete("/v1/me").status_code < 300

    gone = {"id": str(number), "name": "Ann of the Pier", "email": None}
    found = public.get(f"/entities/timeslots/{slot}").json()
    assert (found["hosts"], found["event"]["user"]) == ([gone], gone)
    assert str(number) not in ids(manager)
    refused(manager.get(f"/entities/managers/{number}"), 404)
    # it is appointed and named no more, but can be taken off
    refused(manager.post("/entities/managers", json={"id": number}), 400)
    refused(manager.put(f"/entities/timeslots/{slot}", json={"hosts": [{"id": number}]}), 400)
    changed = {"hosts": [{"email": new_host(manager)}], "remove_hosts": [{"id": number}]}
    hosts = manager.put(f"/entities/timeslots/{slot}", json=changed).json()["hosts"]
    assert [host["name"] for host in hosts] == ["Bo"]


def new_host(manager: httpx.Client) -> str:
    email = new_email()
    manager.post(URL, json={"name": "Bo", "email": email})
    return email


def test_users_are_neither_changed_nor_deleted_nor_shown_to_others(
    server: HttpServer,
    client: Client,
    manager: httpx.Client,
    public: httpx.Client,
    convention: Convention,
    boss: Account,
) -> None:
    stranger = client(convention, add_person(server.store))

    refused(manager.put(f"{URL}/{boss.id}", json={"name": "X"}), 400)
    refused(manager.delete(f"{URL}/{boss.id}"), 400)
    refused(manager.put(URL, json={}), 400)
    for caller in (public, stranger):
        refused(caller.get(URL), 403)
        refused(caller.get(URL, params={"email": boss.email}), 403)
        refused(caller.get(f"{URL}/{boss.id}"), 403)
        refused(caller.post(URL, json={"name": "Al", "email": new_email()}), 403)


def test_a_manager_of_another_convention_is_a_stranger_here(
    server: HttpServer, client: Client, convention: Convention, boss: Account
) -> None:
    foreign = add_person(server.store)
    add_convention(server.store, foreign)
    caller = client(convention, foreign)

    refused(caller.get(URL), 403)
    refused(caller.get(f"{URL}/{boss.id}"), 403)
    refused(caller.post(URL, json={"name": "Al", "email": new_email()}), 403)
