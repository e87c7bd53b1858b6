"""A small OpenID Connect provider over HTTP that signs its one person in without asking, and can be told to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from slotport.settings import Settings

CLIENT, SECRET = "slotport", "a secret: of & the client"


def settings_for(issuer: str, data: Path, **changed: Any) -> Settings:
    """The settings of a server whose people sign in at that provider."""
    usual: dict[str, Any] = {
        "port": 0,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_label": "Harbour ID",
        "sign_in_attempts": 1000,
        "sign_up_attempts": 0,
        "shutdown_seconds": 2,
    }
    return Settings(data=data, oidc_issuer=issuer, **{**usual, **changed})


@dataclass
class Provider:
    """The provider and whom it signs in."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)  #: claims
    lies: dict[str, Any] = field(
        default_factory=dict
    )  #: claims of the next token that are not true; None leaves one out
    further: dict[str, Any] = field(default_factory=dict)  #: what else it says of itself
    userinfo: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    signing: RSAKey | None = None  #: another key than it shows
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def is_somebody(self, **claims: Any) -> None:
        """From now on this person is signed in there."""
        self.person = claims

    def description(self) -> dict[str, Any]:
        """What it says of itself (Discovery, section 3)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **self.further,
        }

    def redirect(self, asked: dict[str, str]) -> str:
        """Where a browser that asks for authorization is sent."""
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def tokens(self, sent: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The answer to a code, which works once and with its verifier (RFC 7636, 4.6) only."""
        asked = self.codes.pop(sent.get("code", ""), None)
        client = "slotport:a+secret%3A+of+%26+the+client"
        if asked is None or authorization != "Basic " + base64.b64encode(client.encode()).decode():
            return None
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return None
        if sent["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"]}
        told = {**claims, **self.person, **self.lies}
        told = {name: value for name, value in told.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        key: Any = self.signing or self.key
        if self.algorithm == "none":
            parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in (header, told)]
            token = ".".join([*parts, ""])
        else:
            token = jwt.encode(header, told, key, algorithms=[self.algorithm])
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}


@contextmanager
def provider() -> Iterator[Provider]:
    """The provider on a free port, until the end of the block."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", told.redirect(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            bodies = {
                "/.well-known/openid-configuration": told.description(),
                "/keys": {"keys": [{"kty": "unknown"}, told.key.as_dict(private=False)]},
                "/userinfo": told.userinfo,
            }
            self.answer(bodies.get(parts.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(told.tokens(sent, self.headers.get("Authorization", "")))

        def answer(self, value: dict[str, Any] | None) -> None:
            body = json.dumps(value if value is not None else {"error": "invalid_grant"}).encode()
            self.send_response(200 if value is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
