"""An object as a tree of names and values, which json writes as it is and xml as elements (docs/formats/objects.md).

The dots in a field's name become levels. Fields of one list (``notes.title``, ``notes.content``) become a list of
objects. What tells which object it is, and its version, is always there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from slotport.core.export_fields import Field, ObjectType, fields_of
from slotport.core.exported import Exported, MediaItem
from slotport.formats.objects import Getter, Media, Shape, getters, link_facts, link_names, media_field, part_of

Tree = dict[str, Any]  #: names to values, trees, and lists of either
_Put = Callable[[Tree, Any, Exported], None]

_ALWAYS = ("_objecttype", "_system_object_id")


class Trees:
    """Makes the trees of a file's objects."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._makers = {kind: _puts(kind, shape) for kind in ObjectType}

    def tree(self, one: Exported) -> Tree:
        """The object's tree: system fields, then a member named as its kind with all others."""
        part = part_of(one.type)(one)
        own: Tree = {"_id": one.id, "_version": one.version}
        found: Tree = {}
        system_puts, own_puts = self._makers[one.type]
        for put in system_puts:
            put(found, part, one)
        for put in own_puts:
            put(own, part, one)
        found[one.type.value] = own
        return found


def _puts(kind: ObjectType, shape: Shape) -> tuple[list[_Put], list[_Put]]:
    """What fills the system fields, and the object's own."""
    getter = dict(zip([field.name for field in fields_of(kind)], getters(kind, shape.instance_name), strict=True))
    chosen = {field.name for field in shape.shown(kind)}.union(_ALWAYS)
    system: list[_Put] = []
    own: list[_Put] = []
    records: dict[tuple[str, ...], list[tuple[str, Getter]]] = {}
    for field in fields_of(kind):
        if field.name not in chosen or field.name == f"{kind}._id":
            continue
        puts, path = (system, field.name.split(".")) if field.of is None else (own, field.name.split(".")[1:])
        if field.name == media_field(kind):
            puts.append(_media(path[-1], field, shape))
        elif field.is_list and len(path) > 1:
            holder = tuple(path[:-1])
            if holder not in records:
                puts.append(_records(holder, records.setdefault(holder, [])))
            records[holder].append((path[-1], getter[field.name]))
        else:
            puts.append(_value(path, getter[field.name]))
    return system, own


def _value(path: Sequence[str], get: Getter) -> _Put:
    *above, name = path

    def put(tree: Tree, part: Any, one: Exported) -> None:
        tree[name] = get(part, one)

    def put_below(tree: Tree, part: Any, one: Exported) -> None:
        for level in above:
            tree = tree.setdefault(level, {})
        tree[name] = get(part, one)

    return put_below if above else put


def _records(path: Sequence[str], columns: Sequence[tuple[str, Getter]]) -> _Put:
    """A list of objects, from lists of the same length."""
    *above, name = path

    def put(tree: Tree, part: Any, one: Exported) -> None:
        for level in above:
            tree = tree.setdefault(level, {})
        lists: list[Any] = [get(part, one) for _, get in columns]
        if not lists[0]:
            tree[name] = []
            return
        names = [column for column, _ in columns]
        tree[name] = [dict(zip(names, record, strict=True)) for record in zip(*lists, strict=True)]

    return put


def _media(name: str, field: Field, shape: Shape) -> _Put:
    media, links = shape.media, shape.media.links.get(field.name, ())

    def put(tree: Tree, _part: Any, one: Exported) -> None:
        if not one.media:
            tree[name] = []
            return
        paths = media.paths(one)
        tree[name] = found = []
        for item in one.media:
            told: Tree = {"public_id": item.public_id, "title": item.title}
            if item.asset is not None:
                told["asset"] = item.asset.id
                told["files"] = [shape.relative(path) for path in paths.get(item.asset.id, ())]
            if links:
                told["links"] = [_link(item, link, media) for link in links if link_facts(item, link, media)]
            found.append(told)

    return put


def _link(item: MediaItem, link: Any, media: Media) -> Tree:
    facts = link_facts(item, link, media)
    return {"version": link.version or link.type, **{name: facts[name] for name in link_names(link)}}
