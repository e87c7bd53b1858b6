"""Acceptance 2, 3, 7, 8, 10, 11, 19 to 21 of the convention specification, as far as time slots are read."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention, EventStatus, Host
from slotport.storage import tags
from tests.calendars import add_person, counted_statements
from tests.conventions import add_convention
from tests.schedules import NINE, Fair, add_event, add_fair, add_location, add_time_slot, person_of
from tests.servers import HttpServer

PATH = "/entities/timeslots"
HOUR = timedelta(hours=1)
Clients = Callable[..., httpx.Client]


@pytest.fixture
def fair(server: HttpServer, convention: Convention) -> Fair:
    return add_fair(server.store, convention)


def event_object(fair: Fair, **changed: Any) -> dict[str, Any]:
    return {
        "id": str(fair.event.id),
        "title": "Lantern Making",
        "teaser": "Paper, glue and light",
        "description": None,
        "notes-to-attendees": "Bring glue",
        "duration": "90",
        "min-attendees": "2",
        "max-attendees": "12",
        "requires-registration": False,
        "price": None,
        "status": "4",
        "status-text": "scheduled",
        "notes-to-staff": None,
        "scheduling-constraints": None,
        "logistical-requirements": None,
        "logitsical-requirements": None,
        "custom-data": None,
        "data": None,
        "user": {"id": str(fair.owner.id), "name": "Olga", "email": fair.owner.email},
        "staff-contact": None,
        "tags": {},
        "created-time": "2031-05-06T13:44:02+00:00",
        "updated-time": "2031-05-06T13:44:02+00:00",
        **changed,
    }


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [int(slot["id"]) for slot in answer.json()]


def test_the_catalog_shows_every_key_in_its_order(server: HttpServer, public: httpx.Client, fair: Fair) -> None:
    host = Host(person=person_of(server.store, fair.owner), name="Captain Olga")
    number = add_time_slot(
        server.store, fair.convention, fair.event, fair.pier, fair.deck, hosts=[host], min_attendees=3, max_attendees=4
    )

    answer = public.get(PATH)

    expected = {
        "id": str(number),
        "duration": "90",
        "min-attendees": "3",
        "max-attendees": "4",
        "notes-to-attendees": None,
        "event": event_object(fair),
        "start": "2031-06-07T09:00:00+00:00",
        "locations": [
            {"title": "Deck", "slug": "deck", "max-attendees": "10", "area": None},
            {"title": "Pier Room", "slug": "pier-room", "max-attendees": "20", "area": "Quay"},
        ],
        "hosts": [{"id": str(fair.owner.id), "name": "Captain Olga", "email": fair.owner.email}],
        "end": "2031-06-07T10:30:00+00:00",
        "available_tickets": 4,
        "pass_requirement": None,
        "status": "scheduled",
    }
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == [expected]
    assert list(answer.json()[0]) == list(expected)
    assert public.get(f"{PATH}/{number}").json() == expected


def test_no_attendees_given_are_null(server: HttpServer, public: httpx.Client, fair: Fair) -> None:
    add_time_slot(server.store, fair.convention, fair.event, fair.pier)

    slot = public.get(PATH).json()[0]

    names = ("min-attendees", "max-attendees", "notes-to-attendees", "available_tickets")
    assert [slot[name] for name in names] == [None] * 4


def test_an_empty_catalog_is_an_empty_array(public: httpx.Client) -> None:
    assert public.get(PATH).text == "[]"


def test_text_is_utf_8_and_every_date_has_a_numeric_offset(server: HttpServer, client: Clients, boss: Account) -> None:
    convention = add_convention(server.store, boss, settings={"timezone": "Asia/Jerusalem"})
    event = add_event(server.store, convention, boss, title="משחק תפקידים")
    add_time_slot(server.store, convention, event, add_location(server.store, convention, "אולם"))

    answer = client(convention).get(PATH)

    assert "משחק תפקידים" in answer.text
    dates = re.findall(r'"([^"]*\dT\d[^"]*)"', answer.text)
    assert dates == [
        "2031-05-06T16:44:02+03:00",
        "2031-05-06T16:44:02+03:00",
        "2031-06-07T12:00:00+03:00",
        "2031-06-07T13:30:00+03:00",
    ]


@pytest.mark.parametrize("path", ["/entities/timeslots/", "//entities//timeslots", "/entities/timeslots/?by_event="])
def test_slashes_too_many_and_empty_filters_are_no_matter(
    server: HttpServer, public: httpx.Client, fair: Fair, path: str
) -> None:
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)

    answer = public.get(f"{public.base_url}{path}" if path.startswith("//") else path)

    assert ids(answer) == [number]
    assert answer.history == []


def test_without_a_known_key_there_is_nothing(server: HttpServer, fair: Fair, api: httpx.Client) -> None:
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)

    for answer in (
        api.get(PATH),
        api.get(PATH, headers={"Convention": "no such key"}),
        api.get(f"{PATH}/{number}"),
        api.get(PATH, params={"convention": "no such key"}),
    ):
        assert answer.status_code == 403
        assert answer.json().keys() == {"status", "error"}
        assert answer.json()["status"] is False
    assert ids(api.get(PATH, params={"convention": fair.convention.public_key})) == [number]


@pytest.mark.parametrize("token", ["no-user-token", "expired", ""])
def test_a_token_of_nobody_gives_the_public_view(
    server: HttpServer, public: httpx.Client, fair: Fair, token: str
) -> None:
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)
    draft = add_event(server.store, fair.convention, fair.owner, status=EventStatus.HAS_TEASER)
    add_time_slot(server.store, fair.convention, draft, fair.pier)

    assert ids(public.get(PATH, headers={"Authorization": token})) == [number]


def test_who_sees_time_slots_of_which_events(
    server: HttpServer, fair: Fair, client: Clients, public: httpx.Client, manager: httpx.Client, system: httpx.Client
) -> None:
    numbers = []
    for status in EventStatus:
        event = add_event(server.store, fair.convention, fair.owner, status=status)
        numbers.append(add_time_slot(server.store, fair.convention, event, fair.pier, start=NINE + status * HOUR))
    owner = client(fair.convention, fair.owner)  # owner and host: that gives no further view

    assert ids(public.get(PATH)) == ids(owner.get(PATH)) == numbers[4:6]
    assert ids(manager.get(PATH)) == ids(system.get(PATH)) == numbers
    assert [public.get(f"{PATH}/{number}").json() is not None for number in numbers] == [
        status in (4, 5) for status in EventStatus
    ]
    assert all(system.get(f"{PATH}/{number}").json()["id"] == str(number) for number in numbers)


def test_a_wrong_signature_is_refused_on_the_catalog(public: httpx.Client) -> None:
    time = int(datetime.now(UTC).timestamp())

    answer = public.get(PATH, headers={"Authorization": f"convention {time}:c2FsdA:{'0' * 40}"})

    assert (answer.status_code, answer.json()["status"]) == (403, False)


def test_what_is_unknown_hidden_or_of_another_convention_is_null(
    server: HttpServer, fair: Fair, public: httpx.Client, manager: httpx.Client, client: Clients
) -> None:
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)
    other = add_convention(server.store)
    their_boss = add_person(server.store)
    elsewhere = client(add_convention(server.store, their_boss), their_boss)

    answers = [
        client(other).get(f"{PATH}/{number}"),
        elsewhere.get(f"{PATH}/{number}"),
        *(public.get(f"{PATH}/{name}") for name in ("999999999", "0", "-1", "abc", "99999999999999999999", "%D7%90")),
        manager.get(f"{PATH}/{fair.event.id}"),
    ]

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "null")] * 9


# Filters


@pytest.fixture
def filtered(server: HttpServer, fair: Fair, boss: Account) -> dict[str, int]:
    """Time slots by name, and what tells them apart."""
    store, convention = server.store, fair.convention
    club = add_event(store, convention, boss, requires_registration=True, status=EventStatus.APPROVED)
    draft = add_event(store, convention, fair.owner, status=EventStatus.SUBMITTED)
    with store.write() as transaction:
        tags.put(
            transaction,
            convention.id,
            {fair.event.id: {"סוג": ["משחק & כיף"], "age": ["12+"]}, club.id: {"age": ["12+", "18+"]}},
        )
    host = Host(person=person_of(store, boss))
    return {
        "fair": add_time_slot(store, convention, fair.event, fair.pier),
        "hosted": add_time_slot(store, convention, fair.event, fair.deck, start=NINE + HOUR, hosts=[host]),
        "club": add_time_slot(store, convention, club, fair.deck, start=NINE + 3 * HOUR),
        "draft": add_time_slot(store, convention, draft, fair.deck, start=NINE + 5 * HOUR),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("by_event={event}", "fair hosted"),
        ("by-event={event}", "fair hosted"),
        ("by_event=999999", ""),
        ("by_event_status=4", "fair hosted"),
        ("by_event_status=0", "draft"),
        ("by_requires_registration=1", "club"),
        ("by_requires_registration=false", "fair hosted draft"),
        ("by_host={owner}", "fair draft"),
        ("by_host={email}", "fair draft"),
        ("by_host=self", "hosted club"),
        ("by_host=", "fair hosted club draft"),
        ("by_tag:age=12%2B", "fair hosted club"),
        ("by_tag:age=12%2B&by_tag:age=18%2B", "club"),
        ("by_tag:age=12", ""),
        ("by_tag:{kind}={value}", "fair hosted"),
        ("by_tag%3A{kind}={value}", "fair hosted"),
        ("by_tag:nothing=x", ""),
        ("by_tag:nothing=", "fair hosted club draft"),
        ("by_event={event}&by_host=self&by_tag:age=12%2B&by_event_status=4&by_requires_registration=0", "hosted"),
        ("by_event={event}&by_event_status=0", ""),
        ("by_location=deck&by_type=x&update_passes=1&by_what=7", "fair hosted club draft"),
    ],
)
def test_each_filter_alone_and_together(
    manager: httpx.Client, fair: Fair, filtered: dict[str, int], query: str, names: str
) -> None:
    query = query.format(
        event=fair.event.id,
        owner=fair.owner.id,
        email=fair.owner.email,
        kind=quote("סוג"),
        value=quote("משחק & כיף"),
    )

    assert ids(manager.get(f"{PATH}?{query}")) == [filtered[name] for name in names.split()]


def test_a_filter_never_widens_what_is_seen(public: httpx.Client, fair: Fair, filtered: dict[str, int]) -> None:
    assert ids(public.get(PATH, params={"by_event_status": "0"})) == []
    assert ids(public.get(PATH, params={"by_host": fair.owner.email})) == [filtered["fair"]]


def test_an_unescaped_plus_in_an_address_is_a_plus(server: HttpServer, public: httpx.Client, fair: Fair) -> None:
    host = add_person(server.store, email=f"mira+fair{fair.event.id}@harbourcon.example")
    number = add_time_slot(
        server.store, fair.convention, fair.event, fair.pier, hosts=[Host(person=person_of(server.store, host))]
    )

    assert ids(public.get(f"{PATH}?by_host={host.email}")) == [number]


@pytest.mark.parametrize(
    "query",
    [
        "by_event=x",
        "by_event=-1",
        "by_event_status=7",
        "by_event_status=scheduled",
        "by_requires_registration=maybe",
        "by_host=999999999",
        "by_host=nobody@nowhere.example",
        "by_host=x",
        "by_event=%00",
    ],
)
def test_a_filter_that_means_nothing_is_refused(manager: httpx.Client, query: str) -> None:
    answer = manager.get(f"{PATH}?{query}")

    assert (answer.status_code, answer.json()["status"]) == (400, False)


def test_a_host_who_is_no_known_user_is_nobody_by_id(server: HttpServer, public: httpx.Client) -> None:
    stranger = add_person(server.store)

    assert public.get(PATH, params={"by_host": str(stranger.id)}).status_code == 400


def test_self_of_nobody_is_forbidden(public: httpx.Client, system: httpx.Client) -> None:
    for asking in (public, system):
        answer = asking.get(PATH, params={"by_host": "self"})
        assert (answer.status_code, answer.json()["status"]) == (403, False)


def test_a_body_on_get_means_nothing(server: HttpServer, public: httpx.Client, fair: Fair) -> None:
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)

    answer = public.request("GET", PATH, content=b'{"event": ', headers={"Content-Type": "application/json"})

    assert ids(answer) == [number]


def test_the_number_of_statements_does_not_depend_on_that_of_time_slots(
    server: HttpServer, public: httpx.Client, fair: Fair
) -> None:
    counts = []
    for hours in (0, 40):
        for hour in range(hours + 1):
            event = add_event(server.store, fair.convention, fair.owner)
            add_time_slot(server.store, fair.convention, event, fair.pier, start=NINE + hour * HOUR)
        with counted_statements(server.store) as statements:
            public.get(PATH)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_what_is_shown_can_be_read_by_any_json_reader(server: HttpServer, public: httpx.Client, fair: Fair) -> None:
    notes = 'Quote " backslash \\ newline \n emoji 🏮'
    for minutes in (0, 90):
        add_time_slot(
            server.store,
            fair.convention,
            fair.event,
            fair.pier,
            start=NINE + timedelta(minutes=minutes),
            notes_to_attendees=notes,
        )

    assert [slot["notes-to-attendees"] for slot in json.loads(public.get(PATH).content)] == [notes, notes]
