"""Many exports on servers and workers that are killed all the time, on a database that is restarted.

``python -m tests.chaos`` runs it for five minutes and prints a table (``make chaos``); tests/faults has a short form.
"""

import argparse
import io
import random
import re
import signal
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

from tests.crew import Crew, crew
from tests.databases import Cluster, newest_binaries
from tests.export_client import Exporter, exporter, timeless
from tests.transports.peer import Peer, site
from tests.transports.peers import PEERS

KINDS: Sequence[dict[str, Any]] = (
    {"json": True},
    {"csv": True, "xml": True},
    {"ical": True},
    {"timeslot": True, "outlook": True},
    {"json": True, "json_one_file_per_object": True, "batch_size": 50},
)
PACKERS = (None, "zip", "tar.gz")
TARGETS = ("ftp", "wsgidav", "openssh")
DURABLE = ("synchronous_commit=on",)  #: a crash of the database forgets nothing that it said was done
DOWN_SECONDS = 3.0  #: that the database is away


@dataclass(frozen=True)
class Plan:
    """How much is to happen."""

    servers: int = 3
    workers: int = 4
    exports: int = 200
    slots: int = 300
    seconds: float = 300
    pause_seconds: float = 3.0  #: between two kills
    restarts: int = 2
    targets: Sequence[str] = TARGETS
    limit_seconds: float = 900  #: for all exports to end after the storm


@dataclass
class Outcome:
    """What happened."""

    seed: int
    kills: int = 0
    restarts: int = 0
    storm_seconds: float = 0
    seconds: float = 0
    states: dict[str, int] = field(default_factory=dict)
    deliveries: int = 0
    wrong: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The outcome as a table of Markdown."""
        rows = {
            "seed": self.seed,
            "kill -9 of a server or a worker": self.kills,
            "crashes of the database": self.restarts,
            "seconds of killing": round(self.storm_seconds),
            "seconds until the last export was over": round(self.seconds),
            "exports that ended": ", ".join(f"{count} {state}" for state, count in sorted(self.states.items())),
            "deliveries under their final names, compared byte by byte": self.deliveries,
            "wrong": len(self.wrong),
        }
        return "\n".join(["| what | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def run(plan: Plan, cluster: Cluster, database: str, folder: Path, seed: int | None = None) -> Outcome:
    """Do what is planned; ``wrong`` of the outcome says what did not end as it should."""
    outcome = Outcome(seed=random.randrange(2**32) if seed is None else seed)
    names = [f"server{number}" for number in range(plan.servers)]
    names += [f"worker{number}" for number in range(plan.workers)]
    with ExitStack() as stack:
        place = stack.enter_context(site(trustme.CA()))
        peers = {name: stack.enter_context(PEERS[name](place))() for name in plan.targets}
        town = stack.enter_context(crew(folder, database, names, SLOTPORT_OUTGOING_AUTHORITIES=str(place.authorities)))
        person = exporter(town.server("server0"))
        person.import_slots(plan.slots)
        wanted = [_calm(person, kind) for kind in KINDS]
        begin = time.monotonic()
        over = threading.Event()
        storm = threading.Thread(target=_storm, args=(plan, cluster, town, outcome, over))
        storm.start()
        try:
            numbers = _start_all(plan, town, person, peers)
            _wait(plan, town, person, numbers, storm)
        finally:
            over.set()
            storm.join()
        outcome.seconds = time.monotonic() - begin
        _compare(outcome, town, person, numbers, peers, wanted)
    return outcome


def name_of(number: int) -> str:
    """What an export of the storm is called."""
    return f"storm {number:03d}"


def _definition(number: int, peers: dict[str, Peer]) -> tuple[dict[str, Any], str, str | None]:
    """An export, the peer that it goes to, and its packer."""
    kind, packer = KINDS[number % len(KINDS)], PACKERS[number // len(KINDS) % len(PACKERS)]
    target = list(peers)[number % len(peers)]
    peer = peers[target]
    transport = peer.transport()
    sent = {
        "export": {"name": name_of(number), "search": {"objecttypes": ["slot"]}, **kind},
        "_transports": [
            {"type": transport.type, "packer": packer, "options": {**transport.options, **peer.secrets}},
            {"type": "download"},
        ],
    }
    return sent, target, packer


def _calm(person: Exporter, kind: dict[str, Any]) -> dict[str, bytes]:
    number = person.define({"search": {"objecttypes": ["slot"]}, **kind})
    person.run(number)
    return nameless(person.contents(number))


def _storm(plan: Plan, cluster: Cluster, town: Crew, outcome: Outcome, over: threading.Event) -> None:
    chance = random.Random(outcome.seed)
    begin = time.monotonic()
    restarts_at = [plan.seconds * (number + 1) / (plan.restarts + 1) for number in range(plan.restarts)]
    while time.monotonic() - begin < plan.seconds:
        if over.wait(chance.uniform(0.3, 1.7) * plan.pause_seconds):
            return
        if restarts_at and time.monotonic() - begin > restarts_at[0]:
            restarts_at.pop(0)
            cluster.stop(signal.SIGQUIT)
            time.sleep(DOWN_SECONDS)
            cluster.start()
            outcome.restarts += 1
            continue
        town.revive()
        name = chance.choice(sorted(town.running))
        town.kill(name)
        outcome.kills += 1
        time.sleep(chance.uniform(0, 1))
        town.begin(name)
    town.revive()
    outcome.storm_seconds = time.monotonic() - begin


def _start_all(plan: Plan, town: Crew, person: Exporter, peers: dict[str, Peer]) -> list[int]:
    """Define and start the exports, spread over the storm; each exactly once, whatever the answers were lost."""
    numbers: list[int] = []
    pause = plan.seconds * 0.8 / plan.exports
    for index in range(plan.exports):
        sent, _, _ = _definition(index, peers)
        while not (number := _number(town, person, name_of(index))):
            town.request("PUT", "export", person.token, json=sent)
        while _get(town, person, number)["_state"] == "new":
            town.request("POST", f"export/{number}/start", person.token)
        numbers.append(number)
        time.sleep(pause / 2)
    return numbers


def nameless(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Files without when, and by which export, they were made."""
    made = re.compile(rb'"export":\{[^}]*\}|export="[0-9]+"| name="[^"]*"')
    return {path: made.sub(b"", content) for path, content in timeless(contents).items()}


