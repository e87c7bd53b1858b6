"""Conventions and managers, on both databases."""

from datetime import date
from uuid import uuid4

from msgspec import structs

from slotport.core.convention import Convention, Role
from slotport.storage import accounts, conventions
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_person, counted_statements
from tests.conventions import add_convention


def stored(store: Store, convention: Convention) -> Convention | None:
    with store.read() as transaction:
        return conventions.find(transaction, convention.id)


def test_a_convention_reads_back_as_it_was_stored(store: Store) -> None:
    told = add_convention(
        store,
        series="Harbour",
        website="https://harbourcon.example",
        location="Quay",
        start_date=date(2027, 5, 14),
        end_date=date(2027, 5, 16),
        settings={"timezone": "Europe/Berlin", "registration-type": ["a", None, 1.5]},
    )

    assert stored(store, told) == told


def test_a_convention_is_found_by_id_slug_key_and_title(store: Store) -> None:
    told, other = add_convention(store), add_convention(store)

    with store.read() as transaction:
        found = [
            conventions.find_named(transaction, str(told.id)),
            conventions.find_named(transaction, told.slug),
            conventions.find_by_key(transaction, told.public_key),
            conventions.find_by_title(transaction, told.title),
        ]
        missing = [
            conventions.find_named(transaction, name)
            for name in ("0", "9" * 19, "9" * 40, "nowhere", told.slug.upper())
        ]
        listed = conventions.list_all(transaction)

    assert found == [told] * 4
    assert missing == [None] * 5
    assert listed == [told, other]


def test_a_change_keeps_keys_and_slug(store: Store) -> None:
    told = add_convention(store)
    wanted = structs.replace(told, title=f"New {uuid4()}", slug="other", public_key="other", secret_key="other")

    with store.write() as transaction:
        conventions.change(transaction, wanted, NOW + HOUR)
        number = transaction.change

    assert stored(store, told) == structs.replace(
        told, title=wanted.title, updated_at=NOW + HOUR, changed_at=NOW + HOUR, change=number, shared_change=number
    )


def test_what_belongs_to_a_convention_marks_it(store: Store) -> None:
    told, other = add_convention(store), add_convention(store)

    with store.write() as transaction:
        conventions.mark_changed(transaction, told.id, NOW + HOUR)
        number = transaction.change

    assert stored(store, told) == structs.replace(told, changed_at=NOW + HOUR, change=number, shared_change=number)
    assert stored(store, other) == other


def test_managers_are_listed_in_order_of_appointment(store: Store) -> None:
    first, second = add_person(store), add_person(store)
    told, other = add_convention(store, first), add_convention(store, second)
    with store.write() as transaction:
        conventions.add_manager(transaction, told.id, second.id, Role.CASHIER, NOW + HOUR)

    with store.read() as transaction:
        found = conventions.managers(transaction, told.id)
        managed = conventions.list_all(transaction, managed_by=second.id)

    assert [(item.person.id, item.role) for item in found] == [
        (first.id, Role.ADMINISTRATOR),
        (second.id, Role.CASHIER),
    ]
    assert managed == [told, other]


def test_somebody_dismissed_or_deleted_manages_nothing(store: Store) -> None:
    first, second, third = add_person(store), add_person(store), add_person(store)
    told = add_convention(store, first, second, third)

    with store.write() as transaction:
        conventions.remove_manager(transaction, told.id, second.id)
        accounts.remove(transaction, third.id, NOW)

    with store.read() as transaction:
        found = [item.person.id for item in conventions.managers(transaction, told.id)]
        manages = [conventions.is_manager(transaction, told.id, one.id) for one in (first, second, third)]
    assert (found, manages) == ([first.id], [True, False, False])


def test_slugs_that_begin_alike_are_found_alone(store: Store) -> None:
    slug = f"pier_{uuid4().hex}"
    for each in (slug, f"{slug}-2", f"{slug}x", slug.replace("_", "x") + "-2"):
        add_convention(store, slug=each)

    with store.read() as transaction:
        assert conventions.slugs_like(transaction, slug) == {slug, f"{slug}-2"}


def test_a_list_costs_one_statement(store: Store) -> None:
    for _ in range(3):
        add_convention(store)

    with counted_statements(store) as statements, store.read() as transaction:
        conventions.list_all(transaction)

    assert len([each for each in statements if each.startswith("SELECT")]) == 1
