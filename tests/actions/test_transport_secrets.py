"""Secrets of transports in the store, on both databases, and a carrier that says none of them."""

from typing import Any

import pytest
from msgspec import structs

from slotport.actions import exports
from slotport.actions.discreet import Discreet
from slotport.actions.sealing import unsealed
from slotport.core.account import Account
from slotport.core.export import Receipt, Transport
from slotport.core.export_input_transports import same
from slotport.settings import Settings
from slotport.storage.store import Store
from slotport.transports import Log, TransportError, TransportRefused
from tests.calendars import HOUR, NOW, add_person

SETTINGS = Settings(secret_key="k" * 40)
UUID = "5f0c2f0e-0f5b-4a52-9a35-2d8d8a5f7a10"
SERVER = {"server": "files.example.invalid", "login": "crew"}


def body(**options: Any) -> dict[str, Any]:
    return {"export": {}, "_transports": [{"type": "sftp", "uuid": UUID, "options": {**SERVER, **options}}]}


def create(store: Store, owner: Account, **options: Any) -> Transport:
    return exports.create(store, owner, body(**options), settings=SETTINGS, now=NOW).transports[0]


def change(store: Store, owner: Account, said: dict[str, Any]) -> Transport:
    number = exports.listed(store, owner)[1][0].id
    changed = exports.change(store, owner, number, said, settings=SETTINGS, now=NOW + HOUR)
    return changed.export.transports[0]


def test_secrets_are_stored_encrypted_one_by_one(store: Store) -> None:
    owner = add_person(store)
    made = create(store, owner, password="hunter2", passphrase="ü")

    assert made.options == SERVER
    assert unsealed(SETTINGS, made.secrets) == {"passphrase": "ü", "password": "hunter2"}
    assert "hunter2" not in str(made)


def test_a_change_leaves_what_it_does_not_name_as_it_was_encrypted(store: Store) -> None:
    owner = add_person(store)
    made = create(store, owner, password="hunter2", passphrase="pp")

    renamed = change(store, owner, {"export": {"name": "Other"}})
    changed = change(store, owner, body(password="hunter3"))
    without = change(store, owner, body(password=None))
    elsewhere = change(store, owner, body(server="other.example.invalid"))

    assert (renamed.id, renamed.secrets) == (made.id, made.secrets)
    assert changed.secrets["passphrase"] == made.secrets["passphrase"]
    assert unsealed(SETTINGS, changed.secrets) == {"passphrase": "pp", "password": "hunter3"}
    assert without.secrets == {"passphrase": made.secrets["passphrase"]}
    assert (elsewhere.id, elsewhere.secrets) == (made.id, {})


def test_a_new_password_makes_no_other_transport() -> None:
    one = Transport(uuid=UUID, type="sftp", options=SERVER, secrets={"password": "a"})

    assert same([one], [structs.replace(one, secrets={"password": "b"})])
    assert not same([one], [structs.replace(one, options={"server": "other"})])


class Echo:
    """A carrier whose other side repeats what it was sent."""

    def __init__(self, error: TransportError) -> None:
        self._error = error

    def deliver(self, _parcel: Any, log: Log, _check: Any) -> Receipt:
        self.try_out("", log)
        raise AssertionError

    def try_out(self, _uuid: str, log: Log) -> None:
        log("info", "PASS hunter2 pw")
        raise self._error


@pytest.mark.parametrize("kind", [TransportError, TransportRefused])
def test_a_carrier_says_no_secret(kind: type[TransportError]) -> None:
    lines: list[str] = []
    carrier = Discreet(Echo(kind("530 hunter2: AAAABBBB is none")), ["hunter2", "pw", "BEGIN KEY\nAAAABBBB\n"])

    with pytest.raises(kind) as caught:
        carrier.try_out("", lambda _level, message: lines.append(message))

    assert type(caught.value) is kind
    assert str(caught.value) == "530 ***: *** is none"
    assert lines == ["PASS *** pw"]
