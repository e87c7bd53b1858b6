"""_transports and _schedules: what they take, what they refuse and where."""

from typing import Any

import pytest

from slotport.core import export_input
from slotport.core.export import Export, LogLine, Mail, Recipient, Schedule, Transport, TransportState
from slotport.core.export_input_transports import MESSAGE_LENGTH, MOST_RECIPIENTS, MOST_TRANSPORTS
from tests.exports import MADE, MOST_SCHEDULES, an_export, changed, created, numbered_uuids, refusal, refused_at

NOT_ACCEPTED, EXPECTED = "api.attribute_not_accepted", "api.attribute_expected"
INVALID, MISMATCH = "api.invalid_value", "api.type_mismatch"
UUID = "5f0c2f0e-0f5b-4a52-9a35-2d8d8a5f7a10"
FIRST = numbered_uuids()()
CREW = {"_basetype": "user", "user": {"type": "email", "login": "crew@example.net"}}
MAIL = Mail(recipients=(Recipient(email="crew@example.net"),))


def one(**members: Any) -> Transport:
    """The transport that an array with one makes."""
    return created({"export": {}, "_transports": [{"type": "download", **members}]}).transports[0]


def mail(**members: Any) -> Transport:
    return one(type="email", email={"recipients": [CREW], **members})


def schedule(**members: Any) -> Schedule:
    return created({"export": {"name": "Weekly"}, "_schedules": [members]}).schedules[0]


# Transports


@pytest.mark.parametrize(
    ("members", "stored"),
    [
        ({}, Transport(uuid=FIRST, type="download")),
        ({"packer": None, "email": None, "options": None, "uuid": None}, Transport(uuid=FIRST, type="download")),
        ({"uuid": UUID.upper()}, Transport(uuid=UUID, type="download")),
        *(
            ({"packer": name}, Transport(uuid=FIRST, type="download", packer=name))
            for name in ("zip", "zip_10mb", "zip_2gb", "tar_bz2", "tar.gz")
        ),
        ({"packer": "tar_gz"}, Transport(uuid=FIRST, type="download", packer="tar.gz")),
        ({"options": {}}, Transport(uuid=FIRST, type="download")),
        ({"options": {"packer": "tar_gz"}}, Transport(uuid=FIRST, type="download", packer="tar.gz")),
        (
            {"packer": "tar.gz", "options": {"packer": "tar_gz"}},
            Transport(uuid=FIRST, type="download", packer="tar.gz"),
        ),
        ({"email": {"recipients": [CREW]}}, Transport(uuid=FIRST, type="download", email=MAIL)),
        ({"email": {}}, Transport(uuid=FIRST, type="download", email=Mail(recipients=()))),
        ({"type": "email", "email": {"recipients": [CREW, CREW]}}, Transport(uuid=FIRST, type="email", email=MAIL)),
    ],
)
def test_a_good_transport_is_stored(members: Any, stored: Transport) -> None:
    assert one(**members) == stored


def test_what_the_server_says_of_a_transport_means_nothing() -> None:
    names = "_id _state _download _log _attempts _next_attempt _receipt _secrets_set"
    said = {name: {"any": "thing"} for name in names.split()}

    assert one(**said) == one()


@pytest.mark.parametrize(
    ("recipient", "stored"),
    [
        ({"_basetype": "user", "user": {"_id": 6}}, Recipient(user_id=6)),
        ({"_basetype": "group", "group": {"_id": 3}}, Recipient(group_id=3)),
        (CREW, Recipient(email="crew@example.net")),
        ({**CREW, "group": None}, Recipient(email="crew@example.net")),
    ],
)
def test_a_good_recipient_is_stored(recipient: Any, stored: Recipient) -> None:
    message = "Hello,\r\nthe export is ready."

    assert mail(recipients=[recipient], message=message).email == Mail(recipients=(stored,), message=message)


@pytest.mark.parametrize("kind", ["gopher", "FTP", "scp", "", "x" * 300])
def test_another_type_is_not_available(kind: str) -> None:
    assert refusal(lambda: one(type=kind)) == ("user.transport_not_available", {"type": kind[:80]})


