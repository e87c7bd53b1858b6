"""Every setting once: its name, type, default and help text (docs/settings.md is made from this module).

A value comes from the environment (``SLOTPORT_NAME``), else from the TOML file (``name = …``), else it is the
default. A secret may also be named by ``SLOTPORT_NAME_FILE``, a file that holds nothing else.
"""

import re
import ssl
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from zoneinfo import available_timezones

from platformdirs import user_data_path

PREFIX = "SLOTPORT_"
CONFIG = "SLOTPORT_CONFIG"  #: the variable that names the TOML file
MASK = "********"
MIB = 1024 * 1024
#: SQLite in memory is none: each connection would have a store of its own
_DATABASE = re.compile(r"sqlite:///(?!:memory:)[^?]|postgresql\+psycopg://", re.ASCII)
_PASSWORD_PARAMETER = re.compile(r"([?&]password=)[^&]*", re.IGNORECASE)
_HOST = r"([\w.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
#: settings that list something: what each part must look like, and an example
_LISTS = {
    "cors_origins": (re.compile(rf"https?://{_HOST}", re.ASCII | re.IGNORECASE), "https://manage.example.org"),
    "redirect_hosts": (re.compile(_HOST, re.ASCII | re.IGNORECASE), "www.example.org"),
}


TRANSPORTS = ("download", "email", "ftp", "ftps", "sftp", "webdav", "s3", "rsync")  #: types that there are
KEY_LENGTH = 32  #: characters that a key has at least
_DESTINATION = re.compile(r"rsync://([\w.-]+@)?\S+|([\w.-]+@)?([\w.-]+|\[[0-9a-fA-F:.]+\]):(?!//|:)\S*", re.ASCII)
_LARGEST = {"standard_hour": 23, "standard_minute": 59, "port": 65535, "smtp_port": 65535}


class BadSettings(ValueError):
    """The settings cannot be used; the text names the setting, where it stands and what is wrong."""


