"""What searches ask SQLite and PostgreSQL for differently: texts and their words, lists of values, parameters.

Both give the same results (docs/api/export-search.md, "Texts and words"). SQLite calls functions of ours, which
``add_functions`` puts into each connection; PostgreSQL folds texts with its own normalize(), lower() and
regexp_replace(), by the lists in core/text_match.py.
"""

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from slotport.core.text_match import BOUNDARY, SEPARATED, Mode, dropped, fold, lower_to_folded, pattern

#: PostgreSQL's collations that lower letters of all languages, whatever the database's own is, best first
_LOWERING = ("und-x-icu", "pg_c_utf8")


class Dialect(ABC):
    """Writes one statement: its expressions, and the values of its parameters. SQL texts come in and go out."""

    code: str  #: what makes an expression compare by code point
    no_limit: str  #: what stands for a limit where there is none
    fence: str  #: at the end of a SELECT without a table: its values are worked out once
    unindexed: str  #: put before a column keeps its indexes from being used, where that is wanted

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self._names: dict[tuple[type, Any], str] = {}

    def bind(self, value: str | int | tuple[str, ...] | tuple[int, ...]) -> str:
        """A parameter of that value; equal values share one."""
        name = self._names.setdefault((type(value), value), f"p{len(self._names)}")
        self.parameters[name] = self._bound(value)
        return self._placeholder(name)

    @abstractmethod
    def _bound(self, value: Any) -> Any: ...

    @abstractmethod
    def _placeholder(self, name: str) -> str: ...

    @abstractmethod
    def text(self, value: str) -> str:
        """A parameter that is a text."""

    @abstractmethod
    def fold(self, value: str) -> str:
        """The text folded, comparing by code point; null stays null."""

    @abstractmethod
    def matches(self, value: str, string: str, mode: Mode, *, phrase: bool) -> str:
        """Whether the text has the words of the string, as ``Pattern.matches`` says."""

    @abstractmethod
    def among_texts(self, value: str, values: tuple[str, ...]) -> str:
        """Whether the text is one of the values; null if it is null."""

    @abstractmethod
    def among_numbers(self, value: str, values: tuple[int, ...]) -> str:
        """Whether the number is one of the values; null if it is null."""

    @abstractmethod
    def joined(self, value: str, rows: str) -> str:
        """The texts of all rows in one, BOUNDARY between two."""

    @abstractmethod
    def listed(self, value: str, rows: str) -> str:
        """The values of all rows in one list, which ``each`` takes apart."""

    @abstractmethod
    def each(self, values: str) -> str:
        """``FROM … WHERE …`` of the values of a list, of which each is ``u.value``."""

    @abstractmethod
    def together(self, values: Sequence[str]) -> str:
        """The texts that are not null in one, BOUNDARY between two."""

    @abstractmethod
    def hexadecimal(self, numbers: Sequence[tuple[str, int]]) -> str:
        """The numbers, each with so many digits, a ``-`` between two."""


