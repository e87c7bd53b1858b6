"""The page at ``/docs``: the OpenAPI document for people, without a script and without anything from elsewhere."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

Json = dict[str, Any]

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h2{margin-top:2.5rem}summary{cursor:pointer;padding:.35rem 0}code{background:#f1f1f1;padding:0 .2rem}"
    "table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left;"
    "vertical-align:top}.method{display:inline-block;min-width:4.5rem;font-weight:bold}"
    "@media(prefers-color-scheme:dark){body{background:#151515;color:#e8e8e8}code{background:#2a2a2a}a{color:#8ab4f8}"
    "td,th{border-color:#444}}"
)
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + b64encode(sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def page(document: Json) -> str:
    """The document as HTML."""
    info = document["info"]
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{STYLE}</style></head><body>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{_text(info['description'])}</p>",
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>',
        "<p>A request with a token carries the header <code>Authorization: Token token=…</code>.</p>",
    ]
    for tag in document["tags"]:
        parts.append(f"<h2>{escape(tag['name'])}</h2>")
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    parts.append(_operation(path, method, operation, document))
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _operation(path: str, method: str, operation: Json, document: Json) -> str:
    rows = [(item["name"], f"in the {item['in']}", item["schema"]) for item in operation["parameters"]]
    rows += list(_body_rows(operation, document))
    parts = [
        f'<details id="{escape(operation["operationId"])}"><summary>',
        f'<span class="method">{escape(method.upper())}</span>',
        f"<code>{escape(path)}</code> {_text(operation['summary'])}</summary>",
    ]
    if text := operation.get("description"):
        parts.append(f"<p>{_text(text)}</p>")
    if operation.get("security") == [{"token": []}]:
        parts.append("<p>Needs a token.</p>")
    if rows:
        parts.append("<table><tr><th>Parameter</th><th>Where</th><th>Value</th></tr>")
        parts += [
            f"<tr><td><code>{escape(name)}</code></td><td>{escape(place)}</td><td>{_value(schema)}</td></tr>"
            for name, place, schema in rows
        ]
        parts.append("</table>")
    parts.append("<table><tr><th>Status</th><th>Meaning</th><th>Body</th></tr>")
    parts += [
        f"<tr><td>{escape(status)}</td><td>{_text(answer['description'])}</td><td>{_content(answer)}</td></tr>"
        for status, answer in operation["responses"].items()
    ]
    parts.append("</table></details>")
    return "\n".join(parts)


def _body_rows(operation: Json, document: Json) -> list[tuple[str, str, Json]]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return []
    schema = content.get("application/json", next(iter(content.values())))["schema"]
    while "$ref" in schema:
        schema = document["components"]["schemas"][_name(schema)]
    required = schema.get("required", ())
    return [
        (name, "in the body" + (", required" if name in required else ""), item)
        for name, item in schema.get("properties", {}).items()
    ]


def _content(answer: Json) -> str:
    kinds = [
        f"<code>{escape(kind)}</code> {_value(item['schema'])}" for kind, item in answer.get("content", {}).items()
    ]
    return "<br>".join(kinds) or "none"


def _value(schema: Json) -> str:
    """The schema in a few words."""
    if "$ref" in schema:
        return escape(_name(schema))
    if "anyOf" in schema:
        return " or ".join(_value(item) for item in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"<code>{escape(str(item))}</code>" for item in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_value(schema.get('items', {}))}"
    kind = schema.get("type", "")
    return escape(" or ".join(kind) if isinstance(kind, list) else kind)


def _name(schema: Json) -> str:
    name: str = schema["$ref"].rpartition("/")[2]
    return name


def _text(text: str) -> str:
    """Text whose words between backticks are code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))
