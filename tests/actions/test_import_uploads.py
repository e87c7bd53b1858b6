"""Files that wait for their import: whose they are, how long, and how many."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from slotport.actions import import_uploads
from slotport.actions.import_uploads import Reading, Uploaded
from slotport.actions.imports import Recognised
from slotport.core.account import Account
from slotport.depot import Depot
from slotport.errors import NotFound, Unavailable

NOW = datetime(2031, 5, 6, 12, tzinfo=UTC)
SEEMS = Recognised(
    format="ical", encoding="utf-8", is_encoding_guessed=False, date_order=None, is_date_order_ambiguous=False
)


def account(number: int) -> Account:
    return Account(id=number, guid=UUID(int=number), created_at=NOW, updated_at=NOW)


def added(depot: Depot, owner: Account, now: datetime = NOW) -> Uploaded:
    return import_uploads.add(
        depot, owner, [b"BEGIN:", b"VCALENDAR"], name="a.ics", seems=SEEMS, reading=Reading(), now=now
    )


def test_a_file_waits_an_hour_and_no_longer(tmp_path: Path) -> None:
    depot = Depot(tmp_path)
    file = added(depot, account(1))
    later = NOW + timedelta(minutes=59)

    assert import_uploads.get(depot, account(1), file.id, now=later) == file
    assert b"".join(import_uploads.chunks_of(depot, account(1), file, now=later)) == b"BEGIN:VCALENDAR"
    with pytest.raises(NotFound):
        import_uploads.get(depot, account(1), file.id, now=NOW + timedelta(hours=1))
    assert import_uploads.tidy(depot, later) == 0
    assert import_uploads.tidy(depot, NOW + timedelta(hours=1)) == 1
    assert list((tmp_path / "imports").iterdir()) == []


@pytest.mark.parametrize("name", ["../2/", "..", "x" * 500, "6b091165-../../../../../../../../../../etc"])
def test_nothing_but_a_name_leads_anywhere(tmp_path: Path, name: str) -> None:
    depot = Depot(tmp_path)
    file = added(depot, account(2))

    for found in (name, name + file.id):
        with pytest.raises(NotFound):
            import_uploads.drop(depot, account(1), found, now=NOW)
    with pytest.raises(NotFound):
        import_uploads.get(depot, account(1), file.id, now=NOW)
    import_uploads.drop(depot, account(1), file.id, now=NOW)  # that of the first, who has none
    assert import_uploads.get(depot, account(2), file.id, now=NOW) == file


def test_the_oldest_files_make_room(tmp_path: Path) -> None:
    depot = Depot(tmp_path)
    files = [added(depot, account(1), NOW + timedelta(seconds=number)) for number in range(7)]
    kept = {folder.name for folder in depot.folders(tmp_path / "imports" / "1")}

    assert kept == {file.id for file in files[2:]}


def test_too_many_files_of_all_are_refused_and_nothing_of_the_last_stays(tmp_path: Path) -> None:
    depot = Depot(tmp_path)
    for number in range(import_uploads.MOST_OF_ALL):
        (tmp_path / "imports" / str(number) / f"{int(NOW.timestamp()):08x}-{'a' * 32}").mkdir(parents=True)

    with pytest.raises(Unavailable):
        added(depot, account(1000))
    assert not (tmp_path / "imports" / "1000").exists()


def test_a_file_that_cannot_be_read_to_its_end_is_not_kept(tmp_path: Path) -> None:
    def broken() -> import_uploads.Chunks:
        def begin():  # type: ignore[no-untyped-def]
            yield b"BEGIN"
            raise NotFound("no more")

        return import_uploads.Chunks(begin)

    depot = Depot(tmp_path)
    with pytest.raises(NotFound):
        import_uploads.add(depot, account(1), broken(), name="", seems=SEEMS, reading=Reading(), now=NOW)

    assert depot.folders(tmp_path / "imports" / "1") == []
