"""Pages of a convention's managers, asked for and sent as a browser without scripts does."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from slotport.actions import conventions as actions
from slotport.core.account import Account
from slotport.core.convention import Convention
from slotport.storage import accounts, conventions
from tests.api.page.people import OURS, signed_up
from tests.schedules import add_event, add_location, add_time_slot
from tests.servers import HttpServer

PAGES = ["", "/settings", "/events", "/events/new", "/locations", "/locations/new", "/tags", "/tags/new"]
PAGES += ["/people", "/people/new", "/managers", "/import"]
TITLES = iter(range(1_000_000))


@pytest.fixture
def browser(server: HttpServer) -> Iterator[Callable[..., tuple[httpx.Client, Account]]]:
    """A function that gives a browser in which somebody new is signed in, and the account."""
    with ExitStack() as opened:

        def sign_up(name: str = "Mira") -> tuple[httpx.Client, Account]:
            client, email = opened.enter_context(signed_up(server, name))
            with server.store.read() as transaction:
                known = accounts.find_by_email(transaction, email)
            assert known is not None
            return client, known.account

        yield sign_up


def found(server: HttpServer, client: httpx.Client, **changed: str) -> tuple[str, Convention]:
    """Found a convention by its form; its path, and what is stored."""
    title = f"Harbour Days {next(TITLES)}"
    form = {"title": title, "timezone": "Europe/Berlin", "start_date": "2031-06-07", "end_date": "2031-06-09"}
    answer = client.post("/app/conventions", data={**form, **changed})
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].partition("?")[0]
    with server.store.read() as transaction:
        convention = conventions.find_named(transaction, path.rpartition("/")[2])
    assert convention is not None
    return path, convention


def test_whoever_founds_a_convention_manages_it(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    empty = client.get("/app/conventions").text
    path, convention = found(server, client, website="javascript:alert(1)")
    listed = client.get("/app/conventions").text

    assert "You manage no convention yet" in empty
    assert f'href="{path}"' in listed
    assert convention.title in listed
    assert (convention.zone_name, str(convention.start_date), str(convention.end_date)) == (
        "Europe/Berlin",
        "2031-06-07",
        "2031-06-09",
    )


def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    form = {"title": "Lost & Found", "start_date": "2031-06-09", "end_date": "2031-06-07", "timezone": "UTC"}
    answer = client.post("/app/conventions", data=form)

    assert answer.status_code == 422
    assert 'id="end_date-problem"' in answer.text
    assert 'value="Lost &amp; Found"' in answer.text
    assert 'value="2031-06-09"' in answer.text


@pytest.mark.parametrize("below", PAGES)
def test_only_managers_see_a_conventions_pages(server: HttpServer, browser: Callable[..., tuple], below: str) -> None:
    client, _ = browser()
    other, _ = browser("Somebody else")
    path, convention = found(server, client)

    assert client.get(path + below).status_code == 200
    refused = other.get(path + below)
    assert refused.status_code == 403
    assert convention.secret_key not in refused.text
    assert client.get(f"/app/conventions/nowhere-at-all{below}").status_code == 404
    nobody = httpx.get(f"{server.url}{path}{below}", headers=OURS, trust_env=False)
    assert (nobody.status_code, nobody.headers["location"][:17]) == (303, "/app/sign-in?next")


@pytest.mark.parametrize(
    ("below", "form"),
    [
        ("/settings", {"title": "Mine now"}),
        ("/events", {"title": "Mine", "teaser": "mine", "duration": "60"}),
        ("/locations", {"title": "Mine"}),
        ("/tags", {"title": "Mine"}),
        ("/people", {"name": "Me", "email": "me@elsewhere.example"}),
        ("/managers", {"email": "me@elsewhere.example"}),
        ("/events/1/cancel", {}),
        ("/locations/deck/remove", {}),
        ("/tags/1/remove", {}),
        ("/managers/1/dismiss", {}),
        ("/import", {"check": "true"}),
    ],
)
def test_only_managers_change_a_convention(
    server: HttpServer, browser: Callable[..., tuple], below: str, form: dict[str, str]
) -> None:
    client, _ = browser()
    other, _ = browser("Somebody else")
    path, convention = found(server, client)
    answer = other.post(path + below, data=form)
    with server.store.read() as transaction:
        after = conventions.find(transaction, convention.id)

    assert answer.status_code == 403
    assert after == convention


def test_settings_keep_what_has_no_field(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, account = browser()
    path, convention = found(server, client)
    access = actions.access_of(server.store, convention.slug, account)
    actions.change(server.store, access, {"settings": {"timezone": "UTC", "badge": 7}}, now=convention.created_at)
    form = {"title": "Renamed & new", "timezone": "Pacific/Auckland", "website": "https://harbour.example"}
    form["title"] += str(next(TITLES))
    answer = client.post(f"{path}/settings", data=form)
    with server.store.read() as transaction:
        after = conventions.find(transaction, convention.id)

    assert answer.headers["location"] == f"{path}/settings?said=convention-saved"
    assert after is not None
    assert (after.title, after.start_date) == (form["title"], None)
    assert after.settings == {"timezone": "Pacific/Auckland", "badge": 7}


def test_an_event_has_all_that_its_form_said(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    path, _ = found(server, client)
    client.post(f"{path}/tags", data={"title": "Track", "requirement": "1", "public": "true", "values": "Sea\nLand"})
    client.post(f"{path}/tags", data={"title": "Kind", "requirement": "*", "values": "Talk\nWorkshop\nTalk"})
    track, kind = sorted(set(re.findall(rf'{path}/tags/(\d+)"', client.get(f"{path}/tags").text)), key=int)
    made = client.post(f"{path}/events", data={"title": "<b>Knots</b>", "teaser": "Ropes", "duration": "45"})
    number = re.findall(rf'{path}/events/(\d+)"', client.get(f"{path}/events").text)[0]
    form = {
        "title": "<b>Knots</b>",
        "teaser": "Ropes",
        "description": "Two lines\nof it",
        "duration": "50",
        "status": "5",
        "min_attendees": "2",
        "max_attendees": "20",
        "price": "12.50",
        "requires_registration": "true",
        "notes_to_staff": "Quiet room",
        f"tag[{track}]": "Sea",
        f"tag[{kind}][1]": "Workshop",
        f"tag[{kind}][0]": "Talk",
    }
    changed = client.post(f"{path}/events/{number}", data=form)
    shown = client.get(f"{path}/events/{number}").text

    assert (made.status_code, changed.status_code) == (303, 303), changed.text
    for text in (
        "&lt;b&gt;Knots&lt;/b&gt;",
        "of it</textarea>",
        'value="50"',
        'value="12.50"',
        "Quiet room</textarea>",
    ):
        assert text in shown
    assert '<option value="Sea" selected>' in shown
    assert shown.count(" checked") == 3
    listed = client.get(f"{path}/events", params={"tag": "Kind=Workshop", "q": "KNOTS", "state": "unscheduled"}).text
    assert "&lt;b&gt;Knots" in listed
    assert "&lt;b&gt;Knots" not in client.get(f"{path}/events", params={"tag": "Kind=Other"}).text
    form.pop(f"tag[{kind}][0]")
    client.post(f"{path}/events/{number}", data=form)
    assert client.get(f"{path}/events/{number}").text.count(" checked") == 2


def test_a_wrong_event_is_refused_beside_the_field(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    path, _ = found(server, client)
    answer = client.post(f"{path}/events", data={"title": "Knots", "teaser": "", "duration": "60", "owner": "999999"})
    other = client.post(f"{path}/events", data={"title": "Knots", "teaser": "Ropes", "duration": "x"})
    owner = client.post(f"{path}/events", data={"title": "Knots", "teaser": "R", "duration": "6", "owner": "999999"})

    assert [one.status_code for one in (answer, other, owner)] == [422, 422, 422]
    assert 'id="teaser-problem"' in answer.text
    assert 'id="duration-problem"' in other.text
    assert 'id="owner-problem"' in owner.text
    assert 'value="Knots"' in owner.text


def test_a_cancelled_event_is_found_among_the_cancelled(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, account = browser()
    path, convention = found(server, client)
    event = add_event(server.store, convention, account, title="Rope tricks")
    answer = client.post(f"{path}/events/{event.id}/cancel")

    assert answer.headers["location"] == f"{path}/events?said=convention-event-cancelled"
    assert "Rope tricks" not in client.get(f"{path}/events").text
    assert "Rope tricks" in client.get(f"{path}/events?state=cancelled").text


def test_a_location_in_use_says_what_is_in_it(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, account = browser()
    path, convention = found(server, client)
    made = client.post(f"{path}/locations", data={"title": "Deck", "max_attendees": "20", "area": "Quay"})
    again = client.post(f"{path}/locations", data={"title": "Deck", "max_attendees": "20"})
    place = add_location(server.store, convention, "Pier Room")
    add_time_slot(server.store, convention, add_event(server.store, convention, account, title="Lanterns"), place)
    refused = client.post(f"{path}/locations/{place.slug}/remove")
    removed = client.post(f"{path}/locations/deck/remove")

    assert (made.status_code, again.status_code, removed.status_code) == (303, 422, 303)
    assert "another location of the convention has that title" in again.text
    assert refused.status_code == 409
    assert "Lanterns" in refused.text
    assert "Deck" not in client.get(f"{path}/locations").text


def test_a_tag_in_use_is_removed_when_that_is_said_again(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    path, _ = found(server, client)
    client.post(f"{path}/tags", data={"title": "Track", "requirement": "+", "public": "true", "values": "Sea\nLand"})
    tag = re.findall(rf'{path}/tags/(\d+)"', client.get(f"{path}/tags").text)[0]
    event = {"title": "Knots", "teaser": "Ropes", "duration": "45", f"tag[{tag}][0]": "Sea"}
    client.post(f"{path}/events", data=event)
    form = {"title": "Topic", "requirement": "+", "values": "Sea\nLand\nAir", "before": "Sea\nLand"}
    renamed = client.post(f"{path}/tags/{tag}", data={**form, "old": "Sea", "new": "Ocean"})
    held = client.post(f"{path}/tags/{tag}", data={"title": "Topic", "values": "Land", "before": "Ocean\nLand"})
    shown = client.get(f"{path}/tags").text
    refused = client.post(f"{path}/tags/{tag}/remove")
    removed = client.post(f"{path}/tags/{tag}/remove", data={"force": "true"})

    assert (renamed.status_code, held.status_code, refused.status_code, removed.status_code) == (303, 422, 409, 303)
    assert "events have a value that is to be removed" in held.text
    assert all(f">{value}</span>" in shown for value in ("Ocean", "Land", "Air"))
    assert "Knots" in refused.text
    assert "No tags yet" in client.get(f"{path}/tags").text


def test_managers_are_appointed_by_address_and_dismissed(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, account = browser()
    other, second = browser("Olga")
    path, _ = found(server, client)
    unknown = client.post(f"{path}/managers", data={"email": "nobody@nowhere.example"})
    appointed = client.post(f"{path}/managers", data={"email": second.email, "role": "cashier"})
    allowed = other.get(path).status_code
    client.post(f"{path}/managers/{second.id}/dismiss")

    assert unknown.status_code == 422
    assert 'id="email-problem"' in unknown.text
    assert (appointed.status_code, allowed, other.get(path).status_code) == (303, 200, 403)
    own = client.post(f"{path}/managers/{account.id}/dismiss")
    assert own.status_code == 422
    assert client.get(path).status_code == 200


def test_people_are_added_and_found(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    path, _ = found(server, client)
    wrong = client.post(f"{path}/people", data={"name": "Nils", "email": "nowhere"})
    added = client.post(f"{path}/people", data={"name": "Nils <i>", "email": f"nils{next(TITLES)}@harbour.example"})

    assert (wrong.status_code, added.status_code) == (422, 303)
    assert 'value="Nils"' in wrong.text
    assert "Nils &lt;i&gt;" in client.get(f"{path}/people?q=nils").text
    assert "Nils" not in client.get(f"{path}/people?q=zebra").text


def test_a_slug_may_hold_anything(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    slug = f'fête/{next(TITLES)}?#%2F"<b>'
    answer = client.post("/app/conventions", data={"title": f"Fête {next(TITLES)}", "slug": slug, "timezone": "UTC"})
    path = answer.headers["location"].partition("?")[0]

    assert answer.status_code == 303
    assert client.get(path).status_code == 200
    assert client.get(f"{path}/events").status_code == 200
    assert "<b>" not in client.get("/app/conventions").text


@pytest.mark.parametrize("number", ["0", "-5", "1000000000000000000000"])
def test_no_number_of_a_page_is_too_strange(server: HttpServer, browser: Callable[..., tuple], number: str) -> None:
    client, _ = browser()
    path, _ = found(server, client)

    assert client.get(f"{path}/events", params={"number": number}).status_code in (200, 422)
    assert client.get(f"{path}/events/{number}").status_code == 404
    assert client.get(f"{path}/tags/{number}").status_code == 404


SCHEDULE = """<schedule><day index="1" date="2031-06-07"><room name="Pier Room">
<event guid="{guid}"><date>2031-06-07T10:00:00+02:00</date><duration>1:00</duration><title>{title}</title>
<abstract>Ropes</abstract><persons><person>Nils</person></persons></event>
<event guid="none"><date>2031-06-07T10:00:00+02:00</date><duration>1:00</duration><title>&lt;b&gt;bad</title></event>
</room></day></schedule>"""


def test_a_schedule_file_is_checked_then_read(server: HttpServer, browser: Callable[..., tuple]) -> None:
    client, _ = browser()
    path, _ = found(server, client)
    file = SCHEDULE.format(guid="6f3f6c2e-4a3e-4e39-9d3b-1b1f7a1f0a01", title="Knots").encode()
    checked = client.post(f"{path}/import", files={"file": ("schedule.xml", file)}, data={"check": "true"})
    before = client.get(f"{path}/events").text
    read = client.post(f"{path}/import", files={"file": ("schedule.xml", file)})
    none = client.post(f"{path}/import", data={"check": "true"})
    wrong = client.post(f"{path}/import", files={"file": ("schedule.xml", b"hello")})

    assert [one.status_code for one in (checked, read, none, wrong)] == [200, 200, 422, 422]
    assert "Nothing was stored yet" in checked.text
    assert "Knots" not in before
    assert "&lt;b&gt;bad" in read.text
    assert "The entry has no guid" in read.text
    assert "neither a schedule.xml nor a schedule.json" in wrong.text
    assert "Knots" in client.get(f"{path}/events").text
