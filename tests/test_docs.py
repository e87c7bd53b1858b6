"""The documentation lags behind nothing: each setting, command, option and route is in it.

``python -m tests.test_docs`` writes the settings' table anew.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin

import httpx
import pytest
import typer

from slotport.cli import app
from slotport.settings import PREFIX, Settings

DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- settings: made by python -m tests.test_docs -->\n", "<!-- end of settings -->\n"
DEFAULTS = {"data": "the platform's user data folder", "database": "`slotport.db` in the data folder"}


def settings_table() -> str:
    """The table of docs/settings.md."""
    lines = ["| name | variable | type | default | meaning |", "|---|---|---|---|---|"]
    for item in fields(Settings):
        variable = f"`{PREFIX}{item.name.upper()}`"
        if item.metadata["secret"]:
            variable += f" or `{PREFIX}{item.name.upper()}_FILE`"
        default = DEFAULTS.get(item.name) or (f"`{item.default}`" if item.default != "" else "empty")
        lines.append(f"| `{item.name}` | {variable} | {kind_of(item.type)} | {default} | {item.metadata['help']} |")
    return "\n".join(lines) + "\n"


def kind_of(kind: Any) -> str:
    if get_origin(kind) is not None:
        return ", ".join(f"`{word}`" for word in get_args(kind))
    return {int: "whole number", Path: "folder"}.get(kind, "text")


def test_the_settings_table_is_up_to_date() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")

    assert text.partition(BEGIN)[2].partition(END)[0] == settings_table()


def commands() -> Iterator[tuple[str, Any]]:
    """Each command's words, and the command."""

    def below(command: Any, words: str) -> Iterator[tuple[str, Any]]:
        for name, child in getattr(command, "commands", {}).items():
            yield from below(child, f"{words} {name}")
        if not hasattr(command, "commands"):
            yield words, command

    return below(typer.main.get_command(app), "slotport")


def section_of(words: str) -> str:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    return text.partition(f"## `{words}")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("words", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_command_is_documented(words: str, command: Any) -> None:
    section = section_of(words)
    options = {name for parameter in command.params for name in parameter.opts if name.startswith("--")}

    assert section, f"docs/cli.md has no section about {words}"
    assert {name for name in options - {"--help", *COMMON} if f"`{name}" not in section} == set()
    assert "Exit status: 0 " in " ".join(f"{command.help} {command.epilog}".split())


COMMON = ("--config", "--database", "--data")


def test_the_common_options_and_statuses_are_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")

    assert {name for name in COMMON if f"`{name} " not in text} == set()
    assert {status for status in ("0", "1", "2", "3", "130") if f"\n| {status} |" not in text} == set()


def test_each_route_is_documented(api: httpx.Client) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "api").glob("*.md"))
    known = {path.rstrip("/.") for path in re.findall(r"/[\w/<>{}:.-]+", text)}
    paths = [*api.get("/openapi.json").json()["paths"], "/metrics", "/openapi.json", "/docs"]

    assert [path for path in paths if not any(shape_of(path).fullmatch(other) for other in known)] == []


def shape_of(path: str) -> re.Pattern[str]:
    """``/slots/{slot_id}`` as whatever the page calls the id."""
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


def pages() -> list[Path]:
    """Every page of the repository, that of its folders which are not its own aside."""
    return sorted(
        page for page in DOCS.parent.rglob("*.md") if not {".venv", ".cache", "node_modules"} & set(page.parts)
    )


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(DOCS.parent)))
def test_each_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    files = [link.partition("#")[0] for link in links if not re.match(r"\w+:", link)]

    assert [file for file in files if file and not (page.parent / file).exists()] == []


if __name__ == "__main__":
    page = DOCS / "settings.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(before + BEGIN + settings_table() + END + rest.partition(END)[2], encoding="utf-8")
