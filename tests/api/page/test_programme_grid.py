"""The public schedule as a timetable: ``/c/<slug>?view=grid``."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from random import Random
from zoneinfo import ZoneInfo

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention, EventStatus
from slotport.storage import tags
from tests.schedules import NINE, add_event, add_location, add_time_slot, add_time_slots, time_slot
from tests.servers import HttpServer

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Cell:
    """A cell of a table."""

    is_head: bool
    rows: int
    columns: int
    text: str = ""
    guids: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)


class Tables(HTMLParser):
    """The cells of a page's table, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[Cell]] = []
        self._is_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            spans = int(given.get("rowspan", 1)), int(given.get("colspan", 1))
            self.rows[-1].append(Cell(tag == "th", *spans))
        elif "data-slot" in given:
            self.rows[-1][-1].guids.append(given["data-slot"])
        elif given.get("class") == "title":
            self._is_title = True

    def handle_endtag(self, tag: str) -> None:
        self._is_title = False

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1].text += data.strip()
            if self._is_title:
                self.rows[-1][-1].titles.append(data)


@dataclass
class Grid:
    """A timetable as a browser lays it out."""

    heads: list[str]  #: of each column of the table
    times: list[str]  #: of each row
    cells: list[tuple[int, int, Cell]]  #: row, column; those with time slots

    def column(self, head: str) -> list[tuple[str, list[str]]]:
        """What a location has: from when, and titles."""
        return [(self.times[row], cell.titles) for row, left, cell in self.cells if self.heads[left] == head]


def grid_of(page: str) -> Grid:
    """The page's timetable; fails if its cells overlap or leave a hole."""
    reader = Tables()
    reader.feed(page[page.index("<table") : page.index("</table")])
    head, *rows = reader.rows
    heads = [cell.text for cell in head for _ in range(cell.columns)]
    laid: list[list[Cell | None]] = [[None] * len(heads) for _ in rows]
    cells = []
    for number, row in enumerate(rows):
        for cell in row:
            left = laid[number].index(None)
            for line in laid[number : number + cell.rows]:
                assert line[left : left + cell.columns] == [None] * cell.columns
                line[left : left + cell.columns] = [cell] * cell.columns
            assert cell.is_head == (left == 0)
            if cell.guids:
                cells.append((number, left, cell))
        assert None not in laid[number]
    return Grid(heads, [line[0].text for line in laid if line[0]], cells)


@pytest.fixture
def reader(server: HttpServer) -> Iterator[httpx.Client]:
    """Somebody's browser, without a script."""
    with httpx.Client(base_url=server.url, headers={"Accept": "text/html"}, trust_env=False, timeout=30) as client:
        yield client


def shown(reader: httpx.Client, convention: Convention, **query: str) -> str:
    """The page that is shown."""
    answer = reader.get(f"/c/{convention.slug}", params=query)
    assert answer.status_code == 200
    return answer.text


