"""Requests to the export interface made up from the OpenAPI document: no failure, and only documented answers."""

import subprocess
import sys
from pathlib import Path

from tests.api.export.serving import Caller, publish
from tests.servers import HttpServer

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
#: they end the session that the others need
LEFT_OUT = ("sessions_authenticate", "sessions_deauthenticate")


def test_made_up_requests_get_documented_answers(exporting: HttpServer, caller: Caller, tmp_path: Path) -> None:
    publish(exporting, caller.create(), {"a.csv": b"a"})
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{exporting.url}/openapi.json"),
        *("--include-path-regex", "^/api/v1", "--header", f"X-Easydb-Token: {caller.token}"),
        *("--checks", CHECKS, "--max-examples", "10", "--seed", "1", "--no-color"),
        *(word for name in LEFT_OUT for word in ("--exclude-operation-id", name)),
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)

    assert done.returncode == 0, done.stdout
