"""Finds which text of the catalogue a sentence is that was raised in English (docs/design/page.md).

The English texts whose keys begin with ``refusal-`` are the sentences as they are raised, with a variable for each part
that differs. A sentence is compared from left to right, each literal part at the first place that has it: no text at
all makes that slow.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from fluent.syntax import ast
from msgspec import Struct

PREFIX = "refusal-"
LONGEST = 2_000  #: characters of a sentence that is looked up
NUMBERS = frozenset({"bytes", "count", "least", "line", "most"})  #: variables that stand for a number only
_NUMBER = re.compile(r"-?[0-9]{1,19}")


class Pattern(Struct, frozen=True, kw_only=True):
    """A sentence: its literal parts, the first in small letters, and the variables between them, one fewer."""

    key: str
    parts: tuple[str, ...]
    names: tuple[str, ...]

    def values(self, sentence: str) -> Mapping[str, str] | None:
        """The values of the variables in a sentence that begins and ends as this one; None if it is another one."""
        first, *between, last = self.parts
        at, end = len(first), len(sentence) - len(last)
        values = {}
        for name, part in zip(self.names, (*between, None), strict=True):
            found = end if part is None else sentence.find(part, at + 1, end)
            if found <= at:
                return None
            values[name] = sentence[at:found]
            at = found + len(part or "")
        are_numbers = all(_NUMBER.fullmatch(values[name]) for name in values if name in NUMBERS)
        return values if are_numbers else None


class Sentences:
    """All sentences of the catalogue."""

    def __init__(self, resources: Iterable[ast.Resource]) -> None:
        found = [pattern for resource in resources for entry in resource.body if (pattern := _pattern(entry))]
        #: those that say most themselves come first, and those that begin with a variable, a sentence perhaps, last
        self.patterns: Sequence[Pattern] = sorted(found, key=lambda one: (not one.parts[0], -sum(map(len, one.parts))))
        self._whole = {one.parts[0]: one for one in self.patterns if not one.names}
        self._partly = [(one.parts[0], one.parts[-1], one) for one in self.patterns if one.names]

    def find(self, sentence: str) -> tuple[Pattern, Mapping[str, str]] | None:
        """The pattern that the sentence is, without its full stop, and the values of its variables."""
        if len(sentence) > LONGEST:
            return None
        low = _low(sentence)
        if (whole := self._whole.get(low)) is not None:
            return whole, {}
        for begin, end, pattern in self._partly:
            if low.startswith(begin) and sentence.endswith(end) and (values := pattern.values(sentence)) is not None:
                return pattern, values
        return None


def _low(sentence: str) -> str:
    """The sentence as it is within another one."""
    return sentence[:1].lower() + sentence[1:]


def _pattern(entry: object) -> Pattern | None:
    if not isinstance(entry, ast.Message) or not entry.id.name.startswith(PREFIX):
        return None
    if entry.value is None:
        raise ValueError(f"{entry.id.name} is empty")
    parts, names = [""], []
    for element in entry.value.elements:
        if isinstance(element, ast.TextElement):
            parts[-1] += element.value
        elif isinstance(element.expression, ast.VariableReference):
            names.append(element.expression.id.name)
            parts.append("")
        else:
            raise ValueError(f"{entry.id.name} has more than variables")
    return Pattern(key=entry.id.name, parts=(_low(parts[0]), *parts[1:]), names=tuple(names))
