"""Health, readiness and metrics of the running server."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from slotport import __version__
from slotport.settings import Settings
from tests.conftest import Person
from tests.servers import http_server


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_health(api: httpx.Client) -> None:
    answer = api.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b'{"status":"ok"}')


def test_readiness(api: httpx.Client) -> None:
    answer = api.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b'{"status":"ready"}')


def test_a_wrong_schema_is_not_ready(tmp_path: Path) -> None:
    with http_server(Settings(data=tmp_path, port=0)) as running:
        with running.store.write() as transaction:
            transaction.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        answer = httpx.get(f"{running.url}/readyz", trust_env=False)
        alive = httpx.get(f"{running.url}/healthz", trust_env=False)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "newer Slotport" in answer.json()["error"]
    assert alive.status_code == 200


@pytest.mark.only("sqlite")
def test_a_lost_database_is_not_ready(tmp_path: Path) -> None:
    with http_server(Settings(data=tmp_path, port=0)) as running:
        running.store.engine.dispose()
        for file in tmp_path.iterdir():
            file.unlink()
        (tmp_path / "slotport.db").mkdir()
        answer = httpx.get(f"{running.url}/readyz", trust_env=False)

    assert (answer.status_code, list(answer.json())) == (503, ["error"])
    assert int(answer.headers["retry-after"]) > 0


def test_requests_are_counted_by_surface_method_and_class(tmp_path: Path) -> None:
    with http_server(Settings(data=tmp_path, port=0)) as running, httpx.Client(trust_env=False) as client:
        client.get(f"{running.url}/v1/me")
        client.get(f"{running.url}/v1/nothing/{'x' * 50}")
        client.request("LOCK", f"{running.url}/healthz")
        found = samples(client.get(f"{running.url}/metrics").text)

    requests = {labels: value for (name, labels), value in found.items() if name == "slotport_requests_total"}
    assert requests == {
        frozenset({("surface", "v1"), ("method", "GET"), ("status", "4xx")}): 2,
        frozenset({("surface", "operations"), ("method", "other"), ("status", "4xx")}): 1,
    }
    assert found["slotport_request_seconds_count", frozenset({("surface", "v1")})] == 2
    assert found["slotport_build_info", frozenset({("version", __version__)})] == 1


def test_metrics_have_their_type(api: httpx.Client) -> None:
    answer = api.get("/metrics")

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert not re.search(r"path=|example\.org", answer.text)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"])
def test_operations_need_no_token(api: httpx.Client, path: str) -> None:
    assert api.get(path, headers={"Authorization": "Token token=wrong"}).status_code == 200


def test_imports_and_exports_are_counted(api: httpx.Client, person: Callable[..., Person]) -> None:
    before = samples(api.get("/metrics").text)
    file = "Subject,Start_Date,Start_Time,End_Date,End_Time\nTea,2031-01-02,10:00,2031-01-02,11:00\nLunch,never,,,\n"
    client = person().client
    for dry in (True, False):
        client.post("/v1/import", json={"file": file, "dryRun": dry})
    client.post("/v1/export/ical")
    after = samples(api.get("/metrics").text)

    def more(name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return after[key] - before.get(key, 0)

    assert more("slotport_imported_slots_total", outcome="created") == 1
    assert more("slotport_imported_slots_total", outcome="rejected") == 1
    assert more("slotport_exports_total", format="ical") == 1
