"""``/entities/conventions`` over HTTP (docs/api/convention-places.md)."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.calendars import add_person
from tests.conventions import add_convention, signature
from tests.servers import HttpServer

Client = Callable[..., httpx.Client]
URL = "/entities/conventions"


def titled() -> str:
    return f"Lantern Con {uuid4().hex[:8]}"


def nested(levels: int) -> list[Any]:
    """Lists in lists."""
    return [nested(levels - 1)] if levels else []


def refused(answer: httpx.Response, status: int) -> str:
    """The sentence of a refusal in the surface's shape."""
    body = answer.json()
    assert (answer.status_code, body["status"]) == (status, False), answer.text
    assert isinstance(body["error"], str)
    assert body["error"]
    return str(body["error"])


def test_anybody_signed_in_founds_a_convention_and_manages_it(server: HttpServer, client: Client) -> None:
    mira, title = add_person(server.store), titled()
    signed_in = client(None, mira)

    answer = signed_in.post(URL, json={"title": title, "series": "Lantern", "start_date": "2027-05-14"})

    made = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert {**made, "id": 0, "key": "", "secret": ""} == {
        "status": True,
        "slug": title.lower().replace(" ", "-"),
        "id": 0,
        "key": "",
        "secret": "",
    }
    assert isinstance(made["id"], int)
    assert re.fullmatch(r"[a-z0-9]{12}", made["key"])
    assert re.fullmatch(r"[\w-]{43}", made["secret"])
    assert signed_in.get(f"{URL}/{made['id']}").json() == {
        "id": str(made["id"]),
        "slug": made["slug"],
        "title": title,
        "series": "Lantern",
        "website": None,
        "location": None,
        "start-date": "2027-05-14T00:00:00+00:00",
        "end-date": None,
        "public-key": made["key"],
        "secret-key": made["secret"],
        "settings": {},
    }
    managers = signed_in.get("/entities/managers", headers={"Convention": made["key"]}).json()
    assert [found["id"] for found in managers] == [str(mira.id)]


def test_nobody_else_founds_one(api: httpx.Client, system: httpx.Client) -> None:
    refused(api.post(URL, json={"title": titled()}), 403)
    refused(api.post(URL, json={"title": titled()}, headers={"Authorization": "no-user-token"}), 403)
    refused(system.post(URL, json={"title": titled()}), 403)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": ""},
        {"title": "  "},
        {"title": 5},
        {"title": ["x"]},
        {"title": "x" * 256},
        {"title": "nul\0"},
        {"title": "T", "slug": "2027"},
        {"title": "T", "slug": "self"},
        {"title": "T", "slug": "٢٠٢٧"},
        {"title": "T", "slug": ".."},
        {"title": "T", "slug": "a\nb"},
        {"title": "T", "slug": 7},
        {"title": "T", "series": 1},
        {"title": "T", "website": {}},
        {"title": "T", "location": []},
        {"title": "T", "start-date": "soon"},
        {"title": "T", "start-date": "2027-02-30"},
        {"title": "T", "start-date": "2027-05-14T10:30:00+99:99"},
        {"title": "T", "start-date": "2027-05-14 or so"},
        {"title": "T", "start-date": True},
        {"title": "T", "start-date": 1810290600000},
        {"title": "T", "end_date": {"day": 1}},
        {"title": "T", "start_date": "2027-05-14", "end_date": "2027-05-13"},
    ],
    ids=repr,
)
def test_wrong_fields_found_nothing(server: HttpServer, client: Client, fields: dict[str, Any]) -> None:
    signed_in = client(None, add_person(server.store))

    refused(signed_in.post(URL, json=fields), 400)

    assert signed_in.get(URL, params={"manager": 1}).json() == []


def test_title_and_given_slug_are_unique_and_a_made_slug_gets_a_number(server: HttpServer, client: Client) -> None:
    signed_in, title = client(None, add_person(server.store)), titled()
    first = signed_in.post(URL, json={"title": title}).json()

    assert "title" in refused(signed_in.post(URL, json={"title": title}), 400)
    assert "slug" in refused(signed_in.post(URL, json={"title": titled(), "slug": first["slug"]}), 400)
    slugs = [signed_in.post(URL, json={"title": title + end}).json()["slug"] for end in ("!", "?")]
    assert slugs == [f"{first['slug']}-2", f"{first['slug']}-3"]


