"""The public schedule of a convention, read without an account."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from slotport.core import programme
from slotport.core.account import Account
from slotport.core.convention import Convention, EventStatus, Host, Requirement
from slotport.formats.schedule import DAY_START
from slotport.storage import tags
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot, person_of
from tests.servers import HttpServer

PAGE = {"Accept": "text/html"}
SECRETS = ("Hidden Harbour", "Withdrawn Wharf", "Cancelled Quay", "Secret Teaser", "Staff Whisper", "Inner Circle")


@pytest.fixture
def reader(server: HttpServer) -> Iterator[httpx.Client]:
    """Somebody's browser, without a cookie."""
    with httpx.Client(base_url=server.url, headers=PAGE, trust_env=False) as client:
        yield client


def tagged(server: HttpServer, convention: Convention, event_id: int, **values: str) -> None:
    with server.store.write() as transaction:
        tags.put(transaction, convention.id, {event_id: {title: (value,) for title, value in values.items()}})


def path(convention: Convention, below: str = "") -> str:
    return f"/c/{convention.slug}{below}"


def test_everybody_reads_the_programme_in_the_conventions_zone(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    event = add_event(server.store, convention, boss, title="Knots & <b>Ropes</b>", description="Bring\nhands")
    host = Host(person=person_of(server.store, boss), name="Captain <i>Mira</i>")
    add_time_slot(server.store, convention, event, add_location(server.store, convention, "Pier & Room"), hosts=[host])
    tagged(server, convention, event.id, Track="Sea")
    shown = reader.get(path(convention)).text
    alone = reader.get(path(convention, f"/events/{event.id}")).text

    for text in ("Knots &amp; &lt;b&gt;Ropes&lt;/b&gt;", "Pier &amp; Room", "Captain &lt;i&gt;Mira&lt;/i&gt;"):
        assert text in shown
        assert text in alone
    assert "11:00–12:30" in shown
    assert "Times in Europe/Berlin" in shown
    assert "colour-0" in shown
    assert "Bring\nhands" in alone


def test_no_word_of_what_is_not_public_is_in_any_page(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    place = add_location(server.store, convention, "Deck")
    inner = add_location(server.store, convention, "Inner Circle")
    shown = add_event(server.store, convention, boss, title="Lanterns", notes_to_staff="Staff Whisper")
    hidden = add_event(server.store, convention, boss, title="Hidden Harbour", status=EventStatus.LOGISTICS_APPROVED)
    gone = add_event(server.store, convention, boss, title="Cancelled Quay", status=EventStatus.CANCELLED)
    unplaced = add_event(server.store, convention, boss, title="Withdrawn Wharf", teaser="Secret Teaser")
    add_time_slot(server.store, convention, shown, place)
    ids = [add_time_slot(server.store, convention, event, inner) for event in (hidden, gone)]
    with server.store.write() as transaction:
        private = {"Inner Circle": Requirement.ANY}
        tags.put(transaction, convention.id, {hidden.id: {"Inner Circle": ("Inner Circle",)}}, private)
    pages = ["", "?day=all", "?day=all&q=Harbour", "/now", *(f"/events/{one}" for one in (*ids, hidden.id, gone.id))]
    answers = [reader.get(path(convention, below)) for below in [*pages, f"/events/{unplaced.id}"]]

    assert [answer.status_code for answer in answers] == [200] * 4 + [404] * 5
    texts = [answer.text.replace('value="Harbour"', "") for answer in answers]
    assert [word for word in SECRETS for text in texts if word in text] == []
    assert "Lanterns" in answers[0].text
    assert "Staff Whisper" not in reader.get(path(convention, f"/events/{shown.id}")).text


@pytest.mark.parametrize("below", ["", "/now", "/events/1", "?day=all"])
def test_an_unknown_convention_is_a_page_that_says_so(reader: httpx.Client, below: str) -> None:
    answer = reader.get(f"/c/nowhere-at-all{below}")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_filters_are_in_the_address(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    pier, deck = (add_location(server.store, convention, title) for title in ("Pier", "Deck"))
    for day, (title, place, track) in enumerate(
        [("Lanterns", pier, "Sea"), ("Ropes", deck, "Sea"), ("Oil", deck, "A=B")]
    ):
        event = add_event(server.store, convention, boss, title=title, teaser=f"About {title}")
        add_time_slot(server.store, convention, event, place, start=NINE + timedelta(days=day))
        tagged(server, convention, event.id, Track=track)

    def titles(**query: str) -> list[str]:
        return re.findall(r'class="title"[^>]*>([^<]+)<', reader.get(path(convention), params=query).text)

    assert titles() == ["Lanterns"]
    assert titles(day="all") == ["Lanterns", "Ropes", "Oil"]
    assert titles(day="2031-06-08") == ["Ropes"]
    assert titles(location="deck") == ["Ropes", "Oil"]
    assert titles(tag="Track=Sea") == ["Lanterns", "Ropes"]
    assert titles(tag="Track=A=B") == ["Oil"]
    assert titles(q="ABOUT rop") == ["Ropes"]
    assert titles(location="deck", tag="Track=Sea", q="o") == ["Ropes"]
    assert titles(location="nowhere") == titles(tag="Track=Air") == titles(q="<script>") == []
    assert titles(day="yesterday") == ["Lanterns"]


@pytest.mark.parametrize(
    "query",
    [
        "day=%00",
        "q=%ff",
        "location=%00",
        "tag=====",
        "view=%ff",
        "view=grid&day=%00",
        f"q={'x' * 5000}",
        "day=&day=all",
    ],
)
def test_no_address_breaks_the_page(reader: httpx.Client, convention: Convention, query: str) -> None:
    assert reader.get(path(convention, f"?{query}")).status_code in (200, 422)


def test_a_viewer_elsewhere_sees_own_times(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    event = add_event(server.store, convention, boss)
    add_time_slot(server.store, convention, event, add_location(server.store, convention))
    reader.cookies.set("slotport_zone", "Pacific/Auckland")
    theirs = reader.get(path(convention)).text
    own = reader.get(path(convention, "?times=mine")).text

    assert "11:00–12:30" in theirs
    assert "Show in Pacific/Auckland" in theirs
    assert "21:00–22:30" in own
    assert "Times in Pacific/Auckland" in own


def test_who_has_the_page_is_told_so_until_it_changes(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    event = add_event(server.store, convention, boss, title="Lanterns")
    add_time_slot(server.store, convention, event, add_location(server.store, convention))
    first = reader.get(path(convention))
    known = {"If-None-Match": first.headers["etag"]}
    again = reader.get(path(convention), headers=known)
    german = reader.get(path(convention), headers={**known, "Accept-Language": "de"})
    add_time_slot(server.store, convention, event, start=NINE + timedelta(hours=3))
    changed = reader.get(path(convention), headers=known)

    assert (first.headers["cache-control"], again.status_code, again.content) == ("public, no-cache", 304, b"")
    assert (german.status_code, changed.status_code) == (200, 200)
    assert "Cookie" in first.headers["vary"]
    assert "set-cookie" not in first.headers
    assert "frame-ancestors 'none'" in first.headers["content-security-policy"]
    plain = reader.get(path(convention), headers={"Accept-Encoding": "identity"})
    assert ("content-encoding" in plain.headers, first.headers["content-encoding"]) == (False, "gzip")


def test_now_and_next_are_those_of_the_servers_clock(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for title, start in (("Over", -180), ("Running", -30), ("Coming", 90), ("Coming too", 90), ("Later", 300)):
        event = add_event(server.store, convention, boss, title=title)
        place = add_location(server.store, convention)
        add_time_slot(server.store, convention, event, place, start=now + timedelta(minutes=start), minutes=60)
    shown = reader.get(path(convention, "/now")).text
    running, following = shown.split('id="next-title"')

    assert "Running" in running
    assert ("Coming<" in following, "Coming too" in following) == (True, True)
    assert ("Over" in shown, "Later" in shown) == (False, False)
    seconds = re.search(r'data-seconds="(\d+)"', shown)
    assert seconds is not None
    assert 0 < int(seconds[1]) <= 30 * 60 + 1


def test_days_are_those_of_schedule_files(
    server: HttpServer, reader: httpx.Client, convention: Convention, boss: Account
) -> None:
    place = add_location(server.store, convention)
    for hours in (0, 16, 17, 18, 24):  # the third begins at four in Berlin
        event = add_event(server.store, convention, boss)
        add_time_slot(server.store, convention, event, place, start=NINE + timedelta(hours=hours), minutes=30)
    shown = reader.get(path(convention, "?day=all")).text
    file = reader.get(f"/entities/conventions/{convention.slug}/schedule.json").json()
    days = file["schedule"]["conference"]["days"]

    assert timedelta(hours=DAY_START.hour, minutes=DAY_START.minute) == programme.DAY_START
    assert re.findall(r'id="day-([\d-]+)"', shown) == [day["date"] for day in days]
    counts = [sum(len(room) for room in day["rooms"].values()) for day in days]
    assert [part.count('class="title"') for part in shown.split('id="day-')[1:]] == counts


def test_a_website_that_is_no_address_is_no_link(server: HttpServer, reader: httpx.Client, boss: Account) -> None:
    wrong = add_convention(server.store, boss, website="javascript:alert(1)")
    right = add_convention(server.store, boss, website="https://harbour.example/")

    assert "javascript:" not in reader.get(path(wrong)).text
    assert 'href="https://harbour.example/"' in reader.get(path(right)).text
