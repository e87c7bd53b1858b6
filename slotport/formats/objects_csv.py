"""Objects as csv (docs/formats/objects.md, "csv"): one file for each kind, a header, then a record an object.

Every cell is quoted; lines end with CR LF; a list's values stand in one cell, a line each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any

from msgspec import Struct

from slotport.core.convention import Location
from slotport.core.export import AssetLink, CsvOptions
from slotport.core.export_fields import ObjectType, fields_of
from slotport.core.exported import Exported, MediaItem
from slotport.formats.objects import (
    Getter,
    Media,
    Shape,
    getters,
    link_facts,
    link_names,
    media_field,
    part_of,
    text_of,
)
from slotport.formats.outlook import SUSPECT, guarded
from slotport.formats.pieces import pieces

MEDIA_TYPE = "text/csv"
BYTE_ORDER_MARK = "\ufeff"
LEVELS = 3  #: of the hierarchy: convention, area, location

_SEPARATOR = "\n"  #: between the values of a list
_END = "\r\n"
#: fields that name a place of the hierarchy
_PLACES = frozenset({"timeslot.location", "location.title"})

_BLOCK = 500  #: objects that are told column by column: a call less for each cell

#: a column's cells: from objects themselves and all that is known of them
_Cells = Callable[[Sequence[Any], Sequence[Exported]], Sequence[str]]
_Text = Callable[[Getter], _Cells]


class _Column(Struct, frozen=True):
    header: str
    cells: _Cells


def write(
    objects: Callable[[], Iterable[Exported]], kind: ObjectType, options: CsvOptions, shape: Shape
) -> Iterator[bytes]:
    """Yield the file in pieces. The objects, all of the kind, are walked twice if columns without a value go."""
    columns = _columns(kind, options, shape)
    if not options.empty_columns:
        columns = _filled(columns, objects(), kind) or columns
    return pieces(_lines(columns, objects(), kind, options))


def _lines(
    columns: Sequence[_Column], objects: Iterable[Exported], kind: ObjectType, options: CsvOptions
) -> Iterator[str]:
    line = _Quoting(options).line
    if options.use_bom:
        yield BYTE_ORDER_MARK
    yield line([guarded(column.header) if options.formula_guard else column.header for column in columns])
    for parts, block in _blocks(objects, kind):
        told = [column.cells(parts, block) for column in columns]
        for cells in zip(*told, strict=True) if told else repeat((), len(block)):
            yield line(cells)


def _blocks(objects: Iterable[Exported], kind: ObjectType) -> Iterator[tuple[list[Any], list[Exported]]]:
    """The objects themselves and all that is known of them, some hundreds at a time."""
    part, rest = part_of(kind), iter(objects)
    while block := list(islice(rest, _BLOCK)):
        yield list(map(part, block)), block


class _Quoting:
    """Puts cells into quotes."""

    def __init__(self, options: CsvOptions) -> None:
        self._quote = options.quote
        self._escape = options.escape
        self._between = f"{options.quote}{options.delimiter}{options.quote}"

    def line(self, cells: Sequence[str]) -> str:
        """The cells as a line of the file."""
        quote, escape = self._quote, self._escape
        joined = "".join(cells)
        if quote in joined or escape in joined:
            cells = [self._escaped(cell) for cell in cells]
        return f"{quote}{self._between.join(cells)}{quote}{_END}"

    def _escaped(self, cell: str) -> str:
        quote, escape = self._quote, self._escape
        if escape != quote:
            cell = cell.replace(escape, escape + escape)
        return cell.replace(quote, escape + quote)


def _filled(columns: Sequence[_Column], objects: Iterable[Exported], kind: ObjectType) -> list[_Column]:
    """Those of the columns that have a value in some object."""
    missing = list(enumerate(columns))
    for parts, block in _blocks(objects, kind):
        missing = [pair for pair in missing if not any(pair[1].cells(parts, block))]
        if not missing:
            break
    empty = {number for number, _ in missing}
    return [column for number, column in enumerate(columns) if number not in empty]


# Columns


def _columns(kind: ObjectType, options: CsvOptions, shape: Shape) -> list[_Column]:
    getter = dict(zip([field.name for field in fields_of(kind)], getters(kind, shape.instance_name), strict=True))
    text = _guarded if options.formula_guard else _as_it_is
    found: list[_Column] = []
    for field in shape.shown(kind):
        header = shape.display_name(field.name) or field.name
        if field.name == media_field(kind):
            found.append(_Column(header, text(_media_cell(shape))))
            found += _link_columns(header, shape.media.links.get(field.name, ()), shape.media, text)
        elif options.hierarchy is not None and field.name in _PLACES:
            found += _place_columns(header, options.hierarchy, text)
        elif field.is_list:
            found.append(_Column(header, _lists(getter[field.name], text)))
        elif field.kind == "text":
            found.append(_Column(header, text(getter[field.name])))
        else:
            found.append(_Column(header, _OTHERS[field.kind](getter[field.name])))
    return found


def _guarded(get: Getter) -> _Cells:
    """Texts that no spreadsheet must take for a formula."""

    def cells(parts: Sequence[Any], objects: Sequence[Exported]) -> list[str]:
        values: Iterator[Any] = map(get, parts, objects)
        return ["" if not value else guarded(value) if value[0] in SUSPECT else value for value in values]

    return cells


def _as_it_is(get: Getter) -> _Cells:
    def cells(parts: Sequence[Any], objects: Sequence[Exported]) -> list[str]:
        values: Iterator[Any] = map(get, parts, objects)
        return [value or "" for value in values]

    return cells


def _lists(get: Getter, text: _Text) -> _Cells:
    told = text(lambda value, _one: _SEPARATOR.join(map(text_of, value)))

    def cells(parts: Sequence[Any], objects: Sequence[Exported]) -> Sequence[str]:
        values: list[Any] = list(map(get, parts, objects))
        return told(values, objects) if any(values) else [""] * len(values)

    return cells


def _numbers(get: Getter) -> _Cells:
    def cells(parts: Sequence[Any], objects: Sequence[Exported]) -> list[str]:
        return ["" if value is None else str(value) for value in map(get, parts, objects)]

    return cells


def _truths(get: Getter) -> _Cells:
    def cells(parts: Sequence[Any], objects: Sequence[Exported]) -> list[str]:
        values: Iterator[Any] = map(get, parts, objects)
        return list(map(text_of, values))

    return cells


_OTHERS: Mapping[str, _Text] = {"number": _numbers, "boolean": _truths, "instant": _as_it_is, "date": _as_it_is}


def _media_cell(shape: Shape) -> Getter:
    """Where the files of the media are, seen from the csv file; of what is not written its public id."""

    def cell(_part: Any, one: Exported) -> str:
        if not one.media:
            return ""
        paths = shape.media.paths(one)
        found: dict[str, None] = {}
        for item in one.media:
            written = () if item.asset is None else paths.get(item.asset.id, ())
            found.update(dict.fromkeys([shape.relative(path) for path in written] or [item.public_id]))
        return _SEPARATOR.join(found)

    return cell


def _link_columns(header: str, links: Sequence[AssetLink], media: Media, text: _Text) -> Iterator[_Column]:
    """For each link a column of URLs, or as many as a long link has facts; in them a line for each media item."""
    for link in links:
        for name in link_names(link):
            yield _Column(f"{header}.{link.version or link.type}.{name}", text(_link_cell(link, name, media)))


def _link_cell(link: AssetLink, name: str, media: Media) -> Getter:
    def fact(item: MediaItem) -> str:
        return text_of(link_facts(item, link, media).get(name))

    def cell(_part: Any, one: Exported) -> str:
        return _SEPARATOR.join(map(fact, one.media)).rstrip(_SEPARATOR) if one.media else ""

    return cell


def _place_columns(header: str, hierarchy: str, text: _Text) -> Iterator[_Column]:
    """A place as its path in the hierarchy, or as a column for each level of it; several places are a line each."""
    if hierarchy == "column":
        for level in range(LEVELS):
            yield _Column(f"{header}#{level}", text(_level_cell(level)))
        return
    between = f" {hierarchy} "

    def path(_part: Any, one: Exported) -> str:
        return _SEPARATOR.join(between.join(filter(None, levels)) for levels in _levels(one))

    yield _Column(header, text(path))


def _level_cell(level: int) -> Getter:
    def cell(_part: Any, one: Exported) -> str:
        return _SEPARATOR.join(levels[level] for levels in _levels(one)).rstrip(_SEPARATOR)

    return cell


def _levels(one: Exported) -> list[tuple[str, str, str]]:
    """Of each of an object's places: the convention, the area and the location."""
    root = "" if one.of_convention is None else one.of_convention.title
    places: Sequence[Location] = ()
    if one.time_slot is not None:
        places = one.time_slot.locations
    elif one.location is not None:
        places = (one.location,)
    return [(root, place.area or "", place.title) for place in places]