def test_a_made_slug_is_no_number_and_no_self(server: HttpServer, client: Client) -> None:
    signed_in, number = client(None, add_person(server.store)), str(uuid4().int)

    slugs = [signed_in.post(URL, json={"title": title}).json()["slug"] for title in (number, "Self")]

    assert slugs == [f"con-{number}", "con-self"]


def test_a_slug_of_any_script_is_found_percent_encoded(server: HttpServer, client: Client) -> None:
    signed_in, slug = client(None, add_person(server.store)), f"כנס {uuid4().hex[:6]}/ä"

    made = signed_in.post(URL, json={"title": titled(), "slug": slug}).json()

    assert made["slug"] == slug
    path = httpx.QueryParams({"x": slug}).__str__().removeprefix("x=").replace("+", "%20")
    assert signed_in.get(f"{URL}/{path}").json()["id"] == str(made["id"])


def test_dates_are_days_of_the_conventions_zone(server: HttpServer, client: Client) -> None:
    mira = add_person(server.store)
    convention = add_convention(server.store, mira, settings={"timezone": "America/New_York"})
    signed_in = client(convention, mira)

    signed_in.put(f"{URL}/self", json={"start-date": 1810290600, "end-date": "2027-11-20"})

    shown = signed_in.get(f"{URL}/self").json()
    assert (shown["start-date"], shown["end-date"]) == ("2027-05-14T00:00:00-04:00", "2027-11-20T00:00:00-05:00")
    assert signed_in.put(f"{URL}/self", json={key: shown[key] for key in ("start-date", "end-date")}).json() == {
        "status": True
    }
    assert signed_in.get(f"{URL}/self").json() == shown
    signed_in.put(f"{URL}/self", json={"end-date": ""})
    assert signed_in.get(f"{URL}/self").json()["end-date"] is None


def test_settings_and_keys_are_for_signed_and_manager_callers_only(
    public: httpx.Client,
    manager: httpx.Client,
    system: httpx.Client,
    server: HttpServer,
    client: Client,
    convention: Convention,
) -> None:
    stranger = client(convention, add_person(server.store))
    shown = public.get(f"{URL}/self").json()

    assert shown.keys() == {"id", "slug", "title", "series", "website", "location", "start-date", "end-date"}
    assert stranger.get(f"{URL}/self").json() == shown
    whole = {**shown, "public-key": convention.public_key, "secret-key": convention.secret_key, "settings": {}}
    assert manager.get(f"{URL}/self").json() == whole
    assert system.get(f"{URL}/self").json() == whole
    assert system.get(f"{URL}/{convention.id}").json() == whole
    assert manager.get(f"{URL}/{convention.slug}").json() == whole


def test_another_convention_shows_its_manager_nothing_more(
    server: HttpServer, manager: httpx.Client, system: httpx.Client
) -> None:
    other = add_convention(server.store)

    for caller in (manager, system):
        assert "secret-key" not in caller.get(f"{URL}/{other.slug}").json()
        refused(caller.put(f"{URL}/{other.id}", json={"title": titled()}), 403)
        # its key instead of the own one
        refused(caller.put(f"{URL}/self", json={"title": titled()}, headers={"Convention": other.public_key}), 403)


def test_self_needs_a_key_and_unknown_ones_are_404(api: httpx.Client, public: httpx.Client) -> None:
    refused(api.get(f"{URL}/self"), 403)
    refused(api.get(f"{URL}/self", headers={"Convention": "undefined"}), 403)
    for name in ("0", "999999999999", "9" * 40, "nowhere", "no%00where", "%FF"):
        refused(public.get(f"{URL}/{name}"), 404)


def test_the_console_lists_its_own_conventions_before_it_picks_one(server: HttpServer, client: Client) -> None:
    mira = add_person(server.store)
    first, second = add_convention(server.store, mira, series="Harbour"), add_convention(server.store, mira)
    other = add_convention(server.store)
    console = client(None, mira)

    answer = console.get(f"{URL}/?keys=1&manager=1", headers={"Convention": "undefined"})

    assert answer.status_code == 200
    assert answer.json() == [
        {
            "id": str(each.id),
            "title": each.title,
            "slug": each.slug,
            "series": each.series,
            "public-key": each.public_key,
        }
        for each in (first, second)
    ]
    everything = {item["id"]: item for item in console.get(URL).json()}
    assert everything[str(other.id)] == {"id": str(other.id), "title": other.title, "slug": other.slug, "series": None}


