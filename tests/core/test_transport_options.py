"""The options of transports: what they take, what they refuse and where, and what is a secret among them."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from slotport.core.transport_options import Options, read, secret_names
from slotport.core.transport_target import Target, is_within, target
from slotport.errors import WireError
from tests.exports import refused_at

NOT_ACCEPTED, EXPECTED = "api.attribute_not_accepted", "api.attribute_expected"
INVALID, MISMATCH = "api.invalid_value", "api.type_mismatch"
FINGERPRINT = "SHA256:" + "a1+/" * 10 + "abc"
FTP = {"server": "files.example.org"}
SFTP = {**FTP, "login": "crew"}
DAV = {"server": "https://cloud.example.org/dav/crew"}
S3 = {"bucket": "slots", "access_key": "AK"}
RSYNC = {"destination": "rsync://backup.example.org/slots/"}


def key(*, openssh: bool = True, password: bytes | None = None) -> str:
    made = ed25519.Ed25519PrivateKey.generate() if openssh else rsa.generate_private_key(65537, 2048)
    shape = serialization.PrivateFormat.OpenSSH if openssh else serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8 if openssh and password else shape,
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
    ).decode()


def options(kind: str, **said: Any) -> Options:
    return read(kind, said, "options")


@pytest.mark.parametrize(
    ("kind", "said", "public"),
    [
        ("ftp", FTP, FTP),
        ("ftp", {"server": "ftp://[2001:db8::1]:2121"}, {"server": "ftp://[2001:db8::1]:2121"}),
        ("ftp", {**FTP, "login": None, "directory": None}, FTP),
        ("ftp", {**FTP, "directory": "/in//./box/"}, {**FTP, "directory": "/in/box"}),
        ("ftp", {**FTP, "directory": "in/"}, {**FTP, "directory": "in"}),
        ("ftp", {**FTP, "directory": "//"}, {**FTP, "directory": "/"}),
        ("ftp", {"server": "ftps://h", "implicit_tls": True}, {"server": "ftps://h", "implicit_tls": True}),
        (
            "ftp",
            {"server": "SFTP://h:22", "login": "crew", "host_key": FINGERPRINT},
            {"server": "SFTP://h:22", "login": "crew", "host_key": FINGERPRINT},
        ),
        ("ftps", {**FTP, "implicit_tls": False}, {**FTP, "implicit_tls": False}),
        ("sftp", {**SFTP, "host_key": f" {FINGERPRINT}= "}, {**SFTP, "host_key": FINGERPRINT}),
        ("webdav", {**DAV, "webdav_user": "crew"}, {**DAV, "login": "crew"}),
        ("webdav", {**DAV, "webdav_user": "crew", "login": "crew"}, {**DAV, "login": "crew"}),
        ("webdav", {**DAV, "directory": "/a b/ü/"}, {**DAV, "directory": "a b/ü"}),
        ("s3", S3, S3),
        (
            "s3",
            {
                **S3,
                "endpoint": "http://127.0.0.1:8333",
                "region": "eu-central-1",
                "prefix": "/a/b/",
                "path_style": True,
            },
            {**S3, "endpoint": "http://127.0.0.1:8333", "region": "eu-central-1", "prefix": "a/b", "path_style": True},
        ),
        ("rsync", RSYNC, RSYNC),
        ("rsync", {"destination": "crew@backup:in/slots"}, {"destination": "crew@backup:in/slots"}),
        ("rsync", {"destination": "/srv/slots"}, {"destination": "/srv/slots"}),
        (
            "rsync",
            {
                **RSYNC,
                "options": {"archive": True, "delete": False, "bwlimit": 500, "port": 8730, "exclude": ["*.csv"]},
            },
            {
                **RSYNC,
                "options": {"archive": True, "delete": False, "bwlimit": 500, "port": 8730, "exclude": ("*.csv",)},
            },
        ),
    ],
)
def test_good_options_are_stored_cleaned(kind: str, said: Any, public: Any) -> None:
    assert options(kind, **said) == Options(public=public, secrets={}, packer=None)


BAD_SERVERS = (
    "",
    "h/",
    "ftp://h/path",
    "ftp://crew:pw@h",
    "crew@h",
    "http://h",
    "//h",
    "h:0",
    "h:65536",
    "h:",
    "h p",
    "h\n",
    "-h",
    "::1",
    "[::1",
    "[::g]",
    "[fe80::1%25eth0]",
    "bücher.example",
    "a..b",
    "a" * 64 + ".example",
    "x" * 1001,
)
BAD_URLS = (
    "cloud.example.org",
    "ftp://cloud.example.org",
    "https://crew:pw@cloud.example.org/dav",
    "https://crew@cloud.example.org/dav",
    "https://cloud.example.org/dav?x=1",
    "https://cloud.example.org/dav#x",
    "https://cloud.example.org/a/../b",
    "https://cloud.example.org/a/%2e%2E/b",
    "https://cloud.example.org/a b",
    "https://cloud.example.org\\@evil.example",
    "https://cloud.example.org:99999",
    "https:///dav",
    "https://h\r\nX: y",
)
BAD_DESTINATIONS = (
    "slots",
    "./slots",
    "~/slots",
    "-e sh",
    "rsync://h",
    "rsync://h/",
    "rsync://crew:pw@h/slots",
    "rsync://-h/slots",
    "RSYNC://h/slots",
    "rsync://h/slots/../x",
    "ssh://h/slots",
    "h::slots",
    "h:",
    "-h:x",
    "h:$(id)",
    "h:a b",
    "h:a;b",
    "h:`id`",
    "h:../x",
    "/srv/../etc",
    "/srv/\nx",
    "h:x\n",
)


@pytest.mark.parametrize(
    ("kind", "said", "code", "place"),
    [
        ("ftp", {}, EXPECTED, "server"),
        ("ftp", {"server": None}, EXPECTED, "server"),
        ("ftp", {"server": 5}, MISMATCH, "server"),
        *(("ftp", {"server": one}, INVALID, "server") for one in BAD_SERVERS),
        ("ftps", {"server": "ftp://h"}, INVALID, "server"),
        ("ftps", {"server": "sftp://h"}, INVALID, "server"),
        ("sftp", {"server": "ftp://h"}, INVALID, "server"),
        ("sftp", FTP, EXPECTED, "login"),
        ("ftp", {"server": "sftp://h"}, EXPECTED, "login"),
        ("ftp", {**FTP, "implicit_tls": True}, NOT_ACCEPTED, "implicit_tls"),
        ("ftp", {**FTP, "host_key": FINGERPRINT}, NOT_ACCEPTED, "host_key"),
        ("ftp", {**FTP, "private_key": "x"}, NOT_ACCEPTED, "private_key"),
        ("ftp", {**FTP, "port": 21}, NOT_ACCEPTED, "port"),
        ("ftp", {**FTP, "webdav_pass": "x"}, NOT_ACCEPTED, "webdav_pass"),
        ("ftp", {**FTP, "login:secret": "x"}, NOT_ACCEPTED, "login:secret"),
        ("ftps", {**FTP, "implicit_tls": "true"}, MISMATCH, "implicit_tls"),
        ("ftp", {**FTP, "login": "crew\r\nDELE x"}, INVALID, "login"),
        ("ftp", {**FTP, "login": ""}, INVALID, "login"),
        ("ftp", {**FTP, "password": "pw\r\nDELE x"}, INVALID, "password"),
        ("ftp", {**FTP, "password": ""}, INVALID, "password"),
        ("ftp", {**FTP, "password:secret": 5}, MISMATCH, "password:secret"),
        ("ftp", {**FTP, "password": "one", "password:secret": "two"}, INVALID, "password:secret"),
        ("ftp", {**FTP, "directory": "a/../b"}, INVALID, "directory"),
        ("ftp", {**FTP, "directory": "a\\b"}, INVALID, "directory"),
        ("ftp", {**FTP, "directory": "a\nb"}, INVALID, "directory"),
        ("ftp", {**FTP, "directory": ["a"]}, MISMATCH, "directory"),
        *(
            ("sftp", {**SFTP, "host_key": one}, INVALID, "host_key")
            for one in ("", "MD5:00:11", "SHA256:abc", FINGERPRINT[:-1] + "!", FINGERPRINT + "ab")
        ),
        *(
            ("sftp", {**SFTP, "private_key": one}, INVALID, "private_key")
            for one in ("", "x", "ssh-ed25519 AAAA", key()[:-30], key().replace("OPENSSH ", "RSA "), key()[40:])
            if "RSA" not in one
        ),
        ("webdav", {}, EXPECTED, "server"),
        *(("webdav", {"server": one}, INVALID, "server") for one in BAD_URLS),
        ("webdav", {**DAV, "login": "crew", "webdav_user": "other"}, INVALID, "webdav_user"),
        ("webdav", {**DAV, "password": "one", "webdav_pass:secret": "two"}, INVALID, "webdav_pass:secret"),
        ("webdav", {**DAV, "login": "a:b"}, INVALID, "login"),
        ("webdav", {**DAV, "host_key": FINGERPRINT}, NOT_ACCEPTED, "host_key"),
        ("s3", {"access_key": "AK"}, EXPECTED, "bucket"),
        ("s3", {"bucket": "slots"}, EXPECTED, "access_key"),
        *(
            ("s3", {**S3, "bucket": one}, INVALID, "bucket")
            for one in ("ab", "a" * 64, "Slots", "slots_1", "-slots", "slots.", "a..b", "192.168.1.1", "a/b")
        ),
        *(("s3", {**S3, "endpoint": one}, INVALID, "endpoint") for one in BAD_URLS),
        ("s3", {**S3, "region": "eu central"}, INVALID, "region"),
        ("s3", {**S3, "region": "x@evil.example/"}, INVALID, "region"),
        ("s3", {**S3, "prefix": "../x"}, INVALID, "prefix"),
        ("s3", {**S3, "path_style": 1}, MISMATCH, "path_style"),
        ("s3", {**S3, "password": "x"}, NOT_ACCEPTED, "password"),
        ("rsync", {}, EXPECTED, "destination"),
        *(("rsync", {"destination": one}, INVALID, "destination") for one in BAD_DESTINATIONS),
        ("rsync", {**RSYNC, "options": []}, MISMATCH, "options"),
        ("rsync", {**RSYNC, "options": {"rsh": "sh"}}, NOT_ACCEPTED, "options.rsh"),
        ("rsync", {**RSYNC, "options": {"-e": "sh"}}, NOT_ACCEPTED, "options.-e"),
        ("rsync", {**RSYNC, "options": {"rsync-path": "sh"}}, NOT_ACCEPTED, "options.rsync-path"),
        ("rsync", {**RSYNC, "options": {"delete": "yes"}}, MISMATCH, "options.delete"),
        ("rsync", {**RSYNC, "options": {"bwlimit": -1}}, INVALID, "options.bwlimit"),
        ("rsync", {**RSYNC, "options": {"port": 0}}, INVALID, "options.port"),
        ("rsync", {**RSYNC, "options": {"exclude": "x"}}, MISMATCH, "options.exclude"),
        ("rsync", {**RSYNC, "options": {"exclude": ["a\nb"]}}, INVALID, "options.exclude[0]"),
        ("rsync", {**RSYNC, "options": {"exclude": ["x"] * 101}}, INVALID, "options.exclude"),
        ("rsync", {**RSYNC, "login": "x"}, NOT_ACCEPTED, "login"),
        ("rsync", {**RSYNC, "host_key": "x"}, INVALID, "host_key"),
        ("rsync", {**RSYNC, "private_key": "x"}, INVALID, "private_key"),
        ("download", FTP, NOT_ACCEPTED, "server"),
        ("email", {"password": "x"}, NOT_ACCEPTED, "password"),
    ],
)
def test_bad_options_are_refused_by_place(kind: str, said: Any, code: str, place: str) -> None:
    assert refused_at(lambda: options(kind, **said)) == (code, f"options.{place}")


def test_no_refusal_repeats_a_secret() -> None:
    for kind, said in (
        ("ftp", {"server": "ftp://crew:hunter2@h"}),
        ("ftp", {**FTP, "password": "hunter2\n"}),
        ("sftp", {**SFTP, "private_key": "hunter2"}),
        ("rsync", {"destination": "rsync://crew:hunter2@h/m"}),
        ("webdav", {**DAV, "password": "hunter2", "webdav_pass": "hunter22"}),
    ):
        with pytest.raises(WireError) as caught:
            read(kind, said, "options")
        assert "hunter2" not in f"{caught.value!r} {caught.value} {vars(caught.value)}"


@pytest.mark.parametrize("name", ["password", "password:secret", "webdav_pass", "webdav_pass:secret"])
def test_a_secret_has_several_names(name: str) -> None:
    assert options("webdav", **DAV, **{name: "hunter2"}) == Options(
        public=DAV, secrets={"password": "hunter2"}, packer=None
    )


@pytest.mark.parametrize(
    ("said", "secrets"),
    [
        ({}, {}),
        ({"password": None}, {"password": None}),
        ({"webdav_pass:secret": None}, {"password": None}),
        ({"password": None, "webdav_pass": "pw"}, {"password": "pw"}),
        ({"password": "pw", "webdav_pass": "pw"}, {"password": "pw"}),
    ],
)
def test_null_forgets_a_secret_and_nothing_says_nothing(said: Any, secrets: Any) -> None:
    assert options("webdav", **DAV, **said).secrets == secrets


@pytest.mark.parametrize("openssh", [True, False])
@pytest.mark.parametrize("password", [None, b"pw"])
def test_a_private_key_is_taken_as_programs_write_it(openssh: bool, password: bytes | None) -> None:
    made = key(openssh=openssh, password=password)

    found = options("sftp", **SFTP, private_key="\n" + made.replace("\n", "\r\n"), passphrase="pw")

    assert found.secrets == {"private_key": made, "passphrase": "pw"}


def test_the_representation_of_options_shows_no_secret() -> None:
    assert "hunter2" not in repr(options("ftp", **FTP, password="hunter2"))


def test_which_secrets_a_type_has() -> None:
    assert {kind: sorted(secret_names(kind)) for kind in ("ftp", "ftps", "sftp", "webdav", "s3", "rsync", "email")} == {
        "ftp": ["passphrase", "password", "private_key"],
        "ftps": ["password"],
        "sftp": ["passphrase", "password", "private_key"],
        "webdav": ["password"],
        "s3": ["secret_key"],
        "rsync": ["passphrase", "password", "private_key"],
        "email": [],
    }


@pytest.mark.parametrize(
    ("kind", "said", "found"),
    [
        ("ftp", FTP, Target(scheme="ftp", host="files.example.org", port=21)),
        ("ftp", {"server": "FTPS://H"}, Target(scheme="ftps", host="h", port=21)),
        ("ftps", {**FTP, "implicit_tls": True}, Target(scheme="ftps", host="files.example.org", port=990)),
        ("ftps", {"server": "[::1]:2121", "implicit_tls": True}, Target(scheme="ftps", host="::1", port=2121)),
        ("sftp", SFTP, Target(scheme="sftp", host="files.example.org", port=22)),
        ("webdav", DAV, Target(scheme="https", host="cloud.example.org", port=443, path="/dav/crew")),
        ("webdav", {"server": "http://H:8080/"}, Target(scheme="http", host="h", port=8080)),
        ("s3", S3, Target(scheme="https", host="s3.us-east-1.amazonaws.com", port=443)),
        ("s3", {**S3, "region": "eu-west-1"}, Target(scheme="https", host="s3.eu-west-1.amazonaws.com", port=443)),
        ("s3", {**S3, "endpoint": "http://h:8333"}, Target(scheme="http", host="h", port=8333)),
        ("rsync", RSYNC, Target(scheme="rsync", host="backup.example.org", port=873)),
        ("rsync", {**RSYNC, "options": {"port": 8730}}, Target(scheme="rsync", host="backup.example.org", port=8730)),
        ("rsync", {"destination": "crew@backup:in"}, Target(scheme="ssh", host="backup", port=22)),
        ("rsync", {"destination": "/srv/slots"}, None),
        ("download", {}, None),
    ],
)
def test_where_a_transport_connects_to(kind: str, said: Any, found: Target | None) -> None:
    assert target(kind, options(kind, **said).public) == found


@pytest.mark.parametrize(
    ("text", "beginning", "is_one"),
    [
        ("rsync://h/slots", "rsync://h/slots", True),
        ("rsync://h/slots/", "rsync://h/slots", True),
        ("rsync://h/slots", "rsync://h/slots/", True),
        ("rsync://h/slots/2031", "rsync://h/slots", True),
        ("rsync://h/slots-of-others", "rsync://h/slots", False),
        ("rsync://h.evil.example/slots", "rsync://h", False),
        ("crew@h:in", "crew@h:", True),
        ("crew@h:in", "h:", False),
    ],
)
def test_a_destination_is_within_an_allowed_one_by_whole_names(text: str, beginning: str, is_one: bool) -> None:
    assert is_within(text, beginning) == is_one
