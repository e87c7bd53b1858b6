"""The shapes of a file's events: most of them have the same properties in the same order.

One pattern takes such an event apart at once, which costs a third of going through its lines. It gives just
what ``LineSorter.sort`` gives.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from slotport.formats.calendar_lines import FIELDS, PLAIN_HEADS, Head, LineSorter, SortedLines

SEEN_BEFORE = 20  #: events of a shape before a pattern is made for it
MOST_SHAPES = 8  #: patterns for one file
MOST_MISSES = 2_000  #: events without a pattern, then no more are made
MOST_PROPERTIES = 60  #: in a shape

_FOLD = re.compile(r"\r?\n[ \t]")

Match = Callable[[str], re.Match[str] | None]


class Shape(Struct, frozen=True, gc=False):
    """An order of properties."""

    match: Match
    line_end: str
    groups: tuple[int, ...]  #: of the fields' values, then of the kept lines, at last that of the sub-components
    names: tuple[str, ...]  #: of the fields
    marked: tuple[tuple[str, Head, str], ...]  #: fields with parameters: name, head, what they begin with


class Shapes:
    """Those of one file."""

    def __init__(self, sorter: LineSorter) -> None:
        self._sorter = sorter
        self._shapes: list[Shape] = []
        self._seen: dict[tuple[str, ...], int] = {}
        self._hits = 0
        self._misses = 0

    def forget(self) -> None:
        """Make them anew: their zones may mean something else by now."""
        self._shapes.clear()

    def sorted(self, text: str, line_end: str, *, is_folded: bool) -> SortedLines | None:
        """The lines of an event of a known shape, those of its sub-components as the ``rest``; None for any other.

        Of a text with folds only the sub-components can be folded where it has a known shape.
        """
        for shape in self._shapes:
            match = shape.match(text)
            if match is not None and shape.line_end == line_end:
                break
        else:
            return None
        self._hits += 1
        values, names = match.group(*shape.groups), shape.names
        fields = dict(zip(names, values))  # noqa: B905 - a fifth slower with it
        lines = SortedLines(fields, {}, [*values[len(names) : -1]], [])
        for name, head, beginning in shape.marked:
            lines.marks[name] = (head, beginning + fields[name])
        if (rest := values[-1]) is not None:
            lines.rest = (_FOLD.sub("", rest) if is_folded else rest).split(line_end)
        return lines

    def learn(self, lines: list[str], line_end: str) -> None:
        """Take note of an event that had no known shape, right after it was read line by line."""
        self._misses += 1
        if self._misses > MOST_MISSES:
            if self._hits < self._misses:
                self._shapes.clear()
            return
        beginnings: list[str] = []
        for line in lines:
            beginning = line.partition(":")[0]
            if beginning == "BEGIN":
                break
            beginnings.append(beginning)
        if len(self._shapes) >= MOST_SHAPES or len(beginnings) > MOST_PROPERTIES:
            return
        key = (line_end, *beginnings)
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        if seen >= SEEN_BEFORE and (shape := self._made(beginnings, line_end)) is not None:
            self._shapes.append(shape)

    def _made(self, beginnings: list[str], line_end: str) -> Shape | None:
        """None if a line of the shape has to be looked at one by one."""
        fields: dict[str, int] = {}
        kept: list[int] = []
        marked: list[tuple[str, Head, str]] = []
        for group, beginning in enumerate(beginnings, 1):
            head = PLAIN_HEADS[beginning] if beginning in FIELDS else self._sorter.remembered(beginning)
            is_open = beginning.count('"') % 2  # where it ends depends on what follows
            if is_open or head is None or head.name in fields or not (head.is_field or head.is_kept):
                return None
            if not head.is_field:
                kept.append(group)
                continue
            fields[head.name] = group
            if head.parameters:
                marked.append((head.name, head, f"{beginning}:"))
        match = _pattern(line_end, tuple((text, index in kept) for index, text in enumerate(beginnings, 1)))
        groups = (*fields.values(), *kept, len(beginnings) + 1)
        return Shape(match, line_end, groups, tuple(fields), tuple(marked))


@lru_cache(maxsize=64)
def _pattern(line_end: str, beginnings: tuple[tuple[str, bool], ...]) -> Match:
    """A group for each line: the whole one where it is kept, else its value; and one for all from BEGIN on."""
    value = f"[^{line_end[0]}]*+"
    lines = [
        f"({re.escape(text)}:{value})" if is_kept else f"{re.escape(text)}:({value})" for text, is_kept in beginnings
    ]
    return re.compile(rf"{line_end.join(lines)}(?:{line_end}(BEGIN:.*+))?", re.DOTALL).fullmatch
