"""Rows on zips made while they are sent, beside ``zip -r -`` of the same tree, both into a pipe that is read at once.

``python -m bench.rows_archives FOLDER media|text`` is the measured child: it writes the zip to its output, and a line
of JSON to its error output: ``seconds`` from the first entry to the last byte written (left out are start-up, imports,
and looking for the files, whose names and sizes a server has in its list), ``first_seconds`` until the first piece was
there, ``peak_rss_kib``.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median

from bench import child, peers
from bench.measure import TIMEOUT_SECONDS, Bench, Failed, environment, ratio
from bench.table import Result, Row, mib, result, seconds
from slotport.packers.zip_stream import Entry, stream

SEED = 42
KIB, MIB = 1024, 1024 * 1024
READ_BYTES = 4 * MIB
STORED_GOAL, DEFLATED_GOAL = 1.0, 1 / 1.3
LARGER = 1.02  #: how much larger than the peer's an archive may be
FIRST_SECONDS = 0.2
GROWTH_KIB = 16 * KIB


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Files in a folder, where an export has them: a folder for each object's media, one for all its records."""

    name: str
    files: int
    file_bytes: int
    is_media: bool

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return peers.CACHE / "archives" / f"{self.name}-{self.files}-{self.file_bytes}"

    @property
    def list(self) -> Path:
        """A file with a line for each, as a server has it in its database: size and name."""
        return self.folder.with_suffix(".list")

    @property
    def title(self) -> str:
        """How many there are of which size."""
        return f"{self.files:,} {self.name} files of {self.file_bytes / KIB:,.0f} KiB"

    def make(self) -> None:
        """Write them, unless an earlier run did."""
        if self.list.is_file():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        random, draft = Random(SEED), self.folder.with_suffix(".part")
        names: list[str] = []
        shutil.rmtree(draft, ignore_errors=True)
        for number in range(self.files):
            name = f"media/slot-{number}/{number}-9-original.jpg" if self.is_media else f"slot/{number}.json"
            content = random.randbytes(self.file_bytes) if self.is_media else _text(random, self.file_bytes)
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(content)
            names.append(name)
        draft.rename(self.folder)
        self.list.write_text("".join(f"{self.file_bytes} {name}\n" for name in names))


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one run took."""

    size: int  #: of the archive
    seconds: float
    first_seconds: float
    peak_rss_kib: int | None


def archives(bench: Bench) -> Iterator[Row]:
    """Stored media in many small and few large files, deflated text likewise; then memory and the first piece."""
    small, large = bench.events * 5, max(1, bench.events // 2500)
    trees = [
        Tree(name="media", files=small, file_bytes=2 * KIB, is_media=True),
        Tree(name="media", files=large, file_bytes=64 * MIB, is_media=True),
        Tree(name="text", files=bench.events * 2, file_bytes=KIB, is_media=False),
        Tree(name="text", files=large, file_bytes=16 * MIB, is_media=False),
    ]
    first: list[float] = []
    for tree in trees:
        tree.make()
        yield _beside_zip(bench, tree, first)
    yield Row(
        name="zip stream, first piece of any of these",
        ours=seconds(max(first)),
        goal=f"< {FIRST_SECONDS * 1000:g} ms",
        result=result(max(first) < FIRST_SECONDS),
    )
    yield _memory(bench)


def _beside_zip(bench: Bench, tree: Tree, first: list[float]) -> Row:
    level, goal = (0, STORED_GOAL) if tree.is_media else (6, DEFLATED_GOAL)
    name, wanted = f"zip stream, {tree.title} / zip -{level} -r -", f"{goal:.2g}x"
    program = shutil.which("zip")
    ours, theirs = [], []
    for run in range(bench.runs + 1):  # the first has the files read from the disk, and does not count
        ours.append(_ours(tree))
        if program is not None:
            theirs.append(_theirs(program, tree, level))
        bench.log(f"{name} {run}/{bench.runs}: {ours[-1].seconds:.3f} s")
    first += (one.first_seconds for one in ours[1:])
    if program is None:
        return Row.missing(name, "zip", wanted)
    if ours[0].size > theirs[0].size * LARGER:
        raise Failed(f"the zip has {ours[0].size} bytes, that of zip {theirs[0].size}")
    times = ratio([one.seconds for one in theirs[1:]], [one.seconds for one in ours[1:]])
    return Row(
        name=name,
        ours=_rate(tree, ours[1:]),
        peer=_rate(tree, theirs[1:]),
        ratio=f"{times:.2f}x",
        goal=wanted,
        result=result(times >= goal),
        memory=f"{_peak(ours)}, peer {_peak(theirs)}",
    )


def _memory(bench: Bench) -> Row:
    """More and more files."""
    counts = [bench.events // 10, bench.events, bench.events * 10]
    peaks = []
    for count in counts:
        tree = Tree(name="media", files=count, file_bytes=64, is_media=True)
        tree.make()
        peaks.append(_ours(tree).peak_rss_kib)
    growth = None if None in peaks else max(peak or 0 for peak in peaks) - (peaks[0] or 0)
    return Row(
        name=f"zip stream, memory, {' / '.join(f'{count:,}' for count in counts)} files",
        goal=f"constant (< {mib(GROWTH_KIB)})",
        result=Result.SHOWN if growth is None else result(growth < GROWTH_KIB),
        memory=f"{' / '.join(mib(peak) for peak in peaks)}, growth {mib(growth)}",
    )


def _ours(tree: Tree) -> Taken:
    kind = "media" if tree.is_media else "text"
    command = [sys.executable, "-m", "bench.rows_archives", str(tree.folder), kind]
    with subprocess.Popen(
        command, cwd=peers.ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        size, _ = _drained(process)
        said = b"" if process.stderr is None else process.stderr.read()
    lines = said.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    if process.returncode:
        raise Failed(f"the stream ended: {lines[-1]}")
    return Taken(size=size, **json.loads(lines[-1]))


def _theirs(program: str, tree: Tree, level: int) -> Taken:
    begin = time.perf_counter()
    command = [program, f"-{level}", "-q", "-r", "-", "."]
    with subprocess.Popen(command, cwd=tree.folder, stdout=subprocess.PIPE) as process:
        size, peak = _drained(process)
    taken = time.perf_counter() - begin
    if process.returncode:
        raise Failed(f"zip: exit status {process.returncode}")
    return Taken(size=size, seconds=taken, first_seconds=0.0, peak_rss_kib=peak)


def _drained(process: subprocess.Popen[bytes]) -> tuple[int, int | None]:
    """Read the output to its end: how long it was, and the process's peak of memory shortly before."""
    assert process.stdout is not None
    descriptor, size, looked_at = process.stdout.fileno(), 0, 0
    peak: int | None = None
    until = time.monotonic() + TIMEOUT_SECONDS
    while piece := os.read(descriptor, READ_BYTES):
        size += len(piece)
        if size - looked_at >= READ_BYTES:
            looked_at = size
            peak = child.memory_kib(process.pid, "VmHWM") or peak
            if time.monotonic() > until:
                process.kill()
                raise Failed("it took too long")
    return size, peak


