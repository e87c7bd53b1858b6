"""What people can do with their accounts, and the command line with all of them; on both databases."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import argon2
import pytest
from msgspec import UNSET
from sqlalchemy import select, update

from slotport.actions import accounts, passwords
from slotport.actions.accounts import Fields, SignedIn
from slotport.actions.tries import source_of
from slotport.core.account import Account
from slotport.errors import Invalid, NotFound, TooManyTries, Unauthorized
from slotport.settings import Settings
from slotport.storage import accounts as stored
from slotport.storage import tables, tables_sign_in
from slotport.storage.store import Store

NOW = datetime(2031, 5, 6, 13, 44, 2, 123000, UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SETTINGS = Settings(sign_in_attempts=3, sign_up_attempts=0, sign_in_window_seconds=300, token_days=30)
TAKEN = {"email": ["has an account already"]}


def signed_up(store: Store, **fields: Any) -> SignedIn:
    said = {"username": "Ada", "email": "ada@example.org", "password": "first", **fields}
    return accounts.sign_up(store, Fields(**said), surface="v1", address="", settings=SETTINGS, now=NOW)


def signed_in(store: Store, password: str = "first", *, address: str = "192.0.2.1", **login: Any) -> SignedIn:
    login = login or {"email": "ada@example.org"}
    return accounts.sign_in(
        store, **login, password=password, surface="v1", address=address, settings=SETTINGS, now=NOW
    )


def is_good(store: Store, token: str, *, at: datetime = NOW) -> bool:
    return accounts.authenticated(store, token, "v1", at) is not None


def refused(work: Callable[[], object]) -> str:
    """The class of the error that the work ends in, or "done"."""
    try:
        work()
    except (Invalid, Unauthorized, TooManyTries, NotFound) as error:
        return type(error).__name__
    return "done"


def test_sign_up_gives_a_token_that_is_stored_nowhere(store: Store) -> None:
    done = signed_up(store)

    assert len(done.token) == 43
    assert accounts.authenticated(store, done.token, "v1", NOW) == done.account
    assert accounts.authenticated(store, done.token, "page", NOW) is None
    with store.read() as transaction:
        row = transaction.connection.execute(select(tables_sign_in.session)).one()
    assert done.token.encode() not in bytes(row.token_hash)
    assert len(row.token_hash) == 32


def test_two_sign_ups_at_once_with_one_address_make_one_account(store: Store) -> None:
    barrier = threading.Barrier(6)

    def work(number: int) -> object:
        barrier.wait()
        try:
            return signed_up(store, email=("ada@example.org", "ADA@example.ORG")[number % 2]).account.id
        except Invalid as error:
            return error.fields

    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(work, range(6)))

    assert sorted(results, key=str) == [next(r for r in results if isinstance(r, int)), *[TAKEN] * 5]
    assert len(list(accounts.list_accounts(store))) == 1


def test_a_number_can_be_taken_but_once(store: Store) -> None:
    signed_up(store, phone="+49 30 1")

    with pytest.raises(Invalid) as error:
        signed_up(store, email=None, phone=" +49  30 1 ")

    assert error.value.fields == {"phone": ["has an account already"]}


def test_a_token_works_until_it_was_not_used_for_its_days(store: Store) -> None:
    token = signed_up(store).token

    assert is_good(store, token, at=NOW + 30 * DAY - HOUR)  # moves the end
    assert is_good(store, token, at=NOW + 60 * DAY - 2 * HOUR)
    assert not is_good(store, token, at=NOW + 90 * DAY)


def test_the_use_of_a_token_is_noted_once_an_hour(store: Store) -> None:
    token = signed_up(store).token
    noted = []

    for minutes in (0, 59, 60, 61, 119, 121):
        is_good(store, token, at=NOW + timedelta(minutes=minutes))
        with store.read() as transaction:
            noted.append(transaction.connection.execute(select(tables_sign_in.session.c.used_at)).scalar_one())

    assert [(moment - noted[0]) / 60_000 for moment in noted] == [0, 0, 60, 60, 60, 121]


def test_sign_in_by_address_in_any_case_or_by_number(store: Store) -> None:
    account = signed_up(store, phone="+49 1").account

    for login in ({"email": " ADA@Example.org "}, {"phone": "+49  1"}, {"email": "ada@example.org", "phone": "x"}):
        assert signed_in(store, **login).account == account


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ({"email": "ada@example.org"}, "First"),
        ({"email": "ada@example.org"}, "first "),
        ({"email": "ada@example.org"}, "x" * 100_000),
        ({"email": "ada@example.org"}, "\ud800\0"),
        ({"email": "bob@example.org"}, "first"),
        ({"email": "a\0\ud800@example.org"}, "first"),
        ({"phone": "\ud800"}, "first"),
        ({"phone": "ada@example.org"}, "first"),
    ],
)
def test_a_wrong_pair_is_unauthorized(store: Store, login: dict[str, str], password: str) -> None:
    signed_up(store)

    with pytest.raises(Unauthorized) as error:
        signed_in(store, password, **login)

    assert str(error.value) == "there is no account with this name and password"


@pytest.mark.parametrize(
    ("login", "password", "fields"),
    [
        ({"email": None}, None, {"email": ["or phone is needed"], "password": ["can't be blank"]}),
        ({"email": "  ", "phone": ""}, "first", {"email": ["or phone is needed"]}),
        ({"email": "ada@example.org"}, "", {"password": ["can't be blank"]}),
    ],
)
def test_what_sign_in_lacks_is_named(store: Store, login: dict[str, str], password: Any, fields: object) -> None:
    with pytest.raises(Invalid) as error:
        signed_in(store, password, **login)

    assert error.value.fields == fields


def test_an_old_hash_is_made_anew_at_sign_in(store: Store) -> None:
    signed_up(store)
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("first")
    with store.write() as transaction:
        transaction.connection.execute(update(tables.account).values(password_hash=old))

    signed_in(store)

    with store.read() as transaction:
        new = transaction.connection.execute(select(tables.account.c.password_hash)).scalar_one()
    assert new.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(new, "first")
    assert signed_in(store).token


def test_failures_of_an_account_are_counted_over_addresses_and_logins(store: Store) -> None:
    signed_up(store, phone="1")
    logins = [{"email": "ada@example.org"}, {"phone": "1"}, {"email": "ADA@example.org"}]

    failed = [
        refused(partial(signed_in, store, "wrong", address=f"192.0.2.{number}", **login))
        for number, login in enumerate(logins)
    ]
    with pytest.raises(TooManyTries) as error:
        signed_in(store, address="192.0.2.9")

    assert failed == ["Unauthorized"] * 3
    assert 290 <= error.value.retry_after_seconds <= 300


def test_failures_of_an_address_are_counted_over_accounts(store: Store) -> None:
    signed_up(store)

    failed = [refused(partial(signed_in, store, email=f"{n}@example.org")) for n in range(4)]

    assert failed == ["Unauthorized"] * 3 + ["TooManyTries"]
    assert refused(lambda: signed_in(store)) == "TooManyTries"
    assert refused(lambda: signed_in(store, address="192.0.2.2")) == "done"


def test_a_good_sign_in_begins_the_accounts_count_anew(store: Store) -> None:
    signed_up(store)

    answers = []
    for number in range(4):  # each from another address, two failures at a time
        for password in ("wrong", "wrong", "first"):
            answers.append(refused(partial(signed_in, store, password, address=f"192.0.2.{number}")))

    assert answers == ["Unauthorized", "Unauthorized", "done"] * 4


def test_good_sign_ins_are_not_limited(store: Store) -> None:
    signed_up(store)

    assert [refused(lambda: signed_in(store)) for _ in range(8)] == ["done"] * 8


def test_many_guesses_at_once_are_no_more_than_allowed(store: Store) -> None:
    signed_up(store)

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: refused(lambda: signed_in(store, "wrong")), range(12)))

    assert sorted(answers) == ["TooManyTries"] * 9 + ["Unauthorized"] * 3


def test_an_address_of_ipv6_counts_with_its_network() -> None:
    hosts = ("2001:db8::1", "2001:db8::ffff:0:0:0", "2001:db8:0:1::1")

    assert [source_of(host) for host in hosts] == [
        "address:2001:db8::/64",
        "address:2001:db8::/64",
        "address:2001:db8:0:1::/64",
    ]


def test_each_sign_in_has_a_token_and_sign_out_ends_one(store: Store) -> None:
    tokens = [signed_up(store).token, signed_in(store).token]

    accounts.sign_out(store, tokens[0], "v1")

    assert [is_good(store, token) for token in tokens] == [False, True]
    with pytest.raises(Unauthorized):
        accounts.sign_out(store, tokens[0], "v1")


def change(store: Store, done: SignedIn, **fields: Any) -> Account:
    return accounts.change_profile(
        store, done.account, Fields(**fields), token=done.token, settings=SETTINGS, now=NOW + HOUR
    ).account


def test_a_change_leaves_alone_what_it_does_not_say(store: Store) -> None:
    done = signed_up(store, first_name="Ada", phone="1")

    after = change(store, done, first_name=None, last_name=" Love  lace ", push=False)

    assert (after.first_name, after.last_name, after.push) == (None, "Love lace", False)
    assert (after.username, after.email, after.phone, after.updated_at) == ("Ada", "ada@example.org", "1", NOW + HOUR)


def test_a_new_password_ends_every_other_token(store: Store) -> None:
    done = signed_up(store)
    other = signed_in(store).token

    change(store, done, password="second", old_password="first")

    assert [is_good(store, token) for token in (done.token, other)] == [True, False]
    assert refused(lambda: signed_in(store, "first")) == "Unauthorized"
    assert refused(lambda: signed_in(store, "second")) == "done"


def test_a_wrong_old_password_changes_nothing_and_is_counted(store: Store) -> None:
    done = signed_up(store)

    answers = [
        refused(lambda: change(store, done, username="Bob", password="second", old_password="wrong")) for _ in range(4)
    ]

    assert answers == ["Unauthorized"] * 3 + ["TooManyTries"]
    assert accounts.profile(store, done.account) == done.profile


@pytest.mark.parametrize("old", [UNSET, None, ""])
def test_a_new_password_needs_the_old_one(store: Store, old: Any) -> None:
    done = signed_up(store)

    with pytest.raises(Invalid) as error:
        change(store, done, password="second", old_password=old)

    assert error.value.fields == {"old_password": ["can't be blank"]}


def test_an_account_keeps_an_address_or_a_number(store: Store) -> None:
    done = signed_up(store)

    with pytest.raises(Invalid) as error:
        change(store, done, email=None)
    after = change(store, done, email="", phone="1")

    assert error.value.fields == {"email": ["or phone is needed"]}
    assert (after.email, after.phone) == (None, "1")


def test_a_sign_in_that_a_new_password_overtakes_fails(store: Store) -> None:
    account = signed_up(store).account
    with ThreadPoolExecutor(1) as threads:
        with store.write() as transaction:
            stored.locked(transaction, account.id)
            late = threads.submit(refused, lambda: signed_in(store))
            time.sleep(0.5)  # it has found the old password right, and waits to begin the session
            stored.set_password(transaction, account.id, passwords.hashed("second"))

        assert late.result() == "Unauthorized"
    assert refused(lambda: signed_in(store, "second")) == "done"


def test_a_removed_account_is_gone_and_its_address_free(store: Store) -> None:
    done = signed_up(store, phone="1")

    gone = accounts.remove(store, done.account, now=NOW + HOUR).account

    assert gone.deleted_at == NOW + HOUR
    assert not is_good(store, done.token)
    assert refused(lambda: signed_in(store)) == "Unauthorized"
    assert signed_up(store, phone="1").account.id != done.account.id
    assert refused(lambda: change(store, done, username="Bob")) == "Unauthorized"


def test_the_command_line_adds_lists_and_finds_accounts(store: Store) -> None:
    fields = Fields(username="Ada", email="Ada@example.org", phone="+1", password="first")

    account = accounts.add(store, fields, now=NOW)

    assert list(accounts.list_accounts(store)) == [account]
    assert accounts.get(store, "ADA@example.org") == accounts.get(store, "+1") == account
    assert signed_in(store).account == account
    with pytest.raises(NotFound, match=r"there is no account bob@example.org"):
        accounts.get(store, "bob@example.org")


def test_the_command_line_sets_a_password(store: Store) -> None:
    done = signed_up(store)
    for _ in range(3):
        refused(lambda: signed_in(store, "wrong", address="192.0.2.7"))

    accounts.set_password(store, "ada@example.org", "second", now=NOW)

    assert not is_good(store, done.token)
    assert refused(lambda: signed_in(store, "second")) == "done"
    with pytest.raises(Invalid):
        accounts.set_password(store, "ada@example.org", "1234", now=NOW)


def test_a_disabled_account_cannot_sign_in_until_it_is_enabled(store: Store) -> None:
    done = signed_up(store)

    disabled = accounts.disable(store, "ada@example.org", now=NOW)
    answers = [is_good(store, done.token), refused(lambda: signed_in(store))]
    accounts.enable(store, "ada@example.org", now=NOW)

    assert disabled.disabled_at == NOW
    assert answers == [False, "Unauthorized"]
    assert refused(lambda: signed_in(store)) == "done"
    assert not is_good(store, done.token)


def test_people_who_do_everything_at_once_never_wait_for_each_other_in_a_ring(store: Store) -> None:
    def live(number: int) -> list[str]:
        email, shared = f"p{number}@example.org", f"shared{number % 2}@example.org"
        done: list[str] = []
        for turn in range(4):
            person = signed_up(store, email=email)
            other = signed_in(store, email=email, address=f"192.0.2.{number}")
            done.append(refused(partial(change, store, other, email=shared, phone=None)))
            done.append(refused(partial(change, store, person, username=f"Turn {turn}", phone=f"{number}")))
            done.append(refused(partial(accounts.remove, store, person.account, now=NOW)))
        return done

    with ThreadPoolExecutor(6) as threads:
        ends = [end for ends in threads.map(live, range(6)) for end in ends]

    assert set(ends) <= {"done", "Invalid"}
    assert list(accounts.list_accounts(store)) == []
