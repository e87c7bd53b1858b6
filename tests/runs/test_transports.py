"""Transports on the real server: deliveries, trying out, and that no secret comes out anywhere."""

import json
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from tests.export_client import Exporter, exporter
from tests.mail_servers import Mailbox, mail_server
from tests.processes import Served, served
from tests.transports.peer import Site
from tests.transports.peers_ftp import PASSWORD, pyftpd

SECRET = "correct-horse-battery-staple"
LOOPBACK = {"SLOTPORT_OUTGOING_NETWORKS": "127.0.0.0/8", "SLOTPORT_LOG_LEVEL": "debug"}
KEYS = {"SLOTPORT_SECRET_KEY": "k" * 40}


class Talkative(socketserver.StreamRequestHandler):
    """An FTP server that refuses every login, and repeats what it was sent."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            code = {b"USER": b"331", b"PASS": b"530", b"QUIT": b"221"}.get(line[:4].upper(), b"502")
            self.wfile.write(code + b" you said: " + line.strip() + b"\r\n")


@pytest.fixture
def talkative() -> Iterator[int]:
    """The port of such a server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talkative) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def ftp(port: int, **options: Any) -> dict[str, Any]:
    return {"type": "ftp", "options": {"server": f"127.0.0.1:{port}", "login": "crew", **options}}


def messages(lines: list[dict[str, Any]]) -> str:
    return "\n".join(f"{line['level']}: {line['message']}" for line in lines)


def tried(client: Exporter, number: int) -> tuple[bool, str]:
    """Whether trying the export's transport out went well, and its log."""
    uuid = client.get(number)["_transports"][0]["uuid"]
    answer = client.call("POST", f"export/{number}/transport/{uuid}/test")
    assert answer.status_code == 200, answer.text
    return answer.json()["ok"], messages(answer.json()["log"])


def everything_said(client: Exporter, server: Served, number: int) -> str:
    """All that the server answers about an export, and all that it logs."""
    asked = [f"export/{number}", "export", "event/poll/0?limit=0"]
    answers = [client.call("GET", path).text for path in asked]
    pages = [httpx.get(f"{server.url}/{page}", trust_env=False).text for page in ("openapi.json", "metrics")]
    return "\n".join([*answers, *pages, server.log.read_text()])


def test_a_secret_comes_out_nowhere_though_the_other_side_repeats_it(tmp_path: Path, talkative: int) -> None:
    with served(tmp_path / "data", settings=LOOPBACK) as server:
        client = exporter(server)
        number = client.define({"json": True}, _transports=[ftp(talkative, password=SECRET)])
        export = client.run(number)
        is_ready, log = tried(client, number)
        said = everything_said(client, server, number)
        transport = export["_transports"][0]

    assert (export["_state"], transport["_state"], transport["_attempts"]) == ("done", "failed", 1)
    assert transport["_secrets_set"] == ["password"]
    assert not is_ready
    assert "***" in messages(transport["_log"])
    assert "***" in log
    assert SECRET not in said + log + json.dumps(export)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file for file in files if SECRET.encode() in file.read_bytes()] == []


def test_secrets_of_another_key_fail_the_transport_and_can_be_entered_again(tmp_path: Path, talkative: int) -> None:
    with served(tmp_path / "data", settings=LOOPBACK | KEYS) as server:
        client = exporter(server)
        number = client.define({"json": True}, _transports=[ftp(talkative, password=SECRET)])
    with served(tmp_path / "data", settings=LOOPBACK | {"SLOTPORT_SECRET_KEY": "n" * 40}) as server:
        client = client.at(server)
        unreadable = client.run(number)["_transports"][0]
        trial = tried(client, number)
        changed = [{**ftp(talkative, password=SECRET), "uuid": unreadable["uuid"]}]
        client.call("POST", f"export/{number}", json={"_transports": changed})
        entered = client.run(number)["_transports"][0]
        unexpected = "unexpectedly" in server.log.read_text()

    assert (unreadable["_state"], unreadable["_attempts"]) == ("failed", 1)
    assert "another secret_key" in messages(unreadable["_log"])
    assert (trial[0], "another secret_key" in trial[1]) == (False, True)
    assert "530" in messages(entered["_log"])
    assert not unexpected


