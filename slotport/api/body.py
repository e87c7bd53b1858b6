"""Reads whatever a client sends as the parameters of a request, into one typed value.

JSON, urlencoded and multipart bodies end in the same mapping; an empty body is an empty one. JSON keys may be
camelCase or snake_case at every depth, and so may the names in a form or a query string. JSON values are taken as
they are typed, text of forms and query strings is converted (``"3"``, ``"true"``). Unknown keys mean nothing.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from tempfile import SpooledTemporaryFile
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.di import Provide
from msgspec import Struct
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from slotport.api.scope import SPOOLS, Spool, own
from slotport.errors import BadText, Invalid, TooLarge
from slotport.settings import Settings

T = TypeVar("T", bound=Struct)
Fields = dict[str, Any]
AnyRequest = Request[Any, Any, State]

MIB = 1024 * 1024
BODY_BYTES = MIB  #: of every request that is not an import
TEXT_BYTES = MIB  #: of one text field of a multipart body
UPLOAD_IN_MEMORY_BYTES = MIB
CHUNK_BYTES = 256 * 1024
THREAD_BYTES = 256 * 1024  #: a JSON body beyond this is parsed off the event loop
PARTS = 1000
NAMES = 2000  #: names in a form or query string


class Upload(Struct, frozen=True, eq=False):
    """A file of a multipart body. It lives until the request is answered, on disk beyond 1 MiB."""

    name: str  #: as the client calls it; may be empty
    size_bytes: int
    spool: SpooledTemporaryFile  # type: ignore[type-arg]  # a value that no client can spell

    def chunks(self) -> Iterator[bytes]:
        """The bytes, from the start on every call."""
        self.spool.seek(0)
        while chunk := self.spool.read(CHUNK_BYTES):
            yield chunk


def body_of(kind: type[T], *, query: bool = False, files: bool = False) -> Provide:
    """A dependency that reads the body into ``kind``, a msgspec Struct with snake_case fields.

    ``query``: parameters of the query string count where the body does not name them. ``files``: the body may be as
    large as the settings allow for an import, fields of type Upload take files, and a text that is no text is
    BadText. Raises Invalid with the fields at fault, TooLarge, BadText.
    """

    async def form(request: AnyRequest) -> Any:
        sent = await _read(request, kind, files=files)
        texts = _query(request) if query else {}
        return _converted(kind, sent, {name: text for name, text in texts.items() if name not in sent.fields})

    return Reads(form, kind, "body", query=query, files=files)


def query_of(kind: type[T]) -> Provide:
    """A dependency that reads the query string into ``kind``, a msgspec Struct; raises Invalid."""

    async def parameters(request: AnyRequest) -> Any:
        return _converted(kind, _Sent({}, strict=False), _query(request))

    return Reads(parameters, kind, "query")


class Reads(Provide):
    """A Provide that tells the OpenAPI document what it reads."""

    __slots__ = ("files", "kind", "place", "query")

    def __init__(
        self,
        read: Callable[[AnyRequest], Any],
        kind: type[Struct],
        place: Literal["body", "query"],
        *,
        query: bool = False,
        files: bool = False,
    ) -> None:
        super().__init__(read)
        self.kind = kind
        self.place = place
        self.query = query
        self.files = files

    @property
    def file_fields(self) -> frozenset[str]:
        """Names of the fields that take an Upload."""
        return _file_fields(self.kind)


@dataclass
class _Sent:
    fields: Fields
    strict: bool  #: values are typed as JSON types them


# Reading


async def _read(request: AnyRequest, kind: type, *, files: bool) -> _Sent:
    settings: Settings = request.app.state.settings
    content_type, options = content_type_of(request.headers.get("content-type", ""))
    small = settings.max_json_bytes if files else BODY_BYTES
    if content_type == "multipart/form-data":
        limit = settings.max_upload_bytes if files else BODY_BYTES
        parts = await multipart(request, options.get("boundary", ""), limit, uploads=_file_fields(kind))
        return _Sent(_tree(parts), strict=False)
    body = b"".join([chunk async for chunk in chunks(request, small)])
    if not body.strip():
        return _Sent({}, strict=True)
    if content_type == "application/x-www-form-urlencoded":
        return _Sent(_tree(pairs_of(body)), strict=False)
    if content_type in ("", "application/json", "text/plain") or content_type.endswith("+json"):
        if len(body) <= THREAD_BYTES:
            return _Sent(_json(body, files=files), strict=True)
        return _Sent(await asyncio.to_thread(_json, body, files=files), strict=True)
    raise Invalid.of("body", "must be application/json, multipart/form-data or application/x-www-form-urlencoded")


async def chunks(request: AnyRequest, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes in; raises TooLarge as soon as that is known."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge(f"the body has more than the {limit} bytes that are allowed here")
    received, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Invalid.of("body", "ended before it was complete")
        if message["type"] == "http.request":
            received += len(message["body"])
            if received > limit:
                raise TooLarge(f"the body has more than the {limit} bytes that are allowed here")
            more = message["more_body"]
            yield message["body"]


def content_type_of(header: str) -> tuple[str, Mapping[str, str]]:
    """The media type in lower case, and its parameters."""
    message = Message()
    message["content-type"] = header.replace("\r", "").replace("\n", "")
    pairs = message.get_params(failobj=[], unquote=True)
    # a value in the form of RFC 2231 comes in three parts; no client sends one in a boundary
    options = {name.lower(): value for name, value in pairs[1:] if type(value) is str}
    return pairs[0][0].strip().lower() if pairs else "", options


#: a \u escape of half a surrogate pair, in JSON text
_HALF = re.compile(
    rb"(?<!\\)(?:\\\\)*(\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


def _json(body: bytes, *, files: bool) -> Fields:
    value = json_value(body, files=files)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid.of("body", "must be an object")
    try:
        return {_snake(name): _snake_keys(item) for name, item in value.items()}
    except RecursionError as cause:
        raise Invalid.of("body", "is nested too deeply") from cause


def json_value(body: bytes, *, files: bool = False) -> Any:
    """The value of a JSON text; raises Invalid, and BadText for the bytes of a file that are no text."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(body)
    except RecursionError as cause:
        raise Invalid.of("body", "is nested too deeply") from cause
    except UnicodeDecodeError as cause:
        offset = _first_bad_byte(body, cause)
        if files:
            raise BadText(offset) from cause
        raise Invalid.of("body", f"is not UTF-8 text: the byte at offset {offset} does not belong there") from cause
    except msgspec.MsgspecError as cause:
        if half := _HALF.search(body):
            if files:
                raise BadText(half.start(1)) from cause
            raise Invalid.of("body", f"has half a character (a lone surrogate) at offset {half.start(1)}") from cause
        raise Invalid.of("body", f"is not JSON: {cause}") from cause


