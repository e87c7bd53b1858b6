"""Runs the measured processes and says what they took: in turn, several times, each result beside its neighbour."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import child, peers
from bench.make_events import SEED, calendar_file

TIMEOUT_SECONDS = 3600


class Failed(Exception):
    """A measured program did not do its work; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """How to measure."""

    events: int = 10_000
    runs: int = 5
    stream_events: tuple[int, ...] = (10_000, 100_000, 1_000_000)  #: for memory that must not grow
    first_byte_events: int = 100_000
    upload_events: int = 16_568  #: promised in one upload
    cost_events: tuple[int, ...] = (1_000, 10_000, 100_000)
    catalog_time_slots: tuple[int, ...] = (100, 1_000, 10_000)
    export_slots: int = 1_000_000
    export_media: int = 50_000
    schedule_time_slots: tuple[int, ...] = (50, 50_000)
    processes: tuple[int, ...] = (1, 2, 4)
    asking_seconds: float = 5.0  #: of one throughput
    small_exports: int = 100  #: of each of three people
    subscribers: int = 1_000
    writers: int = 50
    load_seconds: float = 300.0
    warmup_events: int = 1_000
    corpus: Path | None = None  #: a folder with real files
    log: Callable[[str], None] = field(default=lambda text: print(f"  {text}", file=sys.stderr, flush=True))

    def file(self, events: int, seed: int = SEED) -> Path:
        """The made-up calendar with so many events."""
        return calendar_file(peers.CACHE / "events", events, seed)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one run of one program took."""

    events: int
    cpu_seconds: float
    peak_rss_kib: int | None


OURS = [sys.executable, "-m", "bench.child_slotport"]


def output(command: Sequence[str]) -> str:
    """The last line that a program prints. Raises Failed, with the last line of its complaints."""
    try:
        done = subprocess.run(
            command, cwd=peers.ROOT, env=environment(), capture_output=True, text=True, timeout=TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise Failed(f"{Path(command[0]).name}: {cause}") from cause
    if done.returncode or not done.stdout.strip():
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise Failed(f"{' '.join(command[1:3])}: {said[-1]}")
    return done.stdout.strip().splitlines()[-1]


def environment() -> dict[str, str]:
    """This process's environment, without the settings that Slotport would take from it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SLOTPORT_")}


def taken(command: Sequence[str], mode: str, file: Path, warmup: Path) -> Taken:
    """What one run of a child process took."""
    return Taken(**json.loads(output([*command, mode, str(file), str(warmup)])))


def in_turn(bench: Bench, commands: Mapping[str, Sequence[str]], mode: str) -> dict[str, list[Taken]]:
    """Run every program on the same file: A B C, A B C, as often as the bench says.

    Raises Failed if two of them did not find the same number of events.
    """
    file, warmup = bench.file(bench.events), bench.file(bench.warmup_events)
    found: dict[str, list[Taken]] = {name: [] for name in commands}
    for run in range(bench.runs):
        for name, command in commands.items():
            found[name].append(taken(command, mode, file, warmup))
            bench.log(f"{mode} {run + 1}/{bench.runs} {name}: {found[name][-1].cpu_seconds:.3f} s")
    for name, list_of_taken in found.items():
        if {one.events for one in list_of_taken} != {bench.events}:
            raise Failed(f"{name} found {list_of_taken[0].events} events of {bench.events}")
    return found


def ratio(slower: Sequence[float], faster: Sequence[float]) -> float:
    """How many times longer the first took: the median of the ratios of neighbouring runs."""
    return median(one / other for one, other in zip(slower, faster, strict=True))


def crowd(port: int, seconds: float, members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What became of the questions of many clients (bench/child_crowd.py)."""
    plan = {"port": port, "seconds": seconds, "members": members}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        answer: dict[str, Any] = json.loads(output([sys.executable, "-m", "bench.child_crowd", file.name]))
    return answer


def family_cpu_seconds(process: int) -> float:
    """CPU seconds, user and system, that the process and all that came from it took so far, ended ones included."""
    ticks = 0
    for one in _family(process):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(text) for text in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


class Growth:
    """Tells how far the memory of a process and its children rose above what it was when this was made."""

    def __init__(self, process: int) -> None:
        self._processes = _family(process)
        for one in self._processes:
            child.forget_peak(one)
        self._before = self._sum("VmRSS")

    def kib(self) -> int | None:
        """The rise until now; None where it cannot be known."""
        peak = self._sum("VmHWM")
        return None if peak is None or self._before is None else max(0, peak - self._before)

    def peak_kib(self) -> int | None:
        """The most memory that all of them had since then; None where it cannot be known."""
        return self._sum("VmHWM")

    def _sum(self, what: str) -> int | None:
        amounts = [child.memory_kib(one, what) for one in self._processes]
        return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def _family(process: int) -> list[int]:
    """The process and all that came from it."""
    try:
        lists = [path.read_text().split() for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        lists = []
    return [process, *(one for words in lists for word in words for one in _family(int(word)))]
