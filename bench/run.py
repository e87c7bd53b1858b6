"""Measures Slotport beside other programs and prints the table of docs/benchmarks.md.

``python -m bench.run``; the peers come from ``python -m bench.install_peers``. Exit status: 0 every goal that could
be measured is reached, 1 one is not or something failed, 2 wrong options.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bench import (
    peers,
    rows_archives,
    rows_board,
    rows_conventions,
    rows_costs,
    rows_exports,
    rows_formats,
    rows_http,
    rows_load,
    rows_processes,
)
from bench.measure import Bench
from bench.table import Result, Row, can_hold, machine, markdown, put_into

#: what --rows may name
ROWS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "reader": rows_formats.reader,
    "reader-memory": rows_formats.reader_memory,
    "writer": rows_formats.writer,
    "writer-memory": rows_formats.writer_memory,
    "formats": rows_formats.other_formats,
    "corpus": rows_formats.corpus,
    "http": rows_http.imports_and_exports,
    "first-byte": rows_http.first_byte,
    "upload": rows_http.upload,
    "costs": rows_costs.costs,
    "conventions": rows_conventions.conventions,
    "board": rows_board.board,
    "archives": rows_archives.archives,
    "exports": rows_exports.exports,
    "processes": rows_processes.processes,
    "load": rows_load.load,
}
QUICK = Bench(
    events=1_000,
    runs=2,
    stream_events=(1_000, 2_000),
    first_byte_events=2_000,
    upload_events=1_000,
    cost_events=(200, 1_000),
    export_slots=1_000,
    export_media=50,
    catalog_time_slots=(10, 100),
    schedule_time_slots=(50, 500),
    asking_seconds=1.0,
    small_exports=20,
    load_seconds=20.0,
    warmup_events=100,
)
CORPUS = peers.ROOT / "tests" / "samples"


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    bench = QUICK if options.quick else Bench()
    if options.full:
        bench = replace(bench, cost_events=(*bench.cost_events, 1_000_000))
    corpus = options.corpus or CORPUS
    bench = replace(bench, runs=options.runs or bench.runs, corpus=corpus if corpus.is_dir() else None)
    rows: list[Row] = []
    for name in options.rows or ROWS:
        bench.log(f"{name} ...")
        rows += _measured(name, bench)
    about = machine(remark="A quick run of few events: it says nothing about the goals." if options.quick else "")
    text = f"{about}\n\n{markdown(rows)}"
    print(text)
    if options.write:
        put_into(options.write, text)
    failed = any(row.result is Result.FAILED for row in rows)
    below = any(row.result is Result.BELOW for row in rows) and not options.quick
    sys.exit(1 if failed or below else 0)


def _measured(name: str, bench: Bench) -> list[Row]:
    """The rows of that name; one that failed stands there with its reason, and the others are still measured."""
    rows: list[Row] = []
    try:
        for row in ROWS[name](bench):
            rows.append(row)
    except Exception as reason:  # whatever one runs into, the others are still wanted
        rows.append(Row.failed(name, f"{type(reason).__name__}: {reason}"))
        bench.log(f"{name} failed: {reason}")
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measures Slotport beside its peers.")
    parser.add_argument("--quick", action="store_true", help="few events and two runs, to see that the bench works")
    parser.add_argument("--full", action="store_true", help="let costs grow to a million slots")
    parser.add_argument("--rows", nargs="+", choices=ROWS, metavar="NAME", help=f"only these: {', '.join(ROWS)}")
    parser.add_argument("--runs", type=int, help="how often each program runs (default 5)")
    parser.add_argument("--corpus", type=Path, help="a folder with real .ics files (default: tests/samples)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the two marks of this page")
    options = parser.parse_args()
    if options.runs is not None and options.runs < 1:
        parser.error("--runs must be at least 1")
    if options.corpus and not options.corpus.is_dir():
        parser.error(f"--corpus: {options.corpus} is not a folder")
    if options.write and not can_hold(options.write):
        parser.error(f"--write: {options.write} has no two marks for a table")
    return options


if __name__ == "__main__":
    main()
