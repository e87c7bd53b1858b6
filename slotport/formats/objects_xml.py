"""Objects as xml (docs/formats/objects.md, "xml"): one document of all, or one of each; linked objects within.

XML 1.0 in UTF-8, namespace ``urn:slotport:export:1``. Characters that XML has no way to say are left out.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from slotport.core.export_fields import FIELDS, ObjectType
from slotport.core.exported import Exported
from slotport.core.object_links import Link, Links, NoLinks, standard_text
from slotport.core.when import iso_seconds
from slotport.formats.objects import Shape, is_empty, text_of
from slotport.formats.objects_json import FORMAT, VERSION, Head
from slotport.formats.objects_tree import Tree, Trees
from slotport.formats.pieces import pieces
from slotport.formats.schedule_xml import sayable

MEDIA_TYPE = "application/xml"
NAMESPACE = "urn:slotport:export:1"
MOST_EMBEDDED = 1000  #: objects within one, at all depths together; further ones are told of like those that are not


def _none_is_main(_number: int) -> bool:
    return False


class Merging(Struct, frozen=True, kw_only=True):
    """Which linked objects are told of in full."""

    mode: Literal["none", "not_in_main_search", "not_in_main_search_and_reverse", "all"] = "none"
    depth: int = 1  #: links from the object that the search found
    links: Links = NoLinks()
    is_main: Callable[[int], bool] = _none_is_main  #: whether the search found the object of that id

    @property
    def links_ahead(self) -> int:
        """How many links away from an object the linked ones must be known."""
        return 1 if self.mode == "none" else self.depth + 1

    @property
    def with_reverse(self) -> bool:
        """Whether what links to an object is told of."""
        return self.mode == "not_in_main_search_and_reverse"


def write(objects: Iterable[Exported], head: Head, shape: Shape, merging: Merging | None = None) -> Iterator[bytes]:
    """Yield the document in pieces, in the order of the objects."""
    return pieces(_texts(objects, head, _Writer(shape, merging or Merging())))


def _texts(objects: Iterable[Exported], head: Head, writer: "_Writer") -> Iterator[str]:
    name = _attribute(head.export_name)
    yield "<?xml version='1.0' encoding='utf-8'?>\n"
    yield f'<objects xmlns="{NAMESPACE}" format="{FORMAT}" version="{VERSION}" export="{head.export_id}"'
    yield f' export_version="{head.export_version}" name={name} generated="{iso_seconds(head.generated)}">\n'
    for one in objects:
        yield writer.text(one)
    yield "</objects>\n"


class _Writer:
    """What is the same for all objects of a file."""

    def __init__(self, shape: Shape, merging: Merging) -> None:
        self._merging = merging
        self._trees = Trees(shape)
        self._opening = _openings(shape)
        self._within: set[int] = set()  # ids of the objects that the present one holds, itself too

    def text(self, one: Exported) -> str:
        """The element of an object that the search found."""
        self._within = {one.id}
        found: list[str] = []
        self._object(found, one, 0)
        found.append("\n")
        return "".join(found)

    def _object(self, found: list[str], one: Exported, depth: int) -> None:
        tree = self._trees.tree(one)
        links = self._links(one)
        found.append("<object>")
        for name, value in tree.items():
            if name == one.type:
                found.append(f"<{name}>")
                for inner, inner_value in value.items():
                    self._member(found, (name, inner), inner_value, links.get(inner), depth)
                found.append(f"</{name}>")
            else:
                self._element(found, (name,), value)
        if self._merging.with_reverse:
            self._reverse(found, one, depth)
        found.append("</object>")

    def _links(self, one: Exported) -> dict[str, list[tuple[Link, str, int | None]]]:
        """By member: each linked object, what it is called and its version, as far as the object itself tells."""
        found: dict[str, list[tuple[Link, str, int | None]]] = {}
        if one.slot is not None:
            found["groups"] = [((ObjectType.GROUP, group.id), group.name, None) for group in one.groups]
        if one.time_slot is not None:
            event = one.time_slot.event
            found["event"] = [((ObjectType.EVENT, event.id), event.title, event.version)]
            found["location"] = [
                ((ObjectType.LOCATION, place.id), place.title, None) for place in one.time_slot.locations
            ]
        if one.of_convention is not None:
            convention = one.of_convention
            found["convention"] = [((ObjectType.CONVENTION, convention.id), convention.title, None)]
        return found

    def _member(
        self,
        found: list[str],
        path: tuple[str, ...],
        value: Any,
        links: list[tuple[Link, str, int | None]] | None,
        depth: int,
    ) -> None:
        if links is None:
            self._element(found, path, value)
            return
        records = value if isinstance(value, list) else [{} for _ in links]
        for (link, title, version), record in zip(links, records, strict=True):
            found.append(self._opening.get(path) or f"<{path[-1]}>")
            self._link(found, link, title, version, depth)
            for name, inner in record.items():
                self._element(found, (*path, name), inner)
            found.append(f"</{path[-1]}>")

    def _link(self, found: list[str], link: Link, title: str, version: int | None, depth: int) -> None:
        """What is said of a linked object, and the object itself if it is to be told of in full."""
        linked = self._merging.links.find(*link)
        if linked is not None:
            title, version = standard_text(linked.object), linked.object.version
        found.append(f"<_id>{link[1]}</_id>")
        if version is not None:
            found.append(f"<_version>{version}</_version>")
        if title:
            found.append(f"<_standard>{_text(title)}</_standard>")
        if linked is not None and self._is_embedded(link, depth):
            self._within.add(link[1])
            self._object(found, linked.object, depth + 1)

    def _is_embedded(self, link: Link, depth: int) -> bool:
        merging = self._merging
        if merging.mode == "none" or depth >= merging.depth or link[1] in self._within:
            return False
        if len(self._within) > MOST_EMBEDDED:
            return False
        return merging.mode == "all" or not merging.is_main(link[1])

    def _reverse(self, found: list[str], one: Exported, depth: int) -> None:
        known = self._merging.links.find(one.type, one.id)
        links = () if known is None else known.reverse
        readable = [link for link in links if self._merging.links.find(*link) is not None]
        if not readable:
            return
        found.append("<_reverse>")
        for link in readable:
            found.append(f"<{link[0]}>")
            self._link(found, link, "", None, depth)
            found.append(f"</{link[0]}>")
        found.append("</_reverse>")

    def _element(self, found: list[str], path: tuple[str, ...], value: Any) -> None:
        """The element of a value; none of an empty one, and of a list one each."""
        name = path[-1]
        if isinstance(value, list | tuple):
            for each in value:
                self._element(found, path, each)
        elif isinstance(value, dict):
            self._tree(found, path, value)
        elif not is_empty(value):
            text = _text(value) if isinstance(value, str) else text_of(value)
            found.append(f"{self._opening.get(path) or f'<{name}>'}{text}</{name}>")

    def _tree(self, found: list[str], path: tuple[str, ...], tree: Tree) -> None:
        inner: list[str] = []
        for name, value in tree.items():
            self._element(inner, (*path, name), value)
        if inner:
            found += (f"<{path[-1]}>", *inner, f"</{path[-1]}>")


def _openings(shape: Shape) -> dict[tuple[str, ...], str]:
    """The opening tags of fields that the export calls by a name of its own."""
    found = {}
    for name in FIELDS:
        if display_name := shape.display_name(name):
            path = tuple(name.split("."))
            found[path] = f"<{path[-1]} display_name={_attribute(display_name)}>"
    return found


def _text(text: str) -> str:
    if text.isalnum():
        return text
    return escape(sayable(text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return quoteattr(sayable(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