def _rate(tree: Tree, runs: list[Taken]) -> str:
    taken = median(one.seconds for one in runs)
    return f"{tree.files * tree.file_bytes / MIB / taken:,.0f} MiB/s"


def _peak(runs: list[Taken]) -> str:
    peaks = [one.peak_rss_kib for one in runs if one.peak_rss_kib is not None]
    return mib(max(peaks) if peaks else None)


def _text(random: Random, size: int) -> bytes:
    """Records as an export has them, as many as fit."""
    words = [f"{random.getrandbits(28):x}"[: random.randint(2, 7)] for _ in range(2000)]
    lines: list[str] = []
    left = size
    while left > 0:
        record = {"_system_object_id": len(lines), "slot": {"title": " ".join(random.choices(words, k=90))}}
        lines.append(json.dumps(record) + "\n")
        left -= len(lines[-1])
    return "".join(lines).encode()[:size]


# The measured child


def _entries(folder: Path, files: Iterable[str], *, is_media: bool) -> Iterator[Entry]:
    modified = datetime(2031, 5, 6, tzinfo=UTC)
    for line in files:
        size, _, name = line.rstrip("\n").partition(" ")
        yield Entry(name=name, source=folder / name, size=int(size), modified=modified, is_media=is_media)


def _main() -> None:
    folder, is_media, first_seconds = Path(sys.argv[1]), sys.argv[2] == "media", 0.0
    child.forget_peak()
    begin = time.perf_counter()
    with folder.with_suffix(".list").open() as files, open(1, "wb", buffering=0, closefd=False) as output:
        for piece in stream(_entries(folder, files, is_media=is_media)):
            first_seconds = first_seconds or time.perf_counter() - begin
            left = memoryview(piece)
            while left:
                left = left[output.write(left) :]
    taken = {
        "seconds": time.perf_counter() - begin,
        "first_seconds": first_seconds,
        "peak_rss_kib": child.memory_kib("self", "VmHWM"),
    }
    print(json.dumps(taken), file=sys.stderr)


if __name__ == "__main__":
    _main()
