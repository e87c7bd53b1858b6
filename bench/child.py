"""What every measured child process does: warm up, then read or write one file and print what it took.

A child's command line is ``MODE FILE WARMUP_FILE``, its output one line of JSON: ``events``, ``cpu_seconds`` (user
and system time of the work alone, start-up and imports left out) and ``peak_rss_kib`` (since the warm-up).
It needs nothing but Python, since it also runs in the environments of the peers.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

#: reads or writes the file of that name once: the events in it, the CPU seconds
Work = Callable[[Path], tuple[int, float]]


def forget_peak(process: int | str = "self") -> None:
    """Let the peak of a process's memory begin at what it has now (Linux only; elsewhere nothing happens)."""
    try:
        Path(f"/proc/{process}/clear_refs").write_text("5")
    except OSError:
        return


def memory_kib(process: int | str, what: str) -> int | None:
    """VmRSS (now) or VmHWM (peak) of a process; None where ``/proc`` is not, or the process is gone.

    ``ru_maxrss`` would be wrong here: a new process begins with the peak of the one that started it.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{what}:")), None)


def timed(work: Callable[[], object]) -> float:
    """The CPU seconds a call takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def run(modes: dict[str, Work]) -> None:
    """Do what the command line says, and print the line of JSON."""
    mode, file, warmup = sys.argv[1:]
    work = modes[mode]
    work(Path(warmup))
    forget_peak()
    events, cpu_seconds = work(Path(file))
    print(json.dumps({"events": events, "cpu_seconds": cpu_seconds, "peak_rss_kib": memory_kib("self", "VmHWM")}))
