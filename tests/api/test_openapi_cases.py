"""Requests made up from the OpenAPI document: no failure, and no answer that the document does not know."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Person
from tests.servers import HttpServer

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method"
)
#: they end the token that the others need
LEFT_OUT = ("sign_out_get", "sign_out_post", "sign_out_delete", "remove_me", "change_me")


def test_made_up_requests_get_documented_answers(
    server: HttpServer, person: Callable[..., Person], tmp_path: Path
) -> None:
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/openapi.json"),
        *("--header", f"Authorization: Token token={person().token}"),
        *("--exclude-path-regex", "^/api/v1"),  # tests/api/export/test_cases.py
        *("--checks", CHECKS, "--max-examples", "5", "--seed", "1", "--no-color"),
        *(word for name in LEFT_OUT for word in ("--exclude-operation-id", name)),
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)

    assert done.returncode == 0, done.stdout
