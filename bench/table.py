"""The rows the bench prints, and the table made of them (docs/benchmarks.md)."""

import os
import platform
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from bench import peers

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
PEERS = ("icalendar", "ical", "ical.js", "libical", "Radicale")
HEADINGS = ("row", "ours", "peer", "ratio", "goal", "result", "peak memory")


class Result(StrEnum):
    """How a row stands to its goal."""

    OK = "ok"
    BELOW = "below"
    SHOWN = "-"  #: has no goal
    MISSING = "not installed"  #: the peer
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; every cell but the result is text for the reader."""

    name: str
    ours: str = ""
    peer: str = ""
    ratio: str = ""
    goal: str = ""
    result: Result = Result.SHOWN
    memory: str = ""

    @classmethod
    def missing(cls, name: str, peer: str, goal: str = "") -> Self:
        """The row of a peer that is not installed."""
        return cls(name=name, peer=peer, goal=goal, result=Result.MISSING)

    @classmethod
    def failed(cls, name: str, reason: object) -> Self:
        """The row of something that could not be measured."""
        said = " ".join(str(reason).split()).replace("|", "/")
        return cls(name=name, ours=said[-200:], result=Result.FAILED)

    def cells(self) -> tuple[str, ...]:
        """The cells in the order of the headings."""
        return (self.name, self.ours, self.peer, self.ratio, self.goal, self.result.value, self.memory)


def result(*reached: bool) -> Result:
    """OK if every part of the goal was reached."""
    return Result.OK if all(reached) else Result.BELOW


def rate(events: float, seconds: float) -> str:
    """Events a second, three digits that mean something."""
    value = events / seconds if seconds else 0.0
    return f"{float(f'{value:.3g}'):,.0f}/s"


def seconds(value: float) -> str:
    """A time in a unit that suits it."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def mib(kib: float | None) -> str:
    """An amount of memory."""
    return "unknown" if kib is None else f"{kib / 1024:.0f} MiB"


def markdown(rows: Iterable[Row]) -> str:
    """The table, its columns aligned so that it reads well as it is."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    texts = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = "|".join("-" * (width + 2) for width in widths)
    return "\n".join([f"| {texts[0]} |", f"|{rule}|", *(f"| {text} |" for text in texts[1:])])


def machine(*, remark: str = "") -> str:
    """What was measured, where and when, in a few lines."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{peer} {peers.version(peer) or '(not installed)'}" for peer in PEERS)
    hardware = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    software = f"{platform.system()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    lines = [f"Measured on {datetime.now(UTC):%Y-%m-%d}: {hardware}; {software}.", f"Peers: {versions}."]
    return "\n".join([*lines, remark] if remark else lines)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    except OSError:
        pass
    return platform.processor() or platform.machine()


def can_hold(page: Path) -> bool:
    """Whether the page has the two marks between which a table can stand."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return BEGIN in text and END in text.partition(BEGIN)[2]


def put_into(page: Path, text: str) -> None:
    """Replace what stands between the two marks of a page that can hold it."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
