"""Sign-in at conventions, in JSON and in a browser (docs/api/convention-auth.md), over the running server."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from slotport.actions import accounts
from slotport.core.account import Account
from slotport.settings import Settings
from tests.mail_servers import Clock, Mailbox, mail_server
from tests.servers import HttpServer, http_server

PASSWORD = "correct horse"
GOAL = "https://site.example/back?page=7&x=%C3%A9#here"
TAKEN = "This email address is already registered"
_numbers = count(1)


@pytest.fixture
def email(api: httpx.Client) -> str:
    """The address of somebody who registered just now."""
    address = f"auth{next(_numbers)}@example.org"
    answer = api.post("/auth/register", json={"email": address, "password-register": PASSWORD, "name": "Ada"})
    assert (answer.status_code, answer.json()) == (200, {"status": True})
    return address


def sign_in(api: httpx.Client, email: str, password: str = PASSWORD) -> str:
    answer = api.post("/auth/signin", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["token"]
    return token


def is_valid(api: httpx.Client, token: str) -> bool:
    answer = api.get("/auth/verify", headers={"Authorization": token})
    assert answer.status_code == 200
    return bool(answer.json()["status"])


def target(answer: httpx.Response) -> tuple[str, dict[str, list[str]]]:
    """Where a redirect leads, and the query fields there."""
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}#{parts.fragment}", parse_qs(parts.query)


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.json()["status"] is False
    return answer.status_code, answer.json()["error"]


# JSON


def test_signing_in_gives_a_token_of_its_own(api: httpx.Client, email: str) -> None:
    first = api.post("/auth/signin", json={"email": email.upper(), "password": PASSWORD})
    second = sign_in(api, email)

    assert list(first.json()) == ["status", "token"]
    assert re.fullmatch(r"[\w-]{43}", first.json()["token"])
    assert first.json()["token"] != second
    assert [is_valid(api, token) for token in (first.json()["token"], second, "other")] == [True, True, False]


def test_actions_take_get_and_post_alike(api: httpx.Client, email: str) -> None:
    fields = {"email": email, "password": PASSWORD}

    answers = api.get("/auth/signin", params=fields), api.post("/auth/signin", data=fields)
    tokens = [answer.json()["token"] for answer in answers]

    verified = [api.request(method, "/auth/verify", params={"token": tokens[0]}).json() for method in ("GET", "POST")]
    assert verified == [{"status": True}] * 2


def test_wrong_credentials_are_401(api: httpx.Client, email: str) -> None:
    wrong = api.post("/auth/signin", json={"email": email, "password": "wrong"})
    unknown = api.post("/auth/signin", json={"email": "nobody@example.org", "password": PASSWORD})

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert refused(wrong) == refused(unknown)


@pytest.mark.parametrize(
    "sent", [{}, {"email": "a@b.cd"}, {"password": "x"}, {"email": "", "password": ""}, {"email": 7, "password": []}]
)
def test_credentials_that_are_missing_are_400(api: httpx.Client, sent: dict[str, Any]) -> None:
    assert refused(api.post("/auth/signin", json=sent))[0] == 400


def test_id_says_whose_a_token_is(api: httpx.Client, email: str) -> None:
    answer = api.get("/auth/id", headers={"Authorization": sign_in(api, email)})

    body = answer.json()
    assert (list(body), body["email"], body["name"]) == (["id", "email", "name"], email, "Ada")
    assert body["id"].isdigit()
    assert refused(api.get("/auth/id"))[0] == 403
    assert refused(api.get("/auth/id", headers={"Authorization": "no-user-token"}))[0] == 403


def test_logout_ends_one_token(api: httpx.Client, server: HttpServer, email: str) -> None:
    first, second = sign_in(api, email), sign_in(api, email)

    answers = [api.get(f"{server.url}//auth/logout", headers={"Authorization": first}).json() for _ in range(2)]

    assert answers == [{"status": True}] * 2
    assert api.get("/auth/logout").json() == {"status": True}
    assert (is_valid(api, first), is_valid(api, second)) == (False, True)


def test_a_key_and_a_signature_are_ignored(api: httpx.Client, email: str) -> None:
    headers = {"Convention": "undefined", "Authorization": "convention 1:salt:wrong"}

    answer = api.post("/auth/signin", json={"email": email, "password": PASSWORD}, headers=headers)

    assert answer.status_code == 200
    assert api.get("/auth/verify", headers=headers).json() == {"status": False}


def test_the_ways_to_sign_in(api: httpx.Client, server: HttpServer) -> None:
    start = api.get("/auth/start", params={"redirect-url": GOAL}).json()

    assert api.get("/auth/list").json() == ["email-auth"]
    assert list(start) == ["auth-url"]
    assert start["auth-url"].startswith(f"{server.url}/auth/select?redirect-url=https%3A%2F%2Fsite.example%2F")
    for provider in ("google", "email-auth"):
        assert refused(api.post("/auth/start", json={"provider": provider}))[0] == 400


# Registration


def test_the_name_may_have_any_length_and_be_left_out(api: httpx.Client) -> None:
    for number, (name, shown) in enumerate([("X", "X"), (None, "who-"), ("x " * 80, "x"), ("  ", "who-")]):
        address = f"who-{number}-{next(_numbers)}@example.org"
        api.post("/auth/register", json={"email": address, "password_register": PASSWORD, "name": name})
        body = api.get("/auth/id", headers={"Authorization": sign_in(api, address)}).json()
        assert body["name"].startswith(shown)


def test_a_taken_address_is_409_in_the_words_that_clients_compare(api: httpx.Client, email: str) -> None:
    answer = api.post("/auth/register", json={"email": email.upper(), "password-register": PASSWORD})

    assert (answer.status_code, answer.json()) == (409, {"status": False, "error": TAKEN})


def test_an_account_is_one_for_all_surfaces(api: httpx.Client, email: str, person: Callable[..., Any]) -> None:
    there = person()

    ours = api.post("/v1/users/signin", json={"email": email, "password": PASSWORD})
    theirs = api.post("/auth/signin", json={"email": there.email, "password": there.password})
    again = api.post("/auth/register", json={"email": there.email, "password-register": PASSWORD})

    assert (ours.status_code, theirs.status_code, refused(again)) == (200, 200, (409, TAKEN))
    assert ours.json()["memberships"] != []
    assert len(ours.json()["memberships"]) == len(there.user["memberships"])


@pytest.mark.parametrize(
    "sent",
    [
        {"email": "new@example.org"},
        {"password-register": PASSWORD},
        {"email": "new@example.org", "password-register": "1234"},
        {"email": "new@example.org", "password-register": "x" * 73},
        {"email": "new@example.org", "password-register": PASSWORD, "password-confirm": "other"},
        {"email": "new@example.org", "password-register": PASSWORD, "name": "x" * 256},
        {"email": "new", "password-register": PASSWORD},
        {"email": ["new@example.org"], "password-register": PASSWORD},
    ],
)
def test_what_is_missing_or_wrong_is_400_and_makes_nobody(api: httpx.Client, sent: dict[str, Any]) -> None:
    assert refused(api.post("/auth/register", json=sent))[0] == 400
    assert api.post("/auth/signin", json={"email": "new@example.org", "password": PASSWORD}).status_code == 401


# In a browser


def test_a_form_leads_back_with_a_token(api: httpx.Client, email: str) -> None:
    answer = api.post("/auth/signin", data={"email": email, "password": PASSWORD, "redirect-url": GOAL})

    goal, fields = target(answer)
    assert goal == "https://site.example/back#here"
    assert list(fields) == ["page", "x", "status", "token"]
    assert (fields["page"], fields["x"], fields["status"]) == (["7"], ["é"], ["1"])
    assert is_valid(api, fields["token"][0])
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")


def test_a_json_request_with_a_redirect_is_led_back_too(api: httpx.Client, email: str) -> None:
    sent = {"email": email, "password": PASSWORD, "redirect_url": "http://other.example:8080/"}

    goal, fields = target(api.post("/auth/signin", json=sent))

    assert (goal, fields["status"]) == ("http://other.example:8080/#", ["1"])


def test_wrong_credentials_lead_to_the_page_that_says_so(api: httpx.Client, email: str) -> None:
    answer = api.post("/auth/signin", data={"email": email, "password": "wrong", "redirect-url": GOAL})
    page = api.get(answer.headers["location"])

    assert urlsplit(answer.headers["location"]).path == "/auth/select"
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "There is no account with this address and password." in page.text
    assert Page(page.text).hidden == {"redirect-url": GOAL}


def test_registering_by_form_signs_in(api: httpx.Client) -> None:
    form = {
        "email": f"auth{next(_numbers)}@example.org",
        "password-register": PASSWORD,
        "password-confirm": PASSWORD,
        "redirect-url": GOAL,
    }

    first, second = api.post("/auth/register", data=form), api.post("/auth/register", data=form)

    assert is_valid(api, target(first)[1]["token"][0])
    assert TAKEN in api.get(second.headers["location"]).text


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"password-confirm": "other"}, "The two passwords are not the same."),
        ({"password-register": "abc", "password-confirm": "abc"}, "The password must have 5 to 72 characters."),
        ({"email": "nobody"}, "That is not an e-mail address."),
        ({"name": "x" * 300}, "Something is missing or cannot be used."),
    ],
)
def test_what_is_wrong_with_a_form_stands_on_the_page(api: httpx.Client, wrong: dict[str, str], text: str) -> None:
    form = {"email": "new@example.org", "password-register": PASSWORD, "password-confirm": PASSWORD}

    answer = api.post("/auth/register", data={**form, "redirect-url": GOAL, **wrong})

    assert text in api.get(answer.headers["location"]).text


def test_verify_leads_back_who_is_signed_in_and_all_others_to_the_page(api: httpx.Client, email: str) -> None:
    token = sign_in(api, email)

    known = api.get("/auth/verify", params={"redirect-url": GOAL, "token": token})
    unknown = api.get("/auth/verify", params={"redirect-url": GOAL})

    assert target(known)[1]["token"] == [token]
    assert unknown.headers["location"].startswith("/auth/select?redirect-url=https%3A%2F%2Fsite.example")


def test_logout_leads_back(api: httpx.Client, email: str) -> None:
    token = sign_in(api, email)

    answer = api.get("/auth/logout", params={"redirect-url": GOAL, "token": token})

    assert (answer.status_code, answer.headers["location"]) == (302, GOAL)
    assert not is_valid(api, token)


def test_a_browser_that_is_signed_in_needs_no_form_for_a_second_site(
    server: HttpServer, api: httpx.Client, email: str
) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as browser:
        form = {"email": email, "password": PASSWORD, "redirect-url": GOAL}
        signed_in = browser.post("/auth/signin", data=form, headers={"Origin": server.url})
        second = browser.get("/auth/verify", params={"redirect-url": "http://other.example:8080/"})
        page = browser.get("/auth/select", params={"redirect-url": GOAL})
        status, whose = browser.get("/auth/verify").json(), browser.get("/auth/id").status_code
        browser.get("/auth/logout", headers={"Authorization": target(second)[1]["token"][0]})
        after = browser.get("/auth/verify", params={"redirect-url": GOAL})

    cookie = signed_in.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "path=/auth", "samesite=lax", "max-age=1209600"))
    assert target(second)[1]["token"] == target(signed_in)[1]["token"]
    assert "Go on as Ada" in page.text
    assert (status, whose) == ({"status": False}, 403)  # the cookie is for redirects alone
    assert urlsplit(after.headers["location"]).path == "/auth/select"


@pytest.mark.parametrize("action", ["signin", "register"])
def test_forms_of_unknown_sites_are_refused(api: httpx.Client, email: str, action: str) -> None:
    form = {"email": email, "password": PASSWORD, "password-register": PASSWORD, "redirect-url": GOAL}

    origins = ("https://evil.example", "http://[", "site.example", "https://site.example@evil.example", "://", "x://")
    evils = [api.post(f"/auth/{action}", data=form, headers={"Origin": origin}) for origin in origins]
    friend = api.post(f"/auth/{action}", data=form, headers={"Origin": "https://site.example"})

    assert [refused(evil)[0] for evil in evils] == [403] * len(evils)
    assert [evil for evil in evils if "set-cookie" in evil.headers] == []
    assert friend.status_code == 302


# Redirects


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://site.example.evil.example/",
        "https://evil.example/site.example",
        "https://site.example@evil.example/",
        "https://evil.example#@site.example/",
        "https://evil.example\\@site.example/",
        "https://user:password@site.example/",
        "https://site.example:8443/",
        "http://other.example/",
        "https://site.example\t.evil.example/",
        "https://site.example\r\nX: y",
        "//site.example/",
        "///site.example/",
        "/relative",
        "javascript://site.example/%0aalert(1)",
        "ftp://site.example/",
        "https:site.example",
        "https:///site.example",
        "https://[site.example/",
        "https://site.example:x/",
        "https://site.example:99999/",
        "https://ｓite.example／/",
        "https://site。example/",
        "https://site.example/" + "x" * 2000,
        "\0",
    ],
)
def test_nobody_is_led_to_an_unlisted_host(api: httpx.Client, email: str, url: str) -> None:
    form = {"email": email, "password": PASSWORD, "redirect-url": url}
    actions = ("verify", "start", "select", "logout", "passwordreset", "signin", "register")

    for action in actions:
        for answer in (api.post(f"/auth/{action}", data=form), api.get(f"/auth/{action}", params=form)):
            assert refused(answer)[0] == 400, action
            assert "location" not in answer.headers


@pytest.mark.parametrize("url", ["HTTPS://Site.Example", "http://site.example:80/a", "https://site.example:443/?"])
def test_a_listed_host_in_other_words(api: httpx.Client, url: str) -> None:
    answer = api.get("/auth/logout", params={"redirect-url": url})

    assert (answer.status_code, answer.headers["location"]) == (302, url)


# The page


class Page(HTMLParser):
    """What stands on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.forms: list[tuple[str, str]] = []
        self.hidden: dict[str, str] = {}
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if tag == "form":
            self.forms.append((said["method"], said["action"]))
        if tag == "input":
            self.names.append(said["name"])
            if said.get("type") == "hidden":
                self.hidden[said["name"]] = said["value"]


