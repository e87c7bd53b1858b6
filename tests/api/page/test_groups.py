"""Groups: who makes, changes, joins and leaves them, who is refused, and what an invitation does not tell."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from slotport.actions import groups
from slotport.core.colours import COLOURS
from tests.api.page.people import PASSWORD, signed_up
from tests.servers import HttpServer

SCRIPT = "<script>alert(1)</script>\"'"
RIGHTS = {"members_can_post": "true"}


class Somebody:
    """A browser without scripts, and the same account over the interface for programs."""

    def __init__(self, page: httpx.Client, api: httpx.Client, email: str) -> None:
        self.page, self.api, self.email = page, api, email

    @property
    def id(self) -> int:
        """The account's id."""
        return int(self.api.get("/v1/me").json()["id"])

    def made(self, **fields: str) -> str:
        """The path of a new group's page."""
        answer = self.page.post("/app/groups/new", data={"name": "Walks", **RIGHTS, **fields})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].partition("?")[0]

    def calendar(self, path: str) -> dict[str, Any] | None:
        """A group as its member sees it; None for one in which the account is not."""
        found: list[dict[str, Any]] = self.api.get("/v1/me/calendars").json()["result"]
        return next((one for one in found if path.endswith(one["id"])), None)


@contextmanager
def somebody(server: HttpServer, name: str) -> Iterator[Somebody]:
    with signed_up(server, name) as (page, email), httpx.Client(base_url=server.url, trust_env=False) as api:
        token = api.post("/v1/users/signin", json={"email": email, "password": PASSWORD}).json()["authToken"]
        api.headers["Authorization"] = f"Token token={token}"
        yield Somebody(page, api, email)


@pytest.fixture
def ada(server: HttpServer) -> Iterator[Somebody]:
    """Somebody with an account."""
    with somebody(server, "Ada") as one:
        yield one


@pytest.fixture
def bob(server: HttpServer) -> Iterator[Somebody]:
    """Somebody else."""
    with somebody(server, "Bob") as one:
        yield one


def cards(text: str) -> list[str]:
    """The names on the page of all groups, in order."""
    return re.findall(r'<h3><span class="dot colour-\d"></span> <a [^>]*>([^<]*)</a>', text)


