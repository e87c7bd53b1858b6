"""Media and results in a bucket: any server gives out what a worker on another machine wrote."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import trustme

from tests.crew import crew
from tests.export_client import exporter, timeless
from tests.transports.peer import Peer, site
from tests.transports.peers_s3 import BUCKET, S3Peer, seaweedfs

PICTURE = b"no picture, but bytes " * 40_000


@pytest.fixture(scope="module")
def storage() -> Iterator[Callable[[], Peer]]:
    """A real S3 server."""
    with ExitStack() as running:
        yield running.enter_context(seaweedfs(running.enter_context(site(trustme.CA()))))


def test_a_result_in_a_bucket_is_everywhere(tmp_path: Path, postgresql_url: str, storage: Callable[[], Peer]) -> None:
    peer = replace(cast(S3Peer, storage()), prefix=f"files of {tmp_path.name}")
    host, port = peer.address
    settings = {
        "SLOTPORT_FILES": f"s3://{BUCKET}/{peer.prefix}",
        "SLOTPORT_FILES_ENDPOINT": f"http://{host}:{port}",
        "SLOTPORT_FILES_ACCESS_KEY": peer.transport().options["access_key"],
        "SLOTPORT_FILES_SECRET_KEY": peer.secrets["secret_key"],
        "SLOTPORT_EXPORT_WORKERS": "0",
    }
    with crew(tmp_path, postgresql_url, ["server", "server1"], **settings) as town:
        town.settings = {**town.settings, "SLOTPORT_EXPORT_WORKERS": "1"}
        town.server()
        town.begin("worker0")
        person = exporter(town.server())
        there = person.at(town.server("server1"))
        asset = person.call("POST", "eas/put", files={"file": ("a.bin", PICTURE)}).json()[0]
        slot = {"title": "Sea", "startDate": "2031-06-01T10:00:00Z", "endDate": "2031-06-01T11:00:00Z"}
        item = {"publicId": asset["public_id"], "mediaType": "image"}
        person.calendar.post("/v1/slots", json={**slot, "visibility": "private", "media": [item]})
        person.import_slots(300)
        wanted = {"json": True, "csv": True, "eas_fields": {"slot.media": {"files": True}}}
        number = person.define(wanted, _transports=[{"type": "download", "packer": "zip"}])
        first = person.run(number)
        contents, elsewhere = person.contents(number), there.contents(number)
        media = next(path for path in contents if path.startswith("media/"))
        part = there.call("GET", f"export/{number}/file/{media}", headers={"Range": "bytes=100000-100099"})
        zipped = there.call("GET", f"export/{number}/zip").content
        archive = there.call("GET", first["_downloads"][0]["href"].partition("/api/v1/")[2])
        picture = there.call("GET", f"eas/download/{asset['_id']}/original").content
        person.start(number)
        town.kill("worker0")
        town.begin("worker1")
        again = person.ended(number)
        after = timeless(there.contents(number))
        kept = sorted(name.partition("/")[0] for name in peer.files())
        there.call("DELETE", f"export/{number}")

    assert (first["_state"], again["_state"]) == ("done", "done")
    assert contents == elsewhere
    assert (contents[media], picture) == (PICTURE, PICTURE)
    assert (part.status_code, part.content) == (206, PICTURE[100_000:100_100])
    assert (zipped[:2], archive.status_code, archive.content[:2]) == (b"PK", 200, b"PK")
    assert after == timeless(contents)
    assert set(kept) == {"assets", "exports"}
    assert {name.partition("/")[0] for name in peer.files()} == {"assets"}
