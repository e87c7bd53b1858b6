"""Whatever stands in a field of a convention, location, manager or user: an answer in shape, and nothing half done."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from tests.calendars import add_person
from tests.servers import HttpServer

TEXTS = st.text(max_size=12) | st.sampled_from(["", "self", "٣", "\0", "a@b.example", "2027-05-14", "1e9", "-1", "on"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=5
)
FIELDS = (
    "title series website location slug start-date end_date settings area max-attendees id email role name phone"
).split()
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5)
FULL = {"title": "T", "max_attendees": 1, "name": "N"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/entities/conventions"),
        ("PUT", "/entities/conventions/self"),
        ("POST", "/entities/locations"),
        ("PUT", "/entities/locations/pier"),
        ("POST", "/entities/managers"),
        ("POST", "/entities/users"),
    ],
)
@options(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, filled=st.booleans())
def test_any_value_has_an_answer(
    manager: httpx.Client, method: str, path: str, body: dict[str, Any], filled: bool
) -> None:
    manager.post("/entities/locations", json={"title": "Pier", "max_attendees": 1})

    answer = manager.request(method, path, json={**FULL, **body} if filled else body)

    if answer.status_code == 200:
        assert answer.json()["status"] is True
    else:
        assert answer.status_code in (400, 409), answer.text
        assert answer.json()["status"] is False
        assert answer.json()["error"]
    for shown in ("conventions/self", "locations", "managers", "users"):
        assert manager.get(f"/entities/{shown}").status_code == 200


@options(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=20).filter(lambda text: text.strip("/.")))
def test_any_id_has_an_answer(
    server: HttpServer, client: Callable[..., httpx.Client], manager: httpx.Client, name: str
) -> None:
    stranger = client(None, add_person(server.store))
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())

    for kind, statuses in (
        ("conventions", {200, 404}),
        ("locations", {200}),
        ("managers", {200, 404}),
        ("users", {200, 400}),
    ):
        answer = manager.get(f"/entities/{kind}/{encoded}")
        assert answer.status_code in statuses, (kind, answer.text)
    assert stranger.get(f"/entities/conventions/{encoded}").status_code in (200, 403, 404)
