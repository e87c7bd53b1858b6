"""FTP servers: pyftpdlib on a thread (clear, AUTH TLS, TLS from the first byte), and vsftpd, a strict one."""

import logging
import os
import pwd
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal, Self

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from slotport.core.export import Transport
from slotport.transports.outside import Outside
from tests.transports.peer import Peer, Site, files_below, found, process, transport_of

NAMES = ("localhost", "127.0.0.1", "127.0.0.2")
DATA_PORTS = 24
PASSWORD = "correct horse: battery 100%"
ALL_RIGHTS = "elradfmwMT"
Mode = Literal["clear", "explicit", "implicit"]
_numbers = count(1)
logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())  # or else it logs every command to the terminal
logging.getLogger("pyftpdlib").setLevel(logging.ERROR)


@dataclass(frozen=True)
class FtpPeer(Peer):
    """A folder of a user on an FTP server."""

    folder: Path
    directory: str
    login: str
    outside: Outside
    address: tuple[str, int]
    data_ports: tuple[int, ...]
    mode: Mode = "clear"
    owner: int | None = None  #: of files that are put; None: whoever runs the test
    secrets: dict[str, str] = field(default_factory=lambda: {"password": PASSWORD}, repr=False)
    wrong_secrets: dict[str, str] | None = field(default_factory=lambda: {"password": "wrong horse"})

    def transport(self, **options: Any) -> Transport:
        host, port = self.address
        said = {"server": f"{host}:{port}", "login": self.login, "directory": self.directory}
        if self.mode == "implicit":
            said["implicit_tls"] = True  # type: ignore[assignment]
        return transport_of("ftp" if self.mode == "clear" else "ftps", said, options)

    def files(self) -> dict[str, bytes]:
        return files_below(self.folder)

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        made = [one for one in [path, *path.parents] if not one.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        for one in made:
            if self.owner is not None:
                os.chown(one, self.owner, -1)

    def at(self, host: str, port: int) -> Self:
        return replace(self, address=(host, port))


def free_ports(number: int) -> tuple[int, ...]:
    """Successive ports that nobody listens on and that no outgoing connection draws."""
    while True:
        start = random.SystemRandom().randrange(20_000, 32_000)
        ports = range(start, start + number)
        with suppress(OSError), ExitStack() as probes:
            for host in ("127.0.0.1", "127.0.0.2"):
                for port in ports:
                    probes.enter_context(socket.socket()).bind((host, port))
            return tuple(ports)


@contextmanager
def pyftpd(
    mode: Mode, site: Site, *, rights: str = ALL_RIGHTS, certificate: tuple[str, ...] = NAMES, **attributes: Any
) -> Iterator[Callable[[], FtpPeer]]:
    """pyftpdlib; ``attributes`` go into its handler."""
    base: type[FTPHandler] = FTPHandler
    ports = free_ports(DATA_PORTS)
    said = {"authorizer": DummyAuthorizer(), "passive_ports": ports, "use_sendfile": False, "auth_failed_timeout": 0.1}
    if mode != "clear":
        base = ImplicitTls if mode == "implicit" else TLS_FTPHandler
        said |= {"certfile": str(site.certificate(*certificate)), "ssl_context": None}
        said |= {"tls_control_required": True, "tls_data_required": True}
    handler = type("Handler", (attributes.pop("base", base),), said | attributes)
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), handler, ioloop=loop)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            loop.loop(timeout=0.05, blocking=False)
        server.close_all()

    thread = threading.Thread(target=run, name="pyftpdlib", daemon=True)
    thread.start()

    def fresh() -> FtpPeer:
        login = f"user{next(_numbers)}"
        home = site.folder / login
        home.mkdir()
        handler.authorizer.add_user(login, PASSWORD, str(home), perm=rights)
        return FtpPeer(
            folder=home / "in box",
            directory="in box",
            login=login,
            outside=site.outside(),
            address=("127.0.0.1", server.address[1]),
            data_ports=ports,
            mode=mode,
        )

    try:
        yield fresh
    finally:
        stopped.set()
        thread.join()


class ImplicitTls(TLS_FTPHandler):
    """TLS before the greeting."""

    def handle(self) -> None:
        self.secure_connection(self.ssl_context)

    def handle_ssl_established(self) -> None:
        TLS_FTPHandler.handle(self)


VSFTPD = """
listen=YES
background=NO
seccomp_sandbox=NO
run_as_launching_user=YES
listen_address=127.0.0.1
local_enable=NO
anonymous_enable=YES
anon_upload_enable=YES
anon_other_write_enable=YES
anon_mkdir_write_enable=YES
anon_umask=022
write_enable=YES
secure_email_list_enable=YES
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
ssl_tlsv1=YES
ssl_ciphers=HIGH
"""


@contextmanager
def vsftpd(site: Site) -> Iterator[Callable[[], FtpPeer]]:
    """Debian's vsftpd, which wants every data connection to resume the TLS session of its control connection."""
    program = found("vsftpd", "vsftpd")
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    dropped: dict[str, Any] = {}
    if os.geteuid() == 0:
        dropped = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    port, *ports = free_ports(DATA_PORTS + 1)
    root, empty, passwords = site.folder / "root", site.folder / "empty", site.folder / "passwords"
    root.mkdir()
    empty.mkdir()
    passwords.write_text(f"{PASSWORD}\n")
    more = {
        "listen_port": port,
        "pasv_min_port": min(ports),
        "pasv_max_port": max(ports),
        "anon_root": root,
        "secure_chroot_dir": empty,
        "email_password_file": passwords,
        "rsa_cert_file": site.certificate(*NAMES),
        "vsftpd_log_file": site.folder / "vsftpd.log",
    }
    settings = site.folder / "vsftpd.conf"
    settings.write_text(VSFTPD.lstrip() + "".join(f"{name}={value}\n" for name, value in more.items()))
    for path in (site.folder, settings, passwords, site.certificate(*NAMES)):
        os.chown(path, user.pw_uid, -1)

    def fresh() -> FtpPeer:
        box = root / f"box{next(_numbers)}"
        box.mkdir()
        os.chown(box, user.pw_uid, -1)
        return FtpPeer(
            folder=box / "in",
            directory=f"{box.name}/in",
            login="ftp",
            outside=site.outside(),
            address=("127.0.0.1", port),
            data_ports=tuple(ports),
            mode="explicit",
            owner=user.pw_uid,
        )

    with process([program, str(settings)], site.folder / "log", port, **dropped):
        yield fresh


ftp = partial(pyftpd, "clear")
ftps = partial(pyftpd, "explicit")
ftps_implicit = partial(pyftpd, "implicit")
