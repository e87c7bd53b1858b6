"""Work that tells how far it is, and stops when nobody waits for it any more."""

from typing import Any

from litestar import Response

from slotport.actions.files import Progress
from slotport.api.page import working


def test_who_leaves_stops_the_work() -> None:
    done: list[int] = []

    def work(told: working.Tell) -> Response[Any]:
        while True:
            done.append(1)
            told(Progress(bytes_read=len(done), records_read=0))

    worker = working._Worker(work)
    events = working._told(None, worker, lambda now: {"value": now.bytes_read})  # type: ignore[arg-type]
    first, second = next(events), next(events)
    events.close()

    assert first == b": working\n\n"
    assert second.startswith(b'event: progress\ndata: {"value":')
    assert (worker.is_alive(), worker.answer, worker.error) == (False, None, None)