def _first_bad_byte(body: bytes, error: UnicodeDecodeError) -> int:
    try:
        body.decode()
    except UnicodeDecodeError as whole:
        return whole.start
    return error.start


def pairs_of(text: bytes) -> list[tuple[str, str]]:
    """The parameters of an urlencoded body, in order; raises Invalid."""
    try:
        return parse_qsl(
            text.decode("ascii", errors="strict"), keep_blank_values=True, errors="strict", max_num_fields=NAMES
        )
    except UnicodeError as cause:
        raise Invalid.of("body", "is not UTF-8 text in percent-encoding") from cause
    except ValueError as cause:
        raise Invalid.of("body", f"has more than {NAMES} parameters") from cause


def _query(request: AnyRequest) -> Fields:
    """The query string's parameters, in snake_case; bytes that are not text become U+FFFD."""
    try:
        text = request.scope["query_string"].decode("latin-1")
        return _tree(parse_qsl(text, keep_blank_values=True, max_num_fields=NAMES))
    except ValueError as cause:
        raise Invalid.of("query", f"has more than {NAMES} parameters") from cause


async def multipart(
    request: AnyRequest, boundary: str, limit: int, *, uploads: frozenset[str] = frozenset()
) -> list[tuple[str, Any]]:
    """The parts of a multipart body, in order: an Upload under the names of ``uploads``, else text."""
    opened: list[Spool] = own(request.scope).setdefault(SPOOLS, [])
    parts = _Parts(uploads, opened)
    started = False
    try:
        parser = PushMultipartParser(boundary, max_segment_count=PARTS) if boundary else None
        async for chunk in chunks(request, limit):
            if not chunk:
                continue
            started = True
            if parser is None:
                raise Invalid.of("body", "is multipart without a boundary")
            for event in parser.parse(chunk):
                parts.take(event)
        if parser is not None and started and not parser.closed:
            parser.close()
    except (MultipartError, UnicodeError) as cause:
        raise Invalid.of("body", f"is not multipart/form-data: {cause}") from cause
    return parts.pairs


