"""The query string and the forms of the export interface: one text a name (docs/api/export.md).

What is not asked for by name is ignored. A name that is given twice with two values is refused.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from litestar.di import Provide

from slotport.api.body import NAMES
from slotport.api.callers import AnyRequest
from slotport.core.slot import is_storable
from slotport.errors import WireError, invalid_value

_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_NUMBER = re.compile(r"-?[0-9]{1,30}", re.ASCII)
LARGEST_ID = 2**63 - 1
ID_DIGITS = 255  #: of an id that are looked at


class Said:
    """Parameters by name."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._texts: dict[str, list[str]] = {}
        for name, text in pairs:
            self._texts.setdefault(name, []).append(text)

    def all(self, name: str) -> list[str]:
        """Every text of the name, in order."""
        return self._texts.get(name, [])

    def text(self, name: str) -> str | None:
        """The text of the name; None if it is not given. Raises WireError if it is given with two values."""
        texts = self.all(name)
        if len(set(texts)) > 1:
            raise invalid_value(name, "is given twice, with two values")
        if texts and not is_storable(texts[0]):
            raise invalid_value(name, "holds a character that cannot be stored")
        return texts[0] if texts else None

    def flag(self, name: str) -> bool | None:
        """The truth value of the name; None if it is not given."""
        text = self.text(name)
        if text is None:
            return None
        if text not in _FLAGS:
            raise invalid_value(name, "must be 1, true, 0 or false")
        return _FLAGS[text]

    def number(self, name: str, *, least: int, most: int | None = None) -> int | None:
        """The whole number of the name; None if it is not given."""
        text = self.text(name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            raise invalid_value(name, "must be a whole number")
        value = int(text)
        if value < least or (most is not None and value > most):
            raise invalid_value(name, f"must be at least {least}" if most is None else f"must be {least} to {most}")
        return value

    def with_further(self, pairs: Iterable[tuple[str, str]]) -> "Said":
        """These parameters and others."""
        return Said([*((name, text) for name, texts in self._texts.items() for text in texts), *pairs])


def query_of(request: AnyRequest) -> Said:
    """The parameters of the query string; bytes that are no UTF-8 become U+FFFD."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        return Said(parse_qsl(text, keep_blank_values=True, max_num_fields=NAMES, errors="replace"))
    except ValueError as cause:
        raise WireError("error.api.generic", f"The query has more than {NAMES} parameters.") from cause


def cache_control(query: Said) -> dict[str, str]:
    """The header of a JSON answer to a GET, which ``cache_seconds`` may let clients keep for a while."""
    seconds = query.number("cache_seconds", least=0, most=LARGEST_ID)
    return {"Cache-Control": f"private, max-age={seconds}" if seconds else "no-cache"}


def id_of(text: str, name: str) -> int:
    """The id in a path, which may be larger than any there is; raises WireError for what is no positive whole number.

    Of very many digits the first ones: what nobody has is told of in errors.
    """
    digits = text.lstrip("0") if text.isascii() and text.isdecimal() else ""
    if not digits:
        raise invalid_value(name, "must be a positive whole number")
    return int(digits[:ID_DIGITS])


def id_or_none(text: str) -> int:
    """The id in a path; 0, which nobody has, for what is none."""
    try:
        return id_of(text, "id")
    except WireError:
        return 0


def provided() -> dict[str, Provide]:
    """The dependency ``flags``: the query string."""
    return {"flags": Provide(query_of, sync_to_thread=False)}
