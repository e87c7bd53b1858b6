"""What an export keeps of a slot stands for it in the next one, and never outlives a change."""

from sqlalchemy import select

from slotport.core.account import Account
from slotport.storage import accounts as accounts_storage
from slotport.storage import tables
from slotport.storage.store import Store
from tests.actions.test_files import SAMPLE, ada, calendar, exported, imported, slots, vevent

__all__ = ["ada"]


def kept_texts(store: Store) -> int:
    """How many slots have a text that is kept for the next export."""
    with store.read() as transaction:
        return len(transaction.connection.execute(select(tables.rendering.c.slot_id)).all())


def test_a_second_export_is_the_first_without_rendering_again(store: Store, ada: Account) -> None:
    imported(store, ada, SAMPLE)

    files_ = [exported(store, ada, "ical") for _ in range(3)]

    assert kept_texts(store) == len(slots(store, ada))
    assert files_[0] == files_[1] == files_[2]


def test_a_changed_slot_is_rendered_anew(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a"), vevent("b")))
    before = exported(store, ada, "ical")

    imported(store, ada, calendar(vevent("a", "Breakfast")))

    assert exported(store, ada, "ical") == before.replace(b"Supper", b"Breakfast", 1)


def test_an_export_waits_for_no_writer_to_keep_its_texts(store: Store, ada: Account) -> None:
    imported(store, ada, SAMPLE)

    with store.write() as transaction:
        accounts_storage.mark_changed(transaction, [ada.id])
        first = exported(store, ada, "ical")

    assert (kept_texts(store) if store.engine.dialect.name == "sqlite" else 0) == 0
    assert exported(store, ada, "ical") == first


def test_zones_stand_in_a_file_of_kept_texts_too(store: Store, ada: Account) -> None:
    berlin = "UID:b\r\nDTSTART;TZID=Europe/Berlin:20310603T090000\r\nSUMMARY:Zone"
    imported(store, ada, calendar(vevent("a", "First", "20310101T000000Z"), berlin))
    exported(store, ada, "ical")
    imported(store, ada, calendar(vevent("c", "Last", "20320101T000000Z")))

    lines = exported(store, ada, "ical").decode().split("\r\n")

    assert lines.count("TZID:Europe/Berlin") == 1
    assert lines.index("TZID:Europe/Berlin") < lines.index("DTSTART;TZID=Europe/Berlin:20310603T090000")