def test_a_type_that_is_switched_off_is_not_available() -> None:
    body: Any = {"export": {}, "_transports": [{"type": "ftp", "options": {"server": "h"}}]}

    def read(types: frozenset[str]) -> tuple[Transport, ...]:
        return export_input.created(
            body, most_schedules=1, new_uuid=numbered_uuids(), seal=str.swapcase, types=types
        ).transports

    assert read(frozenset({"ftp"})) == (Transport(uuid=FIRST, type="ftp", options={"server": "h"}),)
    assert refusal(lambda: read(frozenset({"download"}))) == ("user.transport_not_available", {"type": "ftp"})
    body["_transports"][0]["options"] = {"server": "sftp://h", "login": "mira"}
    assert refusal(lambda: read(frozenset({"ftp"}))) == ("user.transport_not_available", {"type": "sftp"})
    assert len(read(frozenset({"ftp", "sftp"}))) == 1


@pytest.mark.parametrize(
    ("plugin", "short", "options"),
    [("transport_ftp", "ftp", {"server": "h"}), ("transport_webdav", "webdav", {"server": "https://h/dav"})],
)
def test_the_plugins_names_are_known_by_their_short_ones(plugin: str, short: str, options: Any) -> None:
    name = f"easydb-export-transport-ftp-plugin:{plugin}"

    assert one(type=name, options=options) == Transport(uuid=FIRST, type=short, options=options)


@pytest.mark.parametrize("packer", [None, "folder", "zip", "zip_10mb", "zip_2gb", "tar_bz2", "tar.gz"])
def test_what_goes_elsewhere_may_be_packed_or_a_folder(packer: str | None) -> None:
    in_options = {"server": "h"} if packer is None else {"server": "h", "packer": packer}
    stored = Transport(uuid=FIRST, type="ftp", packer=packer, options={"server": "h"})

    assert one(type="ftp", packer=packer, options={"server": "h"}) == stored
    assert one(type="ftp", options=in_options) == stored
    assert stored.packing == (packer or "folder")


@pytest.mark.parametrize(
    ("members", "code", "place"),
    [
        ({"type": None}, EXPECTED, "type"),
        ({"type": 1}, MISMATCH, "type"),
        ({"name": "x"}, NOT_ACCEPTED, "name"),
        ({"_secrets": []}, NOT_ACCEPTED, "_secrets"),
        ({"uuid": "x"}, INVALID, "uuid"),
        ({"uuid": f"{{{UUID}}}"}, INVALID, "uuid"),
        ({"uuid": 1}, MISMATCH, "uuid"),
        ({"packer": "rar"}, INVALID, "packer"),
        ({"packer": "folder"}, INVALID, "packer"),
        ({"packer": 1}, MISMATCH, "packer"),
        ({"options": []}, MISMATCH, "options"),
        ({"options": {"server": "example.net"}}, NOT_ACCEPTED, "options.server"),
        ({"options": {"packer": "folder"}}, INVALID, "options.packer"),
        ({"packer": "zip", "options": {"packer": "tar.gz"}}, INVALID, "options.packer"),
        ({"type": "email"}, EXPECTED, "email"),
        ({"type": "email", "packer": "folder", "email": {"recipients": [CREW]}}, INVALID, "packer"),
        ({"type": "email", "email": {}}, EXPECTED, "email.recipients"),
        ({"type": "email", "email": {"recipients": []}}, INVALID, "email.recipients"),
        ({"email": []}, MISMATCH, "email"),
        ({"email": {"subject": "x"}}, NOT_ACCEPTED, "email.subject"),
        ({"email": {"recipients": CREW}}, MISMATCH, "email.recipients"),
        ({"email": {"recipients": [CREW] * (MOST_RECIPIENTS + 1)}}, INVALID, "email.recipients"),
        ({"email": {"message": 1}}, MISMATCH, "email.message"),
        ({"email": {"message": "x" * (MESSAGE_LENGTH + 1)}}, INVALID, "email.message"),
    ],
)
def test_a_bad_transport_is_refused_by_place(members: Any, code: str, place: str) -> None:
    assert refused_at(lambda: one(**members)) == (code, f"_transports[0].{place}")


