"""Elements of searches as conditions in SQL (docs/api/export-search.md).

A condition is a text of SQL, on the row ``o`` of an object, that is true or false, never null. The words ``true`` and
``false`` themselves are known, and leave nothing of what need not be asked.
"""

import math
from collections.abc import Sequence

from slotport.core.export_fields import OWN_FIELDS
from slotport.core.object_ids import LOCAL
from slotport.core.search import ChangelogRange, Complex, Element, In, Match, Range
from slotport.core.search_dates import day_from, day_to, period
from slotport.core.text_match import fold
from slotport.storage.search_fields import NEVER_NULL, Column, Source, asset_column
from slotport.storage.search_text import Dialect

TRUE, FALSE = "true", "false"
#: elements of a search that look into other tables each for itself; with more of them that is done once an object
FEW = 20

_FAR = "far"  # the row of what was looked up once
_AT_LOCAL = f"@{LOCAL}"


def condition_of(dialect: Dialect, found: Source, instance_name: str, elements: Sequence[Element]) -> str:
    """Which objects of one kind match the elements.

    An element about fields that the kind has not, or that the account may not read, does not hold.
    """
    return _Conditions(dialect, found, instance_name, is_large=_size(elements) > FEW).whole(elements)


def _size(elements: Sequence[Element]) -> int:
    return sum(1 + (_size(element.search) if isinstance(element, Complex) else 0) for element in elements)


