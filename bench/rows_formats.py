"""Rows on the formats alone: bytes to slots and back, each program in a process of its own."""

import json
import sys
from collections.abc import Iterator
from statistics import median

from bench import peers
from bench.measure import OURS, Bench, Failed, Taken, in_turn, output, ratio, taken
from bench.table import Result, Row, mib, rate, result, seconds

GROWTH_KIB = 64 * 1024
#: peer -> how many times as fast Slotport must be; None: shown only
READER_GOALS = {"icalendar": 20.0, "ical": 10.0, "libical": 0.8, "ical.js": None}
WRITER_GOALS = {"icalendar": 15.0, "libical": 0.5, "ical": None, "ical.js": None}
NOT_SLOWER = 1.0


def reader(bench: Bench) -> Iterator[Row]:
    """iCalendar to values, beside each peer."""
    yield from _beside_peers(bench, "read", "iCalendar reader", READER_GOALS)


def writer(bench: Bench) -> Iterator[Row]:
    """Values to iCalendar, beside each peer."""
    yield from _beside_peers(bench, "write", "iCalendar writer", WRITER_GOALS)


def _beside_peers(bench: Bench, mode: str, title: str, goals: dict[str, float | None]) -> Iterator[Row]:
    commands = {"ours": OURS} | {peer: words for peer in goals if (words := peers.command(peer))}
    found = in_turn(bench, commands, mode)
    ours = found["ours"]
    for peer, goal in goals.items():
        name, wanted = f"{title} / {peer}", f"{goal:g}x" if goal else ""
        if peer not in found:
            yield Row.missing(name, peer, wanted)
            continue
        times = ratio(_seconds(found[peer]), _seconds(ours))
        yield Row(
            name=name,
            ours=_rate(ours),
            peer=_rate(found[peer]),
            ratio=f"{times:.2f}x",
            goal=wanted,
            result=result(times >= goal) if goal else Result.SHOWN,
            memory=f"{_peak(ours)}, peer {_peak(found[peer])}",
        )


def reader_memory(bench: Bench) -> Iterator[Row]:
    """The reader on longer and longer files."""
    yield _memory(bench, "read", "iCalendar reader, memory", "grows < 64 MiB")


def writer_memory(bench: Bench) -> Iterator[Row]:
    """The writer on longer and longer files, fed by the reader since no list of slots may be held."""
    yield _memory(bench, "stream", "iCalendar reader to writer, memory", "constant (< 64 MiB)")


def _memory(bench: Bench, mode: str, name: str, goal: str) -> Row:
    found = []
    for events in bench.stream_events:
        found.append(taken(OURS, mode, bench.file(events), bench.file(bench.warmup_events)))
        bench.log(f"{mode} {events} events: {found[-1].cpu_seconds:.2f} s, {mib(found[-1].peak_rss_kib)}")
    peaks = [one.peak_rss_kib for one in found]
    growth = None if None in peaks else max(peak or 0 for peak in peaks) - (peaks[0] or 0)
    counts = " / ".join(f"{one.events:,}" for one in found)
    return Row(
        name=f"{name}, {counts} events",
        ours=rate(found[-1].events, found[-1].cpu_seconds),
        goal=goal,
        result=Result.SHOWN if growth is None else result(growth < GROWTH_KIB),
        memory=f"{' / '.join(mib(peak) for peak in peaks)}, growth {mib(growth)}",
    )


def other_formats(bench: Bench) -> Iterator[Row]:
    """Timeslot JSON and Outlook CSV beside our own iCalendar, on the same slots."""
    command = [sys.executable, "-m", "bench.child_formats", str(bench.file(bench.events)), str(bench.runs)]
    found = json.loads(output(command))
    events, taken_seconds = found["events"], found["seconds"]
    if events != bench.events:
        raise Failed(f"{events} slots were read of {bench.events}")
    for name, title in (("timeslot", "Timeslot JSON"), ("outlook", "Outlook CSV")):
        for verb in ("read", "write"):
            ours, ical = taken_seconds[name][verb], taken_seconds["ical"][verb]
            times = ratio(ical, ours)
            yield Row(
                name=f"{title} {verb} / our iCalendar {verb}",
                ours=rate(events, median(ours)),
                peer=rate(events, median(ical)),
                ratio=f"{times:.2f}x",
                goal=f"{NOT_SLOWER:g}x",
                result=result(times >= NOT_SLOWER),
            )


def corpus(bench: Bench) -> Iterator[Row]:
    """All real files of a folder."""
    files = sum(1 for _ in bench.corpus.rglob("*.ics")) if bench.corpus else 0
    if bench.corpus is None or not files:
        yield Row(name="corpus", ours="no real files (--corpus)")
        return
    name = f"corpus, {files} .ics files / icalendar"
    command = peers.command("icalendar")
    ours, theirs = [], []
    for _ in range(bench.runs):
        ours.append(taken(OURS, "corpus", bench.corpus, bench.corpus))
        if command:
            theirs.append(taken(command, "corpus", bench.corpus, bench.corpus))
    shown = f"{seconds(median(_seconds(ours)))}, {ours[0].events} events"
    if not theirs:
        yield Row(name=name, ours=shown, peer="icalendar", result=Result.MISSING, memory=_peak(ours))
        return
    yield Row(
        name=name,
        ours=shown,
        peer=f"{seconds(median(_seconds(theirs)))}, {theirs[0].events} events",
        ratio=f"{ratio(_seconds(theirs), _seconds(ours)):.2f}x",
        memory=f"{_peak(ours)}, peer {_peak(theirs)}",
    )


def _seconds(runs: list[Taken]) -> list[float]:
    return [one.cpu_seconds for one in runs]


def _rate(runs: list[Taken]) -> str:
    return rate(runs[0].events, median(_seconds(runs)))


def _peak(runs: list[Taken]) -> str:
    peaks = [one.peak_rss_kib for one in runs if one.peak_rss_kib is not None]
    return mib(max(peaks) if peaks else None)