def test_a_target_that_is_not_allowed_any_more_is_refused_at_the_run(tmp_path: Path, talkative: int) -> None:
    with served(tmp_path / "data", settings=LOOPBACK) as server:
        client = exporter(server)
        number = client.define({"json": True}, _transports=[ftp(talkative)])
    with served(tmp_path / "data", settings={"SLOTPORT_TRANSPORTS": "download ftp"}) as server:
        client = client.at(server)
        forbidden = client.run(number)["_transports"][0]
    with served(tmp_path / "data", settings=LOOPBACK | {"SLOTPORT_TRANSPORTS": "download"}) as server:
        client = client.at(server)
        switched_off = client.run(number)["_transports"][0]
        renamed = client.call("POST", f"export/{number}", json={"export": {"name": "Still to be changed"}})

    assert (forbidden["_state"], forbidden["_attempts"]) == ("failed", 1)
    assert "not allowed here" in messages(forbidden["_log"])
    assert (switched_off["_state"], switched_off["_attempts"]) == ("failed", 1)
    assert "not available here" in messages(switched_off["_log"])
    assert renamed.status_code == 200


@contextmanager
def delivering(folder: Path, mailbox: Mailbox) -> Iterator[tuple[Exporter, Any]]:
    """Somebody who exports, and a folder of a real FTP server."""
    with ExitStack() as opened:
        (folder / "site").mkdir()
        peer = opened.enter_context(pyftpd("clear", Site(folder / "site", trustme.CA())))()
        port = opened.enter_context(mail_server(mailbox))
        mails = {"SLOTPORT_SMTP_HOST": "127.0.0.1", "SLOTPORT_SMTP_PORT": str(port), "SLOTPORT_SMTP_SECURITY": "none"}
        server = opened.enter_context(served(folder / "data", settings=LOOPBACK | mails))
        yield exporter(server), peer


@pytest.mark.parametrize("packer", [None, "zip_10mb", "tar.gz"])
def test_a_result_is_delivered_and_somebody_is_told(tmp_path: Path, packer: str | None) -> None:
    mailbox = Mailbox()
    with delivering(tmp_path, mailbox) as (client, peer):
        client.import_slots(20)
        crew = {"_basetype": "user", "user": {"type": "email", "login": "crew@example.net"}}
        said = ftp(peer.address[1], login=peer.login, directory=f"/{peer.directory}/", password=PASSWORD)
        said |= {"packer": packer, "email": {"recipients": [crew], "message": "Have fun."}}
        number = client.define({"name": "Summer slots", "json": True, "csv": True}, _transports=[said])
        trial = tried(client, number)
        export = client.run(number)
        client.call("POST", f"export/{number}/transport/{export['_transports'][0]['uuid']}/retry")
        again = client.ended(number)
        files, contents = peer.files(), client.contents(number)

    transport = export["_transports"][0]
    assert trial[0], trial[1]
    assert transport["_state"] == "done", messages(transport["_log"])
    assert transport["_receipt"] == {
        "files": len(contents) if packer is None else 1,
        "bytes": sum(map(len, files.values())),
        "finished": export["_last_run"]["finished"],
        "verified": "hash",
    }
    assert again["_transports"][0]["_receipt"] == transport["_receipt"]
    if packer is None:
        assert files == {f"Summer slots/{path}": content for path, content in contents.items()}
    else:
        ending = {"zip_10mb": ".1.zip", "tar.gz": ".tar.gz"}[packer]
        assert list(files) == [f"Summer_slots{ending}"]
    recipients, mail = mailbox.wait()[0]
    assert recipients == ["crew@example.net"]
    assert "Summer slots" in mail.get_content()
    assert "Have fun." in mail.get_content()
    assert PASSWORD not in mail.as_string()


def test_trying_out_does_not_keep_the_server_from_others(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=50) as silent,
        served(tmp_path / "data", settings=LOOPBACK) as server,
    ):
        client = exporter(server)
        number = client.define({"name": "tides"}, _transports=[ftp(silent.getsockname()[1])])
        uuid = client.get(number)["_transports"][0]["uuid"]
        with ThreadPoolExecutor(20) as people:
            trials = [people.submit(client.call, "POST", f"export/{number}/transport/{uuid}/test") for _ in range(20)]
            refused = next(one.result() for one in as_completed(trials))
            meanwhile = client.call("GET", "export?limit=0").elapsed.total_seconds()
        statuses = Counter(one.result().status_code for one in trials)

    assert (refused.status_code, refused.json()["code"]) == (503, "error.server.unavailable")
    assert refused.headers["retry-after"] == "10"
    assert statuses == {200: 4, 503: 16}
    assert meanwhile < 8