@pytest.mark.parametrize(
    ("recipient", "code", "place"),
    [
        ("crew@example.net", MISMATCH, ""),
        ({}, EXPECTED, "._basetype"),
        ({"_basetype": "event"}, INVALID, "._basetype"),
        ({"_basetype": "user"}, EXPECTED, ".user"),
        ({"_basetype": "user", "group": {"_id": 3}}, EXPECTED, ".user"),
        ({"_basetype": "user", "user": {"_id": 6}, "group": {"_id": 3}}, INVALID, ".group"),
        ({"_basetype": "user", "user": {"_id": 6, "name": "x"}}, NOT_ACCEPTED, ".user.name"),
        ({"_basetype": "user", "user": {}}, EXPECTED, ".user._id"),
        ({"_basetype": "user", "user": {"_id": "6"}}, MISMATCH, ".user._id"),
        ({"_basetype": "user", "user": {"_id": 0}}, INVALID, ".user._id"),
        ({"_basetype": "user", "user": {"_id": 6, "type": "email"}}, INVALID, ".user._id"),
        ({"_basetype": "user", "user": {"type": "email"}}, EXPECTED, ".user.login"),
        ({"_basetype": "user", "user": {"type": "login", "login": "a@b.c"}}, INVALID, ".user.type"),
        ({"_basetype": "user", "user": {"login": "a@b.c"}}, EXPECTED, ".user.type"),
        *(
            ({"_basetype": "user", "user": {"type": "email", "login": login}}, INVALID, ".user.login")
            for login in ("crew", "a@b", "a@b.c\r\nBcc: d@e.f", "a@b.c,d@e.f", "A <a@b.c>", "a@b.c\x07", "x" * 300)
        ),
        ({"_basetype": "group", "group": {}}, EXPECTED, ".group._id"),
        ({"_basetype": "group", "group": {"_id": True}}, MISMATCH, ".group._id"),
    ],
)
def test_a_bad_recipient_is_refused_by_place(recipient: Any, code: str, place: str) -> None:
    expected = (code, f"_transports[0].email.recipients[0]{place}")

    assert refused_at(lambda: mail(recipients=[recipient])) == expected


@pytest.mark.parametrize(
    ("transports", "place"),
    [
        ([{"type": "download", "uuid": UUID}, {"type": "download", "uuid": UUID.upper()}], "_transports[1].uuid"),
        (
            [{"type": "download", "packer": "zip_10mb"}, {"type": "download", "packer": "zip_2gb"}],
            "_transports[1].packer",
        ),
        (
            [
                {"type": "download", "packer": "zip_10mb"},
                {"type": "ftp", "options": {"server": "h", "packer": "zip_2gb"}},
            ],
            "_transports[1].packer",
        ),
        ([{"type": "download"}] * (MOST_TRANSPORTS + 1), "_transports"),
    ],
)
def test_transports_that_do_not_go_together_are_refused(transports: Any, place: str) -> None:
    assert refused_at(lambda: created({"export": {}, "_transports": transports})) == (INVALID, place)


def test_a_known_uuid_keeps_id_and_log() -> None:
    log = (LogLine(timestamp=MADE, level="info", message="delivered"),)
    before = an_export(
        transports=(
            Transport(id=3, uuid=UUID, type="download", log=log, state=TransportState.DONE, attempts=1),
            Transport(id=4, uuid=FIRST[:-1] + "9", type="download"),
        )
    )

    after = changed(
        {"_transports": [{"type": "download"}, {"type": "download", "uuid": UUID, "packer": "zip"}]}, before
    )

    assert after.transports == (
        Transport(uuid=FIRST, type="download"),
        Transport(id=3, uuid=UUID, type="download", packer="zip", log=log),
    )


# Secrets


