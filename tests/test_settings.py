"""Settings from file and environment, and what is said of bad ones."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from slotport.settings import MASK, BadSettings, Settings, read


def written(folder: Path, text: str) -> Path:
    file = folder / "slotport.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_said_is_the_default() -> None:
    assert read({}) == Settings()


def test_a_file_may_set_everything(tmp_path: Path) -> None:
    file = written(tmp_path, f'data = "{tmp_path}"\nport = 1234\nsmtp_security = "tls"\n')

    assert read({}, file) == Settings(data=tmp_path, port=1234, smtp_security="tls")


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'port = 1\nhost = "::1"\n')

    settings = read({"SLOTPORT_CONFIG": str(file), "SLOTPORT_PORT": "2", "OTHER": "x"})

    assert settings == Settings(port=2, host="::1")


def test_the_command_line_goes_before_the_environment() -> None:
    assert read({"SLOTPORT_PORT": "2"}, port=3, host=None) == Settings(port=3)


def test_an_address_ends_without_a_slash() -> None:
    assert read({"SLOTPORT_BASE_URL": "https://example.org/sub/"}) == Settings(base_url="https://example.org/sub")


def test_lists_are_separated_by_blanks_and_compare_in_lower_case() -> None:
    settings = Settings(
        cors_origins="https://A.example  http://localhost:8000", redirect_hosts="Www.example\n[::1]:8000 a.example"
    )

    assert settings.allowed_origins == {"https://a.example", "http://localhost:8000"}
    assert settings.allowed_redirect_hosts == {"www.example", "[::1]:8000", "a.example"}


def test_what_transports_may_do_is_listed(tmp_path: Path) -> None:
    authorities = tmp_path / "authorities.pem"
    trustme.CA().cert_pem.write_to_path(authorities)

    settings = read(
        {
            "SLOTPORT_SECRET_KEY": f"{'new' * 11} {'old' * 11}",
            "SLOTPORT_TRANSPORTS": "download rsync",
            "SLOTPORT_OUTGOING_NETWORKS": "10.1.0.0/16 fd00::/8 127.0.0.1",
            "SLOTPORT_OUTGOING_PORTS": "21 65535",
            "SLOTPORT_OUTGOING_AUTHORITIES": str(authorities),
            "SLOTPORT_RSYNC_DESTINATIONS": "rsync://h/slots/ crew@h:in/ [::1]:",
            "SLOTPORT_RSYNC_ROOTS": f"{tmp_path}:/srv/slots",
        }
    )

    assert settings.transport_types == {"download", "rsync"}
    assert settings.rsync_root_folders == [tmp_path, Path("/srv/slots")]


def test_rsync_is_off_until_it_may_write_somewhere() -> None:
    assert Settings().transport_types == {"download", "email", "ftp", "ftps", "sftp", "webdav", "s3"}
    assert "rsync" in Settings(rsync_roots="/srv/slots").transport_types
    assert "rsync" in Settings(rsync_destinations="rsync://h/slots/").transport_types


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass word\n")

    settings = read({"SLOTPORT_SMTP_PASSWORD_FILE": str(tmp_path / "secret")})

    assert settings == Settings(smtp_password="pass word")


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"SLOTPORT_PORTS": "1"}, "SLOTPORT_PORTS: there is no such setting"),
        ({"SLOTPORT_PORT": "one"}, "SLOTPORT_PORT: must be a whole number, not 'one'"),
        ({"SLOTPORT_PORT": "-1"}, "SLOTPORT_PORT: must be at least 0, not -1"),
        ({"SLOTPORT_PORT": "65536"}, "SLOTPORT_PORT: must be at most 65535, not 65536"),
        ({"SLOTPORT_THREADS": "0"}, "SLOTPORT_THREADS: must be at least 1, not 0"),
        ({"SLOTPORT_LOG_FORMAT": "xml"}, "SLOTPORT_LOG_FORMAT: must be one of json, text, not 'xml'"),
        (
            {"SLOTPORT_DATABASE": "mysql://x"},
            "SLOTPORT_DATABASE: must be an address such as sqlite:////folder/slotport.db or postgresql+psycopg://…",
        ),
        (
            {"SLOTPORT_DATABASE": "sqlite://"},
            "SLOTPORT_DATABASE: must be an address such as sqlite:////folder/slotport.db or postgresql+psycopg://…",
        ),
        (
            {"SLOTPORT_DATABASE": "sqlite:///:memory:"},
            "SLOTPORT_DATABASE: must be an address such as sqlite:////folder/slotport.db or postgresql+psycopg://…",
        ),
        (
            {"SLOTPORT_BASE_URL": "example.org"},
            "SLOTPORT_BASE_URL: must begin with http:// or https://, not 'example.org'",
        ),
        (
            {"SLOTPORT_CORS_ORIGINS": "https://a.example b.example"},
            "SLOTPORT_CORS_ORIGINS: 'b.example' does not look like https://manage.example.org",
        ),
        (
            {"SLOTPORT_CORS_ORIGINS": "https://a.example/"},
            "SLOTPORT_CORS_ORIGINS: 'https://a.example/' does not look like https://manage.example.org",
        ),
        (
            {"SLOTPORT_REDIRECT_HOSTS": "https://a.example"},
            "SLOTPORT_REDIRECT_HOSTS: 'https://a.example' does not look like www.example.org",
        ),
        ({"SLOTPORT_REDIRECT_HOSTS": "*"}, "SLOTPORT_REDIRECT_HOSTS: '*' does not look like www.example.org"),
        ({"SLOTPORT_HOST_FILE": "x"}, "SLOTPORT_HOST_FILE: only a secret can stand in a file of its own"),
        (
            {"SLOTPORT_SMTP_PASSWORD_FILE": "/nowhere"},
            "SLOTPORT_SMTP_PASSWORD_FILE: /nowhere cannot be read: No such file or directory",
        ),
        (
            {"SLOTPORT_SMTP_PASSWORD_FILE": "/nowhere", "SLOTPORT_SMTP_PASSWORD": "x"},
            "SLOTPORT_SMTP_PASSWORD_FILE: SLOTPORT_SMTP_PASSWORD is set too; keep one of the two",
        ),
        ({"SLOTPORT_CONFIG": "/nowhere"}, "/nowhere: cannot be read: No such file or directory"),
        ({"SLOTPORT_SECRET_KEY": "short"}, "SLOTPORT_SECRET_KEY: each key must have at least 32 characters"),
        (
            {"SLOTPORT_SECRET_KEY": f"{'x' * 32} {'y' * 31}"},
            "SLOTPORT_SECRET_KEY: each key must have at least 32 characters",
        ),
        (
            {"SLOTPORT_TRANSPORTS": "download gopher"},
            (
                "SLOTPORT_TRANSPORTS: 'gopher' is no type of transport; there are download, email, ftp, ftps, sftp,"
                " webdav, s3, rsync"
            ),
        ),
        (
            {"SLOTPORT_OUTGOING_NETWORKS": "10.1.0.0/16 10.1.2.3/8"},
            (
                "SLOTPORT_OUTGOING_NETWORKS: '10.1.2.3/8' is no network such as 10.1.0.0/16 or fd00::/8: 10.1.2.3/8 has"
                " host bits set"
            ),
        ),
        (
            {"SLOTPORT_OUTGOING_NETWORKS": "localhost"},
            (
                "SLOTPORT_OUTGOING_NETWORKS: 'localhost' is no network such as 10.1.0.0/16 or fd00::/8: 'localhost'"
                " does not appear to be an IPv4 or IPv6 network"
            ),
        ),
        ({"SLOTPORT_OUTGOING_PORTS": "21 0"}, "SLOTPORT_OUTGOING_PORTS: '0' is no port from 1 to 65535"),
        ({"SLOTPORT_OUTGOING_PORTS": "21,22"}, "SLOTPORT_OUTGOING_PORTS: '21,22' is no port from 1 to 65535"),
        ({"SLOTPORT_OUTGOING_PORTS": "65536"}, "SLOTPORT_OUTGOING_PORTS: '65536' is no port from 1 to 65535"),
        (
            {"SLOTPORT_OUTGOING_AUTHORITIES": "/nowhere"},
            "SLOTPORT_OUTGOING_AUTHORITIES: /nowhere cannot be read: No such file or directory",
        ),
        (
            {"SLOTPORT_OUTGOING_AUTHORITIES": __file__},
            f"SLOTPORT_OUTGOING_AUTHORITIES: {__file__} holds no certificate in PEM",
        ),
        *(
            (
                {"SLOTPORT_RSYNC_DESTINATIONS": f"rsync://h/slots/ {word}"},
                (
                    f"SLOTPORT_RSYNC_DESTINATIONS: {word!r} does not look like rsync://backup.example.org/slots/ or"
                    " backup.example.org:slots/"
                ),
            )
            for word in ("/srv", "https://h/slots", "h::slots", "rsync://h/../x", "rsync://")
        ),
        (
            {"SLOTPORT_RSYNC_ROOTS": "/srv/slots:slots"},
            "SLOTPORT_RSYNC_ROOTS: 'slots' is no absolute path of a folder",
        ),
        (
            {"SLOTPORT_RSYNC_ROOTS": "/srv/slots", "SLOTPORT_DATA": "/srv/slots/data"},
            "rsync_roots: /srv/slots and the folder of the setting data, /srv/slots/data, must lie apart",
        ),
        (
            {"SLOTPORT_RSYNC_ROOTS": "/srv/data/files/x", "SLOTPORT_FILES": "/srv/data/files"},
            "rsync_roots: /srv/data/files/x and the folder of the setting files, /srv/data/files, must lie apart",
        ),
    ],
)
def test_a_bad_variable_is_named(environment: dict[str, str], text: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read(environment)

    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("toml", "text"),
    [
        ("ports = 1", "there is no setting 'ports'"),
        ('port = "1"', "port: must be a whole number, not '1'"),
        ("port = true", "port: must be a whole number, not True"),
        ("host = 1", "host: must be text, not 1"),
        ("port = ", "is not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, toml: str, text: str) -> None:
    file = written(tmp_path, toml)

    with pytest.raises(BadSettings) as refused:
        read({}, file)

    assert str(refused.value).removeprefix(str(file)).removeprefix(": ") == text


def test_every_setting_is_explained() -> None:
    assert [item.name for item in fields(Settings) if not item.metadata["help"].endswith(".")] == []


def test_secrets_are_never_shown() -> None:
    settings = Settings(
        smtp_password="hidden", database="postgresql+psycopg://user:hidden@host/name", data=Path("/data")
    )

    assert "hidden" not in repr(settings)
    assert dict(settings.shown())["smtp_password"] == f'"{MASK}"'
    assert dict(settings.shown())["database"] == f'"postgresql+psycopg://user:{MASK}@host/name"'


def test_a_password_among_the_parameters_of_an_address_is_not_shown() -> None:
    settings = Settings(database="postgresql+psycopg:///name?user=ann&password=hid@den&sslmode=require")

    shown = f'"postgresql+psycopg:///name?user=ann&password={MASK}&sslmode=require"'
    assert dict(settings.shown())["database"] == shown


def test_what_is_shown_can_be_read_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / 'a "b" \\c', host="a\x07\nb", port=9, base_url="https://example.org/ü")
    text = "\n".join(f"{name} = {value}" for name, value in settings.shown())

    assert read({}, written(tmp_path, text)) == replace(settings, database=settings.database_url)


@pytest.mark.parametrize(
    ("given", "connections"),
    [
        ({"threads": 3, "streams": 5, "export_workers": 1}, (18, 12)),
        ({"database": "postgresql+psycopg://host/name"}, (44, 12)),
        ({"database": "postgresql+psycopg://host/name", "database_connections": 20}, (15, 5)),
        ({"database": "postgresql+psycopg://host/name", "database_connections": 100}, (88, 12)),
        ({"database": "postgresql+psycopg://host/name", "database_connections": 1}, (2, 2)),
        ({"database_connections": 20}, (44, 5)),
    ],
)
def test_connections_cover_threads_streams_and_exports(given: dict[str, Any], connections: tuple[int, int]) -> None:
    settings = Settings(**given)

    assert (settings.connections, settings.job_connections) == connections
