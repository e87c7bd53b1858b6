"""Exports in words: states, moments, amounts, runs and events, in the viewer's language and zone."""

from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_decimal
from msgspec import Struct

from slotport.api.page.rendering import Page
from slotport.api.page.texts import DEFAULT
from slotport.core import when
from slotport.core.export import Export, LoggedEvent, State, TransportState
from slotport.errors import WireError

UNDER_WAY = frozenset({TransportState.PENDING, TransportState.PROCESSING})
SHOWN_NOTES = 2000  #: characters of a run's remarks that the log shows at once
_BADGES = {"failed": "bad", "done": "good", "undelivered": "warn", "expired": "warn"}
_RANKS = ("B", "kB", "MB", "GB", "TB")


class Status(Struct, frozen=True):
    """What an export is doing."""

    word: str  #: key of its text, behind ``exports-state-``
    badge: str  #: class of its badge
    is_running: bool
    is_delivering: bool


class Line(Struct, frozen=True, kw_only=True):
    """An event of the log."""

    id: int
    at: datetime
    text: str
    reason: str = ""  #: why it came so
    notes: str = ""  #: remarks of a run, the first of them
    are_notes_cut: bool = False
    badge: str = ""


def status_of(export: Export) -> Status:
    """The state of the export and of its deliveries as one word."""
    states = {one.state for one in export.transports}
    is_delivering = bool(states & UNDER_WAY) and export.state is State.DONE
    word = export.state.value
    if export.state is State.DONE and (is_delivering or TransportState.FAILED in states):
        word = "delivering" if is_delivering else "undelivered"
    return Status(word, _BADGES.get(word, ""), export.is_running, is_delivering)


class Words:
    """What templates of exports say; ``now`` is the time they are shown."""

    def __init__(self, page: Page, now: datetime) -> None:
        self._page, self._t, self._now = page, page.t, now

    def moment(self, moment: datetime | None) -> str:
        """A moment of the near past: "6 May 2031, 18:30"."""
        if moment is None:
            return ""
        local = self._page.local(moment)
        return self._t("exports-moment", day=self._t.day(local), time=self._t.time(local))

    def long_moment(self, moment: datetime) -> str:
        """A moment with its weekday: "Friday 9 May 2031, 18:00"."""
        local = self._page.local(moment)
        return self._t("exports-moment", day=self._t.day(local, "full"), time=self._t.time(local))

    def distance(self, moment: datetime) -> str:
        """How far a moment is: "in 3 days"."""
        return format_timedelta(moment - self._now, add_direction=True, locale=self._t.locale, threshold=1.2)

    def next_run(self, export: Export) -> str:
        """When it runs by itself next."""
        if export.next_run_at is None:
            return self._t("exports-next-never" if export.schedules else "exports-next-none")
        moment = export.next_run_at
        return self._t("exports-next", moment=self.long_moment(moment), distance=self.distance(moment))

    def size(self, count: int) -> str:
        """An amount of bytes: "1.2 MB"."""
        amount, rank = float(count), 0
        while amount >= 1000 and rank < len(_RANKS) - 1:
            amount, rank = amount / 1000, rank + 1
        pattern = "#,##0" if rank == 0 or amount >= 100 else "#,##0.#"
        return f"{format_decimal(amount, pattern, self._t.locale)} {_RANKS[rank]}"

    def number(self, count: int) -> str:
        """A whole number."""
        return str(format_decimal(count, locale=self._t.locale))

    def duration(self, begin: datetime | None, end: datetime | None) -> str:
        """How long something took: "3 seconds"."""
        if begin is None or end is None:
            return ""
        seconds = max(end - begin, timedelta(seconds=1))
        return format_timedelta(seconds, locale=self._t.locale, threshold=1.2)

    def lines(self, events: list[LoggedEvent]) -> list[Line]:
        """Events as lines of the log, in their order."""
        return [line_of(self._page, one) for one in events]

    def error(self, error: WireError) -> str:
        """A refusal: in the viewer's language if it is known, and what was said."""
        return sentence(self._page, error)


def line_of(page: Page, event: LoggedEvent, *, whole: bool = False) -> Line:
    """An event as a line of the log. ``whole``: all remarks of the run."""
    info, t = event.info, page.t
    kind = event.type.lower().removeprefix("export_").replace("_", "-")
    key = (
        f"exports-event-{kind}-{info['trigger']}" if kind == "start" and "trigger" in info else f"exports-event-{kind}"
    )
    if kind in ("skipped", "stopped"):
        key += f"-{info.get('reason', 'user')}"
    values: dict[str, str] = {}
    if "due" in info:
        local = page.local(when.instant(str(info["due"])))
        values["due"] = t("exports-moment", day=t.day(local), time=t.time(local))
    protocol = str(info.get("protocol") or "")
    notes = protocol if whole else protocol[:SHOWN_NOTES]
    return Line(
        id=event.id,
        at=event.timestamp,
        text=t(key, **values) if t.has(key) else event.type,
        reason=_reason(page, info.get("exception")),
        notes="\n".join(map(t.said, notes.split("\n"))),
        are_notes_cut=len(notes) < len(protocol),
        badge={"failed": "bad", "finish": "good"}.get(kind, "warn" if kind in ("skipped", "schedule-late") else ""),
    )


def sentence(page: Page, error: WireError) -> str:
    """What a refusal says; if its sentence is known in English only, it follows the message of its code."""
    said = page.t.said(str(error))
    if page.t.language == DEFAULT or said != str(error):
        return said
    known = code_text(page, error.code)
    return f"{known} ({error})" if known else str(error)


def code_text(page: Page, code: str) -> str:
    """The message of a code of the export interface, such as ``error.user.export_failed``; "" if nobody knows it."""
    key = text_key(code)
    return page.t(key) if page.t.has(key) else ""


def text_key(code: str) -> str:
    """The key of the text for a code."""
    return "server-" + code.replace(".", "-").replace("_", "-")


def _reason(page: Page, exception: Any) -> str:
    if not isinstance(exception, dict):
        return ""
    code, said = str(exception.get("code", "")), page.t.said(str(exception.get("description", "")))
    number = f" ({exception['uuid']})" if "uuid" in exception else ""
    if code in ("error.user.export_failed", ""):
        return said + number
    return (code_text(page, code) or said) + number