SERVER = {"server": "h", "login": "crew"}


def stored(kind: str = "sftp", options: Any = None, secrets: Any = None) -> Export:
    """An export with one transport, which has a password and a key."""
    transport = Transport(
        id=3,
        uuid=UUID,
        type=kind,
        options=SERVER if options is None else options,
        secrets={"password": "old", "private_key": "key"} if secrets is None else secrets,
    )
    return an_export(transports=(transport,))


def secrets_after(before: Export, kind: str = "sftp", **options: Any) -> dict[str, str]:
    """The secrets of the transport after a change; what is sealed has its case swapped."""
    said = {"type": kind, "uuid": UUID, "options": {**SERVER, **options}}
    return changed({"_transports": [said]}, before).transports[0].secrets


def test_secrets_are_sealed_and_never_among_the_options() -> None:
    transport = one(type="ftp", options={**SERVER, "password:secret": "pw"})

    assert transport == Transport(uuid=FIRST, type="ftp", options=SERVER, secrets={"password": "PW"})


@pytest.mark.parametrize(
    ("options", "secrets"),
    [
        ({}, {"password": "old", "private_key": "key"}),
        ({"password": "new"}, {"password": "NEW", "private_key": "key"}),
        ({"password": None}, {"private_key": "key"}),
        ({"password:secret": None, "private_key": None}, {}),
        ({"passphrase": "pp"}, {"passphrase": "PP", "password": "old", "private_key": "key"}),
        ({"login": "other", "directory": "in"}, {"password": "old", "private_key": "key"}),
        ({"server": "H:22"}, {"password": "old", "private_key": "key"}),
        ({"server": "sftp://h"}, {"password": "old", "private_key": "key"}),
        ({"server": "h2"}, {}),
        ({"server": "h:2222"}, {}),
        ({"server": "h2", "password": "new"}, {"password": "NEW"}),
    ],
)
def test_a_change_keeps_replaces_and_forgets_secrets(options: Any, secrets: Any) -> None:
    assert secrets_after(stored(), **options) == secrets


@pytest.mark.parametrize(
    ("before", "kind", "options", "secrets"),
    [
        (stored(), "ftp", {"server": "sftp://h"}, {"password": "old", "private_key": "key"}),
        (stored(), "ftp", {}, {}),
        (stored(), "ftps", {}, {}),
        (stored("ftps", SERVER, {"password": "old"}), "ftps", {"implicit_tls": True}, {}),
        (stored("ftps", SERVER, {"password": "old"}), "ftp", {"server": "ftps://h"}, {"password": "old"}),
        (stored("ftp", {**SERVER, "server": "ftps://h"}, {"password": "old"}), "ftp", {"server": "ftp://h"}, {}),
    ],
)
def test_another_scheme_or_port_forgets_secrets(before: Export, kind: str, options: Any, secrets: Any) -> None:
    assert secrets_after(before, kind, **options) == secrets


@pytest.mark.parametrize(
    ("options", "secrets"),
    [
        ({"region": "eu-west-1", "bucket": "other-one"}, {"secret_key": "old"}),
        ({"endpoint": "https://s3.evil.example"}, {}),
    ],
)
def test_another_endpoint_forgets_the_secret_of_a_bucket(options: Any, secrets: Any) -> None:
    said = {"bucket": "slots", "access_key": "AK"}
    before = stored("s3", said, {"secret_key": "old"})
    body = {"_transports": [{"type": "s3", "uuid": UUID, "options": {**said, **options}}]}

    assert changed(body, before).transports[0].secrets == secrets


def test_a_copy_has_no_secrets_and_another_uuid_gets_none() -> None:
    said = {"type": "sftp", "uuid": UUID, "options": SERVER, "_secrets_set": ["password", "private_key"]}
    other = {**said, "uuid": FIRST}

    assert created({"export": {}, "_transports": [said]}).transports[0].secrets == {}
    assert changed({"_transports": [other]}, stored()).transports[0].secrets == {}


