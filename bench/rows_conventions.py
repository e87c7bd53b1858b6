"""Rows on conventions: the catalog of time slots beside its bare encoding, and scheduling in small and large ones."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import msgspec

from bench import servers
from bench.fairs import OPENING, Fair, add_fair
from bench.measure import Bench, Failed
from bench.servers import Server
from bench.table import Result, Row, result, seconds

CATALOG = "/entities/timeslots"
CATALOG_GOAL, GOAL_TIME_SLOTS = 4.0, 1_000
FLAT = 1.5
ASKED, WARMUP = 21, 4
WHOLE = 5  #: every so many turns all is encoded anew


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A server with a convention."""

    server: Server
    fair: Fair


def conventions(bench: Bench) -> Iterator[Row]:
    """Catalogs of growing size; then the same change in the smallest and in the largest convention."""
    for count in bench.catalog_time_slots:
        with _stand(count) as stand:
            yield from _catalog(bench, stand)
    with ExitStack() as stack:
        stands = [stack.enter_context(_stand(count)) for count in bench.schedule_time_slots]
        yield from _scheduling(bench, stands)


@contextmanager
def _stand(count: int) -> Iterator[Stand]:
    with servers.folder() as data:
        fair = add_fair(f"sqlite:///{data / 'slotport.db'}", count)
        with servers.slotport(data, token="") as server:
            server.headers["Authorization"] = fair.token
            server.headers["Convention"] = fair.key
            yield Stand(server=server, fair=fair)


def _catalog(bench: Bench, stand: Stand) -> Iterator[Row]:
    """Asked after a change of a location, for which all is encoded anew, of an event, and of nothing."""
    count, event = stand.fair.time_slots, f"/entities/events/{stand.fair.event}"
    location = f"/entities/locations/{stand.fair.location}"
    again, fresh, whole, bare = [], [], [], []
    for turn in range(WARMUP + ASKED):
        if turn % WHOLE == 0:
            stand.server.ask("PUT", location, {"max_attendees": 40 + turn}, same_connection=turn > 0)
            whole.append(stand.server.ask("GET", CATALOG, same_connection=turn > 0).seconds)
        stand.server.ask("PUT", event, {"title": f"Lantern Making {turn}"}, same_connection=turn > 0)
        first = stand.server.ask("GET", CATALOG, same_connection=turn > 0)
        second = stand.server.ask("GET", CATALOG, same_connection=turn > 0)
        slots = msgspec.json.decode(first.body)
        if len(slots) != count or second.body != first.body:
            raise Failed(f"the catalog shows {len(slots)} of {count} time slots")
        begin = time.perf_counter()
        msgspec.json.encode(slots)
        encoding = time.perf_counter() - begin
        if turn >= WARMUP:
            again.append(second.seconds)
            fresh.append(first.seconds)
            bare.append(encoding)
    bench.log(f"catalog of {count}: {median(again) * 1e3:.2f} ms, after a change {median(fresh) * 1e3:.2f} ms")
    rows = {
        f"catalog of {count:,} time slots": again,
        "the same, an event just changed": fresh,
        "the same, all encoded anew": whole,
    }
    for what, taken in rows.items():
        times = median(taken) / median(bare)
        has_goal = what.startswith("catalog") and count == GOAL_TIME_SLOTS
        yield Row(
            name=f"HTTP {what} / bare encoding",
            ours=seconds(median(taken)),
            peer=seconds(median(bare)),
            ratio=f"{times:.2f}x",
            goal=f"<= {CATALOG_GOAL:g}x" if has_goal else "",
            result=result(times <= CATALOG_GOAL) if has_goal else Result.SHOWN,
        )


def _scheduling(bench: Bench, stands: list[Stand]) -> Iterator[Row]:
    """In turn: schedule where it is free, then where it is not; what was made is cancelled again."""
    free: list[list[float]] = [[] for _ in stands]
    taken: list[list[float]] = [[] for _ in stands]
    for turn in range(WARMUP + ASKED):
        for stand, free_times, taken_times in zip(stands, free, taken, strict=True):
            new = {"event": stand.fair.event, "duration": 45, "locations": [stand.fair.location]}
            early = {**new, "start": (OPENING - timedelta(hours=1)).isoformat()}
            made = stand.server.ask("POST", CATALOG, early, same_connection=turn > 0)
            clash = {**new, "start": OPENING.isoformat()}
            refused = stand.server.ask("POST", CATALOG, clash, expected=400, same_connection=turn > 0)
            if len(refused.json()["details"]["timeslots"]) != 1:
                raise Failed("a refusal does not name what is in the way")
            stand.server.ask("DELETE", f"{CATALOG}/{made.json()['id']}", same_connection=turn > 0)
            if turn >= WARMUP:
                free_times.append(made.seconds)
                taken_times.append(refused.seconds)
    sizes = " / ".join(f"{stand.fair.time_slots:,}" for stand in stands)
    for what, times in (("scheduling", free), ("a refused conflict", taken)):
        medians = [median(one) for one in times]
        growth = medians[-1] / medians[0]
        bench.log(f"{what}: {growth:.2f}x")
        yield Row(
            name=f"cost of {what}, {sizes} time slots",
            ours=" / ".join(seconds(value) for value in medians),
            ratio=f"{growth:.2f}x",
            goal=f"flat, <= {FLAT:g}x",
            result=result(growth <= FLAT),
        )
