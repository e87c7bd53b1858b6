"""Whatever stands in a field of an event or a tag type: an answer in shape, and nothing half done."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "self", "٣", "\0", "a@b.example", "1e9", "-1", "on", "Kind", "talk"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=5
)
FIELDS = (
    "title teaser description notes-to-attendees duration min_attendees max-attendees requires_registration"
    " price status notes-to-staff scheduling_constraints logistical-requirements logitsical_requirements custom-data"
    " data user staff_contact tags remove-tags created-time allow_conflicts requirement public values remove-values"
    " replace_values force"
).split()
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4)
FULL = {"title": "Kites", "teaser": "Wind", "duration": 60}


@pytest.fixture
def event(manager: httpx.Client) -> str:
    manager.post("/entities/tagtypes", json={"title": "Kind", "values": ["talk", "class"]})
    return str(manager.post("/entities/events", json={**FULL, "tags": {"Kind": "talk"}}).json()["id"])


@pytest.mark.parametrize(
    "call", ["POST events", "PUT events/", "POST tagtypes", "PUT tagtypes/Kind", "DELETE tagtypes/x"]
)
@options(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, filled=st.booleans())
def test_any_value_has_an_answer(
    manager: httpx.Client, event: str, call: str, body: dict[str, Any], filled: bool
) -> None:
    method, path = call.split()
    path = f"/entities/{path}{event if path.endswith('/') else ''}"
    full = FULL if "events" in path else {"title": "Kind", "values": ["talk"]}
    before = [manager.get(f"/entities/{kind}").json() for kind in ("events", "tagtypes")]

    answer = manager.request(method, path, json={**full, **body} if filled else body)

    after = [manager.get(f"/entities/{kind}").json() for kind in ("events", "tagtypes")]
    if answer.status_code != 200:
        assert answer.status_code == 400, answer.text
        assert answer.json()["status"] is False
        assert answer.json()["error"]
        assert after == before


@pytest.mark.parametrize(
    "path", ["/entities/events", "/entities/events/1", "/entities/tagtypes", "/entities/tagtypes/a"]
)
def test_a_broken_body_is_refused_and_ignored_on_get(manager: httpx.Client, path: str) -> None:
    for text in ('{"title":', '"title"', "[1]", '{"title": "\\ud800"}', "\ufeff{", "{" * 5000, '{"duration": 1e999}'):
        sent = {"content": text.encode("utf-8", "surrogatepass"), "headers": {"Content-Type": "application/json"}}
        method = "PUT" if path[-1] in "1a" else "POST"
        answer = manager.request(method, path, **sent)
        assert (answer.status_code, answer.json()["status"]) == (400, False), text
        assert manager.request("GET", path, **sent).status_code in (200, 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_collection_takes_no_change(manager: httpx.Client, method: str) -> None:
    answer = manager.request(method, "/entities/events", json={})

    assert answer.status_code == (405 if method == "PATCH" else 400)
    assert answer.json()["status"] is False
