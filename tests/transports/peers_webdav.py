"""WebDAV servers: wsgidav on a thread, and Debian's Apache with mod_dav, a strict one."""

import logging
import os
import pwd
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import md5, sha1
from itertools import count
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from wsgidav.fs_dav_provider import FilesystemProvider
from wsgidav.wsgidav_app import WsgiDAVApp

from slotport.core.export import Transport
from slotport.transports.outside import Outside
from tests.transports.peer import Peer, Site, files_below, found, process, transport_of
from tests.transports.peers_ftp import free_ports

NAMES = ("storage.example.org", "127.0.0.1")
LOGIN, PASSWORD = "crew ü", "correct horse: battery 100%"
REALM = "crew"
Scheme = Literal["http", "https"]
Kind = Literal["none", "basic", "digest"]
_numbers = count(1)
logging.getLogger("wsgidav").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class WebDavPeer(Peer):
    """A folder on a WebDAV server, which is not there before the first file."""

    root: Path
    directory: str
    outside: Outside
    address: tuple[str, int]
    scheme: Scheme
    kind: Kind
    login: str = LOGIN
    owner: int | None = None  #: of files that are put; None: whoever runs the test
    secrets: dict[str, str] = field(default_factory=lambda: {"password": PASSWORD}, repr=False)
    wrong_secrets: dict[str, str] | None = field(default_factory=lambda: {"password": "wrong horse"})

    def transport(self, **options: Any) -> Transport:
        host, port = self.address
        said = {"server": f"{self.scheme}://{host}:{port}/dav/", "login": self.login, "directory": self.directory}
        if self.kind == "none":
            del said["login"]
        return transport_of("webdav", said, options)

    def files(self) -> dict[str, bytes]:
        return files_below(self.root / self.directory)

    def put(self, name: str, content: bytes) -> None:
        path = self.root / self.directory / name
        made = [one for one in [path, *path.parents] if not one.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        for one in made:
            if self.owner is not None:
                os.chown(one, self.owner, -1)

    def at(self, host: str, port: int) -> Self:
        return replace(self, address=(host, port))


class _Files(FilesystemProvider):
    """Files whose names may have the signs that ``_Destinations`` puts in the place of others."""

    def _loc_to_file_path(self, path: str, environ: Any = None) -> str:
        return str(super()._loc_to_file_path(path.replace("\uf03f", "?").replace("\uf03b", ";"), environ))


class _Destinations:
    """Before wsgidav, which takes an encoded ``?`` or ``;`` in a Destination for a real one (mar10/wsgidav#139)."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        said = environ.get("HTTP_DESTINATION", "")
        if said:
            environ["HTTP_DESTINATION"] = said.replace("%3F", quote("\uf03f")).replace("%3B", quote("\uf03b"))
        return self._app(environ, start_response)


@contextmanager
def serving(
    site: Site, scheme: Scheme, kind: Kind, *, is_mended: bool = True, **config: Any
) -> Iterator[Callable[[], WebDavPeer]]:
    """wsgidav; ``config`` is laid over its configuration. Not ``is_mended``: as it is, with what it does wrong."""
    root = site.folder / "root"
    root.mkdir()
    login = LOGIN if kind == "basic" else "crew"  # it takes no other signs in a Digest login
    users: Any = True if kind == "none" else {login: {"password": PASSWORD}}
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/dav": _Files(str(root))},
            "simple_dc": {"user_mapping": {"*": users}},
            "http_authenticator": {
                "accept_basic": kind == "basic",
                "accept_digest": kind == "digest",
                "default_to_digest": kind == "digest",
            },
            "dir_browser": {"enable": False},
            "logging": {"enable": False},
            "verbose": 0,
            **config,
        }
    )
    server = Server(
        ("127.0.0.1", 0), _Destinations(app) if is_mended else app, numthreads=4, timeout=5, shutdown_timeout=1
    )
    if scheme == "https":
        certificate = str(site.certificate(*NAMES))
        server.ssl_adapter = BuiltinSSLAdapter(certificate, certificate)
    server.prepare()
    thread = threading.Thread(target=server.serve, name="wsgidav", daemon=True)
    thread.start()
    give = partial(_peer, root, site, int(server.bind_addr[1]), scheme, kind, login)
    try:
        yield give
    finally:
        server.stop()
        thread.join()


@contextmanager
def wsgidav(site: Site) -> Iterator[Callable[[], WebDavPeer]]:
    """wsgidav over TLS with a Basic login."""
    with serving(site, "https", "basic") as give:
        yield give


@contextmanager
def apache(site: Site, *, kind: Kind = "digest", more: str = "") -> Iterator[Callable[[], WebDavPeer]]:
    """Debian's Apache over TLS, with a Digest login if nothing else is said."""
    program = found("apache2", "apache2-bin")
    root, run = site.folder / "root", site.folder / "run"
    owner, dropped = None, {}
    for one in (root, run):
        one.mkdir()
    (port,) = free_ports(1)
    (run / "conf").write_text(_configuration(site, Path(program), kind, port) + more)
    _write_passwords(run)
    site.certificate(*NAMES).chmod(0o644)
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        owner, dropped = user.pw_uid, {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        for one in (root, run, *run.iterdir()):
            os.chown(one, user.pw_uid, user.pw_gid)
    command = [program, "-d", str(run), "-f", str(run / "conf"), "-DFOREGROUND"]
    with process(command, site.folder / "log", port, **dropped):
        yield partial(_peer, root, site, port, "https", kind, LOGIN, owner)


def _peer(
    root: Path, site: Site, port: int, scheme: Scheme, kind: Kind, login: str, owner: int | None = None
) -> WebDavPeer:
    return WebDavPeer(
        root=root,
        directory=f"Läger {next(_numbers)}/50% #1",
        outside=site.outside(),
        address=("127.0.0.1", port),
        scheme=scheme,
        kind=kind,
        login=login,
        owner=owner,
    )


def _write_passwords(run: Path) -> None:
    hashed = b64encode(sha1(PASSWORD.encode()).digest()).decode()
    (run / "basic").write_text(f"{LOGIN}:{{SHA}}{hashed}\n", encoding="utf-8")
    hashed = md5(f"{LOGIN}:{REALM}:{PASSWORD}".encode()).hexdigest()
    (run / "digest").write_text(f"{LOGIN}:{REALM}:{hashed}\n", encoding="utf-8")


def _configuration(site: Site, program: Path, kind: Kind, port: int) -> str:
    modules = program.parents[1] / "lib" / "apache2" / "modules"
    names = "mpm_event authn_core authn_file authz_core authz_user auth_basic auth_digest alias dav dav_fs dav_lock"
    loads = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in f"{names} ssl mime".split()]
    run = site.folder / "run"
    login = {
        "none": "Require all granted",
        "basic": f"AuthType Basic\nAuthName {REALM}\nAuthUserFile {run}/basic\nRequire valid-user",
        "digest": f"AuthType Digest\nAuthName {REALM}\nAuthUserFile {run}/digest\nRequire valid-user",
    }
    return "\n".join(
        [
            *loads,
            f"Listen 127.0.0.1:{port}",
            "ServerName localhost",
            f"PidFile {run}/pid",
            f"ErrorLog {run}/log",
            f"DefaultRuntimeDir {run}",
            f"Mutex file:{run} default",
            "TypesConfig /dev/null",
            f"DavLockDB {run}/locks",
            f"DocumentRoot {run}",
            "SSLEngine on",
            f"SSLCertificateFile {site.certificate(*NAMES)}",
            f"Alias /dav {site.folder}/root",
            "<Location /dav>",
            "Dav On",
            login[kind],
            "</Location>",
            "",
        ]
    )
