"""The OpenAPI 3.1 document, made from the handlers themselves.

A handler's docstring is its text: the first line the summary, the rest the description. Its parameters come from
``body_of`` and ``query_of``, the shape of its answer from its return type. What cannot be seen there stands in the
handler's ``opt``: ``errors``, further statuses that it answers with; ``produces``, media types of a stream;
``words``, the values that a path parameter may have; ``takes``, names of what is said to a handler of the convention
and the export interface, which read raw values, in the latter in the query string; ``form``, names in a form.
"""

import inspect
import re
from collections.abc import Iterator
from http import HTTPStatus
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from slotport import __version__
from slotport.api.body import Reads, Upload
from slotport.api.pieces import Pieces
from slotport.api.surfaces import surface_of
from slotport.api.timeslot.errors import ErrorBody

Json = dict[str, Any]

REF = "#/components/schemas/{name}"
BINARY: Json = {"type": "string", "format": "binary"}
DESCRIPTION = (
    "Calendars come in as iCalendar, Outlook CSV or Timeslot JSON, and go out again in any of them."
    " Request keys may be camelCase or snake_case; bodies may be JSON, urlencoded or multipart."
)
TEXTS = {
    403: "A rule forbids it; of an import: the file is not text in its encoding.",
    404: "It is unknown, or not the caller's to see.",
    405: "The route knows no such method; `Allow` names those it knows.",
    413: "The body is over the limit, which the text names.",
    422: "A parameter is missing or wrong; the error names each.",
    429: "Too many tries; `Retry-After` says when the next may pass.",
    503: "The store cannot serve now; `Retry-After` says when it may.",
}


