"""The page at ``/auth/select``: sign-in and registration without scripts (docs/api/convention-auth.md)."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from msgspec import Struct

from slotport.api.convention.redirects import origin_of

#: what went wrong before, by the word in the page's address: whoever writes a link decides nothing of the text
ERRORS = {
    "wrong": "There is no account with this address and password.",
    "many": "That was tried too often. Wait a few minutes.",
    "taken": "This email address is already registered.",
    "confirm": "The two passwords are not the same.",
    "password": "The password must have 5 to 72 characters.",
    "email": "That is not an e-mail address.",
    "input": "Something is missing or cannot be used.",
    "provider-state": "This sign-in was not begun in this browser, or it took too long. Try again.",
    "provider-invalid": "What the provider answered is not valid. Try again.",
    "provider-declined": "The provider signed nobody in.",
    "provider-away": "The provider cannot be reached at the moment. Try again in a minute, or sign in with a password.",
    "provider-unknown": "No account is linked to this sign-in. Sign in with a password, or register.",
    "provider-unverified": "The provider has not verified an e-mail address of yours. Register here instead.",
    "provider-taken": "There is an account with this e-mail address already. Sign in to it with its password.",
    "provider-disabled": "This account is disabled.",
}
STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "label{display:block;margin:.6rem 0}"
    "input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.3rem}"
    "button{font:inherit;padding:.4rem 1rem;margin-top:.6rem}.error{color:#a40000;font-weight:bold}"
    "@media(prefers-color-scheme:dark){body{background:#151515;color:#e8e8e8}.error{color:#ff8a80}a{color:#8ab4f8}}"
)
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in</title><style>{style}</style></head>
<body>
<h1>Sign in</h1>
{error}{known}{elsewhere}<form method="post" action="{base}/auth/signin">
{hidden}<label>E-mail address <input type="email" name="email" autocomplete="username" required></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<h2>Register</h2>
<form method="post" action="{base}/auth/register">
{hidden}<label>E-mail address <input type="email" name="email" autocomplete="username" required></label>
<label>Name <input name="name" maxlength="255" autocomplete="name"></label>
<label>Password, 5 to 72 characters
<input type="password" name="password-register"
minlength="5" maxlength="72" autocomplete="new-password" required></label>
<label>The same password again
<input type="password" name="password-confirm"
minlength="5" maxlength="72" autocomplete="new-password" required></label>
<button>Register</button>
</form>
</body></html>
"""


class Elsewhere(Struct, frozen=True):
    """A way to sign in at another server."""

    path: str  #: of ours, that leads there
    label: str


def page(
    *, base: str, redirect_url: str | None, error: str | None, name: str | None, elsewhere: Elsewhere | None
) -> str:
    """The page as HTML. ``base`` stands before our paths; ``name`` is that of somebody who is signed in already."""
    hidden = known = ""
    if redirect_url is not None:
        hidden = f'<input type="hidden" name="redirect-url" value="{escape(redirect_url)}">\n'
        if name is not None:
            fields = f'<input type="hidden" name="redirect-url" value="{escape(redirect_url)}">'
            button = f"<button>Go on as {escape(name)}</button>"
            known = f'<form method="get" action="{escape(base)}/auth/verify">{fields}{button}</form>\n'
    text = ERRORS.get(error or "")
    return PAGE.format(
        style=STYLE,
        base=escape(base),
        hidden=hidden,
        known=known,
        elsewhere=f'<p><a href="{escape(elsewhere.path)}">Sign in with {escape(elsewhere.label)}</a></p>\n'
        if elsewhere
        else "",
        error=f'<p class="error" role="alert">{escape(text)}</p>\n' if text else "",
    )


def headers(redirect_url: str | None) -> dict[str, str]:
    """Nothing of another site may see, frame or change the page; its forms lead to us, and from us back."""
    # browsers apply form-action to where the answer to a form sends them, too
    targets = "'self'" if redirect_url is None else f"'self' {origin_of(redirect_url)}"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {targets};"
        " frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        # not no-referrer: browsers would then hide from us where our own forms come from
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
