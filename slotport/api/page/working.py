"""Work that takes its time: its answer, and to our script before that how far it is.

A form is answered as any other. Our script asks for ``text/event-stream``: events ``progress`` ({"text", "value"} from
0 to 1) tell how far the work is; then ``go`` names the path to go on to, or ``page`` holds the page to show. Whoever
leaves before that stops the work, and nothing is stored.
"""

import contextvars
import threading
from collections.abc import Callable, Generator
from typing import Any

import msgspec
import structlog
from litestar import Response

from slotport.actions.files import Progress
from slotport.api.page import errors
from slotport.api.page.rendering import Page
from slotport.api.pieces import Pieces
from slotport.errors import SlotportError, disk_is_full

STREAM = "text/event-stream"
LOOK_SECONDS = 0.2
HEADERS = {"Content-Type": STREAM, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Tell = Callable[[Progress], None]
Work = Callable[[Tell], Response[Any]]

log = structlog.get_logger("slotport")


class Left(Exception):
    """Nobody waits for the work any more."""


def answered(page: Page, work: Work, shown: Callable[[Progress], dict[str, Any]]) -> Response[Any]:
    """What the work answers; to our script with news of it, as ``shown`` says them."""
    if STREAM not in page.request.headers.get("accept", ""):
        return work(lambda _: None)
    return _Stream(Pieces(_told(page, _Worker(work), shown), headers=HEADERS))


class _Stream(Response[None]):
    """Pieces that stand for a Response."""

    def __init__(self, pieces: Pieces) -> None:
        super().__init__(None)
        self._pieces = pieces

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """The pieces, which are an answer as they are."""
        return self._pieces


class _Worker(threading.Thread):
    def __init__(self, work: Work) -> None:
        super().__init__(name="working", daemon=True)
        self.latest: Progress | None = None
        self.is_left = False
        self.answer: Response[Any] | None = None
        self.error: Exception | None = None
        self._work = work
        self._context = contextvars.copy_context()

    def run(self) -> None:
        try:
            self.answer = self._context.run(self._work, self._tell)
        except Left:
            pass
        except Exception as error:  # it is answered, and logged, as any request's
            self.error = error

    def _tell(self, progress: Progress) -> None:
        if self.is_left:
            raise Left
        self.latest = progress


def _told(page: Page, worker: _Worker, shown: Callable[[Progress], dict[str, Any]]) -> Generator[bytes, None, None]:
    worker.start()
    try:
        yield b": working\n\n"
        last = None
        while worker.is_alive():
            worker.join(LOOK_SECONDS)
            if (latest := worker.latest) is not None and latest is not last:
                last = latest
                yield _event("progress", shown(latest))
        yield _end(page, worker)
    finally:
        worker.is_left = True
        worker.join()


def _end(page: Page, worker: _Worker) -> bytes:
    answer = worker.answer
    if answer is None:
        error = worker.error or Left()
        if not isinstance(error, SlotportError):
            log.error("unexpected failure", exc_info=error)
        answer = errors.refuse(page.request, disk_is_full(error) or error)
    if location := answer.headers.get("Location"):
        return _event("go", location)
    return _event("page", answer.content.decode())


def _event(name: str, value: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(value))
