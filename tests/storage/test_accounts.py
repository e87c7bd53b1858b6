"""Queries of accounts and sessions, on both databases."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec import structs
from sqlalchemy import event, func, select

from slotport.core.account import Account
from slotport.core.slot import Place
from slotport.errors import Invalid, NotFound
from slotport.storage import accounts, sessions, tables, tables_sign_in
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store

NOW = datetime(2031, 5, 6, 13, 44, 2, 123000, UTC)
HOUR = timedelta(hours=1)


def person(**fields: object) -> Account:
    values = {"id": 0, "guid": uuid4(), "username": "Ada", "email": "Ada@Example.org"}
    return Account(**{**values, "created_at": NOW, "updated_at": NOW, **fields})


def added(store: Store, **fields: object) -> Account:
    with store.write() as transaction:
        return accounts.add(transaction, person(**fields), "hash")


def test_an_account_reads_back_as_it_was_stored(store: Store) -> None:
    full = person(
        first_name="Ada",
        middle_name="King",
        last_name="Lovelace",
        gender="female",
        lang="en",
        phone="+44 1",
        phone_verified=True,
        email_verified=True,
        image="a.png",
        public_url="https://ada.example",
        push=False,
        place=Place(name="Marylebone", latitude=51.52, longitude=-0.15, private_location=False),
        place_uuid=uuid4(),
        disabled_at=NOW + HOUR,
    )

    with store.write() as transaction:
        stored = accounts.add(transaction, full, "hash")
    with store.read() as transaction:
        found = accounts.get(transaction, stored.id)

    assert found == stored == structs.replace(full, id=stored.id, change=stored.change)
    assert stored.id > 0
    assert stored.change > 0


def test_a_change_stores_every_field_and_may_take_the_place_away(store: Store) -> None:
    before = added(store, place=Place(name="Here"), phone="1")
    after = structs.replace(
        before, username="Grace", email=None, place=None, place_uuid=None, push=False, updated_at=NOW + HOUR
    )

    with store.write() as transaction:
        accounts.change(transaction, after)

    with store.read() as transaction:
        assert accounts.get(transaction, before.id) == after


def test_an_address_is_found_in_any_case_and_a_number_as_it_is(store: Store) -> None:
    account = added(store, email="ÄDA@Example.org", phone="+49 30 1")

    with store.read() as transaction:
        by_email = accounts.find_by_email(transaction, "äda@example.ORG")
        by_phone = accounts.find_by_phone(transaction, "+49 30 1")
        nobody = accounts.find_by_email(transaction, "ada@example.org")

    assert by_email == by_phone == accounts.Known(account=account, password_hash="hash")
    assert nobody is None


@pytest.mark.parametrize(("field", "other"), [("email", {"phone": None}), ("phone", {"email": "x@y.z"})])
def test_an_address_or_number_of_another_account_is_refused(store: Store, field: str, other: dict[str, str]) -> None:
    added(store, phone="1")
    fields = {"email": "ADA@example.ORG", "phone": "1", **other}

    with pytest.raises(Invalid) as refused, store.write() as transaction:
        accounts.add(transaction, person(**fields), "hash")

    assert refused.value.fields == {field: ["has an account already"]}
    with store.read() as transaction:
        assert len(accounts.list_all(transaction)) == 1


def test_a_change_to_anothers_address_is_refused(store: Store) -> None:
    added(store)
    second = added(store, email="b@example.org")

    with pytest.raises(Invalid) as refused, store.write() as transaction:
        accounts.change(transaction, structs.replace(second, email="ada@EXAMPLE.org"))

    assert refused.value.fields == {"email": ["has an account already"]}


def test_accounts_without_address_or_number_may_be_many(store: Store) -> None:
    first, second = (added(store, email=None) for _ in range(2))

    with store.read() as transaction:
        assert accounts.list_all(transaction) == [first, second]
        assert accounts.find_many(transaction, [second.id, first.id, 999]) == {first.id: first, second.id: second}


def test_a_new_account_has_two_calendars_shown_in_its_schedule(store: Store) -> None:
    account = added(store)

    with store.read() as transaction:
        group, part = tables.group.c, tables.membership.c
        rows = transaction.connection.execute(
            select(
                group.name,
                group.preset,
                group.public,
                group.members_can_post,
                group.members_can_invite,
                part.state,
                part.show_in_schedule,
                group.change,
            )
            .join_from(tables.group, tables.membership)
            .where(group.owner_id == account.id, part.account_id == account.id)
            .order_by(group.id)
        ).all()
        profile = accounts.profile(transaction, account.id)

    assert [tuple(row) for row in rows] == [
        ("Private", "private", False, True, False, "active", True, account.change),
        ("Public", "public", True, False, True, "active", True, account.change),
    ]
    assert (profile.slot_count, profile.calendar_count) == (0, 2)
    assert [item.group for item in profile.memberships] == [profile.private_calendar, profile.public_calendar]


def test_a_profile_takes_four_statements_however_much_there_is(store: Store) -> None:
    account = added(store)
    for _ in range(5):
        add_slot(store, account, calendar_of(store, account))
    statements: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    with store.read() as transaction:
        accounts.profile(transaction, account.id)

    assert len([text for text in statements if text.startswith("SELECT")]) == 4


def test_an_unknown_id_is_not_found(store: Store) -> None:
    with store.read() as transaction, pytest.raises(NotFound):
        accounts.get(transaction, 12)


def calendar_of(store: Store, account: Account) -> UUID | None:
    with store.read() as transaction:
        return accounts.profile(transaction, account.id).private_calendar


def add_slot(store: Store, owner: Account, group_uuid: object) -> int:
    with store.write() as transaction:
        slot_id = transaction.object_ids(1)[0]
        group = transaction.connection.execute(
            select(tables.group.c.id).where(tables.group.c.uuid == str(group_uuid))
        ).scalar_one()
        times = {"start_at": 1, "end_at": 2}
        stamps = {"created_at": 1, "updated_at": 1, "change": transaction.change}
        transaction.connection.execute(
            tables.slot.insert().values(id=slot_id, owner_id=owner.id, uid=str(slot_id), **times, **stamps)
        )
        transaction.connection.execute(
            tables.slot_group.insert().values(slot_id=slot_id, group_id=group, added_at=1, **times)
        )
        return slot_id


def test_a_removed_account_takes_its_slots_and_calendars_along(store: Store) -> None:
    gone, other = added(store), added(store, email="b@example.org")
    with store.read() as transaction:
        mine = accounts.profile(transaction, gone.id).private_calendar
        others = accounts.profile(transaction, other.id).public_calendar
    own_slot, foreign_slot = add_slot(store, gone, others), add_slot(store, other, mine)

    with store.write() as transaction:
        accounts.remove(transaction, gone.id, NOW + HOUR)
        change = transaction.change

    with store.read() as transaction:
        after, neighbour = accounts.profile(transaction, gone.id), accounts.profile(transaction, other.id)
        slots = transaction.connection.execute(
            select(tables.slot.c.id, tables.slot.c.deleted_at, tables.slot.c.change, tables.slot.c.version).order_by(
                tables.slot.c.id
            )
        ).all()
        links = transaction.connection.execute(select(func.count()).select_from(tables.slot_group)).scalar_one()
    moment = milliseconds(NOW + HOUR)
    assert (after.account.deleted_at, after.account.email, after.account.username) == (NOW + HOUR, None, "Ada")
    assert (after.slot_count, after.calendar_count, after.memberships) == (0, 0, ())
    assert (neighbour.slot_count, neighbour.calendar_count, neighbour.account.change) == (1, 2, change)
    assert tuple(slots[0]) == (own_slot, moment, change, 2)
    assert (slots[1].id, slots[1].deleted_at) == (foreign_slot, None)
    assert links == 0


def test_the_address_of_a_removed_account_is_free(store: Store) -> None:
    gone = added(store, phone="1")

    with store.write() as transaction:
        accounts.remove(transaction, gone.id, NOW)
    again = added(store, phone="1")

    with store.read() as transaction:
        assert accounts.find_by_email(transaction, "ada@example.org") == accounts.Known(
            account=again, password_hash="hash"
        )
        assert accounts.list_all(transaction) == [again]


def add_session(store: Store, account: Account, token: bytes = b"t" * 32, *, hours: int = 10) -> None:
    with store.write() as transaction:
        sessions.add(
            transaction,
            token,
            account.id,
            surface="v1",
            device='{"system":"ios"}',
            now=NOW,
            expires_at=NOW + hours * HOUR,
        )


def test_a_session_works_on_its_surface_until_it_expires(store: Store) -> None:
    account = added(store)
    add_session(store, account)

    with store.read() as transaction:
        found = sessions.find(transaction, b"t" * 32, "v1", NOW + 9 * HOUR)
        elsewhere = sessions.find(transaction, b"t" * 32, "page", NOW)
        late = sessions.find(transaction, b"t" * 32, "v1", NOW + 10 * HOUR)
        unknown = sessions.find(transaction, b"u" * 32, "v1", NOW)

    assert found == sessions.Session(account=account, created_at=NOW, used_at=NOW, expires_at=NOW + 10 * HOUR)
    assert (elsewhere, late, unknown) == (None, None, None)


def test_use_moves_the_end_of_a_session_as_far(store: Store) -> None:
    add_session(store, added(store))
    with store.read() as transaction:
        before = sessions.find(transaction, b"t" * 32, "v1", NOW)
    assert before is not None

    for hours in (2, 3):  # the second writer saw the session as it was before the first
        with store.write() as transaction:
            sessions.touch(transaction, b"t" * 32, before, NOW + hours * HOUR)

    with store.read() as transaction:
        after = sessions.find(transaction, b"t" * 32, "v1", NOW)
    assert after == structs.replace(before, used_at=NOW + 2 * HOUR, expires_at=NOW + 12 * HOUR)


@pytest.mark.parametrize("column", ["disabled_at", "deleted_at"])
def test_no_session_of_a_disabled_or_deleted_account_works(store: Store, column: str) -> None:
    account = added(store)
    add_session(store, account)

    with store.write() as transaction:
        transaction.connection.execute(tables.account.update().values({column: 1}))

    with store.read() as transaction:
        assert sessions.find(transaction, b"t" * 32, "v1", NOW) is None


def test_sessions_end_one_by_one_and_together(store: Store) -> None:
    account = added(store)
    tokens = [bytes([number]) * 32 for number in range(4)]
    for token in tokens:
        add_session(store, account, token)

    with store.write() as transaction:
        ended = [sessions.end(transaction, tokens[0], surface) for surface in ("page", "v1", "v1")]
        sessions.end_all(transaction, account.id, but=tokens[3])

    with store.read() as transaction:
        found = [sessions.find(transaction, token, "v1", NOW) is not None for token in tokens]
    assert ended == [False, True, False]
    assert found == [False, False, False, True]


def test_expired_sessions_of_the_account_go_with_the_next_one(store: Store) -> None:
    account = added(store)
    add_session(store, account, b"1" * 32, hours=0)
    add_session(store, account, b"2" * 32)

    with store.read() as transaction:
        kept = transaction.connection.execute(select(tables_sign_in.session.c.token_hash)).scalars().all()

    assert [bytes(token) for token in kept] == [b"2" * 32]


def test_a_reset_link_lives_until_it_expires_or_is_ended(store: Store) -> None:
    account = added(store)
    with store.write() as transaction:
        sessions.add_reset(transaction, b"s" * 32, account.id, now=NOW, expires_at=NOW + HOUR)

    with store.read() as transaction:
        fresh = sessions.find_reset(transaction, b"s" * 32, NOW)
        late = sessions.find_reset(transaction, b"s" * 32, NOW + HOUR)
    with store.write() as transaction:
        sessions.end_resets(transaction, account.id)
        ended = sessions.find_reset(transaction, b"s" * 32, NOW)

    assert (fresh, late, ended) == (account.id, None, None)
