"""Files of a run page by page, and events that are kept in bulk, in both databases."""

from collections.abc import Sequence

from slotport.core.export import AssetClass, Export, File
from slotport.storage import export_events, export_files, export_polls, run_work, runs
from slotport.storage.export_files import Member
from slotport.storage.run_work import Totals
from slotport.storage.store import Store
from tests.calendars import NOW, add_person
from tests.exports import begin, create

PATHS = ["b.csv", "media/slot-1/a", "a.csv", "media/slot-10/ä", "media/slot-1/b", "media.csv", "mediä/c"]


def published(store: Store, paths: Sequence[str]) -> str:
    """The id of a run that made those files."""
    run, _ = begin(store, create(store, add_person(store)))
    files = [
        File(
            path=path,
            size=number,
            sha256="0" * 64,
            media_type="text/csv",
            modified=NOW,
            eas_id=5 if path.startswith("media/") else None,
            eas_fileclass=AssetClass.IMAGE if path.startswith("media/") else None,
        )
        for number, path in enumerate(paths)
    ]
    assert run_work.begin(store, run.id, now=NOW) is not None
    run_work.store_files(store, run.id, files, [])
    run_work.publish(
        store,
        run.id,
        totals=Totals(),
        protocol="",
        retention_days=7,
        deliver=None,
        now=NOW,
    )
    return run.id


def pages(store: Store, run_id: str, *, below: str = "", limit: int = 2) -> list[Member]:
    """All files of the run, looked up so many at a time."""
    found: list[Member] = []
    after = -1
    while True:
        with store.read() as transaction:
            page = export_files.page(transaction, run_id, below=below, after=after, limit=limit)
        if not page:
            return found
        found += page
        after = page[-1].position


def test_files_come_in_the_order_of_the_run(store: Store) -> None:
    run_id = published(store, PATHS)

    found = pages(store, run_id)

    with store.read() as transaction:
        whole = runs.files(transaction, run_id)
    assert [(one.path, one.size, one.modified, one.is_media) for one in found] == [
        (one.path, one.size, one.modified, one.eas_id is not None) for one in whole
    ]
    assert [one.path for one in found] == PATHS


def test_a_folder_has_what_lies_below_it(store: Store) -> None:
    run_id = published(store, PATHS)

    found = {name: [one.path for one in pages(store, run_id, below=name)] for name in ("media", "media/slot-1", "a")}

    assert found == {
        "media": ["media/slot-1/a", "media/slot-10/ä", "media/slot-1/b"],
        "media/slot-1": ["media/slot-1/a", "media/slot-1/b"],
        "a": [],
    }
    with store.read() as transaction:
        counts = [export_files.count(transaction, run_id, below=name) for name in ("", *found)]
    assert counts == [7, 3, 2, 0]


def tell(store: Store, export: Export, type_: str, *, pollable: bool = True) -> int:
    with store.write() as transaction:
        return export_events.add(
            transaction,
            export_id=export.id,
            owner_id=export.owner_id,
            version=1,
            type=type_,
            info={},
            pollable=pollable,
            now=NOW,
        )


def test_who_has_news(store: Store) -> None:
    one, other = create(store, add_person(store)), create(store, add_person(store))
    start = tell(store, one, "EXPORT_SKIPPED")
    tell(store, one, "DOWNLOAD_EXPORT", pollable=False)
    last = tell(store, other, "EXPORT_SKIPPED")

    with store.read() as transaction:
        found = [export_polls.owners_since(transaction, after) for after in (0, start, last)]

    assert found == [{one.owner_id, other.owner_id}, {other.owner_id}, set()]


def test_old_downloads_are_forgotten(store: Store) -> None:
    export, other = create(store, add_person(store)), create(store, add_person(store))
    ids = [tell(store, one, "DOWNLOAD_EXPORT", pollable=False) for one in (export, export, other, export, export)]
    with store.write() as transaction:
        export_polls.forget_downloads(transaction, export.id, but=2)
        export_polls.forget_downloads(transaction, other.id, but=2)

    with store.read() as transaction:
        left = [
            number
            for number in ids
            for owner_id in (export.owner_id, other.owner_id)
            if export_events.find(transaction, owner_id, number) is not None
        ]
    assert left == ids[2:]
    with store.read() as transaction:
        assert len(export_events.log_of(transaction, export.id)) == 1


def test_a_folder_is_listed_page_by_page_each_folder_in_it_once(store: Store) -> None:
    names = ["2031/a", "2031/b/c", "2031 b", "2031-x", "20310", "z/" + "y/" * 3 + "x"]
    run_id = published(store, names)
    found: list[tuple[str, bool]] = []
    after = ""

    with store.read() as transaction:
        while page := export_files.children(transaction, run_id, "", after=after, limit=2):
            found += [(one.name, one.is_folder) for one in page]
            after = page[-1].name + ("/" if page[-1].is_folder else "")
        below = export_files.children(transaction, run_id, "2031", after="", limit=9)

    assert sorted(found) == [("2031", True), ("2031 b", False), ("2031-x", False), ("20310", False), ("z", True)]
    assert [(one.name, one.is_folder) for one in below] == [("a", False), ("b", True)]
