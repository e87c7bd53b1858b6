"""Several processes that do the same on one socket, and are kept alive until a signal says stop."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import structlog

from slotport.cli.common import complain
from slotport.errors import SlotportError

LEAST_SECONDS = 5.0  #: a process that ends sooner, before any other has lived longer, will never do
PAUSE_SECONDS = 1.0  #: before one that ended is begun again
GRACE_SECONDS = 20.0  #: beyond what the processes themselves take, before they are killed

log = structlog.get_logger("slotport")


def run(count: int, work: Callable[[], None], *, shutdown_seconds: int, ended: Callable[[int], None]) -> int:
    """Run ``work`` in so many processes until SIGTERM or SIGINT; the exit status.

    One that ends is begun again, unless it is the first to be begun that fails at once. ``ended`` is told the number
    of each process that is over. To be called before there are threads.
    """
    crew = _Crew(work, ended)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: crew.stop())
    for _ in range(count):
        crew.begin()
    status = crew.watch()
    crew.end(shutdown_seconds + GRACE_SECONDS)
    return status


class _Crew:
    def __init__(self, work: Callable[[], None], ended: Callable[[int], None]) -> None:
        self._work, self._ended = work, ended
        self._begun: dict[int, float] = {}  # by process, when it was begun
        self._stopping = threading.Event()
        self._works = False  # whether any process lived long enough
        #: nobody writes to it: its other end is closed when this process is gone, however it went
        self._life = os.pipe()

    def stop(self) -> None:
        """Ask all processes to end."""
        self._stopping.set()
        for number in self._begun:
            os.kill(number, signal.SIGTERM)

    def begin(self) -> None:
        """Begin one more process."""
        sys.stdout.flush()
        sys.stderr.flush()
        number = os.fork()
        if number:
            self._begun[number] = time.monotonic()
            return
        status = 1
        try:
            for signal_number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(signal_number, signal.SIG_DFL)
            os.close(self._life[1])
            threading.Thread(target=self._end_with_parent, daemon=True).start()
            self._work()
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except SlotportError as error:
            complain(str(error))
        except BaseException as error:
            log.error("a process failed", exc_info=error)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def watch(self) -> int:
        """Keep the processes alive; the exit status once they are to end."""
        while not self._stopping.is_set():
            try:
                number, status = os.wait()
            except InterruptedError:
                continue
            except ChildProcessError:
                return 1
            lived = time.monotonic() - self._begun.pop(number)
            self._ended(number)
            if self._stopping.is_set():
                break
            self._works = self._works or lived >= LEAST_SECONDS
            code = os.waitstatus_to_exitcode(status)
            if not self._works and code > 0:
                self.stop()
                return code
            log.warning("a process ended and is begun again", pid=number, status=code)
            time.sleep(PAUSE_SECONDS)
            if not self._stopping.is_set():
                self.begin()
        return 0

    def end(self, seconds: float) -> None:
        """Wait until all processes ended; kill those that do not."""
        give_up_at = time.monotonic() + seconds
        while self._begun:
            number, _ = os.waitpid(-1, os.WNOHANG)
            if number:
                self._begun.pop(number, None)
                self._ended(number)
            elif time.monotonic() > give_up_at:
                for left in self._begun:
                    os.kill(left, signal.SIGKILL)
                give_up_at += seconds
            else:
                time.sleep(0.05)

    def _end_with_parent(self) -> None:
        os.read(self._life[0], 1)
        os.kill(os.getpid(), signal.SIGTERM)
