"""The export interface over HTTP: a server whose runs are made by the tests, people with sessions, results."""

import bz2
import gzip
import io
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import httpx

from slotport.actions import exports, passwords
from slotport.actions.run_folder import RunFolder
from slotport.api.app import create_app, utc_now
from slotport.api.serving import listening
from slotport.api.serving import server as uvicorn_server
from slotport.core.account import Account
from slotport.core.export import Archive, AssetClass, Export, File, Trigger
from slotport.depot import depot_of
from slotport.settings import Settings
from slotport.storage import accounts, run_work, schema
from slotport.storage.run_work import Totals
from slotport.storage.store import Store
from tests.calendars import add_person
from tests.homes import url_of
from tests.servers import HttpServer, close_when_idle, wait

PASSWORD = "correct horse"
HASH = passwords.hashed(PASSWORD)
MODIFIED = datetime(2031, 4, 9, 5, 15, 7, 250000, UTC)
MEDIA_TYPES = {"html": "text/html", "csv": "text/csv", "json": "application/json", "png": "image/png"}
_numbers = count(1)


class Clock:
    """The time, which a test moves on."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self._ahead

    def advance(self, **units: float) -> None:
        """Let so much time pass."""
        self._ahead += timedelta(**units)


class WaitingRuns:
    """Starts runs that nobody works on: what becomes of them a test says."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store, self._settings, self._clock = store, settings, clock

    def create(self, owner: Account, body: Any, *, session_hash: bytes | None = None) -> Export:
        made = exports.create(
            self._store, owner, body, settings=self._settings, now=self._clock(), session_hash=session_hash
        )
        return self.start(owner, made.id, full=False)

    def start(self, owner: Account, export_id: int, *, full: bool, session_hash: bytes | None = None) -> Export:
        with self._store.write() as transaction:
            exports.begin_run(
                transaction,
                export_id,
                owner.id,
                trigger=Trigger.MANUAL,
                full=full,
                due_at=None,
                now=self._clock(),
                settings=self._settings,
            )
        return exports.get(self._store, owner, export_id)

    def retry(self, owner: Account, export_id: int, transport_uuid: str) -> Export:
        return exports.get(self._store, owner, export_id)

    def test(self, owner: Account, export_id: int, transport_uuid: str) -> tuple[bool, list[dict[str, Any]]]:
        exports.get(self._store, owner, export_id)
        return True, [{"timestamp": "2031-04-09T05:15:00Z", "level": "info", "message": transport_uuid}]

    def preview(self, owner: Account, export_id: int, body: dict[str, Any]) -> dict[str, Any]:
        exports.laid_over(self._store, owner, export_id, body, settings=self._settings)
        return {"count": 0, "counts": {}, "files": 0, "bytes": 0}


