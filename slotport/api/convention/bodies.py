"""Reads what a client of the convention interface sends: JSON, forms, query strings (docs/api/convention.md).

Keys may be spelt with ``-`` or ``_``; they come out in snake_case. What stands below the keys of ``DATA`` is left as
it is, and so is the text after ``by_tag:``. Values are raw: slotport.core.convention_input reads them.
"""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from litestar.di import Provide

from slotport.api.body import (
    BODY_BYTES,
    NAMES,
    THREAD_BYTES,
    UPLOAD_IN_MEMORY_BYTES,
    Upload,
    chunks,
    content_type_of,
    json_value,
    multipart,
    pairs_of,
)
from slotport.api.callers import AnyRequest
from slotport.api.scope import SPOOLS, Spool, own
from slotport.core.slot import is_storable
from slotport.errors import Invalid
from slotport.settings import Settings

Fields = dict[str, Any]
Pairs = list[tuple[str, str]]

#: keys whose value is data: no key below them is ours
DATA = frozenset({"tags", "remove_tags", "replace_values", "data", "custom_data", "settings"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
TAG = "by_tag:"
_BODY = "slotport.convention.body"  # keys of a request's scope
_LOCK = "slotport.convention.body.lock"
_EMPTY = (None, "")


def is_form(request: AnyRequest) -> bool:
    """Whether the body is that of a form."""
    return content_type_of(request.headers.get("content-type", ""))[0] in FORMS


async def body_fields(request: AnyRequest) -> Fields:
    """The body's fields; nothing of a GET. It is read once, however often it is asked for."""
    scope = own(request.scope)
    async with scope.setdefault(_LOCK, asyncio.Lock()):  # dependencies are resolved side by side
        if _BODY not in scope:
            scope[_BODY] = {} if request.method == "GET" else await _read(request)
    found: Fields = scope[_BODY]
    return found


def query_pairs(request: AnyRequest) -> Pairs:
    """The query string's parameters in order; bytes that are no UTF-8 become U+FFFD."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=NAMES, errors="replace")
    except ValueError as cause:
        raise Invalid.of("query", f"has more than {NAMES} parameters") from cause
    if not all(is_storable(name) and is_storable(value) for name, value in pairs):
        raise Invalid.of("query", "must not hold the character NUL")
    return [(_snake(name), value) for name, value in pairs]


def query_fields(request: AnyRequest) -> Fields:
    """The query string's parameters; of several of one name the last."""
    return dict(query_pairs(request))


async def fields_of(request: AnyRequest) -> Fields:
    """What the request says: the body's fields, of a DELETE or a GET those of the query string too."""
    sent = await body_fields(request)
    return {**query_fields(request), **sent} if request.method in ("GET", "DELETE") else sent


async def upload_of(request: AnyRequest) -> Upload:
    """The file that is sent: a multipart body's part ``file``, or else the whole body, whatever its type."""
    settings: Settings = request.app.state.settings
    content_type, options = content_type_of(request.headers.get("content-type", ""))
    if content_type == "multipart/form-data":
        parts = await multipart(
            request, options.get("boundary", ""), settings.max_upload_bytes, uploads=frozenset({"file"})
        )
        files = [value for _, value in parts if isinstance(value, Upload)]
        if not files:
            raise Invalid.of("file", "is needed")
        return files[-1]
    spool = Spool(max_size=UPLOAD_IN_MEMORY_BYTES)
    own(request.scope).setdefault(SPOOLS, []).append(spool)  # closed when the request is answered
    async for chunk in chunks(request, settings.max_upload_bytes):
        spool.write(chunk)
    return Upload("", spool.tell(), spool)


def folded(value: Any) -> Any:
    """The JSON value with its keys in snake_case, at every level down to data.

    Of two spellings of one key the one in snake_case counts, unless it is null or empty.
    """
    if isinstance(value, list):
        return [folded(item) for item in value]
    if not isinstance(value, dict):
        return value
    return _merged((name, item if _snake(name) in DATA else folded(item)) for name, item in value.items())


def provided() -> dict[str, Provide]:
    """The dependencies ``fields``, ``flags``, ``pairs`` and ``upload``."""
    return {
        "fields": Provide(fields_of),
        "flags": Provide(query_fields, sync_to_thread=False),
        "pairs": Provide(query_pairs, sync_to_thread=False),
        "upload": Provide(upload_of),
    }


async def _read(request: AnyRequest) -> Fields:
    content_type, options = content_type_of(request.headers.get("content-type", ""))
    if content_type == "multipart/form-data":
        return _merged(await multipart(request, options.get("boundary", ""), BODY_BYTES))
    body = b"".join([chunk async for chunk in chunks(request, BODY_BYTES)])
    if not body.strip():
        return {}
    if content_type == "application/x-www-form-urlencoded":
        return _merged(pairs_of(body))
    if content_type in ("", "application/json"):
        return await asyncio.to_thread(_json, body) if len(body) > THREAD_BYTES else _json(body)
    raise Invalid.of("body", "must be application/json, application/x-www-form-urlencoded or multipart/form-data")


def _json(body: bytes) -> Fields:
    value = json_value(body)
    if value in ([], None):
        return {}
    if not isinstance(value, dict):
        raise Invalid.of("body", "must be an object")
    try:
        fields: Fields = folded(value)
    except RecursionError as cause:
        raise Invalid.of("body", "is nested too deeply") from cause
    return fields


def _merged(pairs: Iterable[tuple[str, Any]]) -> Fields:
    found: Fields = {}
    exact: set[str] = set()
    for sent, value in pairs:
        name = _snake(sent)
        if sent == name:
            exact.add(name)
            if name in found and value in _EMPTY:
                continue
        elif name in found and (name in exact and found[name] not in _EMPTY):
            continue
        found[name] = value
    return found


def _snake(name: str) -> str:
    head, mark, rest = name.partition(":")
    return head.replace("-", "_") + mark + rest