def test_the_page_has_both_forms_and_may_load_nothing(api: httpx.Client) -> None:
    answer = api.get("/auth/select", params={"redirect-url": GOAL})
    page = Page(answer.text)

    assert page.forms == [("post", "/auth/signin"), ("post", "/auth/register")]
    assert {"email", "password", "password-register", "password-confirm", "name"} <= set(page.names)
    assert not page.tags & {"script", "img", "link", "iframe", "object", "base"}
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self' https://site.example"
    assert policy["style-src"].startswith("'sha256-")
    assert answer.headers["x-frame-options"] == "DENY"


def test_whatever_is_sent_the_page_holds_no_markup_of_it(api: httpx.Client) -> None:
    sly = "\"'><script>alert(1)</script>"

    answer = api.get("/auth/select", params={"redirect-url": f"https://site.example/{sly}", "error": sly})
    page = Page(answer.text)

    assert "script" not in page.tags
    assert page.forms == [("post", "/auth/signin"), ("post", "/auth/register")]
    assert "alert" not in re.sub(r'value="[^"<>]*"', "", answer.text)


def test_a_name_is_escaped_on_the_page(server: HttpServer, api: httpx.Client) -> None:
    form = {
        "email": f"auth{next(_numbers)}@example.org",
        "password-register": PASSWORD,
        "name": "<script>&",
        "redirect-url": GOAL,
    }
    with httpx.Client(base_url=server.url, trust_env=False) as browser:
        browser.post("/auth/register", data=form, headers={"Origin": server.url})
        text = browser.get("/auth/select", params={"redirect-url": GOAL}).text

    assert "Go on as &lt;script&gt;&amp;" in text


