"""Rows on the schedule board in Chromium: how soon a day is shown, a move saved; what the server takes of it."""

import gzip
import shutil
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from bench import servers
from bench.fairs import add_fair
from bench.measure import Bench, Failed
from bench.servers import Server
from bench.table import Result, Row, result, seconds

LOCATIONS, TIME_SLOTS, HOURS_A_DAY = 60, 1_500, 9
DAY = "2031-06-07"
BOARD = "/app/conventions/bench/board"
OPEN_GOAL, MOVE_GOAL, LOAD_GOAL = 2.0, 0.3, 150_000
RUNS, WARMUP = 10, 2
LAST = 539  #: number of the time slot that is the last to be shown on that day


def board(bench: Bench) -> Iterator[Row]:
    """A convention of 60 locations and 1,500 time slots over three days, one day of which is opened."""
    # optional, and slow to import: other rows do without a browser
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield Row.missing("board", "Chromium")
        return
    with servers.folder() as data:
        database = f"sqlite:///{data / 'slotport.db'}"
        fair = add_fair(database, TIME_SLOTS, places=LOCATIONS, hours_a_day=HOURS_A_DAY, surface="page")
        with servers.slotport(data, token="") as server:
            yield _server_part(server, fair.token)
            with sync_playwright() as playwright:
                try:
                    browser = playwright.chromium.launch(executable_path=_program(), args=["--no-sandbox"])
                except Exception as reason:  # whatever keeps it from starting
                    bench.log(f"no Chromium: {reason}")
                    yield Row.missing("board in a browser", "Chromium")
                    return
                try:
                    yield from _in_browser(bench, browser, server, fair.token)
                finally:
                    browser.close()


def _program() -> str | None:
    return shutil.which("chromium")


def _server_part(server: Server, token: str) -> Row:
    """The day's time slots alone, as the script asks for them."""
    server.headers = {"Cookie": f"slotport_session={token}", "Accept-Encoding": "gzip"}
    taken = []
    for turn in range(WARMUP + RUNS):
        answer = server.ask("GET", f"{BOARD}/day?day={DAY}", same_connection=turn > 0)
        taken.append(answer.seconds)
    if gzip.decompress(answer.body).count(b'"version"') < TIME_SLOTS // 3:
        raise Failed("the day has too few time slots")
    return Row(
        name="board: a day's time slots from the server", ours=seconds(median(taken[WARMUP:])), result=Result.SHOWN
    )


def _in_browser(bench: Bench, browser: Any, server: Server, token: str) -> Iterator[Row]:
    url = f"http://127.0.0.1:{server.port}"
    opened, moved, sizes = [], [], []
    for turn in range(WARMUP + RUNS):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "slotport_session", "value": token, "url": url}])
        page = context.new_page()
        begin = time.perf_counter()
        page.goto(f"{url}{BOARD}?day={DAY}", wait_until="commit")
        page.locator("[data-loaded]").wait_for(state="attached")
        page.locator(".ec-event").nth(LAST).wait_for(state="attached")
        opened.append(time.perf_counter() - begin)
        sizes.append(page.evaluate("performance.getEntries().reduce((sum, one) => sum + (one.transferSize || 0), 0)"))
        moved.append(_moved(page, turn))
        context.close()
    bench.log(f"opened {median(opened[WARMUP:]):.2f} s, moved {median(moved[WARMUP:]) * 1e3:.0f} ms")
    opening, moving, size = median(opened[WARMUP:]), median(moved[WARMUP:]), int(median(sizes))
    yield Row(
        name=f"board of {LOCATIONS} locations, {TIME_SLOTS:,} time slots: a day is shown",
        ours=seconds(opening),
        goal=f"<= {OPEN_GOAL:g} s",
        result=result(opening <= OPEN_GOAL),
    )
    yield Row(
        name="board: a move by keyboard is saved and shown",
        ours=seconds(moving),
        goal=f"<= {MOVE_GOAL * 1000:g} ms",
        result=result(moving <= MOVE_GOAL),
    )
    yield Row(
        name="board: bytes of the first load",
        ours=f"{size / 1000:.0f} kB",
        goal=f"<= {LOAD_GOAL // 1000} kB",
        result=result(size <= LOAD_GOAL),
    )


def _moved(page: Any, turn: int) -> float:
    """Seconds from the key, which moves the last time slot of a location, to what the server made of it."""
    page.locator("[data-event]").last.focus()
    key = "Alt+ArrowDown" if turn % 2 == 0 else "Alt+ArrowUp"
    begin = time.perf_counter()
    page.keyboard.press(key)
    page.locator("[data-saved]").wait_for(state="attached")
    return time.perf_counter() - begin
