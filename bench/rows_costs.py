"""Rows on how costs grow with the store: whole-store work with the number of slots, one thing not at all."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench import servers
from bench.measure import Bench, Failed
from bench.rows_http import EXPORT, exported, imported
from bench.servers import Server, Upload
from bench.table import Row, result, seconds

LINEAR, FLAT = 1.5, 1.5
GROUP_EVENTS, GROUP_SEED = 100, 43
GETS, WARMUP_GETS = 31, 4
PAGE = "limit=40&mode=upcoming&moment=2026-01-01T00:00:00Z"


@dataclass(frozen=True, kw_only=True)
class Stock:
    """A server, how many slots it holds, and what it took to get them in and out."""

    server: Server
    slots: int
    in_seconds: float  #: an event
    out_seconds: float
    paths: dict[str, str]  #: what is asked for -> path


def costs(bench: Bench) -> Iterator[Row]:
    """Servers of growing size, all at once, so that their answers are timed in turn."""
    with ExitStack() as stack:
        stocks = [_stocked(bench, stack, events) for events in bench.cost_events]
        yield _row("import, an event", stocks, [stock.in_seconds for stock in stocks], linear=True)
        yield _row("export, an event", stocks, [stock.out_seconds for stock in stocks], linear=True)
        for what in stocks[0].paths:
            yield _row(what, stocks, _gets(stocks, what), linear=False)


def _stocked(bench: Bench, stack: ExitStack, events: int) -> Stock:
    server = stack.enter_context(servers.slotport(stack.enter_context(servers.folder())))
    taken = imported(server, Upload(file=bench.file(events)), created=events).seconds
    group = server.ask("POST", "/v1/groups", {"name": "Bench"}, expected=201).json()["id"]
    few = Upload(file=bench.file(GROUP_EVENTS, GROUP_SEED), fields={"group": group})
    imported(server, few, created=GROUP_EVENTS)
    out, _, _ = exported(server, "POST", EXPORT, events + GROUP_EVENTS)
    page = f"/v1/me/slots?{PAGE}"
    slots = server.ask("GET", page).json()["data"]
    if len(slots) != 40:
        raise Failed(f"{page}: {len(slots)} slots, not 40")
    bench.log(f"{events} events: in {taken:.2f} s, out {out:.2f} s")
    return Stock(
        server=server,
        slots=events,
        in_seconds=taken / events,
        out_seconds=out / (events + GROUP_EVENTS),
        paths={
            "one slot": f"/v1/slots/{slots[0]['id']}",
            "one page of me/slots": page,
            f"one page of a group of {GROUP_EVENTS}": f"/v1/groups/{group}/slots?{PAGE}",
        },
    )


def _gets(stocks: list[Stock], what: str) -> list[float]:
    """Median seconds of each server's answer, asked in turn."""
    taken: list[list[float]] = [[] for _ in stocks]
    for turn in range(WARMUP_GETS + GETS):
        for stock, times in zip(stocks, taken, strict=True):
            answer = stock.server.ask("GET", stock.paths[what], same_connection=turn > 0)
            if turn >= WARMUP_GETS:
                times.append(answer.seconds)
    return [median(times) for times in taken]


def _row(what: str, stocks: list[Stock], times: list[float], *, linear: bool) -> Row:
    """The largest store beside the smallest; whole-store work beside the cheapest, as small ones pay for the start."""
    goal = LINEAR if linear else FLAT
    growth = times[-1] / (min(times) if linear else times[0])
    sizes = " / ".join(f"{stock.slots:,}" for stock in stocks)
    return Row(
        name=f"cost of {what}, {sizes} slots",
        ours=" / ".join(seconds(value) if value >= 1e-3 else f"{value * 1e6:.3g} µs" for value in times),
        ratio=f"{growth:.2f}x",
        goal=f"{'linear' if linear else 'flat'}, <= {goal:g}x",
        result=result(growth <= goal),
    )
