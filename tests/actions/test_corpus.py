"""Every real calendar file goes in, out as iCalendar, and into a second account: both hold the same slots."""

from pathlib import Path

import pytest

from slotport.errors import FormatError
from slotport.storage.store import Store
from tests.actions.test_files import counts, exported, imported, new_account

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "ics"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository")
def test_the_whole_corpus_moves_to_another_account(store: Store) -> None:
    ada, bob = new_account(store, "Ada"), new_account(store, "Bob")
    slots = unread = 0
    for file in sorted(CORPUS.rglob("*.ics")):
        try:
            report = imported(store, ada, file.read_bytes())
        except FormatError:
            unread += 1
            continue
        assert len(report.problems) >= report.skipped + report.rejected
        assert all(problem.line for problem in report.problems if problem.code != "stale"), file.name
        slots += report.created

    moved = imported(store, bob, exported(store, ada, "ical"))
    again = imported(store, ada, exported(store, ada, "ical"))

    assert unread <= 8
    assert counts(moved) == (slots, 0, 0, 0, 0)
    assert counts(again) == (0, 0, slots, 0, 0)
    for word in ("ical", "outlook"):
        assert exported(store, bob, word) == exported(store, ada, word)
