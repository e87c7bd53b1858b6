"""Transports over HTTP: what may be stored, what is shown of secrets, and where nobody may be connected to."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slotport.settings import Settings
from tests.api.export.serving import Caller, caller_of, export_server, refusal
from tests.servers import HttpServer

SECRET = "correct-horse-battery-staple"
UUID = "5f0c2f0e-0f5b-4a52-9a35-2d8d8a5f7a10"
FTP = {"server": "127.0.0.2:2121", "login": "crew"}


@pytest.fixture(scope="module")
def delivering(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server that lets transports connect to this machine, but to few ports."""
    folder = tmp_path_factory.mktemp("delivering")
    settings = Settings(
        data=folder / "data",
        port=0,
        shutdown_seconds=2,
        transports="download email ftp sftp webdav s3 rsync",
        outgoing_networks="127.0.0.2",
        outgoing_ports="22 80 443 873 2121 8333",
        rsync_destinations="rsync://127.0.0.2/slots/",
        rsync_roots=str(folder / "mirror"),
    )
    with export_server(settings) as running:
        yield running


@pytest.fixture
def crew(delivering: HttpServer) -> Iterator[Caller]:
    """Somebody new who is signed in there."""
    with caller_of(delivering) as found:
        yield found


def put(caller: Caller, kind: str, options: Any, **members: Any) -> Any:
    body = {"export": {}, "_transports": [{"type": kind, "uuid": UUID, "options": options, **members}]}
    return caller.client.put("/api/v1/export", json=body)


def post(caller: Caller, export_id: int, **options: Any) -> Any:
    """The first transport after a change of its options, or the refusal."""
    body = {"_transports": [{"type": "ftp", "uuid": UUID, "options": options}]}
    answer = caller.client.post(f"/api/v1/export/{export_id}", json=body)
    return answer.json()["_transports"][0] if answer.status_code == 200 else refusal(answer)


# Secrets


def test_a_secret_is_said_to_be_set_and_never_shown(crew: Caller) -> None:
    answer = put(crew, "ftp", {**FTP, "password": SECRET})
    transport = answer.json()["_transports"][0]

    assert SECRET not in answer.text
    assert {name: transport[name] for name in ("uuid", "type", "packer", "options", "_secrets_set", "_receipt")} == {
        "uuid": UUID,
        "type": "ftp",
        "packer": None,
        "options": FTP,
        "_secrets_set": ["password"],
        "_receipt": None,
    }
    assert (transport["_download"], transport["_log"], transport["_attempts"]) == (None, [], 0)


def test_only_types_with_secrets_tell_of_them(crew: Caller) -> None:
    shown = crew.shown(crew.create(transports=[{"type": "download"}]))["_transports"][0]

    assert "_secrets_set" not in shown


def test_secrets_are_kept_replaced_forgotten_and_dropped_with_the_server(crew: Caller) -> None:
    number = int(put(crew, "ftp", {**FTP, "password:secret": SECRET}).json()["export"]["_id"])

    def names(**options: Any) -> list[str]:
        found: list[str] = post(crew, number, **{**FTP, **options})["_secrets_set"]
        return found

    assert names(directory="in") == ["password"]
    assert names(password=None) == []
    assert names(password="another") == ["password"]
    assert names(server="127.0.0.2:2121") == ["password"]
    assert names(server="127.0.0.2:22") == []
    assert names(server="sftp://127.0.0.2", password=SECRET, private_key=None) == ["password"]
    assert names(server="ftp://127.0.0.2:22") == []


def test_an_object_that_comes_back_as_it_was_keeps_its_secrets_and_a_copy_has_none(crew: Caller) -> None:
    made = put(crew, "webdav", {"server": "https://127.0.0.2/dav", "webdav_user": "crew", "webdav_pass": SECRET}).json()
    number = made["export"].pop("_id")
    made["export"].pop("_version")

    again = crew.client.post(f"/api/v1/export/{number}", json=made).json()["_transports"][0]
    copy = crew.client.put("/api/v1/export", json=made).json()["_transports"][0]

    assert (again["_secrets_set"], again["options"]["login"]) == (["password"], "crew")
    assert (copy["uuid"], copy["_secrets_set"]) == (UUID, [])


def test_the_uuid_of_another_export_gives_none_of_its_secrets(crew: Caller) -> None:
    put(crew, "ftp", {**FTP, "password": SECRET})
    number = crew.create(transports=[{"type": "download"}])

    assert post(crew, number, **FTP)["_secrets_set"] == []


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("ftp", {**FTP, "server": f"ftp://crew:{SECRET}@127.0.0.2"}),
        ("ftp", {**FTP, "password": f"{SECRET}\n"}),
        ("ftp", {**FTP, "password": [SECRET]}),
        ("ftp", {**FTP, "password": SECRET, "password:secret": SECRET * 2}),
        ("sftp", {**FTP, "private_key": SECRET}),
        ("webdav", {"server": f"https://crew:{SECRET}@127.0.0.2/dav"}),
        ("rsync", {"destination": f"rsync://crew:{SECRET}@127.0.0.2/slots/"}),
        ("s3", {"bucket": "slots", "access_key": "AK", "secret_key": {"secret": SECRET}}),
    ],
)
def test_no_error_and_no_line_of_the_log_repeats_a_secret(
    crew: Caller, lines: Callable[[], list[Any]], kind: str, options: Any
) -> None:
    answer = put(crew, kind, options)

    assert answer.status_code == 400
    assert SECRET not in answer.text
    assert SECRET not in json.dumps(lines())