def _setting(default: Any, text: str, *, least: int | None = None, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": text, "least": least, "secret": secret}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one program. Fields stand in the order of the documentation."""

    data: Path = _setting(  # noqa: RUF009 - it gives a field()
        user_data_path("slotport", appauthor=False), "Folder for everything that Slotport keeps on disk."
    )
    database: str = _setting(
        "",
        "Where slots are stored, as an SQLAlchemy URL: `sqlite:////folder/slotport.db` or"
        " `postgresql+psycopg://user:password@host/name`. Empty: the file `slotport.db` in the data folder.",
        secret=True,
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8080, "Port to listen on; 0 takes a free one.", least=0)
    base_url: str = _setting(
        "",
        "The address that people use, sub-path included, for links in mails and files."
        " Empty: the address of the request.",
    )
    trusted_proxy_count: int = _setting(
        0, "How many proxies stand in front, whose `X-Forwarded-For` and `-Proto` are believed.", least=0
    )

    cors_origins: str = _setting(
        "",
        "Web sites whose pages may call the convention API with the credentials of their visitors, a blank between"
        " two: `https://manage.example.org`.",
    )
    redirect_hosts: str = _setting(
        "",
        "Hosts that `/auth` may send people back to, with a token, a blank between two: `www.example.org`, with a"
        " port if it is not the scheme's own.",
    )

    threads: int = _setting(16, "Requests that are worked on at a time.", least=1)
    streams: int = _setting(
        16,
        "Downloads that may be open at a time; one more is answered 503. Threads and streams together"
        " bound the connections to the database.",
        least=1,
    )
    database_connections: int = _setting(
        0,
        "Most connections of one process to PostgreSQL, a quarter of them (12 at the most) for the bookkeeping of"
        " exports. With fewer than its threads, streams and exports can use at a time, some wait for others. 0: as many"
        " as those can use, 56 by default.",
        least=0,
    )
    stall_seconds: int = _setting(60, "A client that takes nothing of its download for so long is cut off.", least=1)
    shutdown_seconds: int = _setting(10, "How long requests may go on after a signal to stop.", least=1)

    max_json_bytes: int = _setting(
        64 * MIB, "Largest JSON or form body of an import (1 MiB for all other requests).", least=1024
    )
    max_upload_bytes: int = _setting(512 * MIB, "Largest upload of an import.", least=1024)
    max_events_per_file: int = _setting(1_000_000, "Most records in one imported file.", least=1)

    token_days: int = _setting(365, "A sign-in ends when it was not used for so long.", least=1)
    sign_in_attempts: int = _setting(
        10, "Failed sign-ins of one account or one address within the window; then 429.", least=1
    )
    sign_in_window_seconds: int = _setting(300, "The window for failed sign-ins.", least=1)
    sign_up_attempts: int = _setting(
        100, "Sign-ups from one address in an hour, over all surfaces; then 429. 0: no limit.", least=0
    )
    reset_attempts: int = _setting(5, "Password resets asked for one account or by one address in an hour.", least=1)

    oidc_issuer: str = _setting(
        "",
        "Address of an OpenID Connect provider that people may sign in with on the page, as it calls itself:"
        " `https://login.example.org`. Empty: none.",
    )
    oidc_client_id: str = _setting("", "What Slotport is called at the provider.")
    oidc_client_secret: str = _setting("", "Its secret there. Empty: none, PKCE alone.", secret=True)
    oidc_label: str = _setting("single sign-on", "What the provider is called on the page.")
    oidc_scopes: str = _setting("openid email profile", "What the provider is asked for, a blank between two.")
    oidc_sign_up: Literal["allow", "refuse"] = _setting(
        "allow",
        "Whether who comes from the provider for the first time gets an account (`allow`), or only those who linked"
        " theirs on the account page come in (`refuse`).",
    )

    smtp_host: str = _setting("", "Mail server. Empty: no mails are sent; `slotport account password` resets.")
    smtp_port: int = _setting(587, "Port of the mail server.", least=1)
    smtp_security: Literal["none", "starttls", "tls"] = _setting(
        "starttls", "How the connection to the mail server is protected: `none`, `starttls` or `tls`."
    )
    smtp_user: str = _setting("", "Account at the mail server. Empty: no sign-in there.")
    smtp_password: str = _setting("", "Password at the mail server.", secret=True)
    mail_from: str = _setting("", "Sender of mails. Empty: `slotport@` and the mail server's name.")

    files: str = _setting(
        "",
        "Where uploaded media and what exports write lie: a folder, which several machines may share, or a bucket of an"
        " S3 service, `s3://bucket/prefix`. Empty: `files` in the data folder.",
    )
    files_endpoint: str = _setting("", "Address of the bucket's service, `https://…`. Empty: Amazon's.")
    files_region: str = _setting("us-east-1", "Region of the bucket.")
    files_access_key: str = _setting("", "Access key of the bucket. Empty: what the environment or the machine has.")
    files_secret_key: str = _setting("", "Secret key of the bucket.", secret=True)
    files_copies_bytes: int = _setting(
        10 * 1024 * MIB, "Copies of a bucket's files in the data folder, beyond which unused ones go.", least=MIB
    )
    secret_key: str = _setting(
        "",
        "What the passwords of transports are encrypted with, 32 characters or more. After a blank, older ones may"
        " follow, which still decrypt. Empty: the file `secret.key` in the data folder, which is made.",
        secret=True,
    )
    transports: str = _setting(" ".join(TRANSPORTS), "Types of transports that exports may have, a blank between two.")
    outgoing_networks: str = _setting(
        "",
        "Addresses besides those of the public internet that transports may connect to, a blank between two:"
        " `10.1.0.0/16 fd00::/8`.",
    )
    outgoing_ports: str = _setting("", "Ports that transports may connect to, a blank between two. Empty: all.")
    outgoing_authorities: str = _setting(
        "", "PEM file of the certificate authorities that transports trust. Empty: those of the system."
    )
    rsync_destinations: str = _setting(
        "",
        "What the destinations of rsync on other machines may begin with, a blank between two:"
        " `rsync://backup.example.org/slots/ crew@backup.example.org:slots/`. Without these and `rsync_roots` there"
        " is no rsync.",
    )
    rsync_roots: str = _setting(
        "",
        "Folders of this machine below which rsync may write, `:` between two; apart from the data folder. Empty:"
        " nowhere.",
    )
    instance_name: str = _setting("slotport", "Name of this installation, in `_global_object_id` and in mails.")
    timezone: str = _setting("UTC", "Zone (IANA name) of schedules of exports that name none.")
    standard_hour: int = _setting(4, "Hour at which a scheduled export starts that names none.", least=0)
    standard_minute: int = _setting(0, "Minute at which a scheduled export starts that names none.", least=0)
    export_batch_size: int = _setting(0, "Objects in one package of an export that says nothing; 0: all.", least=0)
    export_workers: int = _setting(
        2,
        "Exports that a process runs at a time, the same for all processes of a database. On PostgreSQL, 0 leaves them"
        " to others.",
        least=0,
    )
    export_retention_days: int = _setting(7, "The files of an export are removed after so long; 0: never.", least=0)
    export_run_seconds: int = _setting(86_400, "A run of an export that takes longer fails.", least=1)
    max_export_bytes: int = _setting(1024 * 1024 * MIB, "Largest result of one run of an export.", least=1024)
    max_exports: int = _setting(1000, "Most exports of one person.", least=1)
    max_schedules: int = _setting(20, "Most schedules of one export.", least=1)
    max_runs: int = _setting(100, "Most runs of one person that wait or are worked on.", least=1)
    max_asset_bytes: int = _setting(512 * MIB, "Largest media file that can be uploaded.", least=1024)
    max_pixels: int = _setting(100_000_000, "Largest image, in pixels, of which versions are made.", least=1)
    image_metadata: Literal["keep", "remove"] = _setting(
        "keep", "What exports do with the metadata of images (EXIF, GPS) unless they say it: `keep` or `remove`."
    )
    export_session_days: int = _setting(
        7, "A session of the export API ends when it was not used for so long.", least=1
    )
    login_pair_attempts: int = _setting(
        5, "Failures of one login from one address, within 15 minutes, that block it for 15 minutes.", least=1
    )
    login_address_attempts: int = _setting(
        50, "Failures from one address, within an hour, that block it for an hour.", least=1
    )
    passkey_attempts: int = _setting(60, "Wrong passkeys from one address in a minute; then 429.", least=1)

    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "What is logged: `debug`, `info`, `warning` or `error` and worse."
    )
    log_format: Literal["json", "text"] = _setting("json", "A log line is a JSON object (`json`) or `text`.")

    @property
    def database_url(self) -> str:
        """Where slots are stored, the default applied."""
        return self.database or f"sqlite:///{(self.data / 'slotport.db').absolute()}"

    @property
    def files_folder(self) -> Path:
        """Where media and results lie, or copies of them, the default applied."""
        if self.files.startswith("s3://"):
            return self.data / "files-copies"
        return Path(self.files).expanduser() if self.files else self.data / "files"

    @property
    def transport_types(self) -> frozenset[str]:
        """The types of transports that exports may have; rsync is one only if it may write anywhere."""
        there = frozenset(self.transports.split())
        return there if self.rsync_destinations.split() or self.rsync_root_folders else there - {"rsync"}

    @property
    def outgoing_authorities_file(self) -> Path | None:
        """The file of trusted authorities, if one is set."""
        return Path(self.outgoing_authorities).expanduser() if self.outgoing_authorities else None

    @property
    def rsync_root_folders(self) -> list[Path]:
        """The folders of ``rsync_roots``."""
        return [Path(part).expanduser() for part in self.rsync_roots.split(":") if part]

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins of ``cors_origins``, as browsers write them."""
        return frozenset(self.cors_origins.lower().split())

    @property
    def allowed_redirect_hosts(self) -> frozenset[str]:
        """The hosts of ``redirect_hosts``, in lower case."""
        return frozenset(self.redirect_hosts.lower().split())

    @property
    def connections(self) -> int:
        """Connections to the database: one a thread, one a stream, two an export that runs, and some for upkeep."""
        if self.database_connections and self.database_url.startswith("postgresql"):
            return max(2, self.database_connections - self.job_connections)
        return self.threads + self.streams + 2 * self.export_workers + 8

    @property
    def job_connections(self) -> int:
        """Connections to PostgreSQL for the engine of durable jobs, besides the others."""
        return max(2, min(12, (self.database_connections or 48) // 4))

    @property
    def sender(self) -> str:
        """Sender of mails, the default applied."""
        return self.mail_from or f"slotport@{self.smtp_host}"

    def shown(self) -> Iterator[tuple[str, str]]:
        """Each setting's name and effective value as TOML writes it, in the order above; secrets masked."""
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "database":
                value = _without_password(self.database_url)
            elif item.metadata["secret"] and value:
                value = MASK
            yield item.name, str(value) if isinstance(value, int) else _toml_text(str(value))


