"""The sample for nginx before a real server: addresses, long answers, and what it keeps to itself."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import trustme

from tests.export_client import exporter
from tests.processes import free_port, served
from tests.transports.peer import found, process

SAMPLE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
AROUND = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/slotport.conf;
}}
"""


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[int]:
    """nginx with the sample's configuration, but for names and ports; the port that speaks TLS."""
    program = found("nginx", "nginx-light")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate = authority.issue_cert("slots.example.org", "127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "privkey.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "fullchain.pem", append=True)
    plain, secure = free_port(), free_port()
    text = SAMPLE.read_text()
    for before, after in {
        "127.0.0.1:8080": f"127.0.0.1:{upstream}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "/etc/ssl/slotport": str(folder),
    }.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "slotport.conf").write_text(text)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    with process([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)], folder / "log", secure):
        yield secure


def test_the_configuration_is_one(tmp_path: Path) -> None:
    with nginx(tmp_path, 9):
        done = subprocess.run(
            [found("nginx", "nginx-light"), "-t", "-c", f"{tmp_path}/nginx.conf", "-p", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )

    assert (done.returncode, "syntax is ok" in done.stderr) == (0, True)


def test_people_reach_slotport_through_it(tmp_path: Path) -> None:
    proxy = tmp_path / "nginx"
    proxy.mkdir()
    settings = {"SLOTPORT_TRUSTED_PROXY_COUNT": "1"}
    with served(tmp_path / "data", settings=settings) as server, nginx(proxy, server.port) as port:
        person = exporter(server)
        person.import_slots(50)
        number = person.define({"json": True}, _transports=[{"type": "download"}])
        person.run(number)
        trusted = ssl.create_default_context(cafile=str(proxy / "authority.pem"))
        base, token = f"https://127.0.0.1:{port}", {"X-Easydb-Token": person.token}
        with httpx.Client(base_url=base, verify=trusted, headers=token, trust_env=False) as client:
            export = client.get(f"/api/v1/export/{number}").json()
            archive = client.get(export["_downloads"][0]["href"])
            asset = client.post("/api/v1/eas/put", files={"file": ("a.bin", bytes(3_000_000))}).json()[0]
            last = client.get("/api/v1/event/poll/0?limit=0").json()[-1]["event"]["_id"]
            waited = client.get(f"/api/v1/event/poll/{last}?wait=2")
            zipped = client.get(f"/api/v1/export/{number}/zip")
            kept = [client.get(f"/{path}").status_code for path in ("metrics", "readyz")]

    assert asset["versions"]["original"]["url"].startswith("https://127.0.0.1:")
    assert (archive.status_code, archive.content[:2]) == (200, b"PK")
    assert (waited.status_code, waited.json()) == (200, [])
    assert (zipped.status_code, zipped.content[:2], "content-length" in zipped.headers) == (200, b"PK", False)
    assert kept == [404, 404]