def test_the_list_of_managed_ones_needs_a_user(api: httpx.Client) -> None:
    refused(api.get(f"{URL}?manager=1"), 400)
    refused(api.get(f"{URL}?manager=maybe"), 400)
    assert api.get(f"{URL}?manager=0&keys=", headers={"Authorization": "no-user-token"}).status_code == 200


def test_a_manager_changes_what_is_named(manager: httpx.Client, convention: Convention) -> None:
    settings = {"registration-type": "free", "reservation-time": 5, "timezone": "Asia/Jerusalem", "own_key": [1, None]}
    title = titled()

    for fields in (
        {"title": title, "website": "https://lantern.example", "settings": settings},
        {"series": "S", "location": "Quay", "settings": None},
        {"website": ""},
    ):
        assert manager.put(f"{URL}/self", json=fields).json() == {"status": True}

    shown = manager.get(f"{URL}/self").json()
    assert shown["settings"] == settings
    assert [shown[key] for key in ("title", "series", "website", "location", "slug")] == [
        title,
        "S",
        None,
        "Quay",
        convention.slug,
    ]
    manager.put(f"{URL}/self", json={"settings": []})
    assert manager.get(f"{URL}/self").json()["settings"] == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": 5},
        {"settings": "UTC"},
        {"settings": 5},
        {"settings": [1]},
        {"settings": {"timezone": "Mars/Olympus"}},
        {"settings": {"timezone": "../etc/passwd"}},
        {"settings": {"timezone": "localtime"}},
        {"settings": {"timezone": 5}},
        {"settings": {"timezone": ["UTC"]}},
        {"settings": {"deep": nested(70)}},
        {"settings": {"deep": "\0"}},
        {"series": {}},
        {"series": "S", "start_date": "x"},
    ],
    ids=repr,
)
def test_wrong_fields_change_nothing(manager: httpx.Client, fields: dict[str, Any]) -> None:
    before = manager.get(f"{URL}/self").json()

    refused(manager.put(f"{URL}/self", json=fields), 400)

    assert manager.get(f"{URL}/self").json() == before


def test_a_taken_title_is_refused(server: HttpServer, manager: httpx.Client, convention: Convention) -> None:
    other = add_convention(server.store)

    refused(manager.put(f"{URL}/self", json={"title": other.title}), 400)
    assert manager.put(f"{URL}/self", json={"title": convention.title}).json() == {"status": True}


def test_only_managers_change_it_and_nobody_deletes_it(
    server: HttpServer,
    client: Client,
    public: httpx.Client,
    system: httpx.Client,
    manager: httpx.Client,
    convention: Convention,
) -> None:
    stranger = client(convention, add_person(server.store))

    for caller in (public, system, stranger):
        refused(caller.put(f"{URL}/self", json={"title": titled()}), 403)
    refused(manager.delete(f"{URL}/self"), 400)
    refused(manager.put(URL, json={}), 400)
    refused(manager.delete(URL), 400)
    answer = manager.post(f"{URL}/self", json={})
    refused(answer, 405)
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "PUT", "DELETE"}


def test_a_dismissed_manager_changes_nothing(
    server: HttpServer, client: Client, manager: httpx.Client, convention: Convention
) -> None:
    second = add_person(server.store)
    manager.post("/entities/managers", json={"email": second.email})
    signed_in = client(convention, second)
    assert signed_in.put(f"{URL}/self", json={"series": "S"}).json() == {"status": True}

    manager.delete(f"/entities/managers/{second.id}")

    refused(signed_in.put(f"{URL}/self", json={"series": "T"}), 403)


def test_a_wrong_signature_is_refused_also_where_anybody_may_read(api: httpx.Client, convention: Convention) -> None:
    headers = {"Convention": convention.public_key, "Authorization": signature(convention) + "0"}

    refused(api.get(URL, headers=headers), 403)
    refused(api.get(f"{URL}/self", headers=headers), 403)
    refused(api.get(f"{URL}/{convention.id}", headers=headers), 403)


def test_who_manages_it_is_asked_of_the_account(server: HttpServer, client: Client, boss: Account) -> None:
    other = add_convention(server.store, boss)

    # the own convention, named in the path, with another convention's key
    signed_in = client(add_convention(server.store), boss)

    assert signed_in.get(f"{URL}/{other.id}").json()["secret-key"] == other.secret_key
