"""How a page is made: ``page.show`` renders a template, ``page.go`` sends the browser on.

A template extends ``layout``, which is the whole page, or for what is shown in the dialog its content alone. It knows
``t`` (texts), ``root``, ``account``, ``zone``, and what the handler gives it.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode
from zoneinfo import ZoneInfo, available_timezones

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.datastructures import Cookie
from litestar.di import Provide

from slotport.api.addresses import base_path
from slotport.api.callers import AnyRequest
from slotport.api.page import visitors
from slotport.api.page.texts import LANGUAGES, Texts, chosen, texts
from slotport.core.account import Account
from slotport.core.when import on_clocks
from slotport.errors import Invalid, SlotportError, TooManyTries
from slotport.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LANGUAGE, THEME, ZONE = "slotport_language", "slotport_theme", "slotport_zone"  #: cookies
COMPRESSION = 4  #: level of gzip: of a board's 24 kB, the best one saves 0.3 kB and takes four times as long
THEMES = ("auto", "light", "dark")


class Page:
    """What answers one request with pages: who asks, in which language and zone."""

    def __init__(self, request: AnyRequest) -> None:
        self.request = request
        self.settings: Settings = request.app.state.settings
        self.account: Account | None = visitors.account_of(request.scope)
        self.root = base_path(self.settings)
        self.t: Texts = texts(chosen(request.cookies.get(LANGUAGE), request.headers.get("accept-language", "")))
        self.zone = _zone(request.cookies.get(ZONE), self.settings.timezone)
        theme = request.cookies.get(THEME, "auto")
        self.theme = theme if theme in THEMES else "auto"
        self.is_dialog = "x-dialog" in request.headers
        self.is_partial = "hx-request" in request.headers and "hx-boosted" not in request.headers

    def show(
        self,
        template: str,
        *,
        status_code: int = 200,
        problem: SlotportError | None = None,
        cookies: Sequence[Cookie] = (),
        compress: bool = False,
        **values: Any,
    ) -> Response[bytes]:
        """A page of the template. ``problem``: why what was sent was refused, shown beside the fields at fault.

        ``compress``: of long pages, if the browser takes that; of none with a secret, whose length would tell of it.
        """
        content = self.render(template, **values, **self._problems(problem)).encode()
        headers = {**HEADERS, "Vary": "HX-Request, X-Dialog, Accept-Language, Cookie, Accept-Encoding"}
        if compress and "gzip" in self.request.headers.get("accept-encoding", "").lower():
            content = gzip.compress(content, COMPRESSION, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Response(
            content, status_code=status_code, media_type=MediaType.HTML, headers=headers, cookies=list(cookies)
        )

    def render(self, template: str, **values: Any) -> str:
        """The template's text."""
        known: dict[str, Any] = {
            "t": self.t,
            "page": self,
            "root": self.root,
            "account": self.account,
            "zone": self.zone,
            "layout": "bare.html" if self.is_dialog else "base.html",
            "path": self.request.scope["path"],
            "built": self.request.app.state.built,
            "languages": LANGUAGES,
            "themes": THEMES,
            "problems": {},
            "refusal": None,
            "said": self._said(),
            "unknown": False,
        }
        return _environment().get_template(template).render({**known, **values})

    def go(self, path: str, *, said: str = "", cookies: Sequence[Cookie] = ()) -> Response[bytes]:
        """Send the browser to a path of ours, where the text ``note-<said>`` is shown once."""
        target = self.root + quote(path, safe="/?&=%#:+,;@!$'()*~")
        if said:
            target += ("&" if "?" in target else "?") + urlencode({"said": said})
        # the dialog closes, and the whole page follows: htmx does so if it is told
        key = "HX-Location" if self.is_dialog else "Location"
        value = json.dumps({"path": target, "target": "body"}) if self.is_dialog else target
        status_code = 204 if self.is_dialog else 303
        return Response(
            b"", status_code=status_code, media_type=MediaType.TEXT, headers={key: value}, cookies=list(cookies)
        )

    def local(self, moment: datetime) -> datetime:
        """An instant in the viewer's zone; as it is where that would be outside of the years 1 to 9999."""
        return on_clocks(moment, self.zone)

    def now(self) -> datetime:
        """The time, in the viewer's zone."""
        now: datetime = self.request.app.state.clock()
        return self.local(now)

    def own_path(self, text: str | None, otherwise: str = "/app/") -> str:
        """The path of ours, root left out, that a form or an address named; nothing leads to another site."""
        path = (text or "").removeprefix(self.root)
        return path if path.startswith(("/app/", "/c/")) and "//" not in path and "\\" not in path else otherwise

    def _problems(self, problem: SlotportError | None) -> Mapping[str, Any]:
        if problem is None:
            return {}
        if isinstance(problem, Invalid):
            said = {name: [self.t.said(text) for text in texts] for name, texts in problem.fields.items()}
            return {"problems": said}
        if isinstance(problem, TooManyTries):
            return {"refusal": f"{self.t('refused-429')}. {again(self.t, problem.retry_after_seconds)}"}
        return {"refusal": self.t.said(str(problem))}

    def _said(self) -> str | None:
        key = f"note-{self.request.query_params.get('said', '')}"
        return self.t(key) if self.t.has(key) else None


def with_policy(response: Response[Any]) -> Response[Any]:
    """The answer with the policy of pages, if it has none: what is told to scripts may be opened as a page too."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    return response


def again(t: Texts, seconds: int) -> str:
    """When to try again, in words."""
    if seconds < 100:
        return t("refused-again-seconds", count=seconds)
    if seconds < 100 * 60:
        return t("refused-again-minutes", count=ceil(seconds / 60))
    return t("refused-again-hours", count=ceil(seconds / 3600))


def _page(request: AnyRequest) -> Page:
    return Page(request)


PROVIDED = {"page": Provide(_page, sync_to_thread=False)}


def _zone(cookie: str | None, otherwise: str) -> ZoneInfo:
    name = unquote(cookie or "")
    return ZoneInfo(name if name in zones() else otherwise)


@lru_cache
def zones() -> frozenset[str]:
    """The names of all zones that can be chosen."""
    return frozenset(available_timezones())


@lru_cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["segment"] = lambda text: quote(str(text), safe="")  # a part of a path
    return made