def test_a_day_is_a_table_of_its_locations(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    pier, deck, _, attic = (add_location(server.store, convention, title) for title in ("Pier", "Deck", "Sea", "Attic"))
    event = add_event(server.store, convention, boss, title="Knots & <b>Ropes</b>")
    add_time_slot(server.store, convention, event, pier)
    add_time_slot(server.store, convention, event, deck, start=NINE + timedelta(minutes=30), minutes=75)
    add_time_slot(server.store, convention, event, attic, start=NINE + timedelta(days=1))
    page = shown(reader, convention, view="grid")
    grid = grid_of(page)

    assert grid.heads == ["Time", "Deck", "Pier"]
    assert grid.times == ["11:00", "11:30", "12:00", "12:00"]
    assert [(row, left, cell.rows) for row, left, cell in grid.cells] == [(0, 2, 3), (1, 1, 3)]
    assert "Knots &amp; &lt;b&gt;Ropes&lt;/b&gt;" in page
    assert [page.count(text) for text in ("11:00–12:30", "11:30–12:45")] == [2, 1]  # once in what comes next
    assert 'role="region"' in page
    assert "style=" not in page


def test_the_view_is_chosen_by_a_link_and_stays(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    for days in (0, 1):
        event = add_event(server.store, convention, boss)
        add_time_slot(
            server.store, convention, event, add_location(server.store, convention), start=NINE + timedelta(days)
        )

    def views(**query: str) -> list[tuple[str, bool, str]]:
        page = shown(reader, convention, **query).replace("&amp;", "&")
        found = re.findall(r'class="button" href="[^"]*/c/[^"?]*([^"]*)"( aria-current="true")?>(\w+)</a>', page)
        return [(address, bool(current), name) for address, current, name in found]

    second = {"day": "2031-06-08"}
    assert views() == [("?", True, "List"), ("?day=2031-06-07&view=grid", False, "Timetable")]
    assert views(view="grid") == [("?", False, "List"), ("?day=2031-06-07&view=grid", True, "Timetable")]
    assert views(view="grid", **second)[0] == ("?day=2031-06-08", False, "List")
    assert views(day="all") == [("?day=all", True, "List"), ("?view=grid", False, "Timetable")]
    assert views(day="all", view="grid") == views(day="all")
    page = shown(reader, convention, view="grid", **second)
    assert '<input type="hidden" name="view" value="grid">' in page
    assert "?day=2031-06-07&amp;view=grid" in page
    assert "<table" not in shown(reader, convention, view="anything")


def test_what_overlaps_stands_side_by_side(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    pier = add_location(server.store, convention, "Pier")
    for title, minutes in (("Oil", 0), ("Wicks", 30), ("Glass", 180)):
        event = add_event(server.store, convention, boss, title=title)
        add_time_slot(server.store, convention, event, pier, start=NINE + timedelta(minutes=minutes))
    grid = grid_of(shown(reader, convention, view="grid"))

    assert grid.heads == ["Time", "Pier", "Pier"]
    assert [(left, cell.columns, cell.titles) for _, left, cell in grid.cells] == [
        (1, 1, ["Oil"]),
        (2, 1, ["Wicks"]),
        (1, 2, ["Glass"]),
    ]


def test_what_is_in_two_locations_stands_in_both_and_what_is_in_none_by_itself(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    pier, deck = (add_location(server.store, convention, title) for title in ("Pier", "Deck"))
    ball, walk = (add_event(server.store, convention, boss, title=title) for title in ("Ball", "Walk"))
    add_time_slot(server.store, convention, ball, pier, deck)
    add_time_slot(server.store, convention, walk, start=NINE + timedelta(hours=1))
    page = shown(reader, convention, view="grid")
    grid = grid_of(page)

    assert grid.heads == ["Time", "Deck", "Pier", "No location"]
    assert grid.column("Deck") == grid.column("Pier") == [("11:00", ["Ball"])]
    assert grid.column("No location") == [("12:00", ["Walk"])]
    assert page.count('<span class="place">Deck, Pier</span>') == 2


def test_what_goes_on_past_midnight_or_past_the_day_stands_with_its_evening(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    event = add_event(server.store, convention, boss)
    evening = datetime(2031, 6, 7, 23, tzinfo=BERLIN)
    add_time_slot(server.store, convention, event, add_location(server.store, convention, "Pier"), start=evening)
    camp = add_location(server.store, convention, "Camp")
    add_time_slot(server.store, convention, event, camp, start=evening, minutes=3 * 24 * 60)
    page = shown(reader, convention, view="grid")
    grid = grid_of(page)

    assert grid.times == ["23:00", "Sun 00:00", "Sun 00:00", "Sun 01:00", "Sun 02:00", "Sun 03:00"]
    assert [(grid.heads[left], cell.rows) for _, left, cell in grid.cells] == [("Camp", 6), ("Pier", 2)]
    assert "23:00–Sun 00:30" in page
    assert "23:00–Tue 23:00" in page


def test_an_hour_that_clocks_show_twice_is_two(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    event = add_event(server.store, convention, boss)
    start = datetime(2031, 10, 26, 1, tzinfo=BERLIN)
    add_time_slot(server.store, convention, event, add_location(server.store, convention), start=start, minutes=210)
    grid = grid_of(shown(reader, convention, view="grid"))

    assert grid.times == ["Sun 01:00", "Sun 02:00", "Sun 02:00", "Sun 03:00"]
    assert [cell.rows for _, _, cell in grid.cells] == [4]


def test_a_viewer_elsewhere_sees_the_same_day_in_own_times(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    event = add_event(server.store, convention, boss)
    place = add_location(server.store, convention)
    for hours in (0, 12):
        add_time_slot(server.store, convention, event, place, start=NINE + timedelta(hours=hours))
    reader.cookies.set("slotport_zone", "Asia/Kolkata")
    grid = grid_of(shown(reader, convention, view="grid", times="mine"))

    assert grid.times == ["14:30", "15:00", "16:00", "Sun 02:30", "Sun 03:00"]


def test_filters_look_at_the_day_of_the_timetable(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    pier, deck = (add_location(server.store, convention, title) for title in ("Pier", "Deck"))
    for title, place, track, day in (
        ("Oil", pier, "Sea", 0),
        ("Wicks", deck, "Land", 0),
        ("Ropes", deck, "Sea", 1),
    ):
        event = add_event(server.store, convention, boss, title=title)
        add_time_slot(server.store, convention, event, place, start=NINE + timedelta(days=day))
        with server.store.write() as transaction:
            tags.put(transaction, convention.id, {event.id: {"Track": (track,)}})

    def titles(**query: str) -> list[list[str]]:
        return [cell.titles for _, _, cell in grid_of(shown(reader, convention, view="grid", **query)).cells]

    add_time_slot(server.store, convention, add_event(server.store, convention, boss, title="Glass"), pier, deck)
    assert titles() == [["Wicks"], ["Glass"], ["Oil"], ["Glass"]]
    assert titles(location="deck") == [["Wicks"], ["Glass"]]
    assert grid_of(shown(reader, convention, view="grid", location="deck")).heads == ["Time", "Deck", "Deck"]
    assert titles(location="deck", day="2031-06-08") == [["Ropes"]]
    assert titles(tag="Track=Sea") == [["Oil"]]
    assert titles(q="wick") == [["Wicks"]]
    assert "colour-0" in shown(reader, convention, view="grid", q="wick")
    nothing = shown(reader, convention, view="grid", q="ropes")
    assert "<table" not in nothing
    assert f'href="/c/{convention.slug}?day=all&amp;q=ropes"' in nothing
    assert re.findall(r'class="title"[^>]*>([^<]+)<', shown(reader, convention, q="ropes", day="all")) == ["Ropes"]


def test_who_has_the_list_has_not_the_timetable(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    event = add_event(server.store, convention, boss)
    add_time_slot(server.store, convention, event, add_location(server.store, convention))
    path = f"/c/{convention.slug}"
    listed, grid = (reader.get(path, params=query) for query in ({}, {"view": "grid"}))
    again = reader.get(path, params={"view": "grid"}, headers={"If-None-Match": grid.headers["etag"]})

    assert listed.headers["etag"] != grid.headers["etag"]
    assert (again.status_code, again.content) == (304, b"")


def test_no_word_of_what_is_not_public_is_in_a_timetable(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    inner = add_location(server.store, convention, "Inner Circle")
    add_time_slot(server.store, convention, add_event(server.store, convention, boss, title="Lanterns"))
    for title, status in (
        ("Hidden Harbour", EventStatus.LOGISTICS_APPROVED),
        ("Cancelled Quay", EventStatus.CANCELLED),
    ):
        event = add_event(server.store, convention, boss, title=title, status=status)
        add_time_slot(server.store, convention, event, inner)
    page = shown(reader, convention, view="grid")

    assert grid_of(page).heads == ["Time", "No location"]
    assert [word for word in ("Inner Circle", "Hidden Harbour", "Cancelled Quay") if word in page] == []


@pytest.mark.parametrize("seed", range(3))
def test_any_schedule_is_shown_as_it_is(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account, seed: int
) -> None:
    random = Random(seed)
    rooms = [add_location(server.store, convention, title) for title in ("Attic", "Bridge", "Cellar", "Deck")]
    event = add_event(server.store, convention, boss)
    slots = [
        time_slot(
            event,
            *random.sample(rooms, random.choice((0, 1, 1, 1, 2))),
            start=NINE + timedelta(minutes=random.choice((5, 30)) * random.randrange(26)),
            minutes=random.choice((5, 25, 30, 60, 400)),
        )
        for _ in range(60)
    ]
    add_time_slots(server.store, convention, slots)
    grid = grid_of(shown(reader, convention, view="grid"))

    by_guid = {str(slot.guid): slot for slot in slots}
    for head in dict.fromkeys(grid.heads[1:]):
        wanted = [str(s.guid) for s in slots if head in ([place.title for place in s.locations] or ["No location"])]
        cells = [cell for _, left, cell in grid.cells if grid.heads[left] == head]
        assert Counter(guid for cell in cells for guid in cell.guids) == Counter(wanted)
    row_of: dict[datetime, int] = {}
    for row, _, cell in grid.cells:
        held = [by_guid[guid] for guid in cell.guids]
        end = min(max(slot.end for slot in held), datetime(2031, 6, 8, 4, tzinfo=BERLIN))
        for instant, bound in ((held[0].start, row), (end, row + cell.rows)):
            assert row_of.setdefault(instant, bound) == bound
    assert [row_of[instant] for instant in sorted(row_of)] == sorted(set(row_of.values()))
