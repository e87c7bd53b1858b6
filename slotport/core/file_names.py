"""Names of files that a run writes: safe on every system, made of templates, each once in its folder.

See docs/api/export-definition.md. A **base** is a name without its extension.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from slotport.core.export_fields import FIELDS
from slotport.errors import invalid_value

LONGEST = 100  #: characters of a base
LONGEST_BYTES = 200  #: of a base in UTF-8: with an extension, disks take 255
LONGEST_TEMPLATE = 1000
MOST_VARIABLES = 50  #: in one template
_ROOM = 10  #: characters that a clash may need: " (123456)"
_VALUE = 400  #: characters of a value that can still matter, however they compose

_FORBIDDEN = frozenset('/\\:*?"<>|')
#: what is not seen or turns the text around: controls, surrogates, private and unassigned ones, line separators
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(?=\.|$)", re.IGNORECASE)
_ENDS = " .\u00a0"
_MARK = re.compile(r"%([^%]*)%")

#: what a template may name besides the fields of objects
VARIABLES = frozenset({
    "_asset.id",
    "_asset.class",
    "_asset.extension",
    "_asset.original_filename",
    "_asset.version",
    "_asset.technical_metadata.width",
    "_asset.technical_metadata.height",
    "_asset.technical_metadata.max_dimension",
    "_export.name",
    "_global_object_id",
    "_system_object_id",
    "_system.easydb.name",
    "_system.slotport.name",
})  # fmt: skip


def clean_name(text: str, *, fallback: str) -> str:
    """The text as a file name (or base) that every system takes; the fallback if nothing is left of it.

    NFC; what is not allowed, not seen or turns text around becomes ``_``; no dot or blank at either end; a name of a
    Windows device gets a ``_``; at most 100 characters, and 200 bytes in UTF-8.
    """
    composed = unicodedata.normalize("NFC", text[: 8 * _VALUE])
    name = _cut("".join(map(_allowed, composed)).strip(_ENDS), LONGEST, LONGEST_BYTES)
    if device := _DEVICE.match(name):
        name = _cut(f"{device[1]}_{name[device.end() :]}", LONGEST, LONGEST_BYTES)
    return name or fallback


def _allowed(sign: str) -> str:
    if sign in _FORBIDDEN or sign in _TURNING or unicodedata.category(sign) in _UNSEEN:
        return "_"
    return sign


def _cut(name: str, length: int, size: int) -> str:
    """The name's beginning of so many characters and bytes, without dots and blanks at its end."""
    encoded = name[:length].encode()
    return encoded[:size].decode(errors="ignore").rstrip(_ENDS)


# Templates


def template_variables(template: str) -> tuple[str, ...]:
    """The variables that a template names, each once, in order; ``%%`` is none."""
    return tuple(dict.fromkeys(name for _, name in _pieces(template) if name))


def check_template(template: str, path: str) -> None:
    """Raise invalid_value, about the attribute at ``path``, for a template with an unknown variable or a lone ``%``."""
    if len(template) > LONGEST_TEMPLATE:
        raise invalid_value(path, f"must have at most {LONGEST_TEMPLATE} characters")
    if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in template):
        raise invalid_value(path, "has characters that no text has")
    pieces = list(_pieces(template))
    if any("%" in literal for literal, name in pieces if name is None):
        raise invalid_value(path, "has a % without its other one; a percent sign is written %%")
    names = [name for _, name in pieces if name]
    if len(names) > MOST_VARIABLES:
        raise invalid_value(path, f"must have at most {MOST_VARIABLES} variables")
    for name in names:
        if name not in VARIABLES and name not in FIELDS:
            shown = "".join(sign if sign.isprintable() else "?" for sign in name[:60])
            raise invalid_value(path, f"names %{shown}%, which is no variable")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with values in place of its variables, not cleaned; a variable without a value leaves nothing."""
    return "".join(
        literal if name is None else "%" if name == "" else values.get(name, "")[:_VALUE]
        for literal, name in _pieces(template)
    )


def _pieces(template: str) -> Iterator[tuple[str, str | None]]:
    """The template's pieces: a literal text with None, or a variable's name, "" for ``%%``."""
    at = 0
    for mark in _MARK.finditer(template):
        if mark.start() > at:
            yield template[at : mark.start()], None
        yield "", mark[1]
        at = mark.end()
    if at < len(template):
        yield template[at:], None


# Clashes


class Names:
    """Hands out the file names of one folder, each once whatever its case; the same requests give the same names.

    The cost of a name does not depend on how many there are.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, base: str, extension: str = "") -> str:
        """The name of a file: the cleaned base, its extension, and between them `` (2)``, `` (3)`` if it is taken."""
        ending = f".{extension}" if extension else ""
        name = base + ending
        if (key := _key(name)) not in self._taken:
            self._taken.add(key)
            return name
        stem = _cut(base, LONGEST - _ROOM, LONGEST_BYTES - _ROOM)
        stem_key = _key(stem + ending)
        number = self._next.get(stem_key, 2)
        while (key := _key(name := f"{stem} ({number}){ending}")) in self._taken:
            number += 1
        self._next[stem_key] = number + 1
        self._taken.add(key)
        return name


def _key(name: str) -> str:
    """What two names have in common that some system takes for one."""
    return name if name.isascii() and name.islower() else unicodedata.normalize("NFC", name.casefold())
