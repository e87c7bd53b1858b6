"""Sessions of the export interface, in both databases."""

from datetime import timedelta

from slotport.storage import accounts, sessions
from slotport.storage import export_sessions as stored
from slotport.storage.export_sessions import ExportSession
from slotport.storage.store import Store
from tests.calendars import DAY, HOUR, NOW, add_person

HASH, OTHER = b"a" * 32, b"b" * 32


def add(store: Store, token_hash: bytes = HASH) -> ExportSession:
    with store.write() as transaction:
        stored.add(transaction, token_hash, language="de", now=NOW, expires_at=NOW + DAY)
    return ExportSession(token_hash=token_hash, language="de", expires_at=NOW + DAY)


def find(store: Store, token_hash: bytes = HASH, *, later: timedelta = timedelta()) -> ExportSession | None:
    with store.read() as transaction:
        return stored.find(transaction, token_hash, NOW + later)


def test_a_session_is_found_by_its_token(store: Store) -> None:
    session = add(store)

    assert (find(store), find(store, OTHER)) == (session, None)


def test_somebody_signs_in_and_out(store: Store) -> None:
    session, person = add(store), add_person(store)
    with store.write() as transaction:
        stored.sign_in(transaction, HASH, person.id, now=NOW, expires_at=NOW + 7 * DAY)
    signed_in = find(store)
    with store.write() as transaction:
        stored.sign_out(transaction, HASH)
        account = accounts.get(transaction, person.id)

    week = ExportSession(token_hash=HASH, language="de", expires_at=NOW + 7 * DAY)
    assert session != week
    assert signed_in == ExportSession(
        token_hash=HASH,
        language="de",
        expires_at=NOW + 7 * DAY,
        account=account,
        signed_in_at=NOW,
        used_at=NOW,
    )
    assert find(store) == week


def test_a_use_moves_its_end(store: Store) -> None:
    add(store)
    person = add_person(store)
    with store.write() as transaction:
        stored.sign_in(transaction, HASH, person.id, now=NOW, expires_at=NOW + 7 * DAY)
        stored.touch(transaction, HASH, now=NOW + HOUR, expires_at=NOW + 8 * DAY)

    found = find(store, later=7 * DAY + HOUR)

    assert found is not None
    assert found.account is not None
    assert (found.signed_in_at, found.used_at, found.expires_at) == (NOW, NOW + HOUR, NOW + 8 * DAY)


def test_whoever_signs_in_last_is_signed_in(store: Store) -> None:
    add(store)
    one, other = add_person(store), add_person(store)
    with store.write() as transaction:
        for person in (one, other):
            stored.sign_in(transaction, HASH, person.id, now=NOW, expires_at=NOW + DAY)

    found = find(store)

    assert found is not None
    assert found.account is not None
    assert found.account.id == other.id


def test_what_ends_all_sessions_of_an_account_leaves_the_token(store: Store) -> None:
    session, person = add(store), add_person(store)
    with store.write() as transaction:
        stored.sign_in(transaction, HASH, person.id, now=NOW, expires_at=NOW + DAY)
        sessions.end_all(transaction, person.id)

    assert find(store) == session


def test_what_has_expired_is_known_for_a_day(store: Store) -> None:
    session = add(store)
    with store.write() as transaction:
        stored.add(transaction, OTHER, language="en", now=NOW + 2 * DAY - HOUR, expires_at=NOW + 3 * DAY)
    still = find(store, later=2 * DAY)
    with store.write() as transaction:
        stored.add(transaction, b"c" * 32, language="en", now=NOW + 2 * DAY, expires_at=NOW + 3 * DAY)

    assert (still, find(store, later=2 * DAY)) == (session, None)


def test_a_language_is_changed(store: Store) -> None:
    add(store)
    with store.write() as transaction:
        stored.set_language(transaction, HASH, "fr")

    found = find(store)

    assert found is not None
    assert found.language == "fr"


def test_a_name_is_that_of_one_live_account(store: Store) -> None:
    one = add_person(store, username="Mira")
    twin, gone = add_person(store, username="Twin"), add_person(store, username="Mira")
    add_person(store, username="Twin")
    with store.write() as transaction:
        accounts.remove(transaction, gone.id, NOW)

    with store.read() as transaction:
        found = [stored.find_by_username(transaction, name) for name in ("Mira", twin.username, "mira", "")]

    assert [known and known.account.id for known in found] == [one.id, None, None, None]