class _Conditions:
    """Elements of one search, on objects of one kind."""

    def __init__(self, dialect: Dialect, found: Source, instance_name: str, *, is_large: bool) -> None:
        self._dialect = dialect
        self._source = found
        self._instance_name = instance_name
        self._is_large = is_large
        self._far: dict[tuple[str, str], str] = {}  #: names of what is looked up once, by value and rows

    def whole(self, elements: Sequence[Element]) -> str:
        """The condition of a whole search: what needs no other table stands by itself, where an index can help."""
        conditions = self._of_all(elements)
        near = [one for one in conditions if f"{_FAR}." not in one]
        rest = [one for one in conditions if f"{_FAR}." in one]
        if not rest:
            return all_of(near)
        looked_up = ", ".join(
            f"{self._dialect.listed(value, rows) if rows else value} AS {name}"
            for (value, rows), name in self._far.items()
        )
        return all_of([*near, f"(SELECT {all_of(rest)} FROM (SELECT {looked_up}{self._dialect.fence}) AS {_FAR})"])

    def _of_all(self, elements: Sequence[Element]) -> list[str]:
        """All that must hold, does; nothing that must not, does; and one of those that should, if there are any."""
        must = [self._of(element) for element in elements if element.clause == "must"]
        must_not = [_not(self._of(element)) for element in elements if element.clause == "must_not"]
        should = [self._of(element) for element in elements if element.clause == "should"]
        return [*must, *must_not, *([_any(should)] if should else [])]

    def _of(self, element: Element) -> str:
        match element:
            case Match():
                return self._match(element)
            case In():
                return self._in(element)
            case Range():
                column = self._column(element.field)
                return FALSE if column is None else self._where(column, self._within(column, element))
            case ChangelogRange():
                return self._changelog_range(element)
            case Complex():
                return all_of(self._of_all(element.search))

    def _column(self, name: str) -> Column | None:
        column = self._source.columns.get(name)
        return None if column is None else self._at_hand(column)

    def _at_hand(self, column: Column) -> Column:
        """The column; of a large search as it was looked up, once an object, if it stands in another table.

        SQLite takes time in proportion to the square of how many such tables a statement opens.
        """
        if not self._is_large or not (column.rows or column.value.startswith("(SELECT ")):
            return column
        name = f"{_FAR}.{self._far.setdefault((column.value, column.rows), f'f{len(self._far)}')}"
        if not column.rows:
            return Column(column.kind, name, "", column.shown)
        return Column(column.kind, "u.value", self._dialect.each(name), column.shown)

    def _match(self, element: Match) -> str:
        names = element.fields
        if names is None:
            names = tuple(field.name for field in OWN_FIELDS[self._source.kind] if field.kind == "text")
        values = [self._whole_text(name, column) for name in names if (column := self._column(name))]
        if not values:
            return FALSE
        return self._dialect.matches(
            self._dialect.together(values), element.string, element.mode, phrase=element.phrase
        )

    def _whole_text(self, name: str, column: Column) -> str:
        if column.rows:
            return self._dialect.joined(column.value, column.rows)
        if column.shown:
            return f"CASE WHEN {column.shown} THEN {column.value} END"
        if name == "_global_object_id":
            return self._dialect.together([column.value, f"CAST(o.id AS text) || '{_AT_LOCAL}'"])
        return column.value

    def _in(self, element: In) -> str:
        if element.objecttype is not None:
            links = self._source.links.get(element.objecttype)
            return FALSE if links is None else self._has_one_of(self._at_hand(links), element.values)
        if element.eas_field is not None:
            return self._has_one_of(self._at_hand(asset_column(self._source, element.eas_field)), element.values)
        found = []
        for name in element.fields or ():
            if (column := self._column(name)) is not None:
                values = self._global_ids(element.values) if name == "_global_object_id" else element.values
                found.append(self._has_one_of(column, values))
        return _any(found)

    def _global_ids(self, values: Sequence[object]) -> list[object]:
        return [
            f"{value.removesuffix(_AT_LOCAL)}@{self._instance_name}"
            if isinstance(value, str) and value.endswith(_AT_LOCAL)
            else value
            for value in values
        ]

    def _has_one_of(self, column: Column, values: Sequence[object]) -> str:
        """The field has one of the values; None and the empty text: or is empty."""
        tests = []
        if column.kind == "boolean":
            wanted = {value for value in values if isinstance(value, bool)}
            tests += [column.value] if True in wanted else []
            tests += [f"NOT {column.value}"] if False in wanted else []
        elif column.kind == "text":
            texts = dict.fromkeys(fold(value) for value in values if isinstance(value, str) and value)
            if texts:
                tests.append(self._dialect.among_texts(self._dialect.fold(filled(column)), tuple(texts)))
        else:
            numbers = dict.fromkeys(
                int(value) for value in values if isinstance(value, int | float) and value == int(value)
            )
            if numbers:
                tests.append(self._dialect.among_numbers(column.value, tuple(numbers)))
        has_value = self._where(column, _any(tests)) if tests else FALSE
        is_wanted_empty = column.kind != "boolean" and any(value is None or value == "" for value in values)
        return _any([has_value, *([self._is_empty(column)] if is_wanted_empty else [])])

    def _is_empty(self, column: Column) -> str:
        value = filled(column)
        if column.rows:
            test = f"NOT EXISTS (SELECT 1 {column.rows} AND {value} IS NOT NULL)"
        else:
            test = f"{value} IS NULL"
        return all_of([column.shown, test] if column.shown else [test])

    def _where(self, column: Column, test: str) -> str:
        """The test, which may be null, holds of the field's value or of one of its values."""
        if column.rows:
            held = f"EXISTS (SELECT 1 {column.rows} AND {test})"
        else:
            held = test if column.value in NEVER_NULL else f"COALESCE({test}, false)"
        return all_of([column.shown, held] if column.shown else [held])

    def _within(self, column: Column, element: Range) -> str:
        value, low, high = column.value, element.from_, element.to
        ends: list[str | None]
        if column.kind == "number":
            ends = [
                None if low is None else self._dialect.bind(math.ceil(low)),  # type: ignore[arg-type] # read strictly
                None if high is None else self._dialect.bind(math.floor(high)),  # type: ignore[arg-type]
            ]
        elif column.kind == "text":
            value = self._dialect.fold(filled(column))
            ends = [None if one is None else self._dialect.text(fold(str(one))) for one in (low, high)]
        elif column.kind == "instant":
            ends = self._instants(low, high)
        else:
            value = f"{value}{self._dialect.code}"
            ends = [
                None if low is None else self._dialect.text(day_from(period(str(low)).first)),
                None if high is None else self._dialect.text(day_to(period(str(high)).last)),
            ]
        return _between(value, ends)

    def _instants(self, low: object, high: object) -> list[str | None]:
        return [
            None if low is None else self._dialect.bind(period(str(low)).first),
            None if high is None else self._dialect.bind(period(str(high)).last),
        ]

    def _changelog_range(self, element: ChangelogRange) -> str:
        ends = self._instants(element.from_, element.to)
        times = {"insert": ["o.created_at"], "update": ["o.updated_at"], None: ["o.created_at", "o.updated_at"]}
        conditions = [_any([_between(value, ends) for value in times[element.operation]])]
        if element.user is not None:
            if self._source.owner is None:
                return FALSE
            owner = self._at_hand(Column("number", self._source.owner)).value
            conditions.append(f"{owner} = {self._dialect.bind(element.user)}")
        return all_of(conditions)


def filled(column: Column) -> str:
    """A column's value, null if there is none: no text is the empty one."""
    return f"NULLIF({column.value}, '')" if column.kind == "text" else column.value


def _between(value: str, ends: Sequence[str | None]) -> str:
    tests = [f"{value} {sign} {end}" for sign, end in zip((">=", "<="), ends, strict=True) if end is not None]
    return all_of(tests)


def _not(condition: str) -> str:
    return {TRUE: FALSE, FALSE: TRUE}.get(condition, f"NOT ({condition})")


def all_of(conditions: Sequence[str]) -> str:
    """The condition that all of them hold."""
    return _tree([one for one in conditions if one != TRUE], "AND", nothing=TRUE, whole=FALSE)


def _any(conditions: Sequence[str]) -> str:
    return _tree([one for one in conditions if one != FALSE], "OR", nothing=FALSE, whole=TRUE)


def _tree(conditions: Sequence[str], word: str, *, nothing: str, whole: str) -> str:
    """The conditions joined by the word, in halves: databases bound how deep an expression may be."""
    if whole in conditions:
        return whole
    if not conditions:
        return nothing
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    halves = (_tree(half, word, nothing=nothing, whole=whole) for half in (conditions[:middle], conditions[middle:]))
    return f"({f' {word} '.join(halves)})"