def _number(town: Crew, person: Exporter, name: str) -> int:
    answer = town.request("GET", "export", person.token, params={"limit": "1000"})
    found = [one["export"]["_id"] for one in answer.json()["objects"] if one["export"]["name"] == name]
    return int(found[0]) if found else 0


def _get(town: Crew, person: Exporter, number: int) -> dict[str, Any]:
    found: dict[str, Any] = town.request("GET", f"export/{number}", person.token).json()
    return found


def _is_over(export: dict[str, Any]) -> bool:
    states = {export["_state"], *(one["_state"] for one in export["_transports"])}
    return export["_state"] == "failed" or not states & {"new", "pending", "processing"}


def _wait(plan: Plan, town: Crew, person: Exporter, numbers: list[int], storm: threading.Thread) -> None:
    storm.join()
    give_up_at = time.monotonic() + plan.limit_seconds
    waiting = list(numbers)
    while waiting and time.monotonic() < give_up_at:
        town.revive()
        waiting = [number for number in waiting if not _is_over(_get(town, person, number))]
        time.sleep(0.5)


def _compare(
    outcome: Outcome,
    town: Crew,
    person: Exporter,
    numbers: list[int],
    peers: dict[str, Peer],
    wanted: list[dict[str, bytes]],
) -> None:
    """Look at each export, and at what lies where it was delivered to."""
    there = {name: peer.files() for name, peer in peers.items()}
    expected: dict[str, set[str]] = {name: set() for name in peers}
    for index, number in enumerate(numbers):
        export = _get(town, person, number)
        state = export["_state"]
        outcome.states[state] = outcome.states.get(state, 0) + 1
        _, target, packer = _definition(index, peers)
        states = [one["_state"] for one in export["_transports"]]
        if state != "done" or states != ["done", "done"]:
            outcome.wrong.append(f"{name_of(index)}: {state} {states} {export['_transports'][0]['_log'][-3:]}")
            continue
        found = _unpacked(town.request("GET", f"export/{number}/zip", person.token).content)
        if nameless(found) != wanted[index % len(KINDS)]:
            outcome.wrong.append(f"{name_of(index)}: its files differ")
        if packer is None:
            names = {f"{name_of(index)}/{path}": path for path in found}
            delivered = {path: there[target].get(name, b"") for name, path in names.items()}
        else:
            names = {name_of(index).replace(" ", "_") + f".{packer}": ""}
            archive = there[target].get(next(iter(names)))
            delivered = {} if archive is None else _unpacked(archive)
        expected[target] |= set(names)
        if nameless(delivered) != wanted[index % len(KINDS)]:
            outcome.wrong.append(f"{name_of(index)}: what {target} has differs: {sorted(delivered)[:5]}")
        outcome.deliveries += len(names)
    for name in peers:
        if more := set(there[name]) - expected[name]:
            outcome.wrong.append(f"{name} has more: {sorted(more)[:5]}")


def _unpacked(archive: bytes) -> dict[str, bytes]:
    stream = io.BytesIO(archive)
    if archive.startswith(b"PK"):
        with zipfile.ZipFile(stream) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(fileobj=stream) as packed:
        files = {member.name: packed.extractfile(member) for member in packed if member.isfile()}
        return {name: file.read() for name, file in files.items() if file is not None}


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--exports", type=int, default=200)
    parser.add_argument("--seed", type=int)
    said = parser.parse_args()
    binaries = newest_binaries()
    assert binaries is not None, "there is no PostgreSQL on this machine"
    cluster = Cluster(binaries, *DURABLE)
    try:
        with tempfile.TemporaryDirectory() as folder:
            plan = Plan(seconds=said.seconds, exports=said.exports)
            outcome = run(plan, cluster, cluster.url(cluster.add_database()), Path(folder), said.seed)
    finally:
        cluster.remove()
    print(outcome.table())
    for text in outcome.wrong:
        print(text)
    raise SystemExit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    _main()