def read(environment: Mapping[str, str], config: Path | None = None, **given: Any) -> Settings:
    """The effective settings: ``given`` (of the command line; None is not given) over environment over file.

    ``config`` is the TOML file, else SLOTPORT_CONFIG names it, else there is none. Raises BadSettings.
    """
    known = {item.name: item for item in fields(Settings)}
    values: dict[str, Any] = {}
    file = config or (Path(environment[CONFIG]) if environment.get(CONFIG) else None)
    for name, value in _table(file).items() if file else ():
        if name not in known:
            raise BadSettings(f"{file}: there is no setting {name!r}")
        values[name] = _checked(known[name], value, f"{file}: {name}")
    for variable, text in environment.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or variable == CONFIG:
            continue
        if name in known:
            values[name] = _checked(known[name], _from_text(known[name], text, variable), variable)
        elif name.endswith("_file") and (item := known.get(name.removesuffix("_file"))):
            if not item.metadata["secret"]:
                raise BadSettings(f"{variable}: only a secret can stand in a file of its own")
            if f"{PREFIX}{item.name.upper()}" in environment:
                raise BadSettings(f"{variable}: {PREFIX}{item.name.upper()} is set too; keep one of the two")
            values[item.name] = _secret(Path(text), variable)
        else:
            raise BadSettings(f"{variable}: there is no such setting")
    values |= {
        name: _checked(known[name], value, f"--{name.replace('_', '-')}")
        for name, value in given.items()
        if value is not None
    }
    settings = replace(Settings(), **values)
    _refuse_roots(settings)
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise BadSettings("oidc_client_id: is needed with oidc_issuer")
    return settings


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise BadSettings(f"{file}: cannot be read: {cause.strerror}") from cause
    except ValueError as cause:  # bad UTF-8 as well as bad TOML
        raise BadSettings(f"{file}: is not TOML: {cause}") from cause


