"""The registry of real servers: each passes the shared suite of test_all.py."""

from collections.abc import Mapping

from tests.transports import peers_ftp, peers_rsync, peers_s3, peers_sftp, peers_webdav
from tests.transports.peer import Start

#: by name: what starts the server
PEERS: Mapping[str, Start] = {
    "ftp": peers_ftp.ftp,
    "ftps": peers_ftp.ftps,
    "ftps-implicit": peers_ftp.ftps_implicit,
    "vsftpd": peers_ftp.vsftpd,
    "openssh": peers_sftp.openssh,
    "sftp": peers_sftp.sftp,
    "rsync": peers_rsync.daemon,
    "rsync-ssh": peers_rsync.shell,
    "rsync-local": peers_rsync.local,
    "wsgidav": peers_webdav.wsgidav,
    "apache": peers_webdav.apache,
    "seaweedfs": peers_s3.seaweedfs,
}
