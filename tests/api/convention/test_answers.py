"""Answers that are kept are never stale, and do not fill the memory."""

from collections.abc import Callable
from datetime import timedelta
from time import time_ns
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from slotport.api.convention.answers import Answers
from slotport.api.convention.pieces import Pieces
from slotport.core.account import Account
from slotport.core.convention import Convention, Event, Role, TimeSlot
from slotport.core.convention import Person as SlotPerson
from slotport.storage import conventions, tags
from slotport.storage.timeslots import Stamp
from tests.calendars import NOW, counted_statements
from tests.conftest import Person
from tests.conventions import add_convention
from tests.schedules import NINE, Fair, add_event, add_fair, add_time_slot
from tests.servers import HttpServer

PATH = "/entities/timeslots"


@pytest.fixture
def fair(server: HttpServer, convention: Convention) -> Fair:
    return add_fair(server.store, convention)


def test_an_answer_is_made_once_a_key() -> None:
    answers, made = Answers(), []

    def make() -> bytes:
        made.append(1)
        return b"[]"

    assert [answers.of(key, make) for key in (1, 1, 2, 1, 2)] == [b"[]"] * 5
    assert len(made) == 2


def test_what_was_wanted_least_recently_is_forgotten_first() -> None:
    answers, made = Answers(most_bytes=3000), []

    def ask(key: str) -> None:
        answers.of(key, lambda: made.append(key) or bytes(800))  # type: ignore[func-returns-value]

    for key in "abacab":
        ask(key)

    assert made == ["a", "b", "c", "b"]


def test_what_is_larger_than_all_room_is_not_kept_and_forgets_nothing() -> None:
    answers = Answers(most_bytes=3000)
    answers.of("small", lambda: b"old")

    assert answers.of("large", lambda: bytes(4000)) == bytes(4000)
    assert answers.of("large", lambda: b"new") == b"new"
    assert answers.of("small", lambda: b"new") == b"old"


def test_a_catalog_that_did_not_change_needs_no_more_than_to_know_who_asks(
    server: HttpServer, public: httpx.Client, fair: Fair
) -> None:
    add_time_slot(server.store, fair.convention, fair.event, fair.pier)
    first = public.get(PATH)

    with counted_statements(server.store) as statements:
        again = public.get(PATH)

    assert again.content == first.content
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


CHANGES: dict[str, Callable[[httpx.Client, Fair], httpx.Response]] = {
    "event": lambda boss, fair: boss.put(f"/entities/events/{fair.event.id}", json={"title": "Kites"}),
    "status": lambda boss, fair: boss.put(f"/entities/events/{fair.event.id}", json={"status": 5}),
    "tags": lambda boss, fair: boss.put(f"/entities/events/{fair.event.id}", json={"tags": {"age": "18+"}}),
    "tag title": lambda boss, fair: boss.put("/entities/tagtypes/kind", json={"title": "sort"}),
    "tag value": lambda boss, fair: boss.put("/entities/tagtypes/kind", json={"replace-values": {"game": "play"}}),
    "private tag": lambda boss, fair: boss.put("/entities/tagtypes/kind", json={"public": False}),
    "no tag": lambda boss, fair: boss.request("DELETE", "/entities/tagtypes/kind", json={"force": True}),
    "location": lambda boss, fair: boss.put("/entities/locations/pier-room", json={"title": "Pier Hall"}),
    "zone": lambda boss, fair: boss.put("/entities/conventions/self", json={"settings": {"timezone": "Asia/Tokyo"}}),
    "time slot": lambda boss, fair: boss.post(
        PATH, json={"event": fair.event.id, "start": "2031-01-01", "locations": ["deck"]}
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_is_seen_at_once(
    server: HttpServer,
    public: httpx.Client,
    manager: httpx.Client,
    fair: Fair,
    change: Callable[[httpx.Client, Fair], httpx.Response],
) -> None:
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)
    with server.store.write() as transaction:
        tags.put(transaction, fair.convention.id, {fair.event.id: {"kind": ["game"]}})
    before = public.get(PATH).content

    assert change(manager, fair).status_code == 200

    assert public.get(PATH).content != before
    assert public.get(f"{PATH}/{number}").json() in public.get(PATH).json()


@pytest.mark.parametrize(
    "change", [{"username": "Somebody else"}, {"email": "new-{id}@example.org"}, {"phone": "+49 30 {id}"}, None]
)
def test_what_a_host_changes_is_seen_at_once(
    server: HttpServer,
    manager: httpx.Client,
    person: Callable[..., Person],
    fair: Fair,
    change: dict[str, Any] | None,
) -> None:
    host = person()
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)
    sent = {"hosts": [{"email": host.email}]}
    assert manager.put(f"{PATH}/{number}", json=sent).status_code == 200
    before = manager.get(PATH).json()

    if change is None:
        assert host.client.request("DELETE", "/v1/me").status_code == 200
    else:
        fields = {name: text.format(id=number) for name, text in change.items()}
        assert host.client.patch("/v1/me", json=fields).status_code == 200

    after = manager.get(PATH).json()
    assert after == [manager.get(f"{PATH}/{number}").json()]
    assert (after == before) is (change is not None and "phone" in change)  # no phone of who owns nothing here


