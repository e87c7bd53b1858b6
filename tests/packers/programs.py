"""Other programs that open archives, as Debian's packages unzip, p7zip-full, libarchive-tools and tar have them."""

import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ENVIRONMENT = os.environ | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


def run(program: str, *arguments: str | Path, expected: int = 0, kept: bool = True) -> bytes:
    """What a program prints, if it is kept; without the program the test is skipped, or fails where CI is set."""
    if shutil.which(program) is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"PEER-MISSING({program})")
    output = subprocess.PIPE if kept else subprocess.DEVNULL
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, env=ENVIRONMENT, stdout=output, stderr=subprocess.PIPE, check=False)
    said = (done.stdout or b"") + done.stderr
    assert done.returncode == expected, said[-2000:].decode(errors="replace")
    return done.stdout or b""


def _zipfile_test(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None


def _zipfile_extract(archive: Path, target: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(target)


def _tarfile_extract(archive: Path, target: Path) -> None:
    with tarfile.open(archive) as opened:
        opened.extractall(target, filter="data")


#: program -> checks every byte of a zip
ZIP_TESTS: Mapping[str, Callable[[Path], object]] = {
    "unzip": lambda archive: run("unzip", "-tqq", archive),
    "7z": lambda archive: run("7z", "t", "-bd", archive),
    "bsdtar": lambda archive: run("bsdtar", "-xOf", archive, kept=False),
    "zipfile": _zipfile_test,
}
#: program -> puts the files of a zip into a folder
ZIP_EXTRACTS: Mapping[str, Callable[[Path, Path], object]] = {
    "unzip": lambda archive, target: run("unzip", "-qq", archive, "-d", target),
    "7z": lambda archive, target: run("7z", "x", "-bd", f"-o{target}", archive),
    "bsdtar": lambda archive, target: run("bsdtar", "-xf", archive, "-C", target),
    "zipfile": _zipfile_extract,
}
TAR_EXTRACTS: Mapping[str, Callable[[Path, Path], object]] = {
    "tar": lambda archive, target: run("tar", "-xf", archive, "-C", target),
    "bsdtar": lambda archive, target: run("bsdtar", "-xf", archive, "-C", target),
    "tarfile": _tarfile_extract,
}


def opened(archive: Path) -> dict[str, bytes]:
    """The files of an archive, in its order, as Python reads them; a zip's checksums are looked at, too."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            return {name: zipped.read(name) for name in zipped.namelist()}
    with tarfile.open(archive) as tarred:
        return {member.name: _content(tarred, member) for member in tarred}


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    assert stream is not None
    return stream.read()