def document(app: Litestar, base_url: str) -> Json:
    """The whole document, routes in the order of their paths."""
    operations = sorted(_operations(app), key=lambda operation: (operation.path, operation.method))
    schemas = _Schemas(operations)
    paths: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = operation.json(schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Slotport",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url or "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Token token=<token>`, the token being that of a sign-in.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Easydb-Token",
                    "description": "The token of a session of `/api/v1/session`; it may stand in the query as `token`.",
                },
                "convention": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Convention",
                    "description": "The public key of a convention.",
                },
                "user": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The token of a sign-in at `/auth`, or `Convention <time>:<salt>:<signature>`.",
                },
            },
        },
    }


def _operations(app: Litestar) -> "Iterator[_Operation]":
    seen: set[tuple[str, str]] = set()
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                if handler.resolve_include_in_schema() and (route.path_format, method) not in seen:
                    seen.add((route.path_format, method))
                    kind = _ExportOperation if surface_of(route.path_format).name == "export" else _Operation
                    yield kind(route, handler, method.lower())


class _Operation:
    """One method of one route."""

    def __init__(self, route: HTTPRoute, handler: HTTPRouteHandler, method: str) -> None:
        self.path = route.path_format
        self.method = method
        self.handler = handler
        self.function: Any = getattr(handler.fn, "func", handler.fn)  # of a handler that runs on a thread
        self.surface = surface_of(self.path)
        self.tag = self.surface.name
        self.path_names = list(route.path_parameters)
        signature = handler.parsed_fn_signature
        self.asked = signature.parameters
        self.returns = signature.return_type.annotation
        provided = handler.resolve_dependencies()
        reads = [provided[name] for name in self.asked if name in provided]
        self.reads = [source for source in reads if isinstance(source, Reads)]

    @property
    def answers(self) -> list[Any]:
        """The types that the body of the answer may have."""
        members = _alternatives(self.returns)
        return [member for member in members if member not in (None, type(None), bytes, str, Any)]

    @property
    def is_raw(self) -> bool:
        """Whether it is of the convention interface, whose handlers read raw values."""
        return self.surface.refusal is not ErrorBody

    @property
    def name(self) -> str:
        """The operation's own name in the document."""
        name: str = self.function.__name__
        if self.is_raw:
            module = self.function.__module__.rpartition(".")[2]
            name = f"{module}_{name}"
            if len(self.handler.paths) > 1:
                name += "_" + re.sub(r"\W+", "_", self.path.split("/")[2])
        single = len(self.handler.http_methods - {"OPTIONS"}) == 1
        return name if single else f"{name}_{self.method}"

    def statuses(self) -> list[int]:
        """The statuses of its refusals."""
        found = {405, 500, 503, *self.handler.opt.get("errors", ())}
        if self.is_raw:
            found |= {400, 403, 404} if self.asked.keys() & {"access", "caller", "visitor"} else {400}
            found |= {409, 413} if self.method in ("post", "put", "delete") else set()
            return sorted(found | ({404} if self.path_names else set()))
        if "caller" in self.asked:
            found.add(401)
        if self.path_names:
            found.add(404)
        if self.reads:
            found.add(422)
        if any(source.place == "body" for source in self.reads):
            found.add(413)
        if any(source.files for source in self.reads):
            found.add(403)
        return sorted(found)

    def json(self, schemas: "_Schemas") -> Json:
        summary, _, description = (inspect.getdoc(self.function) or "").partition("\n")
        operation: Json = {
            "operationId": self.name,
            "tags": [self.tag],
            "summary": summary,
            "parameters": [*self._path_parameters(), *self._query_parameters(schemas)],
            "responses": self._responses(schemas),
        }
        if text := " ".join(description.split()):
            operation["description"] = text
        if self.is_raw:
            operation |= self._raw()
        elif "caller" in self.asked:
            operation["security"] = [{"token": []}]
        elif "visitor" in self.asked:
            operation["security"] = [{}, {"token": []}]
        for source in self.reads:
            if source.place == "body":
                operation["requestBody"] = {"required": False, "content": schemas.body(source)}
        return operation

    def _raw(self) -> Json:
        """Security and body of an operation of the convention interface."""
        found: Json = {}
        if "caller" in self.asked:
            found["security"] = [{"user": []}]
        elif "access" in self.asked:
            key: Json = {} if "convention_name" in self.path_names else {"convention": []}
            found["security"] = [key, {**key, "user": []}]
        elif self.asked.keys() & {"visitor", "token", "request"}:
            found["security"] = [{}, {"user": []}]
        if self.method != "get" and self.asked.keys() & {"fields", "said"}:
            properties: Json = {name: {} for name in self.handler.opt.get("takes", ())}
            schema = {"type": "object", **({"properties": properties} if properties else {})}
            kinds = ("application/json", "application/x-www-form-urlencoded")
            found["requestBody"] = {"required": False, "content": {kind: {"schema": schema} for kind in kinds}}
        return found

    def _path_parameters(self) -> Iterator[Json]:
        words = self.handler.opt.get("words", {})
        for name in self.path_names:
            schema: Json = {"type": "string"}
            if name in words:
                schema["enum"] = list(words[name])
            yield {"name": name, "in": "path", "required": True, "schema": schema}

    def _query_parameters(self, schemas: "_Schemas") -> Iterator[Json]:
        for source in self.reads:
            if source.place == "query" or source.query:
                yield from schemas.query(source)
        if self.is_raw and self.method == "get":
            for name in self.handler.opt.get("takes", ()):
                yield {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}

    def _responses(self, schemas: "_Schemas") -> Json:
        # a status of the handler's is a number or an HTTPStatus
        status = int(self.handler.status_code)
        responses: Json = {str(status): {"description": HTTPStatus(status).phrase, **self._content(schemas)}}
        if self.is_raw and bytes in _alternatives(self.returns):
            responses["302"] = {"description": "With `redirect-url`: where the browser goes on."}
        for code in self.statuses():
            headers: Json = {}
            if code in (429, 503):
                headers["Retry-After"] = {"description": "Seconds.", "schema": {"type": "integer"}}
            if code == 405:
                headers["Allow"] = {"description": "The methods of the route.", "schema": {"type": "string"}}
            responses[str(code)] = {
                "description": TEXTS.get(code, HTTPStatus(code).phrase),
                "content": {"application/json": {"schema": schemas.of(self.surface.refusal)}},
                **({"headers": headers} if headers else {}),
            }
        return responses

    def _content(self, schemas: "_Schemas") -> Json:
        found = [schemas.of(kind) for kind in self.answers if kind is not Pieces]
        if "produces" in self.handler.opt:
            return {"content": {kind: {"schema": {}} for kind in self.handler.opt["produces"]}}
        if found:  # pieces are then another way to the same JSON
            schema = found[0] if len(found) == 1 else {"anyOf": found}
            return {"content": {"application/json": {"schema": schema}}}
        return {"content": {"application/octet-stream": {"schema": BINARY}}} if self.answers else {}


class _ExportOperation(_Operation):
    """One method of one route of the export interface."""

    def statuses(self) -> list[int]:
        found = {400, 500, 503}
        if self.asked.keys() & {"caller", "session"} and not self._is_followed:
            found |= {403, 404} if "export_id" in self.path_names else {403}
        return sorted(found)

    @property
    def _is_file(self) -> bool:
        """Whether it answers with a file."""
        return "disposition" in self.handler.opt.get("takes", ())

    @property
    def _is_followed(self) -> bool:
        """Whether browsers are sent here, and on to a page if something is wrong."""
        return self._is_file and "export_id" in self.path_names

    def _raw(self) -> Json:
        found: Json = {}
        if self.asked.keys() & {"caller", "session"}:
            found["security"] = [{"session": []}]
        elif "token" in self.asked:
            found["security"] = [{}, {"session": []}]
        content: Json = {}
        if self.asked.keys() & {"said", "laid_over", "nothing"}:
            content["application/json"] = {"schema": {"type": "object"}}
        if names := self.handler.opt.get("form"):
            properties = {name: {"type": "string"} for name in names}
            content["application/x-www-form-urlencoded"] = {"schema": {"type": "object", "properties": properties}}
        if "upload" in self.asked:
            file = {"type": "object", "properties": {"file": BINARY}, "required": ["file"]}
            content["multipart/form-data"] = {"schema": file}
        if content:
            found["requestBody"] = {"required": "said" in self.asked, "content": content}
        return found

    def _query_parameters(self, schemas: "_Schemas") -> Iterator[Json]:
        for name in self.handler.opt.get("takes", ()):
            yield {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}

    def _responses(self, schemas: "_Schemas") -> Json:
        responses = super()._responses(schemas)
        responses.pop("302", None)
        if self._is_file:
            responses["206"] = {"description": "The bytes that the header `Range` asks for."}
            responses["304"] = {"description": "The client has it already."}
            responses["412"] = {"description": "It is another one than `If-Match` names."}
            responses["416"] = {"description": "It has none of the bytes that `Range` asks for."}
        if self._is_followed:
            responses["302"] = {"description": "With `disposition`: the page that says what is wrong."}
        elif "success" in self.handler.opt.get("form", ()) or "error" in self.handler.opt.get("form", ()):
            responses["302"] = {"description": "With `success` or `error`: where the browser goes on."}
        return responses

    def _content(self, schemas: "_Schemas") -> Json:
        if "produces" in self.handler.opt or self.answers:
            return super()._content(schemas)
        return {"content": {"application/json": {"schema": {}}}}


def _alternatives(kind: Any) -> Iterator[Any]:
    """The members of a union, Response looked through."""
    if get_origin(kind) is Response:
        yield from _alternatives(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for member in get_args(kind):
            yield from _alternatives(member)
    else:
        yield kind


class _Schemas:
    """The schemas of all structs that operations take or give."""

    def __init__(self, operations: list[_Operation]) -> None:
        self._taken = {source.kind for operation in operations for source in operation.reads}
        given = [kind for operation in operations for kind in operation.answers if kind is not Pieces]
        kinds = [
            *{operation.surface.refusal for operation in operations},
            *given,
            *sorted(self._taken, key=lambda kind: kind.__name__),
        ]
        found, components = msgspec.json.schema_components(
            list(kinds), schema_hook=lambda _kind: {"type": "null"}, ref_template=REF
        )
        self._found = {_key(kind): schema for kind, schema in zip(kinds, found, strict=True)}
        taken = self._below(components, [self._found[_key(kind)] for kind in self._taken])
        self.components: Json = {
            name: _without_uploads(_camel_keys(schema) if name in taken else schema)
            for name, schema in components.items()
            if name != Upload.__name__
        }

    def of(self, kind: Any) -> Json:
        """The schema of a type, mostly a reference."""
        schema: Json = self._found[_key(kind)]
        return schema

    def body(self, source: Reads) -> Json:
        """The content of a request body that ``body_of`` reads."""
        form = self._form(source)
        return {
            "application/json": {"schema": self.of(source.kind)},
            "application/x-www-form-urlencoded": {"schema": _without_files(form)},
            "multipart/form-data": {"schema": form},
        }

    def query(self, source: Reads) -> Iterator[Json]:
        """The query parameters that a struct stands for; files and objects cannot be there."""
        form = _without_files(self._form(source))
        for name, schema in form["properties"].items():
            required = name in form.get("required", ()) and source.place == "query"
            yield {"name": name, "in": "query", "required": required, "schema": schema}

    def _form(self, source: Reads) -> Json:
        """The struct as a form has it, where all is text."""
        properties: Json = {}
        whole = self.components[self.of(source.kind)["$ref"].rpartition("/")[2]]
        for field in msgspec.structs.fields(source.kind):
            name = _camel(field.name)
            if field.name in source.file_fields:
                properties[name] = BINARY
            elif (text := _as_text(whole["properties"][name], self.components)) is not None:
                properties[name] = text
        required = [name for name in whole.get("required", ()) if name in properties]
        return {"type": "object", "properties": properties, **({"required": required} if required else {})}

    @staticmethod
    def _below(components: Json, starts: list[Json]) -> set[str]:
        """The names of the components that schemas lead to."""
        found: set[str] = set()
        todo = starts
        while todo:
            names = {name for schema in todo for name in _references(schema)} - found
            found |= names
            todo = [components[name] for name in names]
        return found


def _key(kind: Any) -> str:
    return repr(kind)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for item in schema.values():
            yield from _references(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from _references(item)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _camel_keys(schema: Json) -> Json:
    """A request's schema with the names that are documented; the snake_case ones are taken too."""
    if "properties" not in schema:
        return schema
    properties = {_camel(name): item for name, item in schema["properties"].items()}
    return {**schema, "properties": properties, "required": [_camel(name) for name in schema.get("required", ())]}


def _without_uploads(schema: Any) -> Any:
    """The schema as JSON has it, which carries no files."""
    if isinstance(schema, list):
        return [_without_uploads(item) for item in schema if not _is_upload(item)]
    if isinstance(schema, dict):
        return {name: _without_uploads(item) for name, item in schema.items()}
    return schema


def _is_upload(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("$ref") == REF.format(name=Upload.__name__)


def _without_files(form: Json) -> Json:
    properties = {name: schema for name, schema in form["properties"].items() if schema is not BINARY}
    required = [name for name in form.get("required", ()) if name in properties]
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _as_text(schema: Json, components: Json) -> Json | None:
    """The schema of a form's field; None of an object, which a form does not have."""
    if "$ref" in schema:
        return _as_text(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        kinds = [_as_text(item, components) for item in schema["anyOf"] if item.get("type") != "null"]
        return next((kind for kind in kinds if kind is not None), None)
    match schema.get("type"):
        case "boolean":
            return {"type": "string", "enum": ["true", "false", "1", "0"]}
        case "array":
            item = _as_text(schema.get("items", {}), components)
            return {"type": "array", "items": item} if item is not None else None
        case "object":
            return None
        case _:
            return {name: value for name, value in schema.items() if name not in ("default", "title", "description")}
