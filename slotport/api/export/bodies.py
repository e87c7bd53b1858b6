"""What the export interface takes as a body: a JSON object, a form, or none (docs/api/export.md)."""

import asyncio
import json
from typing import Any

from litestar.di import Provide

from slotport.api.body import BODY_BYTES, THREAD_BYTES, chunks, content_type_of, json_value, multipart, pairs_of
from slotport.api.callers import AnyRequest
from slotport.api.scope import own
from slotport.core.json_input import member
from slotport.errors import Invalid, WireError, attribute_not_accepted

Json = dict[str, Any]
Pairs = list[tuple[str, str]]

DEEPEST = 64  #: arrays and objects in one another
FORM = "application/x-www-form-urlencoded"
FORMS = frozenset({FORM, "multipart/form-data"})
_BODY = "slotport.export.body"  # key of a request's scope


def invalid_content(text: str) -> WireError:
    """The body is none that this route takes."""
    return WireError("error.api.invalid_content", f"The body {text}.")


async def form_of(request: AnyRequest) -> Pairs:
    """The parameters of a form, in order; none of a request without a body. It is read once."""
    scope = own(request.scope)
    if _BODY not in scope:
        scope[_BODY] = await _form(request)
    found: Pairs = scope[_BODY]
    return found


def is_form(request: AnyRequest) -> bool:
    """Whether the body is that of a form."""
    return content_type_of(request.headers.get("content-type", ""))[0] in FORMS


async def json_of(request: AnyRequest) -> Json:
    """The JSON object of the body, which must have one."""
    said = await _json_body(request)
    if said is None:
        raise invalid_content("is empty")
    return said


async def json_or_none(request: AnyRequest) -> Json:
    """The JSON object of the body; an empty body is an empty object."""
    return await _json_body(request) or {}


async def nothing_of(request: AnyRequest) -> None:
    """Take no body, an empty JSON object, or a form, which may hold the token."""
    if is_form(request):
        await form_of(request)
        return
    for name in await _json_body(request) or ():
        raise attribute_not_accepted(member("", name))


async def _form(request: AnyRequest) -> Pairs:
    content_type, options = content_type_of(request.headers.get("content-type", ""))
    if content_type == "multipart/form-data":
        return await multipart(request, options.get("boundary", ""), BODY_BYTES)
    body = b"".join([chunk async for chunk in chunks(request, BODY_BYTES)])
    if not body.strip():
        return []
    if content_type not in ("", FORM):
        raise invalid_content(f"must be {FORM}")
    return pairs_of(body)


async def _json_body(request: AnyRequest) -> Json | None:
    content_type, options = content_type_of(request.headers.get("content-type", ""))
    body = b"".join([chunk async for chunk in chunks(request, BODY_BYTES)])
    if not body.strip():
        return None
    if content_type not in ("", "application/json") or options.get("charset", "utf-8").lower() != "utf-8":
        raise invalid_content("must be application/json in UTF-8")
    value = await asyncio.to_thread(parsed, body) if len(body) > THREAD_BYTES else parsed(body)
    if not isinstance(value, dict):
        raise WireError("error.api.type_mismatch", "The body must be an object.")
    return value


def parsed(body: bytes) -> Any:
    """The value of a JSON text. Raises WireError for none, for one that is nested too deeply, and for repeated keys."""
    try:
        value = json_value(body)
        _refuse_deep(value)
        json.loads(body.removeprefix(b"\xef\xbb\xbf"), object_pairs_hook=_single)
    except Invalid as cause:
        raise invalid_content("; ".join(text for texts in cause.fields.values() for text in texts)) from cause
    except (RecursionError, ValueError) as cause:  # a number of thousands of digits, too
        raise invalid_content("is not JSON that can be read") from cause
    return value


def _refuse_deep(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        inner = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list))
        level = [one for items in inner for one in items]
        if not level:
            return
    raise invalid_content("is nested too deeply")


def _single(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise invalid_content(f"names {member('', name)} twice in one object")
        seen.add(name)


def provided() -> dict[str, Provide]:
    """The dependencies ``said`` (a JSON object), ``laid_over`` (one, or none), ``nothing`` and ``form``."""
    return {
        "said": Provide(json_of),
        "laid_over": Provide(json_or_none),
        "nothing": Provide(nothing_of),
        "form": Provide(form_of),
    }
