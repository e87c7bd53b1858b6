"""The client of the rows on throughput and load: many connections in one process, so light that it is in nobody's way.

``python -m bench.child_crowd PLAN`` reads a JSON file: ``port``, ``seconds`` and ``members``. A member has a ``group``
to be counted in, ``method``, ``path``, ``headers`` and perhaps a ``body`` (text) or a ``body_file``, the ``expected``
statuses, and one way to ask:

- ``times``: so often, each time as soon as the last answer is there; without ``every`` and ``times`` until the end;
- ``every``: each so many seconds from ``offset`` on. An answer's time counts from the moment at which it was due to
  be asked for, so that a server that stands still is seen in every answer that it held up.

``conditional`` members ask once before, uncounted, and then with the ETag of the last answer; ``fresh`` ones connect
anew each time. One line of JSON comes out: ``seconds``, ``cpu_seconds`` and each group's ``count``, ``statuses``,
``failures`` (of which ``reasons`` has a few), ``rate`` and times in ms: ``p50``, ``p90``, ``p99``, ``most``.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0  #: for one answer
WARMING = 8  #: first questions of conditional members at a time
REASONS = 5


class Link(asyncio.Protocol):
    """One connection, on which one question is asked at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._got = bytearray()
        self._waiter: asyncio.Future[tuple[int, bytes]] | None = None
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport, self.is_open = transport, True

    def data_received(self, data: bytes) -> None:
        self._got += data
        head_end = self._got.find(b"\r\n\r\n")
        if head_end < 0 or self._waiter is None or self._waiter.done():
            return
        head = bytes(self._got[:head_end])
        status = int(head[9:12])
        length = 0 if status in {204, 304} else int(header(head, b"content-length") or -1)
        if length < 0:
            is_whole = self._got.endswith(b"\r\n0\r\n\r\n")  # chunked
        else:
            is_whole = len(self._got) >= head_end + 4 + length
        if is_whole:
            self._got.clear()
            self._waiter.set_result((status, head))

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error or ConnectionResetError("the server closed the connection"))

    async def ask(self, question: bytes) -> tuple[int, bytes]:
        """Status and head of the answer, which was read to its end."""
        assert self._transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(question)
        return await asyncio.wait_for(self._waiter, PATIENCE_SECONDS)

    def close(self) -> None:
        """Close it."""
        if self._transport is not None:
            self._transport.close()
        self.is_open = False


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header, or nothing."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""


@dataclass
class Count:
    """What became of the questions of a group."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    failures: int = 0
    within: int = 0  #: of the answers, those that came before the end

    def shown(self, seconds: float) -> dict[str, Any]:
        """As the output has it."""
        times = sorted(self.seconds) or [0.0]
        return {
            "count": len(self.seconds),
            "rate": self.within / seconds,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "failures": self.failures,
            "reasons": self.reasons,
            **{
                name: times[min(len(times) - 1, int(len(times) * share))] * 1000
                for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("most", 1.0))
            },
        }


class Member:
    """One client of the crowd."""

    def __init__(self, plan: dict[str, Any], port: int, count: Count) -> None:
        self._plan, self._port, self._count = plan, port, count
        body = Path(plan["body_file"]).read_bytes() if "body_file" in plan else plan.get("body", "").encode()
        headers = {"Host": f"127.0.0.1:{port}", **plan.get("headers", {})}
        if body or plan["method"] == "POST":
            headers["Content-Length"] = str(len(body))
        lines = [f"{plan['method']} {plan['path']} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
        self._head, self._body = "\r\n".join(lines).encode(), body
        self._expected = set(plan["expected"])
        self._etag = b""
        self._link: Link | None = None

    async def warm_up(self) -> None:
        """Ask for the first time."""
        if self._plan.get("conditional"):
            status, _ = await self._ask()
            assert status == 200, (self._plan["path"], status)

    async def go(self, begin: float, end: float) -> None:
        """Ask as the plan says until the end."""
        every, times = self._plan.get("every"), self._plan.get("times")
        if every:
            due = begin + self._plan.get("offset", 0.0)
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                await self._counted(due, end)
                due += every
        elif times:
            for _ in range(times):
                await self._counted(time.perf_counter(), end)
        else:
            while (now := time.perf_counter()) < end:
                await self._counted(now, end)
        if self._link is not None:
            self._link.close()

    async def _counted(self, due: float, end: float) -> None:
        count = self._count
        try:
            status, head = await self._ask()
        except (OSError, TimeoutError) as error:
            self._link = None
            count.failures += 1
            self._explain(repr(error))
        else:
            count.statuses[status] += 1
            if status not in self._expected:
                count.failures += 1
                self._explain(head.decode("latin-1")[:300])
        now = time.perf_counter()
        count.seconds.append(now - due)
        count.within += now <= end

    def _explain(self, reason: str) -> None:
        if len(self._count.reasons) < REASONS:
            self._count.reasons.append(reason)

    async def _ask(self) -> tuple[int, bytes]:
        if self._link is None or not self._link.is_open:
            _, self._link = await asyncio.get_running_loop().create_connection(Link, "127.0.0.1", self._port)
        tag = b"\r\nIf-None-Match: " + self._etag if self._etag else b""
        status, head = await self._link.ask(self._head + tag + b"\r\n\r\n" + self._body)
        if self._plan.get("conditional") and status == 200:
            self._etag = header(head, b"etag")
        if self._plan.get("fresh"):
            self._link.close()
        return status, head


async def crowd(plan: dict[str, Any]) -> dict[str, Any]:
    """Let all members ask; what became of it."""
    counts: dict[str, Count] = {one["group"]: Count() for one in plan["members"]}
    members = [Member(one, plan["port"], counts[one["group"]]) for one in plan["members"]]
    for start in range(0, len(members), WARMING):
        await asyncio.gather(*(one.warm_up() for one in members[start : start + WARMING]))
    begin, cpu = time.perf_counter(), time.process_time()
    end = begin + plan["seconds"]
    await asyncio.gather(*(one.go(begin, end) for one in members))
    took = time.perf_counter() - begin
    return {
        "seconds": took,
        "cpu_seconds": time.process_time() - cpu,
        "groups": {name: count.shown(plan["seconds"]) for name, count in counts.items()},
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(crowd(json.loads(Path(sys.argv[1]).read_text())))))