def _secret(file: Path, variable: str) -> str:
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as cause:
        raise BadSettings(f"{variable}: {file} cannot be read: {cause.strerror}") from cause
    except ValueError as cause:
        raise BadSettings(f"{variable}: {file} is not UTF-8 text") from cause


def _from_text(item: Field[Any], text: str, where: str) -> Any:
    if item.type is not int:
        return text
    try:
        return int(text)
    except ValueError:
        raise BadSettings(f"{where}: must be a whole number, not {text!r}") from None


def _checked(item: Field[Any], value: Any, where: str) -> Any:
    """The value in the setting's type; raises BadSettings."""
    kind: Any = item.type
    least: int | None = item.metadata["least"]
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise BadSettings(f"{where}: must be one of {', '.join(get_args(kind))}, not {value!r}")
        return value
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    if isinstance(value, bool) or not isinstance(value, kind):
        wanted = "a whole number" if kind is int else "text"
        raise BadSettings(f"{where}: must be {wanted}, not {value!r}")
    if least is not None and value < least:
        raise BadSettings(f"{where}: must be at least {least}, not {value}")
    if item.name == "database" and value and not _DATABASE.match(value):
        raise BadSettings(
            f"{where}: must be an address such as sqlite:////folder/slotport.db or postgresql+psycopg://…"
        )
    if item.name == "base_url" and value:
        if not value.startswith(("http://", "https://")):
            raise BadSettings(f"{where}: must begin with http:// or https://, not {value!r}")
        return value.rstrip("/")
    if item.name in _LISTS:
        pattern, example = _LISTS[item.name]
        for part in value.split():
            if not pattern.fullmatch(part):
                raise BadSettings(f"{where}: {part!r} does not look like {example}")
    if (check := _CHECKS.get(item.name)) is not None and (problem := check(value)) is not None:
        raise BadSettings(f"{where}: {problem}")
    if item.name in _LARGEST and value > _LARGEST[item.name]:
        raise BadSettings(f"{where}: must be at most {_LARGEST[item.name]}, not {value}")
    return value


