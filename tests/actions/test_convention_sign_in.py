"""Sign-in at conventions on both databases: who gets in, and what ends what."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from slotport.actions import convention_sign_in as actions
from slotport.actions import resets
from slotport.actions.sign_in import SignedIn, authenticated, new_session
from slotport.errors import Conflict, Invalid, Unauthorized
from slotport.settings import Settings
from slotport.storage import sessions
from slotport.storage.store import Store
from tests.calendars import NOW, add_person

EMAIL = "Ada@example.org"
PASSWORD = "correct horse"
SETTINGS = Settings(sign_in_attempts=1000, sign_up_attempts=0, reset_attempts=1000)


@pytest.fixture
def sign_in(store: Store) -> Callable[..., SignedIn]:
    """A function that signs Ada in, who registered before."""
    actions.register(store, email=EMAIL, password=PASSWORD, name="Ada", address="", settings=SETTINGS, now=NOW)

    def run(password: str = PASSWORD, now: datetime = NOW) -> SignedIn:
        return actions.sign_in(store, email=EMAIL, password=password, address="192.0.2.1", settings=SETTINGS, now=now)

    return run


def reset_token(store: Store, account_id: int) -> str:
    with store.write() as transaction:
        secret_hash = resets._hash("secret", "auth")
        sessions.add_reset(transaction, secret_hash, account_id, now=NOW, expires_at=NOW + timedelta(days=1))
    return "secret"


def test_who_registered_signs_in(store: Store, sign_in: Callable[..., SignedIn]) -> None:
    done = sign_in()

    account = actions.holder(store, done.token, now=NOW)
    assert account is not None
    assert (account.username, account.email) == ("Ada", EMAIL)
    assert len(done.profile.memberships) == 2
    with pytest.raises(Unauthorized):
        sign_in("wrong")


def test_registering_may_sign_in(store: Store) -> None:
    done = actions.register_and_sign_in(
        store, email=EMAIL, password=PASSWORD, name=None, address="", settings=SETTINGS, now=NOW
    )

    assert actions.holder(store, done.token, now=NOW) == done.account
    assert done.account.username == "Ada"


def test_of_two_who_register_at_once_one_is_told_that_the_address_is_taken(store: Store) -> None:
    def run(_number: int) -> str:
        try:
            actions.register(store, email=EMAIL, password=PASSWORD, name="Ada", address="", settings=SETTINGS, now=NOW)
        except Conflict as error:
            return str(error)
        return "made"

    with ThreadPoolExecutor(4) as pool:
        done = sorted(pool.map(run, range(4)))

    assert done == ["This email address is already registered"] * 3 + ["made"]


@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("value", [None, "", 7, [], "a\0b"])
def test_what_is_missing_or_wrong_is_invalid(store: Store, field: str, value: object) -> None:
    given = {"email": EMAIL, "password": PASSWORD, field: value}

    with pytest.raises(Invalid):
        actions.register(
            store, email=given["email"], password=given["password"], name=None, address="", settings=SETTINGS, now=NOW
        )


def test_a_token_works_on_its_surface_alone(store: Store, sign_in: Callable[..., SignedIn]) -> None:
    done = sign_in()
    with store.write() as transaction:
        v1 = new_session(transaction, done.account.id, surface="v1", settings=SETTINGS, device=None, now=NOW)

    assert actions.holder(store, v1, now=NOW) is None
    assert authenticated(store, done.token, "v1", NOW) is None


def test_only_verify_prolongs(store: Store, sign_in: Callable[..., SignedIn]) -> None:
    token, day = sign_in().token, timedelta(days=1)

    assert actions.holder(store, token, now=NOW + 13 * day) is not None
    assert actions.holder(store, token, now=NOW + 14 * day) is None
    assert actions.holder(store, token, now=NOW + 13 * day, prolong=True) is not None
    assert actions.holder(store, token, now=NOW + 26 * day) is not None
    assert actions.holder(store, token, now=NOW + 27 * day) is None


def test_a_new_password_ends_all_tokens_of_every_surface(store: Store, sign_in: Callable[..., SignedIn]) -> None:
    done = sign_in()
    with store.write() as transaction:
        v1 = new_session(transaction, done.account.id, surface="v1", settings=SETTINGS, device=None, now=NOW)
    reset = reset_token(store, done.account.id)

    assert actions.change_password(store, done.token, "battery", now=NOW) is None

    assert [actions.holder(store, token, now=NOW) for token in (done.token, reset)] == [None, None]
    assert authenticated(store, v1, "v1", NOW) is None
    assert sign_in("battery").account.id == done.account.id


def test_a_reset_token_is_good_once(store: Store, sign_in: Callable[..., SignedIn]) -> None:
    token = reset_token(store, sign_in().account.id)

    with ThreadPoolExecutor(3) as pool:
        words = ["first word", "second word", "third word"]
        done = list(pool.map(lambda word: actions.change_password(store, token, word, now=NOW), words))

    assert sorted(done, key=str) == [None, actions.EXPIRED, actions.EXPIRED]
    sign_in(words[done.index(None)])


def test_somebody_without_a_password_gets_one_by_a_reset_token(store: Store) -> None:
    made = add_person(store, email=EMAIL)
    token = reset_token(store, made.id)

    assert actions.change_password(store, token, PASSWORD, now=NOW) is None

    signed_in = actions.sign_in(
        store, email=EMAIL, password=PASSWORD, address="", settings=SETTINGS, now=datetime.now(UTC)
    )
    assert signed_in.account.id == made.id


@pytest.mark.parametrize("token", [None, "", "unknown", "\ud800"])
def test_a_token_that_is_of_no_use_changes_nothing(
    store: Store, sign_in: Callable[..., SignedIn], token: str | None
) -> None:
    actions.sign_out(store, token)

    assert actions.holder(store, token, now=NOW, prolong=True) is None
    assert actions.change_password(store, token, "battery", now=NOW) == actions.EXPIRED
    sign_in()


def test_sign_out_ends_either_kind_of_token(store: Store, sign_in: Callable[..., SignedIn]) -> None:
    done = sign_in()
    reset = reset_token(store, done.account.id)

    for token in (done.token, reset):
        actions.sign_out(store, token)

    assert [actions.holder(store, token, now=NOW) for token in (done.token, reset)] == [None, None]