def test_a_change_of_something_else_keeps_the_transports_whole() -> None:
    before = stored()

    assert changed({"export": {"flat": True}}, before).transports == before.transports


# Schedules


@pytest.mark.parametrize(
    ("members", "stored"),
    [
        ({}, Schedule()),
        (dict.fromkeys(["weekdays", "days_of_month", "hours", "minutes", "timezone", "missed"]), Schedule()),
        ({"weekdays": ["sunday", "monday", "sunday"]}, Schedule(weekdays=("monday", "sunday"))),
        ({"weekday": ["friday"]}, Schedule(weekdays=("friday",))),
        ({"days_of_month": [31, 1, 1]}, Schedule(days_of_month=(1, 31))),
        ({"day_of_month": [15]}, Schedule(days_of_month=(15,))),
        ({"hours": [23, 0]}, Schedule(hours=(0, 23))),
        ({"hour": [18]}, Schedule(hours=(18,))),
        ({"minutes": [59, 0]}, Schedule(minutes=(0, 59))),
        ({"minute": [30], "minutes": None}, Schedule(minutes=(30,))),
        ({"timezone": "Europe/Berlin"}, Schedule(timezone="Europe/Berlin")),
        ({"missed": "skip"}, Schedule(missed="skip")),
        ({"missed": "all"}, Schedule(missed="all")),
        (
            {"weekdays": ["wednesday"], "days_of_month": [8, 9, 10, 11, 12, 13, 14], "hours": [7], "minutes": [30]},
            Schedule(weekdays=("wednesday",), days_of_month=(8, 9, 10, 11, 12, 13, 14), hours=(7,), minutes=(30,)),
        ),
    ],
)
def test_a_good_schedule_is_stored(members: Any, stored: Schedule) -> None:
    assert schedule(**members) == stored


@pytest.mark.parametrize(
    ("members", "code", "place"),
    [
        ({"weekdays": []}, INVALID, "weekdays"),
        ({"weekdays": "friday"}, MISMATCH, "weekdays"),
        ({"weekdays": ["Friday"]}, INVALID, "weekdays[0]"),
        ({"weekdays": ["monday", 5]}, MISMATCH, "weekdays[1]"),
        ({"days_of_month": [0]}, INVALID, "days_of_month[0]"),
        ({"days_of_month": [32]}, INVALID, "days_of_month[0]"),
        ({"day_of_month": 1}, MISMATCH, "day_of_month"),
        ({"hours": [24]}, INVALID, "hours[0]"),
        ({"hours": ["18"]}, MISMATCH, "hours[0]"),
        ({"hours": [True]}, MISMATCH, "hours[0]"),
        ({"hours": [18.0]}, MISMATCH, "hours[0]"),
        ({"hours": [None]}, MISMATCH, "hours[0]"),
        ({"hour": []}, INVALID, "hour"),
        ({"minutes": [60]}, INVALID, "minutes[0]"),
        ({"minutes": [-1]}, INVALID, "minutes[0]"),
        ({"hours": [1], "hour": [1]}, INVALID, "hour"),
        ({"weekdays": ["monday"], "weekday": ["monday"]}, INVALID, "weekday"),
        ({"timezone": "Berlin"}, INVALID, "timezone"),
        ({"timezone": 1}, MISMATCH, "timezone"),
        ({"missed": "never"}, INVALID, "missed"),
        ({"months": [1]}, NOT_ACCEPTED, "months"),
    ],
)
def test_a_bad_schedule_is_refused_by_place(members: Any, code: str, place: str) -> None:
    assert refused_at(lambda: schedule(**members)) == (code, f"_schedules[0].{place}")


def test_schedules_are_limited() -> None:
    body = {"export": {"name": "Weekly"}, "_schedules": [{}] * (MOST_SCHEDULES + 1)}

    assert refusal(lambda: created(body)) == ("user.export_limit_exceeded", {"limit": str(MOST_SCHEDULES)})
    assert refused_at(lambda: created({**body, "_schedules": [None]})) == (MISMATCH, "_schedules[0]")
