"""One execution of rsync, without a shell: what it says of each file, and how it ended (rsync(1))."""

import os
import re
import selectors
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic, sleep
from typing import IO

from msgspec import Struct

from slotport.transports.parcel import TransportError, TransportRefused

LOOK_SECONDS = 0.3
END_SECONDS = 1.0  #: that rsync may take to clean up when it is to stop
CHUNK_BYTES = 64 * 1024
TAIL_BYTES = 8 * 1024
LONGEST_WORDS = 300
FORMAT = "--out-format=%i %l %n"  #: what ``Item`` is read from

_ITEM = re.compile(rb"([<>ch.*])([fdLDS])(\S{0,9}) +(\d+) (.*)", re.DOTALL)
_ESCAPED = re.compile(rb"\\#([0-7]{3})")
#: how rsync ends where a later try ends in the same way: usage, protocol, what is not supported, no rsync there
_FINAL_CODES = frozenset({1, 2, 4, 126, 127})
_FINAL_WORDS = re.compile(
    r"@ERROR: (auth failed|access denied|unknown module|invalid)|module is read.only|host key verification failed"
    r"|permission denied|command not found|read-only file system",
    re.IGNORECASE,
)
_SILENT = 30  #: as rsync has it
#: after these there is nothing to come, but rsync may wait for a minute whether the other side ends too
_LAST_WORDS = re.compile(rb"io timeout after|^rsync error: |connection unexpectedly closed|(write|read) error: ")
_MEANING = {10: "the connection failed", 12: "the connection broke", 30: "it was silent for too long"}
_MEANING |= {35: "it did not answer in time", 255: "ssh failed"}


class Item(Struct, frozen=True):
    """What rsync says of one file that was listed."""

    name: str
    size: int
    is_same: bool  #: nothing was sent, or would be


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    check: Callable[[], None],
    is_silent: Callable[[], bool] = lambda: False,
    hidden: Sequence[str] = (),
    item: Callable[[Item], None] = lambda _: None,
    removed: Callable[[str], None] = lambda _: None,
) -> None:
    """Run rsync to its end; calls ``item`` for each file that it tells of, ``removed`` for each name it removes.

    ``hidden`` texts, such as folders here and secrets, are not in errors. Raises what ``check`` raises, once rsync and
    what it started have ended; TransportRefused where no later try can pass; TransportError for all else.
    """
    tail = _Tail()
    with _process(command, environment) as process:
        for is_item, line in _lines(process, check, is_silent):
            if not is_item:
                tail.add(line)
            elif (found := _item(line)) is not None:
                item(found)
            elif line.startswith(b"*deleting"):
                removed(line.split(maxsplit=2)[-1].decode(errors="replace"))
        code = _code(process)
    if code != 0:
        raise _failure(code, tail.text(), hidden)


def missing() -> TransportRefused:
    """The error that it is, where the program is not there."""
    return TransportRefused("rsync is not installed on this machine")


@contextmanager
def _process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, which has ended in the end, with all that it started."""
    try:
        process = subprocess.Popen(  # noqa: S603  # no shell, and no word of it begins with what a user said
            command,
            cwd="/",
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as cause:
        raise missing() from cause
    except OSError as cause:
        raise TransportError(f"rsync does not start: {(cause.strerror or 'unknown').lower()}") from cause
    with process:
        try:
            yield process
        except BaseException:
            _end(process)
            raise


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it and what it started, such as an ssh that hangs; as long as nobody waits for it, the number is its own."""
    if process.returncode is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    until = monotonic() + END_SECONDS
    while monotonic() < until:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            break
        sleep(0.02)
    with suppress(ProcessLookupError, PermissionError):  # macOS: that of a group that has ended
        os.killpg(process.pid, signal.SIGKILL)


def _lines(
    process: "subprocess.Popen[bytes]", check: Callable[[], None], is_silent: Callable[[], bool]
) -> Iterator[tuple[bool, bytes]]:
    """Its lines as they come, and whether they are of its output; looks now and then whether to go on."""
    waiting: dict[IO[bytes], bytes] = {stream: b"" for stream in (process.stdout, process.stderr) if stream}
    looked_at, ends_at = monotonic(), inf
    with selectors.DefaultSelector() as selector:
        for stream in waiting:
            selector.register(stream, selectors.EVENT_READ)
        while waiting:
            for key, _ in selector.select(LOOK_SECONDS):
                stream = next(one for one in waiting if one is key.fileobj)
                piece = os.read(key.fd, CHUNK_BYTES)
                *lines, rest = (waiting[stream] + piece).split(b"\n")
                waiting[stream] = rest[-CHUNK_BYTES:]
                for line in lines if piece else [*lines, rest]:
                    yield stream is process.stdout, line
                    if stream is process.stderr and _LAST_WORDS.search(line):
                        ends_at = min(ends_at, monotonic() + END_SECONDS)
                if not piece:
                    selector.unregister(stream)
                    del waiting[stream]
            if monotonic() - looked_at >= LOOK_SECONDS:
                check()
                looked_at = monotonic()
            if looked_at >= ends_at or is_silent():
                return


def _code(process: "subprocess.Popen[bytes]") -> int:
    """How it ended; it is ended if it has said its last words and does not end."""
    with suppress(subprocess.TimeoutExpired):
        return process.wait(END_SECONDS)
    _end(process)
    process.wait()
    return _SILENT


def _item(line: bytes) -> Item | None:
    found = _ITEM.fullmatch(line)
    if found is None or found[2] != b"f":
        return None
    name = _ESCAPED.sub(lambda one: bytes([int(one[1], 8) & 255]), found[5])
    return Item(os.fsdecode(name), int(found[4]), found[1] == b".")


class _Tail:
    """The last lines of many."""

    def __init__(self) -> None:
        self._kept = b""

    def add(self, line: bytes) -> None:
        self._kept = (self._kept + line + b"\n")[-TAIL_BYTES:]

    def text(self) -> str:
        return self._kept.decode(errors="replace")


def _failure(code: int, text: str, hidden: Sequence[str]) -> TransportError:
    for one in hidden:
        text = text.replace(one, "") if one else text
    lines = [" ".join("".join(sign if sign.isprintable() else " " for sign in one).split()) for one in text.split("\n")]
    lines = [line for line in lines if line.strip("@=- ")]
    theirs = "\n".join(line for line in lines if not line.startswith("rsync: [sender]"))  # that is us
    is_final = code in _FINAL_CODES or _FINAL_WORDS.search(theirs) is not None
    telling = [line for line in lines if not line.startswith(("rsync error:", "rsync warning:"))]
    said = "; ".join((telling or lines)[-3:])[:LONGEST_WORDS]
    meaning = _MEANING.get(code, f"rsync ended with code {code}")
    return (TransportRefused if is_final else TransportError)(f"{meaning}: {said}" if said else meaning)
