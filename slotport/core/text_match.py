"""Texts as searches compare them: folded, and cut into words (docs/api/export-search.md, "Texts and words").

A text is **folded** when it is in compatibility form (Unicode NFKD), without combining marks and invisible signs, and
has its case folded. A **word** is what stands between separators, of which there is a fixed set. Both databases work
out the same: SQLite with the functions here, PostgreSQL with the expressions and lists here (storage/search_text.py).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

from msgspec import Struct

Mode = Literal["fulltext", "token", "wildcard"]

#: stands between two values of an object, so that no phrase and no word reaches from one into the other
BOUNDARY: Final = "\x1f"

#: the first and last of each range of signs that separate words, once folded; BOUNDARY is not among them
SEPARATORS: Final = (
    ("\x01", "\x1e"), (" ", "/"), (":", "@"), ("[", "`"), ("{", "\xbf"), ("×", "×"), ("÷", "÷"),
    ("\u055a", "\u055f"), ("\u0589", "\u058a"), ("\u05be", "\u05be"), ("\u05c0", "\u05c0"), ("\u05c3", "\u05c3"),
    ("\u05f3", "\u05f4"), ("\u060c", "\u060d"), ("\u061b", "\u061b"), ("\u061f", "\u061f"), ("\u066a", "\u066d"),
    ("\u06d4", "\u06d4"), ("\u0964", "\u0965"), ("\u1680", "\u1680"), ("\u2000", "\u206f"), ("\u20a0", "\u20bf"),
    ("\u2e00", "\u2e5d"), ("\u3000", "\u3004"), ("\u3008", "\u3020"), ("\u3030", "\u3030"), ("\u30fb", "\u30fb"),
)  # fmt: skip
#: signs without a width that stand within words
_INVISIBLE = frozenset({0xAD, 0x200C, 0x200D, 0x2060, *range(0xFE00, 0xFE10), 0xFEFF})
_ASTRAL, _BEYOND_MARKS = 0x10000, 0x20000

_CLASS = "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in SEPARATORS)
SEPARATED: Final = f"[{_CLASS}]+"  #: what stands between two words of a value, as a regular expression of both
_WORD_SIGN = f"[^ {BOUNDARY}]"
_HAS_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_SPLIT = re.compile(SEPARATED)
_WORD = re.compile(f"[^{_CLASS}{BOUNDARY}]+")
_GLOB = re.compile(f"(?:[*?]|[^{_CLASS}{BOUNDARY}])+")
_BETWEEN_SIGNS = re.compile("[*?]+")
_PARTS_OF_GLOB = re.compile(r"\*+|[^*]+")


@lru_cache(maxsize=1)
def dropped() -> str:
    """The signs that folding drops, as a regular expression of both: combining marks and what is invisible."""
    return _dropped(range(_BEYOND_MARKS))


def _dropped(codes: range) -> str:
    found = [code for code in codes if code in _INVISIBLE or unicodedata.combining(chr(code))]
    return f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _ranges(found))}]"


def _ranges(codes: list[int]) -> Iterator[tuple[int, int]]:
    first = codes[0]
    for code, following in pairwise([*codes, -1]):
        if following != code + 1:
            yield first, code
            first = following


@lru_cache(maxsize=1)
def lower_to_folded() -> tuple[str, str]:
    """Lower-case letters that fold to another one letter, and those, in the same order.

    Not among them are the two that are not rare: ``ß``, which folds to ``ss``, and ``ς``, which folds to ``σ``.
    """
    pairs = [
        (letter, folded)
        for letter in map(chr, (*range(0x80, 0xD800), *range(0xE000, _BEYOND_MARKS)))
        if len(folded := letter.casefold()) == 1 and folded != letter and letter == letter.lower() and letter != "ς"
        if unicodedata.normalize("NFKD", letter) == letter and not unicodedata.combining(letter)
    ]
    return "".join(letter for letter, _ in pairs), "".join(folded for _, folded in pairs)


@lru_cache(maxsize=1)
def _droppers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Find what is dropped below U+10000 and beyond: Python looks into a class much faster if all of it is below."""
    return re.compile(_dropped(range(_ASTRAL))), re.compile(_dropped(range(_ASTRAL, _BEYOND_MARKS)))


def fold(text: str) -> str:
    """The text without what tells cases, accents and widths apart."""
    if text.isascii():
        return text.lower()
    below, beyond = _droppers()
    found = below.sub("", unicodedata.normalize("NFKD", text))
    if _HAS_ASTRAL.search(found):
        found = beyond.sub("", found)
    return found.casefold()


def _spaced(folded: str) -> str:
    """The folded text with a blank before and after each word; BOUNDARY stands as it did."""
    return f" {_SPLIT.sub(' ', folded)} ".replace(BOUNDARY, f" {BOUNDARY} ")


class Pattern(Struct, frozen=True):
    """What a spaced text has to have in it, all of it: texts, and regular expressions in one language of the two."""

    parts: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()  #: what the folded text then has in it: a quick look that refuses most texts

    def matches(self, text: str) -> bool:
        """Whether the text, not yet folded, has it all once spaced; the expressions are Python's."""
        folded = fold(text)
        if not all(letters in folded for letters in self.letters):
            return False
        words = _spaced(folded)
        return all(part in words for part in self.parts) and all(
            _compiled(expression).search(words) for expression in self.expressions
        )


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@lru_cache(maxsize=1024)
def pattern(string: str, mode: Mode, *, phrase: bool, atomic: bool = True) -> Pattern:
    """What a spaced text must have in it for all words of the string to be found, in any order or as a phrase.

    A string without any word is found in every text. ``atomic``: the expressions are Python's, and take time in
    proportion to the text, since no group of theirs is tried twice; PostgreSQL's need nothing of that kind.
    """
    words = _words(string, mode)
    if not words:
        return Pattern()
    if not phrase:
        phrases = [[word] for word in dict.fromkeys(words)]
    else:
        phrases = [words]
    parts, expressions = [], []
    for wanted in phrases:
        if mode == "token":
            parts.append(f" {' '.join(wanted)} ")
        elif mode == "fulltext" and len(wanted) == 1:
            parts.append(f" {wanted[0]}")
        elif mode == "fulltext":
            expressions.append(f" {f'{_WORD_SIGN}* '.join(wanted)}")
        else:
            expressions.append(f" {' '.join(_globbed(word, atomic=atomic) for word in wanted)} ")
    letters = dict.fromkeys(piece for word in words for piece in _BETWEEN_SIGNS.split(word) if piece)
    return Pattern(tuple(parts), tuple(expressions), tuple(letters))


def _words(string: str, mode: Mode) -> list[str]:
    return (_GLOB if mode == "wildcard" else _WORD).findall(fold(string))


def _globbed(word: str, *, atomic: bool) -> str:
    """The word with ``*`` and ``?`` as a regular expression; its other signs are letters to one.

    What stands between two ``*`` is looked for from the left, once: if the rest does not match behind the first place
    where it is found, it does not behind another one.
    """
    parts = _PARTS_OF_GLOB.findall(word)
    found = []
    for index, part in enumerate(parts):
        if part.startswith("*"):
            if index == len(parts) - 1:
                found.append(f"{_WORD_SIGN}{'+' if index == 0 else '*'}")
            continue
        signs = part.replace("?", _WORD_SIGN)
        if index == 0:
            found.append(signs)
        elif index == len(parts) - 1 or not atomic:
            found.append(f"{_WORD_SIGN}*{signs}")
        else:
            found.append(f"(?>{_WORD_SIGN}*?{signs})")
    return "".join(found)