def _refuse_roots(settings: Settings) -> None:
    """Raise BadSettings if rsync could write over what Slotport keeps itself."""
    for root in settings.rsync_root_folders:
        for name, own in (("data", settings.data), ("files", settings.files_folder)):
            one, other = root.resolve(), own.resolve()
            if one.is_relative_to(other) or other.is_relative_to(one):
                raise BadSettings(f"rsync_roots: {root} and the folder of the setting {name}, {own}, must lie apart")


def _issuer_problem(text: str) -> str | None:
    if not text or re.fullmatch(r"https://[^\s?#]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^\s?#]*)?", text):
        return None
    return f"{text!r} does not look like https://login.example.org"


def _zone_problem(text: str) -> str | None:
    return None if text in available_timezones() else f"{text!r} is no name of a zone, such as Europe/Berlin"


def _key_problem(text: str) -> str | None:
    if any(len(key) < KEY_LENGTH for key in text.split()):
        return f"each key must have at least {KEY_LENGTH} characters"
    return None


def _transports_problem(text: str) -> str | None:
    for word in text.split():
        if word not in TRANSPORTS:
            return f"{word!r} is no type of transport; there are {', '.join(TRANSPORTS)}"
    return None


def _networks_problem(text: str) -> str | None:
    for word in text.split():
        try:
            ip_network(word)
        except ValueError as cause:
            return f"{word!r} is no network such as 10.1.0.0/16 or fd00::/8: {cause}"
    return None


def _ports_problem(text: str) -> str | None:
    for word in text.split():
        if not (word.isascii() and word.isdigit() and 1 <= int(word[:6]) <= 65535):
            return f"{word!r} is no port from 1 to 65535"
    return None


def _authorities_problem(text: str) -> str | None:
    if not text:
        return None
    file = Path(text).expanduser()
    try:
        ssl.create_default_context(cafile=str(file))
    except ssl.SSLError:
        return f"{file} holds no certificate in PEM"
    except OSError as cause:
        return f"{file} cannot be read: {cause.strerror}"
    return None


def _destinations_problem(text: str) -> str | None:
    for word in text.split():
        if not _DESTINATION.fullmatch(word) or ".." in word:
            return f"{word!r} does not look like rsync://backup.example.org/slots/ or backup.example.org:slots/"
    return None


def _roots_problem(text: str) -> str | None:
    for part in filter(None, text.split(":")):
        if not Path(part).expanduser().is_absolute():
            return f"{part!r} is no absolute path of a folder"
    return None


#: settings whose text is looked at further: what is wrong with it, as the end of a sentence
_CHECKS: dict[str, Callable[[str], str | None]] = {
    "oidc_issuer": _issuer_problem,
    "timezone": _zone_problem,
    "secret_key": _key_problem,
    "transports": _transports_problem,
    "outgoing_networks": _networks_problem,
    "outgoing_ports": _ports_problem,
    "outgoing_authorities": _authorities_problem,
    "rsync_destinations": _destinations_problem,
    "rsync_roots": _roots_problem,
}


def _without_password(url: str) -> str:
    url = _PASSWORD_PARAMETER.sub(rf"\1{MASK}", url)
    scheme, mark, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    if not at:
        return url
    user, colon, _ = login.partition(":")
    return f"{scheme}{mark}{user}{colon}{MASK if colon else ''}@{place}"


def _toml_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in escaped) + '"'