class _Parts:
    """Collects the parts of a multipart body: files into spools, texts into memory."""

    def __init__(self, uploads: frozenset[str], opened: list[Spool]) -> None:
        self.pairs: list[tuple[str, Any]] = []
        self._uploads = uploads
        self._opened = opened
        self._segment: MultipartSegment | None = None
        self._spool: Spool | None = None
        self._text = bytearray()

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._segment, self._text = event, bytearray()
            self._spool = self._new_spool() if _snake(event.name) in self._uploads else None
        elif event is None:
            self._end()
        elif self._spool is not None:
            self._spool.write(event)
        else:
            self._text += event
            if self._segment is not None and len(self._text) > TEXT_BYTES:
                raise TooLarge(f"{self._segment.name} has more than the {TEXT_BYTES} bytes of a text field")

    def _end(self) -> None:
        assert self._segment is not None  # noqa: S101 - the parser ends only what it began
        if self._spool is not None:
            upload = Upload(self._segment.filename or "", self._spool.tell(), self._spool)
            self.pairs.append((self._segment.name, upload))
            return
        try:
            self.pairs.append((self._segment.name, self._text.decode()))
        except UnicodeDecodeError as cause:
            raise Invalid.of(_snake(self._segment.name) or "body", "is not UTF-8 text") from cause

    def _new_spool(self) -> Spool:
        spool = Spool(max_size=UPLOAD_IN_MEMORY_BYTES)  # closed when the request is answered
        self._opened.append(spool)
        return spool


# Names


@lru_cache(maxsize=1024)
def _snake(name: str) -> str:
    """``startDate``, ``HTMLText`` and ``start_date`` as ``start_date``, ``html_text``, ``start_date``."""
    name = re.sub(r"([A-Z\d]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).lower()


def _snake_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {_snake(name): _snake_keys(item) for name, item in value.items()}
    if isinstance(value, list):
        if all(type(item) is str for item in value):  # the lines of a file: nothing to rename
            return value
        return [_snake_keys(item) for item in value]
    return value


_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def _tree(pairs: Iterable[tuple[str, Any]]) -> Fields:
    """Pairs of a form as a mapping: ``a=1``, ``ids[]=1&ids[]=2`` and ``device[system]=x``.

    A name that is repeated has a list, below brackets the last of its values. What
    contradicts an earlier pair (``a=1&a[b]=2``) is left out.
    """
    found: Fields = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        steps = [_snake(head), *(_snake(step) for step in _BRACKETS.findall(name[len(head) :]) if bracket and step)]
        branch: Any = found
        for step in steps[:-1]:
            branch = branch.setdefault(step, {}) if isinstance(branch, dict) else None
        if not isinstance(branch, dict):
            continue
        if branch is not found:
            branch[steps[-1]] = value
        elif isinstance(values := found.setdefault(steps[-1], _Repeated()), _Repeated):
            values.append(value)
    return found


class _Repeated(list[Any]):
    """The values that a form gave one name, in order."""


# Converting


def _converted(kind: type[T], sent: _Sent, texts: Fields) -> T:
    """The value of ``kind``; raises Invalid that names every field at fault."""
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values: Fields = {}
    wrong: dict[str, list[str]] = {}
    for source, strict in ((sent.fields, sent.strict), (texts, False)):
        for name, value in source.items():
            if name not in fields:
                continue
            value = _chosen(value, fields[name].type)
            try:
                _refuse(value, file=name in _file_fields(kind))
                values[name] = msgspec.convert(value, fields[name].type, strict=strict)
            except msgspec.ValidationError as error:
                wrong[name] = [_sentence(str(error), value, fields[name].type)]
            except RecursionError:
                wrong[name] = ["is nested too deeply"]
    for name, field in fields.items():
        if field.required and name not in values and name not in wrong:
            wrong[name] = ["is missing"]
    if wrong:
        raise Invalid(wrong)
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:  # of a __post_init__
        raise Invalid.of("body", str(error)) from error


@lru_cache(maxsize=256)
def _file_fields(kind: type) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(kind) if Upload in _members(field.type))


