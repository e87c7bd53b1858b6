"""Rows on runs of exports: every format of many slots with many small media files, beside the plain HTTP export."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from bench import servers
from bench.measure import Bench, Growth
from bench.rows_http import imported
from bench.servers import Server, Upload
from bench.table import Row, mib, rate, result
from slotport.actions.assets import place_of
from slotport.core.export import AssetClass
from slotport.core.exported import Asset
from slotport.storage import assets
from slotport.storage.store import Store

#: a format of exports -> the plain export that is beside it
BESIDE = {"json": "timeslot", "csv": "outlook", "ical": "ical"}
RATE_GOAL = 0.5
MEMORY_KIB = 300 * 1024  #: resident, all processes together (P14)
MEDIA_BYTES = 2048
LOOK_SECONDS = 0.5


def exports(bench: Bench) -> Iterator[Row]:
    """One account with all slots and media; each format is run once, beside the shorter of two plain exports."""
    slots, media = bench.export_slots, bench.export_media
    with servers.folder() as folder:
        with servers.slotport(folder) as server:
            imported(server, Upload(file=bench.file(slots)), created=slots)
            token = servers.token_of(server)
        _add_media(folder, media)
        with servers.slotport(folder, token) as server:  # whose memory the import has not stretched
            sign_in(server)
            for word, plain in BESIDE.items():
                out = min(server.ask("POST", f"/v1/export/{plain}", {}, count_only=True).seconds for _ in range(2))
                number = _define(server, {word: True, "search": {"objecttypes": ["slot"]}})
                growth = Growth(server.process)
                taken = _run(server, number)
                ratio = out / taken
                yield Row(
                    name=f"run of {slots:,} slots as {word} / `/v1/export/{plain}`",
                    ours=rate(slots, taken),
                    peer=rate(slots, out),
                    ratio=f"{ratio:.2f}x",
                    goal=f">= {RATE_GOAL:g}x",
                    result=result(ratio >= RATE_GOAL),
                    memory=f"{mib(growth.kib())} growth",
                )
        with servers.slotport(folder, token) as server:  # whose memory the plain exports have not stretched
            sign_in(server)
            wanted = dict.fromkeys(BESIDE, True) | {"eas_fields": {"slot.media": {"files": True}}, "manifest": True}
            number = _define(server, wanted, [{"type": "download", "packer": "zip"}])
            growth = Growth(server.process)
            taken = _run(server, number)
            peak = growth.peak_kib()
            yield Row(
                name=f"run of {slots:,} slots in three formats with {media:,} media files, zipped",
                ours=rate(slots, taken),
                goal=f"< {mib(MEMORY_KIB)} resident",
                result=result(peak is not None and peak < MEMORY_KIB),
                memory=mib(peak),
            )


def sign_in(server: Server) -> None:
    """Begin a session of the export API, as the account that the server was signed up with."""
    token = server.ask("GET", "/api/v1/session").json()["token"]
    words = urlencode({"token": token, "login": "bench@bench.example", "password": "bench-password"})
    server.ask("POST", f"/api/v1/session/authenticate?{words}")
    server.headers["X-Easydb-Token"] = token


def _define(server: Server, export: dict[str, object], transports: list[dict[str, str]] | None = None) -> int:
    body = {"export": export, "_transports": transports or []}
    return int(server.ask("PUT", "/api/v1/export", body).json()["export"]["_id"])


def _run(server: Server, number: int) -> float:
    """Seconds of a run, its deliveries included."""
    begin = time.perf_counter()
    server.ask("POST", f"/api/v1/export/{number}/start")
    while True:
        found = server.ask("GET", "/api/v1/export?limit=1000", same_connection=True).json()["objects"]
        state = next(one["_state"] for one in found if one["export"]["_id"] == number)
        if state not in {"pending", "processing"}:
            assert state == "done", state
            return time.perf_counter() - begin
        time.sleep(LOOK_SECONDS)


def _add_media(folder: Path, count: int) -> None:
    """Give that many slots a small file each: rows as an upload makes them."""
    store = Store.open(f"sqlite:///{folder / 'slotport.db'}")
    with store.write() as transaction:
        ask = transaction.connection.exec_driver_sql
        slots = [row[0] for row in ask(f"SELECT id FROM slot ORDER BY id LIMIT {count:d}")]
        owner = ask("SELECT owner_id FROM slot LIMIT 1").scalar_one()
        for number, slot in enumerate(slots):
            content = f"{number:08d}".encode() * (MEDIA_BYTES // 8)
            asset = Asset(
                id=0,
                owner_id=owner,
                public_id=f"bench-{number}",
                asset_class=AssetClass.OTHER,
                extension="bin",
                original_filename=f"{number}.bin",
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                media_type="application/octet-stream",
                uploaded_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            place = place_of(folder / "files", assets.add(transaction, asset, ()).asset)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            ask(
                "INSERT INTO media (slot_id, public_id, media_type, position, created_at) VALUES (?, ?, 'image', 0, 0)",
                (slot, asset.public_id),
            )
    store.close()
