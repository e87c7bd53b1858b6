"""The OpenAPI document: complete, sound, and in agreement with what the server answers."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.servers import HttpServer

METHODS = {"get", "post", "patch", "put", "delete"}
BODILESS = {"412", "416"}


@pytest.fixture
def document(api: httpx.Client) -> Any:
    return api.get("/openapi.json").json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "Slotport"


def test_every_reference_leads_somewhere(document: Any) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(references(document)) - known == set()


def test_every_schema_is_one(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_operation_has_a_name_and_a_text(document: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names))
    assert [path for path, _, operation in operations(document) if not operation["summary"]] == []


def test_every_refusal_has_the_error_shape(document: Any) -> None:
    for path, method, operation in operations(document):
        name = "ErrorBody" if path.startswith(("/v1", "/healthz", "/readyz")) else "Refusal"
        name = "ErrorObject" if path.startswith("/api/v1/") else name
        shape = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        for status, answer in operation["responses"].items():
            assert status < "400" or status in BODILESS or answer["content"] == shape, (path, method, status)


def test_an_operation_with_a_token_may_be_401(document: Any) -> None:
    for path, method, operation in operations(document):
        assert (operation.get("security") == [{"token": []}]) <= ("401" in operation["responses"]), (path, method)


def test_the_import_takes_json_form_and_upload(document: Any) -> None:
    content = document["paths"]["/v1/import"]["post"]["requestBody"]["content"]

    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/ImportForm"}
    assert content["multipart/form-data"]["schema"]["properties"]["file"] == {"type": "string", "format": "binary"}
    assert "file" not in content["application/x-www-form-urlencoded"]["schema"]["properties"]
    assert document["components"]["schemas"]["ImportForm"]["properties"]["file"]["anyOf"] == [
        {"type": "array", "items": {"type": "string"}},
        {"type": "string"},
        {"type": "null"},
    ]


def test_names_in_requests_are_camel_case(document: Any) -> None:
    properties = document["components"]["schemas"]["ImportForm"]["properties"]

    assert {"dryRun", "dateOrder"} <= set(properties)


def test_every_documented_method_is_known_to_the_server(api: httpx.Client, document: Any) -> None:
    """And no other is: a method that is not documented is answered 405, naming those that are.

    On the export interface that is 400 with a code of its own.
    """
    for path, methods in document["paths"].items():
        url = path.replace("{", "").replace("}", "")
        for method in METHODS:
            answer = api.request(method, url)
            is_wrong = answer.status_code == 405 or "invalid_request_method" in answer.text
            assert is_wrong != (method in methods), (method, path)
            if method not in methods:
                allowed = {name.lower() for name in answer.headers["allow"].split(", ")}
                assert allowed - {"options", "head"} == set(methods), (method, path)


def test_without_a_token_the_document_says_what_happens(api: httpx.Client, document: Any) -> None:
    for path, method, operation in operations(document):
        if operation.get("security") == [{"token": []}]:
            answer = api.request(method, path.replace("{", "").replace("}", ""))
            assert (answer.status_code, list(answer.json())) == (401, ["error"]), (method, path)


def test_the_page_has_every_operation_and_nothing_from_elsewhere(api: httpx.Client, document: Any) -> None:
    answer = api.get("/docs")

    for path, _, operation in operations(document):
        assert f"<code>{path}</code>" in answer.text
        assert f'id="{operation["operationId"]}"' in answer.text
    assert "http" not in answer.text.replace("HTTP", "").lower()
    assert "<script" not in answer.text


def test_the_page_may_load_nothing(server: HttpServer, api: httpx.Client) -> None:
    policy = dict(part.strip().split(" ", 1) for part in api.get("/docs").headers["content-security-policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert policy["style-src"].startswith("'sha256-")
    assert "script-src" not in policy
