"""Rows on whole servers: files in and out over HTTP, Slotport beside Radicale."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench import peers, servers
from bench.measure import Bench, Failed, Growth, ratio
from bench.rows_formats import GROWTH_KIB
from bench.servers import Answer, Server, Upload
from bench.table import Result, Row, mib, rate, result, seconds

IMPORT, EXPORT = "/v1/import/", "/v1/export/ical"
COLLECTION = "/bench/calendar/"
IMPORT_GOAL, AGAIN_GOAL, EXPORT_GOAL = 150.0, 3.0, 5.0
FIRST_BYTE_SHARE = 0.25  #: of the whole time: by then most rows are still unread
UPLOAD_SECONDS, UPLOAD_KIB = 3.0, 120 * 1024
EXPORTS = 3  #: after the first one; their median counts


@dataclass(frozen=True, kw_only=True)
class Session:
    """What one run of one server took."""

    first: float  #: seconds of the import into an empty store
    again: float  #: of the same file once more
    more: float  #: of the file with one event added, so that it is another file
    first_out: float  #: of the first export of a new process, for which nothing was kept
    out: float  #: of later exports
    first_byte: float
    import_growth: int | None
    export_growth: int | None


def imports_and_exports(bench: Bench) -> Iterator[Row]:
    """One file into a new store, twice more, and out again; both servers in turn."""
    has_peer = peers.version("Radicale") is not None
    ours: list[Session] = []
    theirs: list[Session] = []
    for run in range(bench.runs):
        ours.append(_slotport(bench, bench.events))
        bench.log(f"Slotport {run + 1}/{bench.runs}: in {ours[-1].first:.2f} s, out {ours[-1].out:.2f} s")
        if has_peer:
            theirs.append(_radicale(bench))
            bench.log(f"Radicale {run + 1}/{bench.runs}: in {theirs[-1].first:.2f} s, out {theirs[-1].out:.2f} s")
    events = bench.events
    first, out = [one.first for one in ours], [one.out for one in ours]
    yield _beside_radicale(
        f"HTTP import of {events:,} events / Radicale PUT",
        (events, first, [one.first for one in theirs], IMPORT_GOAL),
        [one.import_growth for one in ours],
        [one.import_growth for one in theirs],
    )
    yield _again(events, "of the same file again", [one.again for one in ours], first, AGAIN_GOAL)
    yield _again(events, "of the file with one event more", [one.more for one in ours], first, None)
    yield _beside_radicale(
        f"first HTTP export of {events:,} events / Radicale GET",
        (events, [one.first_out for one in ours], [one.first_out for one in theirs], None),
        [one.export_growth for one in ours],
        [one.export_growth for one in theirs],
    )
    yield _beside_radicale(
        f"HTTP export of {events:,} events again / Radicale GET",
        (events, out, [one.out for one in theirs], EXPORT_GOAL),
        [one.export_growth for one in ours],
        [one.export_growth for one in theirs],
    )


def _again(events: int, what: str, taken: list[float], first: list[float], goal: float | None) -> Row:
    times = ratio(first, taken)
    return Row(
        name=f"HTTP import {what} / first import",
        ours=f"{rate(events, median(taken))}, {seconds(median(taken))}",
        peer=f"{rate(events, median(first))}, {seconds(median(first))}",
        ratio=f"{times:.2f}x",
        goal=f"{goal:g}x" if goal else "",
        result=result(times >= goal) if goal else Result.SHOWN,
    )


def _beside_radicale(
    name: str,
    figures: tuple[int, list[float], list[float], float | None],
    growths: list[int | None],
    peer_growths: list[int | None],
) -> Row:
    events, ours, theirs, goal = figures
    growth = _most(growths)
    shown = f"{rate(events, median(ours))}, {seconds(median(ours))}"
    wanted, memory = f"{goal:g}x, grows < 64 MiB" if goal else "grows < 64 MiB", f"growth {mib(growth)}"
    if not theirs:
        return Row(name=name, ours=shown, peer="Radicale", goal=wanted, result=Result.MISSING, memory=memory)
    times = ratio(theirs, ours)
    return Row(
        name=name,
        ours=shown,
        peer=f"{rate(events, median(theirs))}, {seconds(median(theirs))}",
        ratio=f"{times:.1f}x",
        goal=wanted,
        result=result(goal is None or times >= goal, growth is None or growth < GROWTH_KIB),
        memory=f"{memory}, peer {mib(_most(peer_growths))}",
    )


def first_byte(bench: Bench) -> Iterator[Row]:
    """A long export: it begins before the last row was read, and nothing grows with it."""
    events = bench.first_byte_events
    session = _slotport(bench, events)
    share = session.first_byte / session.first_out
    growth = session.export_growth
    yield Row(
        name=f"HTTP export of {events:,} events, first byte / whole",
        ours=f"first byte {seconds(session.first_byte)}, whole {seconds(session.first_out)}",
        ratio=f"{share:.1%}",
        goal=f"< {FIRST_BYTE_SHARE:.0%}, grows < 64 MiB",
        result=result(share < FIRST_BYTE_SHARE, growth is None or growth < GROWTH_KIB),
        memory=f"growth {mib(growth)}",
    )
    growth = session.import_growth
    yield Row(
        name=f"HTTP import of {events:,} events, memory",
        ours=f"{rate(events, session.first)}, {seconds(session.first)}",
        goal="grows < 64 MiB",
        result=Result.SHOWN if growth is None else result(growth < GROWTH_KIB),
        memory=f"growth {mib(growth)}",
    )


def upload(bench: Bench) -> Iterator[Row]:
    """One upload of the size that users report trouble with; its report accounts for every event."""
    events = bench.upload_events
    taken, growths = [], []
    for _ in range(bench.runs):
        with servers.folder() as data, servers.slotport(data) as server:
            growth = Growth(server.process)
            answer = server.ask("POST", f"{IMPORT}?report=true", Upload(file=bench.file(events)))
            growths.append(growth.kib())
            taken.append(answer.seconds)
            report = answer.json()
            counts = {name: report[name] for name in ("created", "updated", "unchanged", "skipped", "rejected")}
            if counts["created"] != events or sum(counts.values()) != events:
                raise Failed(f"of {events} events the report says {counts}")
    most = _most(growths)
    yield Row(
        name=f"one upload of {events:,} events",
        ours=f"{rate(events, median(taken))}, {seconds(median(taken))}",
        goal="< 3 s, grows < 120 MiB",
        result=result(median(taken) < UPLOAD_SECONDS, most is None or most < UPLOAD_KIB),
        memory=f"growth {mib(most)}",
    )


def imported(server: Server, upload: Upload, *, created: int = 0, unchanged: int = 0) -> Answer:
    """The answer to an import that made and met so many slots. Raises Failed if the numbers are others."""
    answer = server.ask("POST", IMPORT, upload)
    found = tuple(answer.headers.get(f"x-import-{name}") for name in ("created", "unchanged"))
    if found != (str(created), str(unchanged)):
        counts = {name: value for name, value in answer.headers.items() if name.startswith("x-import-")}
        raise Failed(f"{created} slots should have been made, {unchanged} unchanged: {counts}")
    return answer


def exported(server: Server, method: str, path: str, events: int) -> tuple[float, float, float]:
    """Seconds of the first export, until its first byte, and of later ones (median). Raises Failed if one is short."""
    answers = [server.ask(method, path, count_only=True) for _ in range(1 + EXPORTS)]
    for answer in answers:
        if answer.events != events:
            raise Failed(f"{method} {path}: {answer.events} events of {events}")
    return answers[0].seconds, answers[0].first_byte_seconds, median(one.seconds for one in answers[1:])


def _slotport(bench: Bench, events: int) -> Session:
    """Import three times; then export from a fresh process, whose memory the import has not stretched."""
    file = bench.file(events)
    with servers.folder() as data:
        with servers.slotport(data) as server:
            growth = Growth(server.process)
            first = imported(server, Upload(file=file), created=events).seconds
            import_growth = growth.kib()
            again = imported(server, Upload(file=file), unchanged=events).seconds
            longer = Upload(file=bench.file(events + 1))
            more = imported(server, longer, created=1, unchanged=events).seconds
            token = servers.token_of(server)
        with servers.slotport(data, token) as server:
            growth = Growth(server.process)
            first_out, first_byte_seconds, out = exported(server, "POST", EXPORT, events + 1)
            return Session(
                first=first,
                again=again,
                more=more,
                first_out=first_out,
                out=out,
                first_byte=first_byte_seconds,
                import_growth=import_growth,
                export_growth=growth.kib(),
            )


def _radicale(bench: Bench) -> Session:
    """Put the whole collection; then get it from a fresh process."""
    put = Upload(file=bench.file(bench.events), multipart=False)
    with servers.folder() as data:
        with servers.radicale(data) as server:
            growth = Growth(server.process)
            first = server.ask("PUT", COLLECTION, put, expected=201).seconds
            import_growth = growth.kib()
        with servers.radicale(data) as server:
            growth = Growth(server.process)
            first_out, first_byte_seconds, out = exported(server, "GET", COLLECTION, bench.events)
            return Session(
                first=first,
                again=first,
                more=first,
                first_out=first_out,
                out=out,
                first_byte=first_byte_seconds,
                import_growth=import_growth,
                export_growth=growth.kib(),
            )


def _most(growths: list[int | None]) -> int | None:
    known = [growth for growth in growths if growth is not None]
    return max(known) if known else None
