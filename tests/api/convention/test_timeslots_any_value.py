"""Whatever stands in a field or filter of a time slot: an answer in shape, and nothing half done."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from slotport.core.convention import Convention
from tests.schedules import Fair, add_fair, add_time_slot
from tests.servers import HttpServer

PATH = "/entities/timeslots"
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "٣", "\0", "1e9", "-1", "on", "pier-room", "deck", "2031-06-07", "9999-12-31", "24:00", "+", "self"]
)
NUMBERS = st.integers() | st.sampled_from([0, 1, 1810290600, 253402300799, 253402300800, 2**31, 2**63, -(2**63)])
SCALARS = st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "email", "name"]) | TEXTS, inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = (
    "event start duration min_attendees max-attendees notes_to_attendees notes-to-attendees locations"
    " remove-locations remove_locations hosts remove-hosts allow_conflicts allow-conflicts status id end"
).split()
FILTERS = "by_event by_event_status by-requires-registration by_host by_tag:x by_tag: by_what convention token".split()


@pytest.fixture
def fair(server: HttpServer, convention: Convention) -> Fair:
    return add_fair(server.store, convention)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@options(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4), filled=st.booleans())
def test_any_value_has_an_answer(
    server: HttpServer, manager: httpx.Client, fair: Fair, method: str, body: dict[str, Any], filled: bool
) -> None:
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)
    full = {"event": fair.event.id, "start": 1810290600, "locations": ["deck"], "allow-conflicts": True}
    before = manager.get(PATH).json()

    path = PATH if method == "POST" else f"{PATH}/{number}"
    answer = manager.request(method, path, json={**full, **body} if filled else body)

    if answer.status_code == 200:
        assert answer.json()["status"] is True
        assert manager.get(PATH).status_code == 200
    else:
        assert answer.status_code == 400, answer.text
        assert answer.json()["status"] is False
        assert answer.json()["error"]
        assert manager.get(PATH).json() == before


@options(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.lists(st.tuples(st.sampled_from(FILTERS), TEXTS), max_size=4))
def test_any_filter_has_an_answer(manager: httpx.Client, fair: Fair, query: list[tuple[str, str]]) -> None:
    answer = manager.get(PATH, params=query)

    assert answer.status_code in (200, 400), answer.text
    assert isinstance(answer.json(), list) or answer.json()["status"] is False


@options(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXTS.filter(lambda text: text.strip("/. ")))
def test_any_id_has_an_answer(manager: httpx.Client, fair: Fair, name: str) -> None:
    path = f"{PATH}/{httpx.QueryParams({'': name})}".replace("/=", "/").replace("+", "%20")

    assert manager.get(path).text == "null"
    assert manager.delete(path).json() == {"status": True}
    assert manager.put(path, json={}).status_code == 400


def test_long_lists_are_refused(manager: httpx.Client, fair: Fair) -> None:
    new = {"event": fair.event.id, "start": 1810290600, "locations": ["deck"]}

    for many in ({"locations": [f"x{number}" for number in range(1001)]}, {"hosts": [{"id": 1}] * 1001}):
        answer = manager.post(PATH, json={**new, **many})
        assert (answer.status_code, answer.json()["status"]) == (400, False)