def test_no_file_on_disk_holds_a_secret(delivering: HttpServer, crew: Caller) -> None:
    put(crew, "ftp", {**FTP, "password": SECRET})
    preview = {"_transports": [{"type": "ftp", "options": {**FTP, "password": SECRET}}]}
    crew.client.post(f"/api/v1/export/{crew.create()}/preview", json=preview)

    assert [file for file in files_below(delivering.settings.data) if SECRET.encode() in file.read_bytes()] == []


def files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


# Targets


@pytest.mark.parametrize(
    ("kind", "options", "target"),
    [
        ("ftp", {"server": "127.0.0.1:2121"}, "127.0.0.1"),
        ("ftp", {"server": "localhost:2121"}, "localhost"),
        ("ftp", {"server": "[::1]:2121"}, "::1"),
        ("ftp", {"server": "[::ffff:127.0.0.1]:2121"}, "::ffff:127.0.0.1"),
        ("ftp", {"server": "127.0.0.2:21"}, "127.0.0.2"),
        ("ftp", {"server": "8.8.8.8:25"}, "8.8.8.8"),
        ("sftp", {"server": "10.0.0.1", "login": "crew"}, "10.0.0.1"),
        ("webdav", {"server": "http://169.254.169.254/latest/meta-data"}, "169.254.169.254"),
        ("webdav", {"server": "http://2130706433/"}, "2130706433"),
        ("webdav", {"server": "https://0x7f.1/dav"}, "0x7f.1"),
        ("webdav", {"server": "http://0/"}, "0"),
        (
            "s3",
            {"endpoint": "http://[64:ff9b::a9fe:a9fe]", "bucket": "slots", "access_key": "AK"},
            "64:ff9b::a9fe:a9fe",
        ),
        ("rsync", {"destination": "rsync://127.0.0.2/other/"}, "rsync://127.0.0.2/other/"),
        ("rsync", {"destination": "rsync://127.0.0.2/slots-of-others"}, "rsync://127.0.0.2/slots-of-others"),
        ("rsync", {"destination": "crew@127.0.0.2:slots"}, "crew@127.0.0.2:slots"),
        ("rsync", {"destination": "/etc"}, "/etc"),
        (
            "rsync",
            {"destination": "rsync://127.0.0.2/slots/", "options": {"port": 8873}},
            "rsync://127.0.0.2:8873/slots/",
        ),
    ],
)
def test_a_target_that_is_not_allowed_is_refused(crew: Caller, kind: str, options: Any, target: str) -> None:
    refused = (400, "user.transport_target_not_allowed", {"type": kind, "target": target})

    assert refusal(put(crew, kind, options)) == refused
    number = crew.create()
    before = crew.shown(number)
    body = {"_transports": [{"type": kind, "options": options}]}
    assert refusal(crew.client.post(f"/api/v1/export/{number}", json=body)) == refused
    assert crew.shown(number) == before


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("ftp", FTP),
        ("ftp", {"server": "no.such.host.invalid:2121"}),
        ("s3", {"endpoint": "http://127.0.0.2:8333", "bucket": "slots", "access_key": "AK"}),
        ("rsync", {"destination": "rsync://127.0.0.2/slots/2031"}),
    ],
)
def test_an_allowed_target_and_one_that_nobody_finds_are_taken(crew: Caller, kind: str, options: Any) -> None:
    assert put(crew, kind, options).json()["_transports"][0]["options"] == options


def test_a_folder_of_this_machine_is_taken_below_the_roots_only(delivering: HttpServer, crew: Caller) -> None:
    root = Path(delivering.settings.rsync_roots)
    root.mkdir(exist_ok=True)
    (root / "out").symlink_to("/etc")

    assert put(crew, "rsync", {"destination": f"{root}/2031"}).status_code == 200
    assert put(crew, "rsync", {"destination": f"{root}-2"}).status_code == 400
    assert put(crew, "rsync", {"destination": f"{root}/out/x"}).status_code == 400


def test_a_type_that_is_switched_off_is_not_available(crew: Caller, caller: Caller) -> None:
    assert refusal(put(crew, "ftps", FTP)) == (400, "user.transport_not_available", {"type": "ftps"})
    assert refusal(put(caller, "rsync", {"destination": "/srv"})) == (
        400,
        "user.transport_not_available",
        {"type": "rsync"},
    )


def test_anothers_export_is_unknown_before_its_targets_are_looked_at(crew: Caller, delivering: HttpServer) -> None:
    number = crew.create()
    body = {"_transports": [{"type": "ftp", "options": {"server": "127.0.0.1:2121"}}]}

    with caller_of(delivering) as other:
        answer = other.client.post(f"/api/v1/export/{number}", json=body)

    assert refusal(answer) == (404, "user.export_not_found", {"id": str(number)})