class _SQLite(Dialect):
    code = ""
    no_limit = "-1"
    fence = ""
    unindexed = "+"

    def _bound(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value

    def _placeholder(self, name: str) -> str:
        return f":{name}"

    def text(self, value: str) -> str:
        return self.bind(value)

    def fold(self, value: str) -> str:
        return f"slotport_fold({value})"

    def matches(self, value: str, string: str, mode: Mode, *, phrase: bool) -> str:
        return f"slotport_match({value}, {self.bind(string)}, '{mode}', {phrase:d})"

    def among_texts(self, value: str, values: tuple[str, ...]) -> str:
        return f"{value} IN (SELECT value FROM json_each({self.bind(values)}))"

    def among_numbers(self, value: str, values: tuple[int, ...]) -> str:
        return self.among_texts(value, values)  # type: ignore[arg-type] # JSON knows which they are

    def joined(self, value: str, rows: str) -> str:
        return f"(SELECT group_concat({value}, char({ord(BOUNDARY)})) {rows})"

    def listed(self, value: str, rows: str) -> str:
        return f"(SELECT json_group_array({value}) {rows})"

    def each(self, values: str) -> str:
        return f"FROM json_each({values}) AS u WHERE true"

    def together(self, values: Sequence[str]) -> str:
        return f" || char({ord(BOUNDARY)}) || ".join(f"coalesce({value}, '')" for value in values)

    def hexadecimal(self, numbers: Sequence[tuple[str, int]]) -> str:
        form = "-".join(f"%0{digits}x" for _, digits in numbers)
        return f"printf('{form}', {', '.join(number for number, _ in numbers)})"


class _PostgreSQL(Dialect):
    code = ' COLLATE "C"'
    no_limit = "ALL"
    fence = " OFFSET 0"
    unindexed = ""

    def __init__(self, lowering: str) -> None:
        super().__init__()
        self._lowering = lowering

    def _bound(self, value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value

    def _placeholder(self, name: str) -> str:
        return f"%({name})s"

    def text(self, value: str) -> str:
        return f"CAST({self.bind(value)} AS text)"

    def fold(self, value: str) -> str:
        # OFFSET 0 has a value worked out once; only of ASCII are there as many bytes as letters
        return (
            f"(SELECT CASE WHEN octet_length(v.x) = char_length(v.x) THEN lower(v.x) ELSE {self._folded('v.x')} END"
            f' FROM (SELECT CAST({value} AS text) COLLATE "C" AS x OFFSET 0) AS v) COLLATE "C"'
        )

    def _folded(self, value: str) -> str:
        lower, folded = lower_to_folded()
        plain = f"regexp_replace(normalize({value}, NFKD), {self.text(dropped())}, '', 'g')"
        low = f'(lower({plain} COLLATE "{self._lowering}")) COLLATE "C"'
        rare = self.text(f"[{lower}]")  # translate is slow, and hardly ever has anything to do
        return (
            f"(SELECT CASE WHEN l.x ~ {rare} THEN translate(l.x, {self.text(lower)}, {self.text(folded)}) ELSE l.x END"
            f" FROM (SELECT replace(replace({low}, 'ß', 'ss'), 'ς', 'σ') AS x OFFSET 0) AS l)"
        )

    def matches(self, value: str, string: str, mode: Mode, *, phrase: bool) -> str:
        wanted = pattern(string, mode, phrase=phrase, atomic=False)
        if not wanted.parts and not wanted.expressions:
            return "true"
        between = self.text(BOUNDARY)
        words = f"' ' || regexp_replace(f.x, {self.text(SEPARATED)}, ' ', 'g') || ' '"
        tests = [f"strpos(w.x, {self.text(part)}) > 0" for part in wanted.parts]
        tests += [f"w.x ~ {self.text(expression)}" for expression in wanted.expressions]
        whole = f"replace({words}, {between}, ' ' || {between} || ' ')"
        test = f"(SELECT {' AND '.join(tests)} FROM (SELECT {whole} AS x OFFSET 0) AS w)"
        for letters in wanted.letters:
            test = f"CASE WHEN strpos(f.x, {self.text(letters)}) > 0 THEN {test} ELSE false END"
        return f"(SELECT {test} FROM (SELECT {self.fold(value)} AS x OFFSET 0) AS f)"

    def among_texts(self, value: str, values: tuple[str, ...]) -> str:
        return f"{value} = ANY(CAST({self.bind(values)} AS text[]))"

    def among_numbers(self, value: str, values: tuple[int, ...]) -> str:
        return f"{value} = ANY(CAST({self.bind(values)} AS bigint[]))"

    def joined(self, value: str, rows: str) -> str:
        return f"(SELECT string_agg({value}, {self.text(BOUNDARY)}) {rows})"

    def listed(self, value: str, rows: str) -> str:
        return f"ARRAY(SELECT {value} {rows})"

    def each(self, values: str) -> str:
        return f"FROM unnest({values}) AS u(value) WHERE true"

    def together(self, values: Sequence[str]) -> str:
        return f"concat_ws({self.text(BOUNDARY)}, {', '.join(values)})"

    def hexadecimal(self, numbers: Sequence[tuple[str, int]]) -> str:
        return " || '-' || ".join(f"lpad(to_hex({number}), {digits}, '0')" for number, digits in numbers)


def dialect_of(connection: Connection) -> Dialect:
    """A new statement for the connection's database."""
    if connection.dialect.name == "sqlite":
        return _SQLite()
    # jit would take longer over large searches than the searches
    row = connection.exec_driver_sql(
        "SELECT set_config('jit', 'off', true), ARRAY(SELECT CAST(collname AS text) FROM pg_collation"
        f" WHERE collname IN {_LOWERING} AND collencoding IN (-1, 6))"
    ).one()
    return _PostgreSQL(next((name for name in _LOWERING if name in row[1]), "default"))


def add_functions(connection: sqlite3.Connection) -> None:
    """Put the functions that searches call into a new connection."""
    connection.create_function("slotport_fold", 1, _fold, deterministic=True)
    connection.create_function("slotport_match", 4, _match, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _match(text: str | None, string: str, mode: Mode, phrase: int) -> bool:
    return pattern(string, mode, phrase=bool(phrase)).matches(text or "")