def test_a_group_is_made_with_what_its_form_says(ada: Somebody) -> None:
    path = ada.made(name="  Harbour  walks ", description="Wind\r\nand water", image="quay.png", public="true")
    found = ada.calendar(path)
    listed = ada.page.get("/app/groups").text

    assert found is not None
    assert (found["name"], found["description"], found["image"]) == ("Harbour walks", "Wind\nand water", "quay.png")
    assert (found["public"], found["membersCanPost"], found["membersCanInvite"]) == (True, True, False)
    assert found["showInSchedule"] is True
    assert cards(listed) == ["Private", "Public", "Harbour walks"]
    assert "0 slots · 1 member" in listed


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": " "}, "must not be blank"),
        ({"name": "x" * 256}, "must have at most 255 characters"),
        ({"image": "x" * 256}, "must have at most 255 characters"),
        ({"description": "x" * 256}, "must have at most 255 characters"),
    ],
)
def test_what_is_refused_is_shown_beside_all_that_was_typed(ada: Somebody, fields: dict[str, str], text: str) -> None:
    typed = {"name": "Walks", "description": "Wind", "image": "quay.png", "public": "true", **fields}
    path = ada.made(name="Before")
    answers = [ada.page.post(target, data=typed) for target in ("/app/groups/new", path)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert [text in answer.text for answer in answers] == [True, True]
    for answer in answers:
        assert 'id="public" name="public" value="true" checked' in answer.text
        assert "Wind" in answer.text or "description" in fields
    assert cards(ada.page.get("/app/groups").text) == ["Private", "Public", "Before"]


def test_a_group_is_changed_by_its_owner(ada: Somebody) -> None:
    path = ada.made()
    answer = ada.page.post(path, data={"name": "Talks", "members_can_invite": "true"})
    found = ada.calendar(path)

    assert answer.headers["location"] == f"{path}?said=groups-saved"
    assert found is not None
    assert (found["name"], found["membersCanPost"], found["membersCanInvite"]) == ("Talks", False, True)


def test_a_default_calendar_keeps_its_readers_and_is_not_deleted(ada: Somebody) -> None:
    [path] = re.findall(r'href="(/app/groups/[^"]+)">Public<', ada.page.get("/app/groups").text)
    shown = ada.page.get(path).text
    changed = ada.page.post(path, data={"name": "Mine"})
    answers = [ada.page.get(f"{path}/delete"), ada.page.post(f"{path}/delete"), ada.page.post(f"{path}/leave")]
    found = ada.calendar(path)

    assert ('name="public"' in shown, f"{path}/delete" in shown, changed.status_code) == (False, False, 303)
    assert [answer.status_code for answer in answers] == [404, 403, 403]
    assert found is not None
    assert (found["name"], found["public"]) == ("Mine", True)


def test_each_member_has_a_colour_and_a_schedule(ada: Somebody, bob: Somebody) -> None:
    path = ada.made(public="true")
    bob.page.post(f"{path}/join")
    ada.page.post(f"{path}/own", data={"colour": "4"})
    bob.page.post(f"{path}/own", data={"colour": "9", "in_schedule": "true"})
    found = [ada.calendar(path), bob.calendar(path)]
    wrong = [bob.page.post(f"{path}/own", data={"colour": text}).status_code for text in ("10", "-1", "", "٤", "0x1")]

    assert [one and (one["color"], one["showInSchedule"]) for one in found] == [
        (COLOURS[4], False),
        (COLOURS[9], True),
    ]
    assert '<span class="dot colour-4"></span> <a' in ada.page.get("/app/groups").text
    assert 'id="colour-9" value="9" checked' in bob.page.get(path).text
    assert wrong == [422] * 5


@pytest.mark.parametrize(("answer", "is_member"), [("accept", True), ("refuse", False)])
def test_an_invitation_is_answered(ada: Somebody, bob: Somebody, answer: str, is_member: bool) -> None:
    path = ada.made(name="Crew")
    ada.page.post(f"{path}/members", data={"email": f" {bob.email.upper()} "})
    before = (bob.page.get(path).status_code, "Bob" in ada.page.get(path).text)
    listed = bob.page.get("/app/groups").text
    done = bob.page.post(f"{path}/{answer}")
    again = bob.page.post(f"{path}/{answer}")

    assert before == (404, False)
    assert "Ada has a group “Crew”" in listed
    assert (done.status_code, again.status_code) == (303, 403)
    assert ("Bob" in ada.page.get(path).text, bob.calendar(path) is not None) == (is_member, is_member)
    assert "Ada has a group" not in bob.page.get("/app/groups").text


def test_nothing_tells_whether_an_address_has_an_account(ada: Somebody, bob: Somebody) -> None:
    path = ada.made()
    uuid = path.rpartition("/")[2]
    answers, seen = [], []
    for email in (bob.email, f"{uuid4().hex}@page.example", ada.email):
        answer = ada.page.post(f"{path}/members", data={"email": email})
        answers.append((answer.status_code, answer.headers["location"]))
        related = ada.api.get(f"/v1/groups/{uuid}/related").json()["related"]
        seen.append((related, ada.page.get(path).text))

    assert answers == [(303, f"{path}?said=groups-invited")] * 3
    assert seen[0] == seen[1] == seen[2]
    assert [one["id"] for one in seen[0][0]] == [ada.id]


@pytest.mark.parametrize("email", ["", " ", "bob", "a@b", "x" * 300 + "@page.example", "ä ö@x.y"])
def test_what_is_no_address_is_refused(ada: Somebody, email: str) -> None:
    answer = ada.page.post(f"{ada.made()}/members", data={"email": email})

    assert answer.status_code == 422
    assert 'id="email-problem"' in answer.text


def test_invitations_are_limited_for_whoever_invites_and_for_each_address(ada: Somebody, bob: Somebody) -> None:
    path, other = ada.made(), bob.made()
    email = f"{uuid4().hex}@page.example"
    one_address = [ada.page.post(f"{path}/members", data={"email": email}) for _ in range(groups.MOST_TO_ADDRESS + 1)]
    of_another = bob.page.post(f"{other}/members", data={"email": email.upper()})
    many = [
        ada.page.post(f"{path}/members", data={"email": f"{uuid4().hex}@page.example"}).status_code
        for _ in range(groups.MOST_INVITATIONS - groups.MOST_TO_ADDRESS + 1)
    ]

    assert [one.status_code for one in one_address] == [303] * groups.MOST_TO_ADDRESS + [422]
    assert "That was too often in a short time. Try again in" in one_address[-1].text
    assert email in one_address[-1].text
    assert of_another.status_code == 422
    assert many == [303] * (len(many) - 1) + [422]


def test_whoever_is_a_member_is_not_made_an_invited_one(ada: Somebody, bob: Somebody) -> None:
    path = ada.made(public="true")
    bob.page.post(f"{path}/join")
    ada.page.post(f"{path}/members", data={"email": bob.email})

    assert bob.calendar(path) is not None
    assert "Invitations" not in bob.page.get("/app/groups").text


def test_members_invite_only_if_they_may(ada: Somebody, bob: Somebody) -> None:
    path = ada.made(public="true")
    bob.page.post(f"{path}/join")
    form = {"email": "cleo@page.example"}
    refused = bob.page.post(f"{path}/members", data=form)
    is_offered = f'action="{path}/members"' in bob.page.get(path).text
    ada.page.post(path, data={"name": "Walks", "public": "true", "members_can_invite": "true"})

    assert (refused.status_code, is_offered) == (403, False)
    assert f'action="{path}/members"' in bob.page.get(path).text
    assert bob.page.post(f"{path}/members", data=form).status_code == 303


def test_a_member_is_removed_by_the_owner_alone(ada: Somebody, bob: Somebody) -> None:
    path = ada.made(public="true")
    bob.page.post(f"{path}/join")
    kick = f"{path}/members/{bob.id}/kick"
    theirs = [bob.page.get(f"{path}/members/{ada.id}/kick"), bob.page.post(f"{path}/members/{ada.id}/kick")]
    asked = ada.page.get(kick)
    done = ada.page.post(kick)
    numbers = [ada.page.get(f"{path}/members/{text}/kick").status_code for text in ("0", "x", "9" * 30, str(bob.id))]

    assert [one.status_code for one in theirs] == [404, 403]
    assert "Remove Bob from “Walks”?" in asked.text
    assert (done.status_code, bob.calendar(path)) == (303, None)
    assert numbers == [404] * 4


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("verb", ["delete", "leave"])
def test_slots_stay_in_the_schedule_on_request(ada: Somebody, bob: Somebody, verb: str, keep: bool) -> None:
    path = ada.made(public="true")
    slot = {"title": "Regatta", "startDate": "2031-05-06T17:00:00Z", "slotGroups": [path.rpartition("/")[2]]}
    assert ada.api.post("/v1/slots", json=slot).status_code == 201
    bob.page.post(f"{path}/join")
    bob.page.post(f"{path}/own", data={"colour": "1", "in_schedule": "true"})
    who = {"delete": ada, "leave": bob}[verb]
    asked = who.page.get(f"{path}/{verb}").text
    done = who.page.post(f"{path}/{verb}", data={"keep": "true"} if keep else {})
    schedule = bob.api.get("/v1/me/schedule").json() if verb == "leave" else None

    assert 'name="keep" value="true" checked' in asked
    assert done.headers["location"] == f"/app/groups?said=groups-{'deleted' if verb == 'delete' else 'left'}"
    assert who.calendar(path) is None
    assert "Regatta" in ada.page.get("/app/calendar?view=list&date=2031-05-06").text
    if schedule is not None:
        assert ("Regatta" in str(schedule)) == keep


def test_the_group_of_another_is_not_there_and_cannot_be_changed(ada: Somebody, bob: Somebody) -> None:
    path = ada.made(name="Secret")
    before = ada.calendar(path)
    kick = f"{path}/members/{ada.id}/kick"
    read = [bob.page.get(target) for target in (path, f"{path}/delete", f"{path}/leave", kick)]
    form = {"name": "Mine", "colour": "1", "email": bob.email, "keep": "true"}
    ends = ("", "/own", "/members", "/join", "/accept", "/refuse", "/delete", "/leave", f"/members/{ada.id}/kick")
    sent = [bob.page.post(path + end, data=form) for end in ends]

    assert [one.status_code for one in read] == [404] * 4
    assert {one.status_code for one in sent} <= {403, 404}
    assert all("Secret" not in one.text for one in (*read, *sent))
    assert (ada.calendar(path), bob.calendar(path)) == (before, None)


def test_what_a_public_group_shows_does_not_let_others_change_it(ada: Somebody, bob: Somebody) -> None:
    path = ada.made(name="Club", public="true")
    shown = bob.page.get(path).text
    ends = ("", "/own", "/members", "/accept", "/refuse", "/delete", "/leave", f"/members/{ada.id}/kick")
    sent = [bob.page.post(path + end, data={"name": "Mine", "colour": "1", "email": bob.email}) for end in ends]
    found = ada.calendar(path)

    assert re.findall(r'<form method="post" action="([^"]*)"', shown[shown.index("<main") : shown.index("</main")]) == [
        f"{path}/join"
    ]
    assert [one.status_code for one in sent] == [403] * len(ends)
    assert found is not None
    assert found["name"] == "Club"


def test_an_owner_who_left_over_the_other_interface_finds_the_group_and_joins_again(ada: Somebody) -> None:
    path = ada.made(name="Crew")
    uuid = path.rpartition("/")[2]
    assert ada.api.delete(f"/v1/groups/{uuid}/members").status_code == 200
    listed = cards(ada.page.get("/app/groups").text)
    ada.page.post(f"{path}/join")

    assert listed == ["Private", "Public", "Crew"]
    assert ada.calendar(path) is not None


@pytest.mark.parametrize("language", ["en", "de"])
def test_whatever_people_are_called_is_text(server: HttpServer, language: str) -> None:
    with somebody(server, SCRIPT) as mallory, somebody(server, "Bob") as bob:
        path = mallory.made(name=SCRIPT, description=SCRIPT, image=SCRIPT)
        mallory.page.post(f"{path}/members", data={"email": bob.email})
        for one in (mallory, bob):
            one.page.cookies.set("slotport_language", language)
        texts = [bob.page.get("/app/groups").text]
        bob.page.post(f"{path}/accept")
        texts += [bob.page.get(target).text for target in ("/app/groups", path, f"{path}/leave")]
        kick = f"{path}/members/{bob.id}/kick"
        texts += [mallory.page.get(target).text for target in ("/app/groups", path, f"{path}/delete", kick)]

    assert [("<script>alert" in text, "&lt;script&gt;alert(1)" in text) for text in texts] == [(False, True)] * 8


@pytest.mark.parametrize("name", ["0", "x", "%00", "9" * 40, "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_group_is_not_there(ada: Somebody, name: str) -> None:
    paths = [f"/app/groups/{name}{end}" for end in ("", "/delete", "/leave", "/members/1/kick")]

    assert [ada.page.get(path).status_code for path in paths] == [404] * 4
    assert ada.page.post(f"/app/groups/{name}", data={"name": "x"}).status_code == 404


def test_a_deleted_group_is_not_there(ada: Somebody) -> None:
    path = ada.made()
    ada.page.post(f"{path}/delete")

    assert [ada.page.get(path).status_code, ada.page.post(path, data={"name": "x"}).status_code] == [404, 404]


def test_a_part_of_the_members_that_there_is_not_is_the_last_one(ada: Somebody) -> None:
    answer = ada.page.get(ada.made(), params={"number": "9" * 30})

    assert (answer.status_code, answer.text.count("<li><span>Ada")) == (200, 1)
