"""``slotport convention``: who manages a convention, without a server."""

import pytest

from slotport.actions import conventions
from slotport.storage import accounts
from slotport.storage.store import Store
from tests.calendars import NOW
from tests.cli.commands import Command, Told
from tests.cli.conftest import EMAIL
from tests.homes import url_of


@pytest.fixture
def founded(peopled: Command) -> Command:
    """With the convention harbour-con of ann@example.org."""
    store = Store.open(url_of(peopled.folder))
    with store.read() as transaction:
        known = accounts.find_by_email(transaction, EMAIL)
    assert known is not None
    conventions.found(store, known.account, {"title": "Harbour Con"}, now=NOW)
    store.close()
    peopled("account", "add", "bob@example.org", typed="correct horse\n")
    return peopled


def test_an_account_becomes_a_manager(founded: Command) -> None:
    first = founded("convention", "manager", "harbour-con", "bob@example.org", "--role", "cashier")
    again = founded("convention", "manager", "harbour-con", "BOB@example.org")

    assert first == Told(0, "account 2 is now a manager of Harbour Con\n", "")
    assert again == Told(0, "account 2 was already a manager of Harbour Con\n", "")


def test_what_is_unknown_is_an_error(founded: Command) -> None:
    convention = founded("convention", "manager", "nowhere", "bob@example.org")
    account = founded("convention", "manager", "harbour-con", "nobody@example.org")

    assert convention == Told(1, "", "slotport: there is no convention nowhere\n")
    assert account == Told(1, "", "slotport: there is no account nobody@example.org\n")
    assert founded("convention", "manager", "harbour-con", "bob@example.org", "--role", "king").status == 2
