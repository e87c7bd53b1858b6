"""Rows on a day's load: many calendar programs that poll feeds in which nothing happens, beside people who write.

An answer's time counts from the moment at which it was due to be asked for (bench/child_crowd.py).
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from bench import clusters, crowds
from bench.clusters import Cluster
from bench.crowds import Someone
from bench.measure import Bench, Failed, crowd, family_cpu_seconds
from bench.table import Row, result, seconds

SEED = 42
POLL_SECONDS, WRITE_SECONDS = 10.0, 2.0  #: between two questions of one subscriber, of one writer
CALENDAR_EVENTS = 20


def load(bench: Bench) -> Iterator[Row]:
    """The same load on SQLite with its one process, and on PostgreSQL with two."""
    if not clusters.is_installed():
        yield from _rows(bench, None, 1)
        yield Row.missing("feed subscribers beside writers on PostgreSQL", "PostgreSQL")
        return
    yield from _rows(bench, None, 1)
    with clusters.cluster() as cluster:
        yield from _rows(bench, cluster, 2)


def _rows(bench: Bench, cluster: Cluster | None, processes: int) -> Iterator[Row]:
    where = "SQLite" if cluster is None else f"PostgreSQL, {processes} processes"
    with crowds.place(cluster) as (folder, database):
        people = crowds.add_people(database, bench.subscribers + bench.writers, calendar=bench.file(CALENDAR_EVENTS))
        with crowds.server(folder, database, processes=processes) as server:
            before = _cpu(server.process, cluster)
            answer = crowd(server.port, bench.load_seconds, _members(bench, people))
            after = _cpu(server.process, cluster)
    took = answer["seconds"]
    cores = [(late - early) / took for early, late in zip(before, after, strict=True)]
    bench.log(
        f"{where}: cores busy (the first questions included): servers {cores[0]:.2f}, database {cores[1]:.2f},"
        f" client {answer['cpu_seconds'] / took:.2f}"
    )
    for name, group in answer["groups"].items():
        bench.log(f"{name}: {group}")
        if not group["count"]:
            raise Failed(f"{name}: nobody asked")
        yield Row(
            name=f"{name}, {bench.load_seconds:.0f} s, {where}",
            ours=f"p50 {seconds(group['p50'] / 1000)}, p99 {seconds(group['p99'] / 1000)}",
            peer=f"{group['rate']:.1f}/s, longest {seconds(group['most'] / 1000)}",
            ratio=f"{group['failures']} of {group['count']:,} failed",
            goal="0 failed",
            result=result(group["failures"] == 0),
            memory=f"cores: server {cores[0]:.2f}, database {cores[1]:.2f}, client {answer['cpu_seconds'] / took:.2f}",
        )


def _members(bench: Bench, people: list[Someone]) -> list[dict[str, Any]]:
    """Subscribers whose calendars stay as they are; writers; and a subscriber of each writer's calendar."""
    random = Random(SEED)
    idle, writers = people[: bench.subscribers], people[bench.subscribers :]

    def polls(someone: Someone, group: str, *expected: int) -> dict[str, Any]:
        offset = random.uniform(0, POLL_SECONDS)
        return someone.subscribes(expected=expected, group=group, every=POLL_SECONDS, offset=offset)

    return [
        *(polls(one, f"{len(idle):,} subscribers whose feeds stay as they are", 304) for one in idle),
        *(polls(one, f"{len(writers)} subscribers of the writers' feeds", 200, 304) for one in writers),
        *(
            one.writes(
                group=f"{len(writers)} writers of slots",
                every=WRITE_SECONDS,
                offset=random.uniform(0, WRITE_SECONDS),
            )
            for one in writers
        ),
    ]


def _cpu(server: int, cluster: Cluster | None) -> tuple[float, float]:
    return family_cpu_seconds(server), family_cpu_seconds(cluster.process) if cluster else 0.0
