"""Signing in at another server: OpenID Connect Core 1.0 by authorization code, Discovery 1.0, PKCE (RFC 7636).

The provider is the one that the settings name, so that it may have any address. Its answers are limited in size and
time, and nothing in them is believed before signature, issuer, audience, time and nonce were checked.
"""

import secrets
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from msgspec import Struct

from slotport.errors import Unauthorized, Unavailable
from slotport.settings import Settings

ANSWER_BYTES = 256 * 1024
WAIT_SECONDS = 5.0  #: in which something must happen
ANSWER_SECONDS = 10.0  #: in which an answer must be complete
KNOWN_SECONDS = 3600.0  #: so long what the provider says of itself is not asked for again
AWAY_SECONDS = 15.0  #: so long a provider that did not answer is not asked again
NEW_KEYS_SECONDS = 60.0  #: a signature by an unknown key has the keys fetched anew, no more often
LEEWAY_SECONDS = 60  #: by which the two clocks may differ
SUBJECT_LENGTH = 255  #: OpenID Connect Core, section 2
#: no HMAC: the secret of a client is no key, and "none" is no signature
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
LOCAL = ("localhost", "127.0.0.1", "::1")


class Refused(Unauthorized):
    """The provider, or what it said, signs nobody in. ``reason``: a word for it."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Attempt(Struct, frozen=True, kw_only=True):
    """What the browser that began has to bring back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Three random texts."""
        return cls(state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48))


class Person(Struct, frozen=True, kw_only=True):
    """Who signed in at the provider."""

    issuer: str
    subject: str
    email: str | None  #: only if the provider verified it
    name: str


class _Endpoints(Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Known(Struct, frozen=True):
    endpoints: _Endpoints
    keys: list[dict[str, Any]]
    at: float


class Provider:
    """The provider of the settings; may be used by many threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._away_until = 0.0

    def address(self, attempt: Attempt, redirect_uri: str, *, again: bool = False) -> str:
        """Where a browser signs in. ``again``: even if it is signed in there. Raises Unavailable."""
        endpoint = self._find().endpoints.authorization_endpoint
        sent = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(dict.fromkeys(["openid", *self._settings.oidc_scopes.split()])),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login"} if again else {}),
        }
        return endpoint + ("&" if "?" in endpoint else "?") + urlencode(sent)

    def person(self, attempt: Attempt, answer: Mapping[str, str], redirect_uri: str, *, now: datetime) -> Person:
        """Who signed in, by the answer that the browser brought back. Raises Refused, Unavailable."""
        if not compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise Refused("state", "this sign-in was not begun in this browser, or it was too long ago")
        if answer.get("iss", self._settings.oidc_issuer) != self._settings.oidc_issuer:
            raise Refused("invalid", "the answer comes from another provider")
        if "code" not in answer:
            raise Refused("declined", "the provider signed nobody in")
        tokens = self._tokens(answer["code"], attempt, redirect_uri)
        claims = self._claims(tokens, attempt, now)
        if "email" not in claims and isinstance(tokens.get("access_token"), str):
            claims = {**self._userinfo(tokens["access_token"], claims["sub"]), **claims}
        return _person(self._settings.oidc_issuer, claims)

    def _tokens(self, code: str, attempt: Attempt, redirect_uri: str) -> dict[str, Any]:
        endpoints, settings = self._find().endpoints, self._settings
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        auth = None
        if settings.oidc_client_secret and "client_secret_basic" in endpoints.token_endpoint_auth_methods_supported:
            quoted = [urlencode({"": text})[1:] for text in (settings.oidc_client_id, settings.oidc_client_secret)]
            auth = httpx.BasicAuth(*quoted)  # RFC 6749, 2.3.1
        else:
            sent["client_id"] = settings.oidc_client_id
            if settings.oidc_client_secret:
                sent["client_secret"] = settings.oidc_client_secret
        status, body = self._ask("POST", endpoints.token_endpoint, data=sent, auth=auth)
        if status >= 500:
            raise Unavailable("the provider has a fault")
        if status != 200:
            raise Refused("invalid", "the provider does not know this sign-in any more")
        return _object(body)

    def _claims(self, tokens: Mapping[str, Any], attempt: Attempt, now: datetime) -> dict[str, Any]:
        """What the ID token says, everything checked (Core, 3.1.3.7)."""
        try:
            token = self._verified(str(tokens.get("id_token", "")))
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._settings.oidc_issuer},
                    "aud": {"essential": True, "value": self._settings.oidc_client_id},
                },
                params={
                    "nonce": attempt.nonce,
                    "client_id": self._settings.oidc_client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(int(now.timestamp()), LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as cause:
            raise Refused("invalid", "the provider's token is not valid") from cause
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= SUBJECT_LENGTH:
            raise Refused("invalid", "the provider's token names nobody")
        return dict(claims)

    def _verified(self, text: str) -> jwt.Token:
        known = self._find()
        try:
            return _signed(text, known.keys)
        except (JoseError, ValueError):
            if time.monotonic() - known.at < NEW_KEYS_SECONDS:
                raise
        return _signed(text, self._find(newer_than=known.at).keys)

    def _userinfo(self, access_token: str, subject: str) -> dict[str, Any]:
        endpoint = self._find().endpoints.userinfo_endpoint
        if endpoint is None:
            return {}
        status, body = self._ask("GET", endpoint, headers={"Authorization": f"Bearer {access_token}"})
        said = _object(body) if status == 200 else {}
        return said if said.get("sub") == subject else {}

    def _find(self, *, newer_than: float = float("-inf")) -> _Known:
        """What the provider says of itself, asked for when it is needed; raises Unavailable."""
        with self._lock:
            now = time.monotonic()
            known = self._known
            if known is not None and known.at > newer_than and now - known.at < KNOWN_SECONDS:
                return known
            if now < self._away_until:
                raise Unavailable("the provider did not answer", retry_after_seconds=int(AWAY_SECONDS))
            self._away_until = now + AWAY_SECONDS
            self._known = found = self._discover()
            self._away_until = 0.0
            return found

    def _discover(self) -> _Known:
        issuer = self._settings.oidc_issuer
        status, body = self._ask("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        try:
            endpoints = msgspec.json.decode(body, type=_Endpoints)
        except (msgspec.MsgspecError, UnicodeDecodeError) as cause:
            raise Unavailable(f"the provider's address does not describe a provider (status {status})") from cause
        addresses = [endpoints.authorization_endpoint, endpoints.token_endpoint, endpoints.jwks_uri]
        if endpoints.issuer != issuer or not all(map(is_safe, [*addresses, endpoints.userinfo_endpoint or issuer])):
            raise Unavailable("the provider describes another one, or addresses that are not safe")
        _, body = self._ask("GET", endpoints.jwks_uri)
        keys = _object(body).get("keys")
        usable = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
        return _Known(endpoints, [key for key in usable if key.get("use", "sig") == "sig"], time.monotonic())

    def _ask(self, method: str, url: str, **options: Any) -> tuple[int, bytes]:
        """Status and body. No redirect is followed; raises Unavailable for what is too large, too slow or away."""
        until = time.monotonic() + ANSWER_SECONDS
        context = ssl.create_default_context(cafile=self._settings.outgoing_authorities_file)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **options.pop("headers", {})}
        try:
            with (
                httpx.Client(timeout=WAIT_SECONDS, trust_env=False, verify=context) as client,
                client.stream(method, url, headers=headers, **options) as response,
            ):
                body = bytearray()
                for piece in response.iter_raw():
                    body += piece
                    if len(body) > ANSWER_BYTES or time.monotonic() > until:
                        raise Unavailable("the provider's answer is too long")
                return response.status_code, bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL) as cause:
            raise Unavailable("the provider did not answer", retry_after_seconds=int(AWAY_SECONDS)) from cause


def is_safe(url: str) -> bool:
    """Whether nobody on the way reads along: https, or this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def _signed(text: str, keys: list[dict[str, Any]]) -> jwt.Token:
    """The token, its signature verified by one of the keys; raises JoseError, ValueError."""
    known: list[Key] = []
    for key in keys:
        with suppress(JoseError, ValueError, TypeError, KeyError):  # of a kind that we do not know
            known += KeySet.import_key_set({"keys": [key]}).keys
    return jwt.decode(text, KeySet(known), algorithms=ALGORITHMS)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as cause:
        raise Unavailable("the provider's answer cannot be read") from cause


def _person(issuer: str, claims: Mapping[str, Any]) -> Person:
    email = claims.get("email") if claims.get("email_verified") is True else None
    names = (claims.get(key) for key in ("name", "preferred_username", "nickname"))
    return Person(
        issuer=issuer,
        subject=claims["sub"],
        email=email if isinstance(email, str) else None,
        name=next((name for name in names if isinstance(name, str) and name.strip()), ""),
    )
