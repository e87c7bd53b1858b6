"""``slotport account``: people without a server."""

from tests.cli.commands import Command, Told


def test_an_account_is_made_and_listed(slotport: Command) -> None:
    made = slotport("account", "add", "ann@example.org", typed="correct horse\n")
    slotport("account", "add", "+49 123 456", "--username", "Bob", typed="correct horse\n")

    assert made == Told(0, "account 1 was made: ann@example.org\n", "")
    assert slotport("account", "list").out.splitlines()[0] == "1\tann@example.org\tann\tactive"
    assert slotport("account", "list").out.splitlines()[1].endswith("\tBob\tactive")


def test_an_address_is_taken_once(peopled: Command) -> None:
    told = peopled("account", "add", "ANN@example.org", typed="correct horse\n")

    assert (told.status, told.out) == (1, "")
    assert told.err.startswith("slotport: email ")


def test_a_short_password_is_refused(slotport: Command) -> None:
    told = slotport("account", "add", "ann@example.org", typed="abc\n")

    assert (told.status, told.err) == (1, "slotport: password must have 5 to 72 characters\n")


def test_a_password_can_be_set(peopled: Command) -> None:
    told = peopled("account", "password", "ann@example.org", typed="new password\n")

    assert told == Told(0, "account 1 has a new password; it is signed out everywhere\n", "")


def test_an_account_can_be_disabled_and_enabled(peopled: Command) -> None:
    disabled = peopled("account", "disable", "ann@example.org")
    listed = peopled("account", "list").out
    enabled = peopled("account", "disable", "ann@example.org", "--undo")

    assert (disabled.out, enabled.out) == ("account 1 is disabled\n", "account 1 is enabled\n")
    assert listed == "1\tann@example.org\tann\tdisabled\n"


def test_an_unknown_account_is_an_error(slotport: Command) -> None:
    for command in ("password", "disable"):
        told = slotport("account", command, "nobody@example.org", typed="correct horse\n")
        assert told == Told(1, "", "slotport: there is no account nobody@example.org\n")
