"""``slotport import`` and ``slotport export``."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.commands import Command, Told
from tests.servers import wait

USER = ("--user", "ann@example.org")
HEADER = "Subject,Start_Date,Start_Time,End_Date,End_Time\n"
GOOD = HEADER + "Tea,2031-01-02,10:00,2031-01-02,11:00\n"
MIXED = GOOD + "Lunch,never,,,\n"
BAD = HEADER + "Lunch,never,,,\n"
COUNTS = "{} created, {} updated, {} unchanged, {} skipped, {} rejected\n"


def written(command: Command, text: str, encoding: str = "utf-8") -> str:
    file = command.folder / "calendar.csv"
    file.write_bytes(text.encode(encoding))
    return str(file)


def counts_of(told: Told) -> str:
    """The last line, without the import's id, which it has to name."""
    counts, found = re.subn(r" \(import \d+\)$", "", told.out.splitlines(keepends=True)[-1], flags=re.MULTILINE)
    assert found == 1
    return counts


def import_id(told: Told) -> str:
    return told.out.rpartition("(import ")[2].rstrip(")\n")


def test_a_file_is_imported_once(peopled: Command) -> None:
    first = peopled("import", written(peopled, GOOD), *USER)
    second = peopled("import", written(peopled, GOOD), *USER)

    assert (first.status, counts_of(first), first.err) == (0, COUNTS.format(1, 0, 0, 0, 0), "")
    assert (second.status, second.out) == (0, COUNTS.format(0, 0, 1, 0, 0))


def test_standard_input_is_a_file(peopled: Command) -> None:
    told = peopled("import", "-", *USER, typed=GOOD)

    assert (told.status, counts_of(told)) == (0, COUNTS.format(1, 0, 0, 0, 0))


def test_what_is_rejected_is_listed(peopled: Command) -> None:
    told = peopled("import", written(peopled, MIXED), *USER)

    header, row, _ = told.out.splitlines()
    assert (told.status, counts_of(told)) == (3, COUNTS.format(1, 0, 0, 0, 1))
    assert header.split() == ["where", "what", "code", "title", "why"]
    assert row.split()[:5] == ["line", "3", "rejected", "bad_date", "Lunch"]


def test_strict_stores_nothing_for_one_rejected(peopled: Command) -> None:
    told = peopled("import", written(peopled, MIXED), *USER, "--strict")

    assert told.status == 1
    assert told.err.endswith("1 of its records cannot be imported, and nothing was stored\n")
    assert peopled("export", "timeslot", *USER).out == "[]"


def test_a_file_of_rejected_records_is_refused(peopled: Command) -> None:
    assert peopled("import", written(peopled, BAD), *USER).status == 1


def test_a_dry_run_stores_nothing(peopled: Command) -> None:
    told = peopled("import", written(peopled, GOOD), *USER, "--dry-run")

    assert told.out == COUNTS.format(1, 0, 0, 0, 0)[:-1] + " (nothing was stored: a dry run)\n"
    assert peopled("export", "timeslot", *USER).out == "[]"


def test_an_import_is_undone_once(peopled: Command) -> None:
    number = import_id(peopled("import", written(peopled, GOOD), *USER))

    first, second = (peopled("import", "--undo", number, *USER) for _ in range(2))

    assert first == Told(0, "1 removed, 0 restored, 0 left\n", "")
    assert second == Told(1, "", "slotport: import was undone already\n")
    assert peopled("export", "timeslot", *USER).out == "[]"


def test_what_was_changed_since_is_left_and_listed(peopled: Command) -> None:
    number = import_id(peopled("import", written(peopled, GOOD), *USER))
    peopled("import", written(peopled, GOOD.replace("11:00", "12:00")), *USER)

    told = peopled("import", "--undo", number, *USER)

    _, row, counts = told.out.splitlines()
    assert (told.status, row.split()[:3], counts) == (
        3,
        ["skipped", "changed_since", "Tea"],
        "0 removed, 0 restored, 1 left",
    )


def test_another_charset_is_named(peopled: Command) -> None:
    file = written(peopled, GOOD.replace("Tea", "Käse"), "windows-1252")

    refused = peopled("import", file, *USER)
    taken = peopled("import", file, *USER, "--encoding", "windows-1252")

    assert (refused.status, taken.status) == (1, 0)
    assert "not utf-8 text: the byte at offset 49 " in refused.err
    assert "Käse" in peopled("export", "outlook", *USER).out


def test_the_order_of_dates_can_be_said(peopled: Command) -> None:
    file = written(peopled, GOOD.replace("2031-01-02", "1/2/2031"))

    peopled("import", file, *USER, "--date-order", "dmy")

    assert "Tea,2031-02-01,10:00" in peopled("export", "outlook", *USER).out