def test_the_page_is_there_under_the_name_of_the_one_provider(api: httpx.Client) -> None:
    assert api.get("/auth/select/email-auth").status_code == 200
    assert refused(api.get("/auth/select/google"))[0] == 404


# Passwords


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailing(mailbox: Mailbox, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server with a mail server, a clock that is moved, and few tries."""
    with mail_server(mailbox) as port:
        settings = Settings(
            data=tmp_path_factory.mktemp("mailing"),
            port=0,
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_security="none",
            mail_from="slots@example.org",
            redirect_hosts="site.example",
            sign_in_attempts=3,
            reset_attempts=4,
        )
        with http_server(settings, clock=clock) as running:
            yield running


@pytest.fixture
def ada(mailing: HttpServer, clock: Clock) -> Account:
    fields = accounts.Fields(username="Ada", email="ada@example.org", password=PASSWORD)
    return accounts.add(mailing.store, fields, now=clock.now)


@pytest.fixture
def there(mailing: HttpServer, ada: Account) -> Iterator[httpx.Client]:
    """A client of that server."""
    with httpx.Client(base_url=mailing.url, trust_env=False, timeout=30) as client:
        yield client


def ask(client: httpx.Client, email: str = "ada@example.org", url: str = GOAL) -> httpx.Response:
    return client.post("/auth/passwordreset", json={"email": email, "redirect-url": url})


def reset_token(mailbox: Mailbox, number: int = 1) -> str:
    return mailbox.secret(number, r"[?&]token=([\w-]+)")


def test_the_mailed_link_leads_to_the_site_with_a_token(there: httpx.Client, mailbox: Mailbox) -> None:
    answer = ask(there, "ADA@example.org")

    assert answer.json() == {"status": True}
    text = mailbox.wait()[0][1].get_content()
    assert f"https://site.example/back?page=7&x=%C3%A9&token={reset_token(mailbox)}#here" in text


def test_a_reset_token_changes_the_password_once_and_ends_every_token(there: httpx.Client, mailbox: Mailbox) -> None:
    signed_in = sign_in(there, "ada@example.org")
    v1 = there.post("/v1/users/signin", json={"email": "ada@example.org", "password": PASSWORD}).json()["authToken"]
    ask(there)
    headers = {"Authorization": reset_token(mailbox)}

    whose = there.get("/auth/id", headers=headers).json()["email"]
    verified = there.get("/auth/verify", headers=headers).json()
    change = [
        there.post("/auth/passwordchange", json={"password": word}, headers=headers) for word in ("new 1", "new 2")
    ]

    assert (whose, verified) == ("ada@example.org", {"status": True})
    assert [answer.status_code for answer in change] == [200, 200]
    assert [answer.json()["status"] for answer in change] == [True, False]
    assert (is_valid(there, headers["Authorization"]), is_valid(there, signed_in)) == (False, False)
    assert there.get("/v1/me", headers={"Authorization": f"Token token={v1}"}).status_code == 401
    assert sign_in(there, "ada@example.org", "new 1")


def test_a_reset_token_opens_nothing_else(there: httpx.Client, mailbox: Mailbox) -> None:
    ask(there)
    token = reset_token(mailbox)

    event = {"title": "a", "teaser": "b", "duration": 1}
    made = there.post("/entities/conventions", json={"title": "Con"}, headers={"Authorization": token})
    listed = there.get("/entities/conventions?manager=1", headers={"Authorization": token})
    v1 = there.get(f"/v1/users/reset/{token}")

    assert (made.status_code, listed.status_code, v1.status_code) == (403, 400, 404)
    assert there.post("/entities/events", json=event, headers={"Authorization": token}).status_code == 403


def test_a_link_of_v1_is_no_token_here(there: httpx.Client, mailbox: Mailbox) -> None:
    there.post("/v1/users/reset", json={"email": "ada@example.org"})

    assert not is_valid(there, mailbox.secret())


def test_a_newer_reset_token_replaces_older_ones(there: httpx.Client, mailbox: Mailbox) -> None:
    ask(there)
    first = reset_token(mailbox)
    ask(there)
    second = reset_token(mailbox, 2)

    assert (is_valid(there, first), is_valid(there, second)) == (False, True)


def test_logout_ends_a_reset_token(there: httpx.Client, mailbox: Mailbox) -> None:
    ask(there)
    token = reset_token(mailbox)

    there.get("/auth/logout", headers={"Authorization": token})

    assert not is_valid(there, token)


def test_a_reset_token_lives_a_day(there: httpx.Client, mailbox: Mailbox, clock: Clock) -> None:
    ask(there)
    token = reset_token(mailbox)

    clock.now += timedelta(hours=23, minutes=59)
    before = is_valid(there, token)
    clock.now += timedelta(minutes=2)

    assert (before, is_valid(there, token)) == (True, False)


def test_known_and_unknown_addresses_are_answered_alike(there: httpx.Client, mailbox: Mailbox) -> None:
    mailbox.open.clear()  # who is answered before a mail is sent does not wait for it
    answers = [ask(there, email) for email in ("ada@example.org", "nobody@example.org")]
    sent = len(mailbox.taken)
    mailbox.open.set()

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"status": True})] * 2
    assert (sent, len(mailbox.wait())) == (0, 1)


def test_requests_for_resets_are_limited_together_with_v1(there: httpx.Client) -> None:
    for _ in range(2):
        ask(there)
        there.post("/v1/users/reset", json={"email": "ada@example.org"})

    answer = ask(there)

    assert refused(answer)[0] == 429
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("sent", [{"email": "a@b.cd"}, {"redirect-url": GOAL}, {"email": [], "redirect-url": GOAL}])
def test_a_reset_needs_an_address_and_where_to_lead(there: httpx.Client, sent: dict[str, Any]) -> None:
    assert refused(there.post("/auth/passwordreset", json=sent))[0] == 400


def test_failed_sign_ins_are_limited_together_with_v1(there: httpx.Client) -> None:
    wrong = {"email": "ada@example.org", "password": "wrong"}
    statuses = [
        there.post("/auth/signin", json=wrong).status_code,
        there.post("/v1/users/signin", json=wrong).status_code,
        there.post("/auth/signin", json=wrong).status_code,
    ]

    right = there.post("/auth/signin", json={**wrong, "password": PASSWORD})
    form = there.post("/auth/signin", data={**wrong, "redirect-url": GOAL})

    assert statuses == [401, 401, 401]
    assert refused(right)[0] == 429
    assert int(right.headers["retry-after"]) > 0
    assert "Wait a few minutes" in there.get(form.headers["location"]).text


@pytest.mark.parametrize("password", [None, "", "1234", "x" * 73, 12345, ["abcdef"], "abc\0def"])
def test_a_new_password_has_5_to_72_characters(api: httpx.Client, email: str, password: Any) -> None:
    token = sign_in(api, email)

    answer = api.post("/auth/passwordchange", json={"password": password}, headers={"Authorization": token})

    assert refused(answer)[0] == 400
    assert is_valid(api, token)


def test_a_sign_in_token_changes_the_password_and_ends_with_it(api: httpx.Client, email: str) -> None:
    token, other = sign_in(api, email), sign_in(api, email)

    answer = api.post("/auth/passwordchange", json={"password": "battery"}, headers={"Authorization": token})
    without = api.post("/auth/passwordchange", json={"password": "battery"})

    assert answer.json() == {"status": True}
    assert (without.status_code, without.json()["status"]) == (200, False)
    assert (is_valid(api, token), is_valid(api, other)) == (False, False)
    assert sign_in(api, email, "battery")


# How long a sign-in lasts


def test_a_sign_in_lasts_14_days_from_its_last_verify(there: httpx.Client, clock: Clock) -> None:
    token = sign_in(there, "ada@example.org")

    clock.now += timedelta(days=13, hours=23)
    verified = is_valid(there, token)
    clock.now += timedelta(days=13, hours=23)
    still = there.get("/auth/id", headers={"Authorization": token}).status_code
    clock.now += timedelta(hours=2)

    assert (verified, still, is_valid(there, token)) == (True, 200, False)


def test_other_calls_do_not_make_it_last_longer(there: httpx.Client, clock: Clock) -> None:
    token = sign_in(there, "ada@example.org")

    clock.now += timedelta(days=13)
    for path in ("/auth/id", "/entities/conventions?manager=1"):
        assert there.get(path, headers={"Authorization": token}).status_code == 200
    clock.now += timedelta(days=1)

    assert not is_valid(there, token)


def test_links_lead_to_the_base_url(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(
        data=tmp_path_factory.mktemp("below"),
        port=0,
        base_url="https://slots.example/below",
        redirect_hosts="site.example",
    )
    with http_server(settings) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        form = {"email": "a@b.cd", "password": "wrong", "redirect-url": GOAL}
        led = client.post("/auth/signin", data=form).headers["location"]
        start = client.get("/auth/start", headers={"Host": "evil.example"}).json()["auth-url"]
        page = Page(client.get("/auth/select").text)

    assert led.startswith("https://slots.example/below/auth/select?")
    assert start == "https://slots.example/below/auth/select"
    assert page.forms == [("post", "/below/auth/signin"), ("post", "/below/auth/register")]
