"""Objects as csv (docs/formats/objects.md, "csv"): one file for each kind, a header, then a record an object.

Every cell is quoted; lines end with CR LF; a list's values stand in one cell, a line each.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from slotport.core.convention import Location
from slotport.core.export import AssetLink, CsvOptions
from slotport.core.export_fields import Field, ObjectType, fields_of
from slotport.core.exported import Exported, MediaItem
from slotport.formats.objects import (
    Media,
    Shape,
    Value,
    link_facts,
    link_names,
    media_field,
    text_of,
    values,
)
from slotport.formats.outlook import guarded
from slotport.formats.pieces import pieces

MEDIA_TYPE = "text/csv"
BYTE_ORDER_MARK = "\ufeff"
LEVELS = 3  #: of the hierarchy: convention, area, location

_SEPARATOR = "\n"  #: between the values of a list
_END = "\r\n"
#: fields that name a place of the hierarchy
_PLACES = frozenset({"timeslot.location", "location.title"})

Cell = Callable[[Exported, Sequence[Value]], str]


class _Column(Struct, frozen=True):
    header: str
    cell: Cell  #: from an object and the values of its fields
    may_be_formula: bool = False


def write(
    objects: Callable[[], Iterable[Exported]], kind: ObjectType, options: CsvOptions, shape: Shape
) -> Iterator[bytes]:
    """Yield the file in pieces. The objects, all of the kind, are walked twice if columns without a value go."""
    columns = _columns(kind, options, shape)
    if not options.empty_columns:
        columns = _filled(columns, objects(), shape) or columns
    return pieces(_lines(columns, objects(), options, shape))


def _lines(columns: Sequence[_Column], objects: Iterable[Exported], options: CsvOptions, shape: Shape) -> Iterator[str]:
    quote = _Quoting(options)
    guard = guarded if options.formula_guard else _as_it_is
    if options.use_bom:
        yield BYTE_ORDER_MARK
    yield quote.line([guard(column.header) for column in columns])
    made = [(column.cell, column.may_be_formula and options.formula_guard) for column in columns]
    name = shape.instance_name
    for one in objects:
        row = values(one, name)
        yield quote.line([guarded(cell(one, row)) if suspect else cell(one, row) for cell, suspect in made])


class _Quoting:
    """Puts cells into quotes."""

    def __init__(self, options: CsvOptions) -> None:
        self._quote = options.quote
        self._escape = options.escape
        self._between = f"{options.quote}{options.delimiter}{options.quote}"

    def line(self, cells: list[str]) -> str:
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


def _as_it_is(cell: str) -> str:
    return cell


def _filled(columns: Sequence[_Column], objects: Iterable[Exported], shape: Shape) -> list[_Column]:
    """Those of the columns that have a value in some object."""
    missing = list(enumerate(columns))
    for one in objects:
        row = values(one, shape.instance_name)
        missing = [pair for pair in missing if not pair[1].cell(one, row)]
        if not missing:
            break
    empty = {number for number, _ in missing}
    return [column for number, column in enumerate(columns) if number not in empty]


# Columns


def _columns(kind: ObjectType, options: CsvOptions, shape: Shape) -> list[_Column]:
    position = {field.name: number for number, field in enumerate(fields_of(kind))}
    found: list[_Column] = []
    for field in shape.shown(kind):
        header = shape.display_name(field.name) or field.name
        if field.name == media_field(kind):
            found.append(_Column(header, _media_cell(shape), may_be_formula=True))
            found += _link_columns(header, shape.media.links.get(field.name, ()), shape.media)
        elif options.hierarchy is not None and field.name in _PLACES:
            found += _place_columns(header, options.hierarchy)
        else:
            found.append(_Column(header, _cell(field, position[field.name]), may_be_formula=field.kind == "text"))
    return found


def _cell(field: Field, position: int) -> Cell:
    def text(_one: Exported, row: Sequence[Value]) -> str:
        value = row[position]
        return value if isinstance(value, str) else ""

    def other(_one: Exported, row: Sequence[Value]) -> str:
        value = row[position]
        return "" if value is None else text_of(value)  # type: ignore[arg-type]  # no list

    def several(_one: Exported, row: Sequence[Value]) -> str:
        value = row[position]
        return _SEPARATOR.join(map(text_of, value)) if value else ""  # type: ignore[arg-type]  # a list

    return several if field.is_list else text if field.kind == "text" else other


def _media_cell(shape: Shape) -> Cell:
    """Where the files of the media are, seen from the csv file; of what is not written its public id."""

    def cell(one: Exported, _row: Sequence[Value]) -> str:
        if not one.media:
            return ""
        paths = shape.media.paths(one)
        found: dict[str, None] = {}
        for item in one.media:
            written = () if item.asset is None else paths.get(item.asset.id, ())
            found.update(dict.fromkeys([shape.relative(path) for path in written] or [item.public_id]))
        return _SEPARATOR.join(found)

    return cell


def _link_columns(header: str, links: Sequence[AssetLink], media: Media) -> Iterator[_Column]:
    """For each link a column of URLs, or as many as a long link has facts; in them a line for each media item."""
    for link in links:
        for name in link_names(link):
            yield _Column(
                f"{header}.{link.version or link.type}.{name}", _link_cell(link, name, media), may_be_formula=True
            )


def _link_cell(link: AssetLink, name: str, media: Media) -> Cell:
    def fact(item: MediaItem) -> str:
        return text_of(link_facts(item, link, media).get(name))

    def cell(one: Exported, _row: Sequence[Value]) -> str:
        return _SEPARATOR.join(map(fact, one.media)).rstrip(_SEPARATOR) if one.media else ""

    return cell


def _place_columns(header: str, hierarchy: str) -> Iterator[_Column]:
    """A place as its path in the hierarchy, or as a column for each level of it; several places are a line each."""
    if hierarchy == "column":
        for level in range(LEVELS):
            yield _Column(f"{header}#{level}", _level_cell(level), may_be_formula=True)
        return
    between = f" {hierarchy} "

    def path(one: Exported, _row: Sequence[Value]) -> str:
        return _SEPARATOR.join(between.join(filter(None, levels)) for levels in _levels(one))

    yield _Column(header, path, may_be_formula=True)


def _level_cell(level: int) -> Cell:
    def cell(one: Exported, _row: Sequence[Value]) -> str:
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