def test_only_what_changed_is_encoded_again() -> None:
    pieces, encoded = Pieces(), []

    def array(*stamps: Stamp) -> bytes:
        def ask(wanted: Callable[[list[Stamp]], list[int]]) -> tuple[list[Stamp], list[TimeSlot]]:
            return list(stamps), [blank(number) for number in wanted(list(stamps))]

        def encode(slots: list[TimeSlot]) -> list[bytes]:
            encoded.append([slot.id for slot in slots])
            return [b"%d" % slot.id for slot in slots]

        return pieces.array("view", ask, encode)

    assert array() == b"[]"
    assert array(Stamp(7, 1, 1), Stamp(3, 1, 1)) == b"[7,3]"
    assert array(Stamp(3, 1, 1), Stamp(7, 1, 2), Stamp(9, 1, 1)) == b"[3,7,9]"
    assert array(Stamp(9, 2, 1)) == b"[9]"
    assert array(Stamp(3, 1, 1), Stamp(7, 1, 2)) == b"[3,7]"
    assert encoded == [[], [7, 3], [7, 9], [9], []]


def test_pieces_are_forgotten_when_there_are_too_many() -> None:
    pieces, asked = Pieces(most_bytes=5000), []

    def array(view: str) -> None:
        def ask(wanted: Callable[[list[Stamp]], list[int]]) -> tuple[list[Stamp], list[TimeSlot]]:
            stamps = [Stamp(1, 1, 1)]
            asked.append((view, wanted(stamps)))
            return stamps, [blank(1)] if asked[-1][1] else []

        pieces.array(view, ask, lambda slots: [bytes(1000) for _ in slots])

    for view in "abaca":
        array(view)
    array("b")

    assert asked == [("a", [1]), ("b", [1]), ("a", []), ("c", [1]), ("a", []), ("b", [1])]


def blank(number: int) -> TimeSlot:
    person = SlotPerson(id=1, guid=UUID(int=1), name="Olga")
    event = Event(
        id=1, convention_id=1, owner=person, title="", teaser="", duration_minutes=1, created_at=NOW, updated_at=NOW
    )
    return TimeSlot(id=number, guid=UUID(int=1), event=event, start=NOW, duration_minutes=1)


STEPS: dict[str, Callable[[httpx.Client, Fair, int], httpx.Response]] = {
    "notes": lambda boss, fair, slot: boss.put(f"{PATH}/{slot}", json={"notes-to-attendees": f"Note {time_ns()}"}),
    "hosts": lambda boss, fair, slot: boss.put(
        f"{PATH}/{slot}", json={"hosts": [{"id": fair.owner.id, "name": f"Olga {time_ns()}"}]}
    ),
    "cancel": lambda boss, fair, slot: boss.delete(f"{PATH}/{slot}"),
    "title": lambda boss, fair, slot: boss.put(f"/entities/events/{fair.event.id}", json={"title": f"K {time_ns()}"}),
    "hide": lambda boss, fair, slot: boss.put(f"/entities/events/{fair.event.id}", json={"status": 2}),
    "show": lambda boss, fair, slot: boss.put(f"/entities/events/{fair.event.id}", json={"status": 5}),
    "longer": lambda boss, fair, slot: boss.put(
        f"/entities/events/{fair.event.id}", json={"duration": 60 + slot % 60, "allow-conflicts": True}
    ),
    "tags": lambda boss, fair, slot: boss.put(f"/entities/events/{fair.event.id}", json={"tags": {"a": str(slot)}}),
    "owner": lambda boss, fair, slot: boss.put(
        f"/entities/events/{fair.event.id}", json={"user": {"id": boss_of(boss) if slot % 2 else fair.owner.id}}
    ),
    "location": lambda boss, fair, slot: boss.put("/entities/locations/deck", json={"max_attendees": slot % 90}),
}


def boss_of(client: httpx.Client) -> int:
    return int(client.get("/auth/id").json()["id"])


@options(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 3)), max_size=6))
def test_the_catalog_is_what_every_time_slot_by_itself_is(
    server: HttpServer,
    public: httpx.Client,
    manager: httpx.Client,
    convention: Convention,
    steps: list[tuple[str, int]],
) -> None:
    fair = add_fair(server.store, add_convention(server.store))
    with server.store.write() as transaction:
        conventions.add_manager(transaction, fair.convention.id, boss_of(manager), Role.MANAGER, NOW)
    other = add_event(server.store, fair.convention, fair.owner)
    numbers = [
        add_time_slot(server.store, fair.convention, event, place, start=NINE + hours * timedelta(hours=3))
        for hours, (event, place) in enumerate([(fair.event, fair.pier), (other, fair.deck)] * 2)
    ]
    clients = (public, manager)
    for client in clients:
        client.headers["Convention"] = fair.convention.public_key

    for what, index in steps:
        assert STEPS[what](manager, fair, numbers[index]).status_code in (200, 400)
        for client in clients:
            alone = [client.get(f"{PATH}/{number}").json() for number in numbers]
            seen = [slot for slot in alone if slot is not None and slot["status"] == "scheduled"]
            assert client.get(PATH).json() == seen


def test_everybody_has_an_answer_of_their_own(
    server: HttpServer, public: httpx.Client, manager: httpx.Client, client: Callable[..., httpx.Client], fair: Fair
) -> None:
    account: Account = fair.owner
    add_time_slot(server.store, fair.convention, fair.event, fair.pier)
    owner = client(fair.convention, account)

    shown = [asking.get(PATH).json()[0]["hosts"][0].keys() for asking in (public, owner, manager, public)]

    assert shown == [
        {"id", "name", "email"},
        {"id", "name", "email", "phone", "date_of_birth"},
        {"id", "name", "email", "phone", "date_of_birth"},
        {"id", "name", "email"},
    ]
