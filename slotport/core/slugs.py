"""Slugs: what names a location or a convention in addresses, made from its title."""

import re
import unicodedata
from collections.abc import Container

SLUG_LENGTH = 200  #: characters
TITLE_LENGTH = 255  #: of what is unique by its title; four bytes each still fit into an index of PostgreSQL

_RUNS = re.compile(r"-+")


def slug_of(title: str) -> str:
    """Make a slug: lower-case, letters and digits of any script kept, every other run one ``-``, ends trimmed.

    A mark belongs to the letter before it. Empty if nothing remains.
    """
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", title).lower():
        if character.isalnum() or (kept and kept[-1] != "-" and _is_mark(character)):
            kept.append(character)
        else:
            kept.append("-")
    return _RUNS.sub("-", "".join(kept)).strip("-")[:SLUG_LENGTH].strip("-")


def free_slug(wanted: str, taken: Container[str]) -> str:
    """The slug itself, or else with the first of ``-2``, ``-3`` … that nobody has."""
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        end = f"-{number}"
        slug = f"{wanted[: SLUG_LENGTH - len(end)]}{end}"
    return slug


def is_number(slug: str) -> bool:
    """Whether the slug would be read as an id."""
    return slug.isdecimal()


def _is_mark(character: str) -> bool:
    # not those that only say how a sign is drawn, as the ones behind many emoji do
    return unicodedata.category(character) in ("Mn", "Mc") and not "\ufe00" <= character <= "\ufe0f"
