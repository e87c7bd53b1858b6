"""Rows on several processes and one PostgreSQL: requests, imports and exports, and what a process that idles asks for.

Each is measured with one, two and four processes in turn, beside SQLite with its one process. Who does the work is
told in CPU time a request, of servers, database and client: on few cores they are in each other's way.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench import clusters, crowds, servers
from bench.clusters import Cluster
from bench.crowds import Someone
from bench.fairs import add_fair
from bench.measure import Bench, Failed, crowd, family_cpu_seconds, ratio
from bench.rows_exports import sign_in
from bench.servers import BOUNDARY, Server, Upload
from bench.table import Result, Row, rate

PEOPLE = 8  #: who ask at the same time, each on a connection
IMPORTERS = 4
CALENDAR_EVENTS, EXPORT_EVENTS = 50, 100
CATALOG_TIME_SLOTS = 100
SETTLE_SECONDS, IDLE_SECONDS = 6.0, 20.0
LOOK_SECONDS = 0.1
UNFINISHED = "SELECT count(*) FROM export_run WHERE finished_at IS NULL"
STATEMENTS = (
    "SELECT coalesce(sum(calls) FILTER (WHERE query NOT ILIKE 'BEGIN%' AND query NOT ILIKE 'COMMIT%'"
    " AND query NOT ILIKE 'ROLLBACK%' AND query NOT ILIKE 'SET %'), 0), coalesce(sum(calls), 0)"
    " FROM pg_stat_statements JOIN pg_database ON oid = dbid WHERE datname LIKE 'bench%'"
)
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'bench%'"
COUNTING = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_utility": "on"}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one kind of work took once."""

    done: float  #: pieces of work
    seconds: float
    server_cpu: float
    database_cpu: float
    client_cpu: float

    @property
    def rate(self) -> float:
        """Pieces of work a second."""
        return self.done / self.seconds


#: what was done -> by how many processes (0: SQLite and its one) -> each time
Found = dict[str, dict[int, list[Taken]]]


def processes(bench: Bench) -> Iterator[Row]:
    """All rows on processes."""
    if not clusters.is_installed():
        yield Row.missing("requests, imports and exports with several processes", "PostgreSQL")
        return
    found: Found = {}
    with clusters.cluster() as cluster:
        for _ in range(bench.runs):
            for count in (0, *bench.processes):
                _requests(bench, cluster, count, found)
        yield from _rows(bench, found, "serve", rest="SQLite, one process")
        found.clear()
        for _ in range(bench.runs):
            for count in bench.processes:
                _jobs(bench, cluster, count, found)
        yield from _rows(bench, found, "worker", rest="")
    with clusters.cluster(**COUNTING) as cluster:
        yield from _idle(bench, cluster)


def _requests(bench: Bench, cluster: Cluster, count: int, found: Found) -> None:
    """One server with so many processes, asked for one thing after the other."""
    with crowds.place(cluster if count else None) as (folder, database):
        fair = add_fair(database, CATALOG_TIME_SLOTS)
        people = crowds.add_people(database, PEOPLE, calendar=bench.file(CALENDAR_EVENTS))
        with crowds.server(folder, database, processes=max(1, count)) as server:
            measure = _measure(server, cluster)
            paths = [_one_slot(server, someone) for someone in people]
            catalog = {"Authorization": fair.token, "Convention": fair.key}
            asking: dict[str, list[dict[str, Any]]] = {
                "GET of one slot": [one.reads(path, group="all") for one, path in zip(people, paths, strict=True)],
                f"GET of a catalog of {CATALOG_TIME_SLOTS} time slots": [
                    one.reads("/entities/timeslots", group="all") | {"headers": catalog} for one in people
                ],
                "POST of a slot": [one.writes(group="all") for one in people],
            }
            for what, members in asking.items():
                crowd(server.port, 1.0, members)  # warms up
                _note(bench, found, f"HTTP {what}", count, measure(members, bench.asking_seconds))
            single, several = _imports(bench, folder, people)
            name = f"HTTP import of {bench.events:,} events"
            _note(bench, found, f"{name}, one person", count, measure(single, 600.0, bench.events))
            _note(bench, found, f"{name}, {IMPORTERS} people at a time", count, measure(several, 600.0, bench.events))