@pytest.mark.parametrize("format_", ["timeslot", "google", "ical", "outlook"])
def test_an_export_imports_again_unchanged(peopled: Command, format_: str) -> None:
    peopled("import", written(peopled, GOOD), *USER)
    file = peopled.folder / "out"

    exported = peopled("export", format_, *USER, "-o", str(file))
    again = peopled("import", str(file), *USER)

    assert (exported.status, exported.out, exported.err) == (0, "", "")
    assert sum(map(int, again.out.split()[:6:2])) == 1
    assert again.out.startswith("0 created")


def test_an_export_into_a_zone(peopled: Command) -> None:
    peopled("import", written(peopled, GOOD), *USER)

    told = peopled("export", "outlook", *USER, "--timezone", "Asia/Tokyo")

    assert "Tea,2031-01-02,19:00,2031-01-02,20:00" in told.out


def test_a_file_that_cannot_be_written_does_not_appear(peopled: Command) -> None:
    folder = peopled.folder / "none"

    told = peopled("export", "timeslot", *USER, "-o", str(folder / "out"))

    assert (told.status, told.err) == (1, f"slotport: {folder / 'out'} cannot be written: No such file or directory\n")


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (("import", "/nowhere", *USER), 1, "/nowhere cannot be read: No such file or directory"),
        (("import", "-", "--user", "nobody@example.org"), 1, "there is no account nobody@example.org"),
        (("import", "-", *USER, "--group", str(uuid4())), 1, "no such group"),
        (("import", "-", *USER), 1, "file is empty"),
        (("export", "nothing", *USER), 1, "no such format; there are "),
        (("export", "ical", *USER, "--group", str(uuid4())), 1, "no such group"),
        (("export", "ical", *USER, "--timezone", "Mars/Base"), 1, "timezone is not the name of a time zone"),
        (("export", "outlook", *USER, "--timezone", "localtime"), 1, "timezone is not the name of a time zone"),
        (("import", "-"), 2, "--user"),
        (("import", *USER), 2, "either FILE or --undo ID"),
        (("import", "-", "--undo", "1", *USER), 2, "either FILE or --undo ID"),
        (("import", "--undo", "1", "--strict", *USER), 2, "--undo goes with --user alone"),
        (("import", "--undo", "1", *USER), 1, "there is no such import"),
        (("export", "ical", *USER, "--group", "x"), 2, "--group"),
    ],
)
def test_mistakes_are_told(peopled: Command, arguments: tuple[str, ...], status: int, text: str) -> None:
    told = peopled(*arguments)

    assert (told.status, told.out) == (status, "")
    assert text in told.err
    assert "Traceback" not in told.err


def test_a_full_standard_output_is_told(peopled: Command) -> None:
    told = peopled.in_shell("export", "timeslot", *USER, redirection="> /dev/full")

    assert told == Told(1, "", "slotport: standard output cannot be written: No space left on device\n")


def test_a_closed_standard_input_is_empty(peopled: Command) -> None:
    told = peopled.in_shell("import", "-", *USER, redirection="<&-")

    assert told == Told(1, "", "slotport: file is empty\n")


def test_a_reader_that_has_enough_is_no_failure_to_tell(peopled: Command) -> None:
    peopled("import", "-", *USER, typed=HEADER + "Tea,2031-01-02,10:00,2031-01-02,11:00\n" * 3000)

    told = peopled.in_shell("export", "timeslot", *USER, redirection="| head -c 1")

    assert told == Told(0, "[", "")


@pytest.mark.only("sqlite")
def test_an_interrupted_import_stores_nothing(peopled: Command) -> None:
    events = "Tea,2031-01-02,10:00,2031-01-02,11:00\n" * 200_000
    process = subprocess.Popen(
        [sys.executable, "-m", "slotport", "import", written(peopled, HEADER + events), *USER],
        stderr=subprocess.PIPE,
        env=peopled.environment(),
    )
    wait(lambda: (peopled.folder / "slotport.db-wal").exists())

    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=120)
    finally:
        process.kill()

    assert (process.returncode, b"Traceback" in err) == (130, False)
    assert peopled("export", "timeslot", *USER).out == "[]"


def test_a_title_cannot_command_the_terminal(peopled: Command) -> None:
    told = peopled("import", written(peopled, MIXED.replace("Lunch", "[red]\x1b[2Jx")), *USER)

    assert "[red]\ufffd[2Jx" in told.out
    assert "\x1b" not in told.out


def test_a_missing_folder_is_made(peopled: Command, tmp_path: Path) -> None:
    told = peopled("account", "list", SLOTPORT_DATA=str(tmp_path / "new" / "folder"))

    assert (told.status, told.out) == (0, "")
