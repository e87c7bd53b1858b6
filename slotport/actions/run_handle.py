"""What a run's code is given: steps that are done once, a look at whether to stop, and a place to say how far it is.

The code of a run knows nothing of the engine that calls it again after a crash (docs/design/exports.md).
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import structlog

from slotport.core.export import Progress
from slotport.errors import SlotportError, Unavailable
from slotport.storage import run_work
from slotport.storage.store import Store

CHECK_SECONDS = 0.3  #: how old the last look at the run's row may be
PROGRESS_SECONDS = 1.0
COUNTED = "counted"
DEATHS = 5  #: of the process in one step, after which the run fails
AWAY_SECONDS = 600  #: how long a step waits for a database that is away

log = structlog.get_logger("slotport.runs")
T = TypeVar("T")


class Stopped(Exception):
    """The run was stopped, updated or deleted; all that is left to do is to clean up."""


class Superseded(Stopped):
    """Another process works on it now, since this one seemed to be dead: there is nothing to clean up here."""


class Died(SlotportError):
    """The process ended five times while it was at the same step."""


class TooLong(SlotportError):
    """The run took longer than one may."""


class RunHandle:
    """One execution of an export, or one delivery of a result, as its code sees it. Used by one thread."""

    def __init__(
        self,
        store: Store,
        run_id: str,
        *,
        clock: Callable[[], datetime],
        do_once: Callable[[str, Callable[[], Any]], Any],
        closing: threading.Event,
        is_active: Callable[[Store, str, int | None], bool] = run_work.is_active,
        begins_anew: bool = False,
    ) -> None:
        self.store = store
        self.id = run_id
        self.clock = clock
        self.deadline: datetime | None = None  #: when the run has to be over
        self.begun: int | None = None  #: how often it was begun, this time included; None: it was not yet
        self._do_once = do_once
        self._whole = "run" if begins_anew else None  #: what ends of the process are counted in, instead of steps
        self._is_active = is_active
        self._closing = closing
        self._checked_at = 0.0
        self._told_at = 0.0
        self._progress = Progress()

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        """The work's result, a small JSON value. What was finished before a crash is not done again.

        Raises what the work raises; Stopped; Died if the process ended in it too often.
        """
        return self._do_once(name, lambda: self._begun(name, work))

    def _begun(self, name: str, work: Callable[[], T]) -> T:
        self._check_now()
        if self._whole != COUNTED:
            counted = self._whole or name
            if (deaths := self.patiently(lambda: run_work.step_begun(self.store, self.id, counted))) >= DEATHS:
                raise Died(f"the server ended {deaths} times while it was at the step {name}")
            self._whole = COUNTED if self._whole else None
        return self.patiently(work)

    def patiently(self, work: Callable[[], T]) -> T:
        """The work's result; tried again as long as the database is away, for ten minutes at the most."""
        give_up_at = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                return work()
            except Unavailable as error:
                self._check_now()
                if time.monotonic() > give_up_at:
                    raise
                log.warning("a run waits for the database", run=self.id, reason=str(error))
                self._wait(2.0)

    def check(self) -> None:
        """Return if the run goes on here; raises Stopped. Cheap: to be called for every piece of work.

        A database that is away is no reason to stop. When the server ends, the thread stays here: the step is done
        anew, and not counted, when it runs again.
        """
        if self._closing.is_set():
            self._park()
        if (now := time.monotonic()) - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        if self.deadline is not None and self.clock() > self.deadline:
            raise TooLong("the run took longer than the setting export_run_seconds allows")
        if not self._is_still_active():
            raise self.ending()

    def _check_now(self) -> None:
        """The same, however short ago the last look was."""
        self._checked_at = 0.0
        self.check()

    def goes_on(self) -> bool:
        """Whether the run is to go on, asked from any thread."""
        return not self._closing.is_set() and self._is_still_active()

    def is_superseded(self) -> bool:
        """Whether another process works on it by now."""
        return self.begun is not None and not self._is_still_active() and isinstance(self.ending(), Superseded)

    def ending(self) -> Stopped:
        """Why a run that does not go on here does not: it is over, or another process has it."""
        try:
            return Superseded() if self._is_active(self.store, self.id, None) else Stopped()
        except Unavailable:
            return Superseded()

    def _is_still_active(self) -> bool:
        try:
            return self._is_active(self.store, self.id, self.begun)
        except Unavailable:
            return True

    def progress(self, progress: Progress, *, at_once: bool = False) -> None:
        """Say how far the run is: at most once a second, and never back. Implies ``check``."""
        self.check()
        if not at_once and time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = time.monotonic()
        try:
            run_work.tell_progress(self.store, self.id, progress, now=self.clock(), begun=self.begun)
        except Unavailable as error:
            log.debug("progress was not stored", run=self.id, reason=str(error))

    def _wait(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            self._park()

    def _park(self) -> None:
        try:
            run_work.step_left(self.store, self.id)
        except SlotportError as error:
            log.warning("a step that was cut counts as a crash", run=self.id, reason=str(error))
        threading.Event().wait()