@contextmanager
def export_server(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Iterator[HttpServer]:
    """The application with exports that wait, on a thread and a migrated database, until the end of the block."""
    settings = replace(settings, database=settings.database or url_of(settings.data))
    store = Store.open(settings.database_url, connections=settings.connections)
    schema.migrate(store.engine)
    app = create_app(settings, store, clock=clock, engine=WaitingRuns(store, settings, clock))
    running = uvicorn_server(app, settings)
    listener = listening(settings)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        wait(lambda: running.started or not thread.is_alive())
        port = listener.getsockname()[1]
        yield HttpServer(f"http://127.0.0.1:{port}", port, settings, store)
    finally:
        running.should_exit = True
        thread.join(timeout=settings.shutdown_seconds + 10)
        listener.close()
        close_when_idle(store)


@dataclass(frozen=True)
class Caller:
    """Somebody who is signed in: a client that sends the session's token in its header."""

    client: httpx.Client
    account: Account
    token: str

    def create(self, name: str = "Summer slots", *, transports: Sequence[Any] = (), **members: Any) -> int:
        """The id of a new export."""
        body = {"export": {"name": name, **members}, "_transports": list(transports)}
        answer = self.client.put("/api/v1/export", json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["export"]["_id"])

    def shown(self, export_id: int) -> Any:
        """The export as it is now."""
        return self.client.get(f"/api/v1/export/{export_id}").json()


def add_account(store: Store, **fields: Any) -> Account:
    """Somebody new, whose password is PASSWORD."""
    account = add_person(store, **fields)
    with store.write() as transaction:
        accounts.set_password(transaction, account.id, HASH)
    return account


@contextmanager
def caller_of(server: HttpServer, account: Account | None = None, **fields: Any) -> Iterator[Caller]:
    """Somebody new (or the account) with a session of its own, signed in over HTTP."""
    number = next(_numbers)
    who = account or add_account(server.store, **{"username": f"Caller {number}", **fields})
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        token = client.get("/api/v1/session").json()["token"]
        sent = {"token": token, "login": who.email, "password": PASSWORD}
        answer = client.post("/api/v1/session/authenticate", data=sent)
        assert answer.status_code == 200, answer.text
        client.headers["X-Easydb-Token"] = token
        yield Caller(client, who, token)


# Results


def publish(
    server: HttpServer,
    export_id: int,
    files: Mapping[str, bytes],
    *,
    packers: Sequence[str] = (),
    archive_name: str = "Summer_slots",
) -> str:
    """Start a run of the export and make those files its result; those below ``media/`` are media. The run's id."""
    store = server.store
    with store.write() as transaction:
        run, _ = exports.begin_run(
            transaction,
            export_id,
            None,
            trigger=Trigger.MANUAL,
            full=False,
            due_at=None,
            now=utc_now(),
            settings=server.settings,
        )
    assert run_work.begin(store, run.id, now=utc_now()) is not None
    folder = RunFolder(depot_of(server.settings), export_id, run.id)
    folder.make()
    listed = [_file(path, content) for path, content in files.items()]
    for path, content in files.items():
        target = folder.files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    archives = [one for packer in packers for one in _packed(folder, packer, files, archive_name)]
    folder.publish()
    run_work.store_files(store, run.id, listed, archives)
    run_work.publish(
        store,
        run.id,
        totals=Totals(files=len(files), bytes=sum(map(len, files.values()))),
        protocol="",
        retention_days=7,
        deliver=None,
        now=utc_now(),
    )
    return run.id


def _file(path: str, content: bytes) -> File:
    media = path.startswith("media/")
    return File(
        path=path,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        media_type=MEDIA_TYPES.get(path.rpartition(".")[2], "application/octet-stream"),
        modified=MODIFIED,
        eas_id=9 if media else None,
        eas_version="original" if media else None,
        eas_fileclass=AssetClass.IMAGE if media else None,
    )


def _packed(folder: RunFolder, packer: str, files: Mapping[str, bytes], name: str) -> Iterator[Archive]:
    if packer.startswith("zip_"):
        for part, (path, content) in enumerate(files.items(), start=1):
            yield _archive(folder, packer, f"{name}.{part}.zip", zipped({path: content}), part=part)
    elif packer == "zip":
        yield _archive(folder, packer, f"{name}.zip", zipped(files))
    else:
        plain = tarred(files)
        packed = bz2.compress(plain) if packer == "tar_bz2" else gzip.compress(plain, mtime=0)
        ending = "tar.bz2" if packer == "tar_bz2" else "tar.gz"
        yield _archive(folder, packer, f"{name}.{ending}", packed, inner=plain)


def _archive(
    folder: RunFolder, packer: str, name: str, content: bytes, *, part: int | None = None, inner: bytes | None = None
) -> Archive:
    (folder.archives / name).write_bytes(content)
    return Archive(
        packer=packer,
        part=part,
        file_name=name,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        media_type="application/zip" if name.endswith(".zip") else "application/x-compressed-tar",
        unpacked_size=None if inner is None else len(inner),
        unpacked_sha256=None if inner is None else sha256(inner).hexdigest(),
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return stream.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of a zip, in its order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tarred(files: Mapping[str, bytes]) -> bytes:
    """A tar of the files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def refusal(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Status, code and parameters of an error, whose shape is looked at."""
    body = answer.json()
    assert {"realm", "code", "description"} <= set(body) <= {"realm", "code", "description", "parameters", "uuid"}
    assert body["code"].startswith(f"error.{body['realm']}.")
    assert len(body["description"]) > 5
    assert body.get("parameters") != {}
    assert ("uuid" in body) == (body["realm"] == "server")
    return answer.status_code, body["code"].removeprefix("error."), body.get("parameters", {})
