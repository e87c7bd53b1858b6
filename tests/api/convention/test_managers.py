"""``/entities/managers`` over HTTP (docs/api/convention-places.md)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.servers import HttpServer

Client = Callable[..., httpx.Client]
URL = "/entities/managers"
ADMINISTRATOR = {"id": "1", "key": "administrator", "title": "Administrator"}
MANAGER = {"id": "2", "key": "manager", "title": "Manager"}
CASHIER = {"id": "3", "key": "cashier", "title": "Cashier"}


def refused(answer: httpx.Response, status: int) -> None:
    body = answer.json()
    assert (answer.status_code, body["status"], type(body["error"])) == (status, False, str), answer.text


def item(account: Account, role: dict[str, str]) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "email": account.email,
        "name": account.username,
        "role": role,
        "role_name": role["key"],
    }


def test_the_founder_sees_oneself(manager: httpx.Client, boss: Account) -> None:
    assert manager.get(f"{URL}/").json() == [item(boss, ADMINISTRATOR)]
    own = {"id": str(boss.id), "name": "Mira", "email": boss.email, "phone": None, "date_of_birth": None}
    assert manager.get(f"{URL}/{boss.id}").json() == {**own, "role": ADMINISTRATOR}
    assert manager.get(f"{URL}/{(boss.email or '').upper()}").json() == {**own, "role": ADMINISTRATOR}


def test_managers_are_appointed_and_dismissed(server: HttpServer, manager: httpx.Client, boss: Account) -> None:
    ann, bob = add_person(server.store), add_person(server.store)

    answer = manager.post(f"{URL}/", json={"email": (ann.email or "").upper(), "role": "cashier"})
    manager.post(URL, json={"email": bob.email, "role": ""})

    assert answer.json() == {"status": True, "id": str(ann.id), "name": ann.username, "email": ann.email}
    listed = sorted(manager.get(URL).json(), key=lambda found: int(found["id"]))
    assert listed == [item(boss, ADMINISTRATOR), item(ann, CASHIER), item(bob, MANAGER)]
    # a role is not changed by appointing again
    assert manager.post(URL, json={"id": ann.id, "role": "manager"}).status_code == 200
    assert manager.get(f"{URL}/{ann.id}").json()["role"] == CASHIER
    assert manager.delete(f"{URL}/{ann.id}").json() == {"status": True}
    assert manager.delete(f"{URL}/{bob.email}").json() == {"status": True}
    assert manager.get(URL).json() == [item(boss, ADMINISTRATOR)]


def test_a_new_manager_has_all_rights_at_once(
    server: HttpServer, client: Client, manager: httpx.Client, convention: Convention, boss: Account
) -> None:
    ann = add_person(server.store)
    signed_in = client(convention, ann)
    refused(signed_in.get(f"{URL}/{ann.id}"), 403)

    manager.post(URL, json={"email": ann.email, "role": "Cashier"})

    assert signed_in.get(f"{URL}/{ann.id}").json()["role"] == CASHIER
    assert signed_in.delete(f"{URL}/{boss.id}").json() == {"status": True}
    refused(manager.get(URL), 403)


def test_nobody_dismisses_oneself(manager: httpx.Client, boss: Account) -> None:
    for name in (str(boss.id), boss.email):
        refused(manager.delete(f"{URL}/{name}"), 400)

    assert manager.get(f"{URL}/{boss.id}").status_code == 200


def test_who_is_no_manager_is_404_and_dismissing_them_nothing(server: HttpServer, manager: httpx.Client) -> None:
    stranger = add_person(server.store)

    for name in (str(stranger.id), stranger.email, "0", "9" * 40, "nobody", "a@b@c", "%00", "nobody@example.org"):
        refused(manager.get(f"{URL}/{name}"), 404)
        assert manager.delete(f"{URL}/{name}").json() == {"status": True}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"role": "manager"},
        {"id": "x"},
        {"id": [1]},
        {"id": {"id": 1}},
        {"id": True},
        {"id": -1},
        {"id": 2**70},
        {"email": "nobody@example.org"},
        {"email": 5},
        {"email": "%"},
        {"email": "_@_"},
    ],
    ids=repr,
)
def test_nobody_is_appointed_by_a_wrong_reference(manager: httpx.Client, boss: Account, fields: dict[str, Any]) -> None:
    refused(manager.post(URL, json=fields), 400)

    assert manager.get(URL).json() == [item(boss, ADMINISTRATOR)]


def test_id_and_email_together_and_unknown_roles_are_refused(server: HttpServer, manager: httpx.Client) -> None:
    ann = add_person(server.store)

    refused(manager.post(URL, json={"id": ann.id, "email": ann.email}), 400)
    for role in ("king", 5, ["manager"], {"key": "manager"}):
        refused(manager.post(URL, json={"email": ann.email, "role": role}), 400)
    assert len(manager.get(URL).json()) == 1


def test_all_of_it_is_for_managers(
    server: HttpServer,
    client: Client,
    public: httpx.Client,
    system: httpx.Client,
    convention: Convention,
    boss: Account,
) -> None:
    stranger = client(convention, add_person(server.store))
    foreign = add_person(server.store)
    add_convention(server.store, foreign)

    for caller in (public, system, stranger, client(convention, foreign)):
        refused(caller.get(URL), 403)
        refused(caller.get(f"{URL}/{boss.id}"), 403)
        refused(caller.post(URL, json={"email": foreign.email}), 403)
        refused(caller.delete(f"{URL}/{boss.id}"), 403)


def test_roles_are_not_changed(manager: httpx.Client, boss: Account) -> None:
    refused(manager.put(f"{URL}/{boss.id}", json={"role": "cashier"}), 400)
    refused(manager.put(URL, json={"role": "cashier"}), 400)
    refused(manager.post(f"{URL}/{boss.id}", json={"role": "cashier"}), 405)
