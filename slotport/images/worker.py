"""The child process: reads requests, a JSON line each, and answers each with a line (slotport/images/pool.py).

Its memory and processor time are bounded by the system. It ends when nothing is asked of it for a while.
"""

import os
import resource
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from slotport.core.export import CustomImage
from slotport.images import rendering, stripping
from slotport.images.rendering import Refused


class Limits(Struct, frozen=True, kw_only=True):
    """What the process may use."""

    max_pixels: int
    memory_bytes: int
    seconds: float  #: for one request
    idle_seconds: float


class Request(Struct, frozen=True, kw_only=True):
    """What is to be done."""

    do: str
    source: str
    target: str = ""
    name: str = ""
    custom: CustomImage = CustomImage()
    remove_metadata: bool = False


def main() -> None:
    """Work until standard input ends."""
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the pipe
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    rendering.set_up(limits.max_pixels)
    lines = _Lines(limits.idle_seconds)
    while line := lines.next():
        _allow(limits.seconds)
        answer, is_over = _answered(line)
        os.write(answers, msgspec.json.encode(answer) + b"\n")
        if is_over:
            return


def _allow(seconds: float) -> None:
    """Allow so much more processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _answered(line: bytes) -> tuple[dict[str, Any], bool]:
    """The answer, and whether the process had better end now."""
    try:
        request = msgspec.json.decode(line, type=Request)
        return {"ok": _DOERS[request.do](request)}, False
    except Refused as error:
        return {"failed": str(error)}, False
    except MemoryError:
        return {"failed": "the image needs more memory than is allowed"}, True
    except OSError as error:
        return {"failed": "the image is damaged or cut off", "errno": error.errno}, False
    except Exception:  # a decoder's way to say that a file is hostile can be anything
        return {"failed": "the image is damaged"}, True


def _info(request: Request) -> dict[str, Any]:
    return rendering.info(Path(request.source))


def _render(request: Request) -> dict[str, Any]:
    return rendering.render(
        Path(request.source), Path(request.target), request.custom, remove_metadata=request.remove_metadata
    )


def _rendition(request: Request) -> dict[str, Any]:
    return rendering.rendition(Path(request.source), Path(request.target), request.name)


def _without_metadata(request: Request) -> dict[str, Any]:
    return stripping.without_metadata(Path(request.source), Path(request.target))


_DOERS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "info": _info,
    "render": _render,
    "rendition": _rendition,
    "without_metadata": _without_metadata,
}


class _Lines:
    """The lines of standard input."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._rest = b""

    def next(self) -> bytes:
        """The next line; empty at the end, or if none comes in time."""
        while b"\n" not in self._rest:
            if not select.select([0], [], [], self._idle_seconds)[0]:
                return b""
            if not (piece := os.read(0, 65536)):
                return b""
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"


if __name__ == "__main__":
    main()