def _measure(server: Server, cluster: Cluster) -> Callable[..., Taken]:
    def measure(members: Sequence[Mapping[str, Any]], seconds: float, pieces: int = 0) -> Taken:
        """What the members took until the end; with ``pieces``, each is one import of so many events."""
        before = family_cpu_seconds(server.process), family_cpu_seconds(cluster.process)
        answer = crowd(server.port, seconds, members)
        after = family_cpu_seconds(server.process), family_cpu_seconds(cluster.process)
        group = answer["groups"]["all"]
        if group["failures"]:
            raise Failed(f"{group['failures']} of {group['count']} failed: {group['reasons'][:1]}")
        return Taken(
            done=group["count"] * pieces if pieces else group["count"],
            seconds=answer["seconds"],
            server_cpu=after[0] - before[0],
            database_cpu=after[1] - before[1],
            client_cpu=answer["cpu_seconds"],
        )

    return measure


def _one_slot(server: Server, someone: Someone) -> str:
    server.headers.update(someone.headers)
    return f"/v1/slots/{server.ask('GET', '/v1/me/slots?limit=1').json()['data'][0]['id']}"


def _imports(bench: Bench, folder: Path, people: list[Someone]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One person's upload, and those of some others: each of a file that is new to its person."""
    body = folder / "upload"
    body.write_bytes(b"".join(Upload(file=bench.file(bench.events))))
    members = [
        {
            "group": "all",
            "method": "POST",
            "path": "/v1/import/",
            "headers": one.headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
            "body_file": str(body),
            "expected": [200],
            "times": 1,
        }
        for one in people[: IMPORTERS + 1]
    ]
    return members[:1], members[1:]


def _jobs(bench: Bench, cluster: Cluster, count: int, found: Found) -> None:
    """Small exports, started as fast as a server takes them, and done by so many workers."""
    exports = bench.small_exports
    with crowds.place(cluster) as (folder, database):
        with ExitStack() as stack:
            settings = {
                "SLOTPORT_DATABASE": database,
                "SLOTPORT_FILES": str(folder / "files"),
                "SLOTPORT_SECRET_KEY": "a-key-that-is-long-enough-for-the-bench",
            }
            idle = settings | {"SLOTPORT_EXPORT_WORKERS": "0"}
            server = stack.enter_context(servers.slotport(folder, settings=idle))
            server.ask("POST", "/v1/import/", Upload(file=bench.file(EXPORT_EVENTS)))
            sign_in(server)
            body = {"export": {"json": True, "search": {"objecttypes": ["slot"]}}, "_transports": []}
            numbers = [server.ask("PUT", "/api/v1/export", body).json()["export"]["_id"] for _ in range(exports)]
            workers = stack.enter_context(servers.workers(folder, count, settings=settings))
            time.sleep(2)
            start = [
                {
                    "group": "all",
                    "method": "POST",
                    "path": f"/api/v1/export/{number}/start",
                    "headers": {"X-Easydb-Token": server.headers["X-Easydb-Token"]},
                    "expected": [200],
                    "times": 1,
                }
                for number in numbers
            ]
            before = sum(map(family_cpu_seconds, workers)), family_cpu_seconds(cluster.process)
            begin = time.perf_counter()
            started = crowd(server.port, 60.0, start)["groups"]["all"]
            if started["failures"]:
                raise Failed(f"{started['failures']} exports did not start: {started['reasons'][:1]}")
            while cluster.ask(UNFINISHED, url=database)[0][0]:
                time.sleep(LOOK_SECONDS)
            seconds = time.perf_counter() - begin
            after = sum(map(family_cpu_seconds, workers)), family_cpu_seconds(cluster.process)
        taken = Taken(
            done=exports,
            seconds=seconds,
            server_cpu=after[0] - before[0],
            database_cpu=after[1] - before[1],
            client_cpu=0.0,
        )
        _note(bench, found, f"export of {EXPORT_EVENTS} slots as json", count, taken)


def _note(bench: Bench, found: Found, what: str, count: int, taken: Taken) -> None:
    found.setdefault(what, {}).setdefault(count, []).append(taken)
    bench.log(
        f"{what}, {count or 'SQLite'}: {taken.rate:.1f}/s; CPU seconds of {taken.seconds:.1f}: {taken.server_cpu:.1f}"
        f" ours, {taken.database_cpu:.1f} the database's, {taken.client_cpu:.1f} the client's"
    )


def _rows(bench: Bench, found: Found, program: str, *, rest: str) -> Iterator[Row]:
    for what, by_count in found.items():
        counts = list(bench.processes)
        is_job = program == "worker"
        rates = [median(one.rate for one in by_count[count]) for count in counts]
        texts = [f"{value * 60:.0f}" if is_job else rate(value, 1).removesuffix("/s") for value in rates]
        times = [
            ratio([one.rate for one in by_count[count]], [one.rate for one in by_count[counts[0]]]) for count in counts
        ]
        yield Row(
            name=f"{what}, {' / '.join(map(str, counts))} `{program}`" + (f" / {rest}" if rest else ""),
            ours=" / ".join(texts) + (" a minute" if is_job else " /s"),
            peer=rate(median(one.rate for one in by_count[0]), 1) if 0 in by_count else "",
            ratio=" / ".join(f"{value:.2f}x" for value in times[1:]) + " of one",
        )
        for count in (0, counts[0], counts[-1]):
            if count in by_count:
                yield _cpu_row(what, f"{count} `{program}`" if count else rest, by_count[count])


def _cpu_row(what: str, by: str, times: list[Taken]) -> Row:
    """Who worked: CPU time a piece of work, and how many cores were busy with all of it."""

    def each(name: str) -> str:
        micro = median(getattr(one, name) / one.done for one in times) * 1e6
        return f"{micro / 1000:.2f} ms" if micro >= 100 else f"{micro:.0f} µs"

    cores = median((one.server_cpu + one.database_cpu + one.client_cpu) / one.seconds for one in times)
    return Row(
        name=f"- CPU of {what.removeprefix('HTTP ')}, {by}",
        ours=each("server_cpu"),
        peer=f"database {each('database_cpu')}" + (f", client {each('client_cpu')}" if times[0].client_cpu else ""),
        ratio=f"{cores:.1f} cores busy",
    )


def _idle(bench: Bench, cluster: Cluster) -> Iterator[Row]:
    """What one more process costs the database while there is nothing to do."""
    cluster.ask("CREATE EXTENSION pg_stat_statements")
    with crowds.place(cluster) as (folder, database), ExitStack() as stack:
        settings = {"SLOTPORT_DATABASE": database, "SLOTPORT_FILES": str(folder / "files")}
        settings["SLOTPORT_SECRET_KEY"] = "a-key-that-is-long-enough-for-the-bench"
        for kind, start in (
            ("worker", lambda count: servers.workers(folder, count, settings=settings)),
            ("serve", lambda count: servers.slotport(folder, "", settings=settings, processes=count)),
        ):
            counted = []
            for count in bench.processes:
                with start(count):
                    time.sleep(SETTLE_SECONDS)
                    cluster.ask("SELECT pg_stat_statements_reset()")
                    cpu, begin = family_cpu_seconds(cluster.process), time.perf_counter()
                    time.sleep(min(IDLE_SECONDS, 4 * bench.asking_seconds))
                    seconds = time.perf_counter() - begin
                    statements, calls = cluster.ask(STATEMENTS)[0]
                    counted.append(
                        (
                            float(statements) / seconds,
                            float(calls) / seconds,
                            int(cluster.ask(CONNECTIONS)[0][0]),
                            (family_cpu_seconds(cluster.process) - cpu) / seconds,
                        )
                    )
                bench.log(f"{count} idle {kind}: {counted[-1]}")
            yield Row(
                name=f"{' / '.join(map(str, bench.processes))} idle `{kind}`: statements, all calls a second",
                ours=" / ".join(f"{one[0]:.1f}" for one in counted),
                peer=" / ".join(f"{one[1]:.0f}" for one in counted),
                ratio=" / ".join(f"{one[2]}" for one in counted) + " connections",
                memory="database " + " / ".join(f"{one[3] * 100:.1f} %" for one in counted) + " of a core",
                result=Result.SHOWN,
            )
        stack.close()
