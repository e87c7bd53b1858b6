"""The pool: hands requests to child processes (slotport/images/worker.py), and replaces those that fail.

A child works off one request at a time, a JSON line each way over its pipes, and ends by itself when it has nothing
to do for a while, or when this process is gone. It gets none of this process's settings or secrets.
"""

import atexit
import os
import select
import subprocess  # only our own interpreter is started, without a shell
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

import msgspec
from msgspec import Struct

from slotport.core.export import CustomImage
from slotport.errors import SlotportError, disk_is_full

_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
_ANSWER_BYTES = 64 * 1024
_MIB = 1024 * 1024
CHECK_SECONDS = 0.3  #: how often whoever waits may think better of it

Check = Callable[[], None]


class ImageFailed(SlotportError):
    """No version can be made of the image: it is damaged, of no known format, or over a limit."""


class ImageInfo(Struct, frozen=True, kw_only=True):
    """What an image is; width and height as it is to be looked at, turned as its metadata say."""

    format: str  #: jpeg, png, gif, webp, tiff, bmp or avif
    width: int
    height: int


class Rendered(Struct, frozen=True, kw_only=True):
    """A version that was made."""

    format: str
    extension: str
    media_type: str
    width: int
    height: int
    size: int


class _Answer(Struct, frozen=True):
    ok: dict[str, Any] | None = None
    failed: str | None = None
    errno: int | None = None  #: the system's, if it said no


class Images:
    """Up to ``workers`` child processes; safe to use from any thread. Close it, or leave it to the interpreter's end.

    ``seconds`` bounds a request, in processor time and by the clock; ``memory_bytes`` the address space of a child,
    by default what an image of ``max_pixels`` takes.
    """

    def __init__(
        self,
        *,
        max_pixels: int,
        workers: int = 2,
        seconds: float = 60.0,
        idle_seconds: float = 60.0,
        memory_bytes: int | None = None,
    ) -> None:
        self._limits = {
            "max_pixels": max_pixels,
            "memory_bytes": memory_bytes or 512 * _MIB + 16 * max_pixels,
            "seconds": seconds,
            "idle_seconds": idle_seconds,
        }
        self._seconds = seconds
        self._free = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End all children that have nothing to do; the others end with what they do."""
        with self._lock:
            children, self._idle, self._closed = self._idle, [], True
        for child in children:
            child.end()
        atexit.unregister(self.close)

    def info(self, path: Path) -> ImageInfo:
        """What the image is; all of it is decoded. Raises ImageFailed."""
        return msgspec.convert(self._ask({"do": "info", "source": str(path)}), ImageInfo)

    def render(
        self, source: Path, target: Path, custom: CustomImage, *, remove_metadata: bool, check: Check | None = None
    ) -> Rendered:
        """Make the image over, into the file ``target``; equal sources and rules give equal bytes.

        ``check`` is called a few times a second; what it raises ends the work. Raises ImageFailed; then there may be
        something at ``target``.
        """
        asked = {"do": "render", "custom": msgspec.to_builtins(custom), "remove_metadata": remove_metadata}
        return self._made(asked, source, target, check)

    def rendition(self, source: Path, target: Path, name: str) -> Rendered:
        """Make the version of that name (``RENDITIONS``), as ``render``."""
        return self._made({"do": "rendition", "name": name}, source, target)

    def without_metadata(self, source: Path, target: Path, *, check: Check | None = None) -> Rendered:
        """Copy the image without EXIF, XMP, IPTC, comments and embedded previews; its pixels stay as they are.

        How it is to be turned is kept, and what its colours mean. Raises ImageFailed.
        """
        return self._made({"do": "without_metadata"}, source, target, check)

    def _made(self, asked: Mapping[str, Any], source: Path, target: Path, check: Check | None = None) -> Rendered:
        answer = self._ask({**asked, "source": str(source), "target": str(target)}, check)
        return msgspec.convert({**answer, "size": target.stat().st_size}, Rendered)

    def _ask(self, request: Mapping[str, Any], check: Check | None = None) -> dict[str, Any]:
        with self._free:
            child = self._child()
            answer: _Answer | Literal["gone"] | None = None
            try:
                answer = child.answer(request, self._seconds, check)
                if answer == "gone":  # it had gone to rest just then
                    child.kill()
                    child = _Child(self._limits)
                    answer = child.answer(request, self._seconds, check)
            finally:
                self._give_back(child, healthy=isinstance(answer, _Answer))
        if not isinstance(answer, _Answer):
            raise ImageFailed("the image needs more time or memory than is allowed")
        if answer.ok is None:
            if answer.errno is not None and (full := disk_is_full(OSError(answer.errno, ""))):
                raise full
            raise ImageFailed(answer.failed or "the image cannot be read")
        return answer.ok

    def _child(self) -> "_Child":
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive():
                    return child
                child.kill()
        return _Child(self._limits)

    def _give_back(self, child: "_Child", *, healthy: bool) -> None:
        with self._lock:
            if healthy and not self._closed and child.is_alive():
                self._idle.append(child)
                return
        child.end() if healthy else child.kill()


class _Child:
    """One child process."""

    def __init__(self, limits: Mapping[str, Any]) -> None:
        self._asked = 0
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "slotport.images.worker", msgspec.json.encode(limits).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            bufsize=0,
        )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def answer(
        self, request: Mapping[str, Any], seconds: float, check: Check | None
    ) -> _Answer | Literal["gone"] | None:
        """What the child says; None if it fails; "gone" if it had ended before it was asked."""
        self._asked += 1
        stdin, stdout = self._pipes()
        try:
            stdin.write(msgspec.json.encode(request) + b"\n")
            line = _line(stdout, time.monotonic() + seconds + 10 * (self._asked == 1), check)
        except OSError:
            line = b""
        if not line:
            return "gone" if self._asked > 1 and self._ended_well() else None
        return msgspec.json.decode(line, type=_Answer)

    def _ended_well(self) -> bool:
        try:
            return self._process.wait(timeout=1) == 0
        except subprocess.TimeoutExpired:
            return False

    def end(self) -> None:
        """Let the child end: there is nothing more to do."""
        stdin, stdout = self._pipes()
        with suppress(OSError):
            stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        stdout.close()

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes():
            with suppress(OSError):
                pipe.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None  # noqa: S101 - they were asked for
        assert stdout is not None  # noqa: S101
        return stdin, stdout


def _line(pipe: IO[bytes], deadline: float, check: Check | None) -> bytes:
    """One line of the pipe; empty if none comes in time, or ever."""
    line = b""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0:
            return b""
        if not poll.poll(min(left, CHECK_SECONDS) * 1000):
            if check is not None:
                check()
            continue
        if not (piece := os.read(pipe.fileno(), _ANSWER_BYTES)) or len(line) > _ANSWER_BYTES:
            return b""
        line += piece
    return line


@lru_cache(maxsize=4)
def shared(max_pixels: int) -> Images:
    """The pool of this process for that setting; it ends with the process."""
    return Images(max_pixels=max_pixels)
