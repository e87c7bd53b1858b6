"""Texts as searches compare them: the databases fold and cut into words as the core does."""

import sys
import unicodedata

import pytest

from slotport.core.object_ids import KIND_NUMBERS, object_uuid
from slotport.core.text_match import Mode, fold, pattern
from slotport.storage.search_fields import source
from slotport.storage.search_text import dialect_of
from slotport.storage.store import Store

#: letters that every Python and PostgreSQL knows
LETTERS = [
    letter
    for letter in map(chr, range(1, sys.maxunicode + 1))
    if unicodedata.ucd_3_2_0.category(letter) not in ("Cn", "Cs")
]
PIECE = 5000


def test_every_letter_is_folded_alike(store: Store) -> None:
    found = []
    with store.read() as transaction:
        for start in range(0, len(LETTERS), PIECE):
            dialect = dialect_of(transaction.connection)
            part = "\x1f".join(LETTERS[start : start + PIECE])
            statement = f"SELECT {dialect.fold(dialect.text(part))}"
            found += transaction.connection.exec_driver_sql(statement, dialect.parameters).scalar_one().split("\x1f")
    expected = "\x1f".join(fold(letter) for letter in LETTERS).split("\x1f")

    assert [pair for pair in zip(LETTERS, found, expected, strict=False) if pair[1] != pair[2]] == []
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße", "strasse"),
        ("İSTANBUL", "istanbul"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("cafe\u0301", "cafe"),
        ("ﬁ１", "fi1"),
        ("so\u00adft\u200d\ufe0f", "soft"),
        ("가", "\u1100\u1161"),
        ("\uab70", "\u13a0"),
    ],
)
def test_case_accents_and_widths_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


MATCHES: list[tuple[str, str, Mode, bool, bool]] = [
    ("Harbour walk", "wal HARB", "fulltext", False, True),
    ("Harbour walk", "bour", "fulltext", False, False),
    ("Harbour walk", "harb walk", "fulltext", True, True),
    ("Harbour long walk", "harb walk", "fulltext", True, False),
    ("Harbour walk", "walk harb", "fulltext", True, False),
    ("Harbour\x1fwalk", "harbour walk", "fulltext", True, False),
    ("Harbour\x1fwalk", "harbour walk", "token", False, True),
    ("Harbour walk", "walk", "token", False, True),
    ("Harbour walks", "walk", "token", False, False),
    ("well-known", "known", "token", False, True),
    ("a_b%c", "b", "token", False, True),
    ("a_b%c", "a%", "fulltext", False, True),
    ("Straßenfest", "strasse*", "wildcard", False, True),
    ("Straßenfest", "*FEST", "wildcard", False, True),
    ("Straßenfest", "s*n*t", "wildcard", False, True),
    ("Straßenfest", "str?ssenfest", "wildcard", False, True),
    ("Straßenfest", "fest", "wildcard", False, False),
    ("abcabd", "a*b*d", "wildcard", False, True),
    ("abab", "*ab", "wildcard", False, True),
    ("ab", "ab?", "wildcard", False, False),
    ("ab cd", "a*d", "wildcard", False, False),
    ("ab cd", "a* c?", "wildcard", True, True),
    ("ab \x1f cd", "a* * c?", "wildcard", True, False),
    ("", "*", "wildcard", False, False),
    ("?!\x1f-", "*", "wildcard", False, False),
    ("x", "*", "wildcard", False, True),
    ("x", "**?**", "wildcard", False, True),
    ("会议室", "会议", "fulltext", False, True),
    ("项目会议室", "会议", "fulltext", False, False),
    ("项目会议室", "*会议*", "wildcard", False, True),
    ("anything", "", "fulltext", False, True),
    ("", " -!", "token", True, True),
    ("a*b", "a\\*b", "token", False, True),
    ("İ", "i", "token", False, True),
]


@pytest.mark.parametrize(("text", "string", "mode", "phrase", "is_found"), MATCHES)
def test_words_are_found(store: Store, text: str, string: str, mode: Mode, phrase: bool, is_found: bool) -> None:
    with store.read() as transaction:
        dialect = dialect_of(transaction.connection)
        statement = f"SELECT {dialect.matches(dialect.text(text), string, mode, phrase=phrase)}"
        found = transaction.connection.exec_driver_sql(statement, dialect.parameters).scalar_one()

    assert (bool(found), pattern(string, mode, phrase=phrase).matches(text)) == (is_found, is_found)


@pytest.mark.parametrize(("number", "created"), [(1, 0), (2**62 - 1, 2**47), (2**48 + 5, -1), (7, -62_135_596_800_000)])
def test_a_made_uuid_is_that_of_the_core(store: Store, number: int, created: int) -> None:
    found = []
    with store.read() as transaction:
        for kind in KIND_NUMBERS:
            dialect = dialect_of(transaction.connection)
            made = source(kind, dialect, 1, "harbour").columns["_uuid"].value
            row = f"SELECT CAST({number} AS bigint) AS id, CAST({created} AS bigint) AS created_at"
            statement = f"SELECT {made} FROM ({row}) AS o"
            found.append(transaction.connection.exec_driver_sql(statement, dialect.parameters).scalar_one())

    assert found == [str(object_uuid(kind, number, created)) for kind in KIND_NUMBERS]