def _chosen(value: Any, kind: Any) -> Any:
    """A form's values as the one or the list that the field takes; the last of several, as browsers mean it."""
    if not isinstance(value, _Repeated):
        return value
    members = _members(kind)
    takes_list = any((get_origin(member) or member) in (list, tuple, set, frozenset) for member in members)
    if takes_list and (len(value) > 1 or (str not in members and Upload not in members)):
        return list(value)
    return value[-1]


def _members(kind: Any) -> tuple[Any, ...]:
    """The types that a field takes: those of a union, or the one; Annotated is looked through."""
    if hasattr(kind, "__metadata__"):
        return _members(kind.__origin__)
    if get_origin(kind) in (Union, UnionType):
        return tuple(member for part in get_args(kind) for member in _members(part))
    return (kind,)


def _refuse(value: Any, *, file: bool) -> None:
    """Raise ValidationError for what no field takes."""
    if not file:
        _refuse_nul(value)
    elif isinstance(value, dict):  # or msgspec would look for an Upload's fields in it
        raise msgspec.ValidationError("must be an upload, text or a list of texts")


def _refuse_nul(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise msgspec.ValidationError("must not hold the character NUL")
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_nul(name)
            _refuse_nul(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_nul(item)


# Sentences

_NAMES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "datetime": "a date and time",
    "date": "a date",
    "uuid": "a uuid",
    "decimal": "a number",
}
_EXPECTED = re.compile(r"Expected `([^`]+)`(?: (of length )?(<=|>=|<|>) (-?[\d.]+))?(?:, got `([^`]+)`)?")
_BOUNDS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}


def _sentence(error: str, value: Any, kind: Any) -> str:
    """What msgspec says of a value, as the rest of a sentence that begins with the field's name."""
    text, _, place = error.partition(" - at `")
    place = place.rstrip("`").removeprefix("$").strip(".")
    where = f"{place} " if place else ""
    if text.startswith("must "):
        return where + text
    if missing := re.fullmatch(r"Object missing required field `(.+)`", text):
        return f"{where}{missing[1]} is missing"
    if text.startswith("Invalid enum value"):
        choices = [choice for member in _members(kind) for choice in _choices(member)]
        return where + (f"must be one of {', '.join(choices)}" if choices else "is not one of the words it may be")
    if match := _EXPECTED.match(text):
        return where + _expectation(match)
    if invalid := re.fullmatch(r"Invalid (?:RFC3339 encoded )?(\w+)", text):
        return f"{where}must be {_NAMES.get(invalid[1].lower(), invalid[1])}"
    return where + text[:1].lower() + text[1:]


def _expectation(match: re.Match[str]) -> str:
    kinds, length, bound, number, got = match.groups()
    if length:
        unit = "characters" if kinds == "str" else "items"
        return f"must have {_BOUNDS[bound]} {number} {unit}"
    if bound:
        return f"must be {_BOUNDS[bound]} {number}"
    wanted = " or ".join(_NAMES.get(name.strip(), name.strip()) for name in kinds.split("|") if name.strip() != "null")
    return f"must be {wanted}" + (f", not {_NAMES.get(got, got)}" if got else "")


def _choices(kind: Any) -> list[str]:
    if kind is NoneType or not isinstance(kind, type):
        return [str(choice) for choice in get_args(kind)]
    return [str(choice) for choice in getattr(kind, "__members__", {}).values()]
