"""Locations, on both databases."""

from uuid import uuid4

from msgspec import structs

from slotport.core.convention import Location
from slotport.storage import locations
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW
from tests.conventions import add_convention


def add_location(store: Store, convention_id: int, title: str, **fields: object) -> Location:
    with store.write() as transaction:
        values = {"slug": title.lower(), **fields}
        return locations.add(transaction, convention_id, title=title, now=NOW, **values)  # type: ignore[arg-type]


def test_a_location_reads_back(store: Store) -> None:
    convention, guid = add_convention(store), uuid4()

    told = add_location(store, convention.id, "Pier", max_attendees=20, area="Quay", guid=guid)

    assert told == Location(id=told.id, guid=guid, title="Pier", slug="pier", max_attendees=20, area="Quay")
    with store.read() as transaction:
        assert locations.all_of(transaction, convention.id) == [told]
        assert locations.by_slugs(transaction, convention.id, ["pier", "none"]) == {"pier": told}
        assert locations.load(transaction, [told.id, 0]) == {told.id: told}


def test_another_conventions_locations_do_not_exist(store: Store) -> None:
    convention, other = add_convention(store), add_convention(store)
    add_location(store, other.id, "Pier")

    with store.read() as transaction:
        assert locations.all_of(transaction, convention.id) == []
        assert locations.by_slugs(transaction, convention.id, ["pier"]) == {}


def test_locations_are_listed_by_title(store: Store) -> None:
    convention = add_convention(store)
    for title in ("Pier", "Bridge", "Ärea", "attic"):
        add_location(store, convention.id, title)

    with store.read() as transaction:
        found = locations.all_of(transaction, convention.id)

    assert [location.title for location in found] == ["Bridge", "Pier", "attic", "Ärea"]


def test_a_change_keeps_the_slug(store: Store) -> None:
    convention = add_convention(store)
    told = add_location(store, convention.id, "Pier")
    wanted = structs.replace(told, title="Bridge", max_attendees=5, area="Quay", slug="bridge")

    with store.write() as transaction:
        locations.change(transaction, wanted, NOW + HOUR)

    with store.read() as transaction:
        assert locations.all_of(transaction, convention.id) == [structs.replace(wanted, slug="pier")]


def test_a_deleted_location_leaves_its_title_and_slug(store: Store) -> None:
    convention = add_convention(store)
    old = add_location(store, convention.id, "Pier")

    with store.write() as transaction:
        locations.remove(transaction, old, NOW + HOUR)
    new = add_location(store, convention.id, "Pier")

    with store.read() as transaction:
        assert locations.by_slugs(transaction, convention.id, ["pier"]) == {"pier": new}
        assert locations.load(transaction, [old.id]) == {old.id: old}
