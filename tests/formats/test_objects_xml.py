"""Objects as xml: what is written, byte for byte, what a parser finds, and which linked objects are within."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from slotport.core.export import DisplayName
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.core.object_links import Link, Linked, links_of
from slotport.formats import objects_xml
from slotport.formats.objects import Shape
from slotport.formats.objects_xml import MOST_EMBEDDED, Merging
from tests.exported import (
    ALL,
    CONVENTION,
    DAYS,
    EVENT,
    GROUP,
    HEAD,
    LOCATION,
    SHAPE,
    SLOT,
    TIME_SLOT,
    WALK,
    exported,
    exported_slots,
    many_slots,
)
from tests.memory import peak

SAMPLES = Path(__file__).parents[1] / "samples" / "objects"
NAMESPACE = "{urn:slotport:export:1}"


def written(objects: Iterable[Exported], shape: Shape = SHAPE, merging: Merging | None = None) -> bytes:
    return b"".join(objects_xml.write(objects, HEAD, shape, merging))


def parsed(data: bytes) -> Sequence[Any]:
    """Each object: of an element its name, and its text or else its elements."""
    return [shown(element)[1] for element in ElementTree.fromstring(data)]


def shown(element: ElementTree.Element) -> tuple[str, Any]:
    name = element.tag.removeprefix(NAMESPACE)
    return name, [shown(child) for child in element] if len(element) else element.text


class Table:
    """The objects that links lead to."""

    def __init__(self, *known: Exported, reverse: dict[int, Sequence[Link]] | None = None) -> None:
        self._known = {
            (one.type, one.id): Linked(object=one, reverse=tuple((reverse or {}).get(one.id, ()))) for one in known
        }

    def find(self, kind: ObjectType, number: int) -> Linked | None:
        return self._known.get((kind, number))


def embedded(objects: Iterable[Exported], merging: Merging) -> list[Any]:
    """Of each object: its kind and id, and likewise what it holds."""

    def holding(element: ElementTree.Element) -> Any:
        identity = f"{element.findtext(f'{NAMESPACE}_objecttype')} {element.findtext(f'{NAMESPACE}_system_object_id')}"
        held = [holding(inner) for inner in objects_within(element)]
        return (identity, held) if held else identity

    return [holding(element) for element in ElementTree.fromstring(written(objects, merging=merging))]


def objects_within(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for child in element:
        if child.tag == f"{NAMESPACE}object":
            yield child
        else:
            yield from objects_within(child)


def test_a_document_is_written_as_the_sample() -> None:
    assert written(ALL) == (SAMPLES / "objects.xml").read_bytes()


def test_a_document_without_objects_is_one_too() -> None:
    root = ElementTree.fromstring(written([]))

    assert (root.tag, root.attrib, list(root)) == (
        f"{NAMESPACE}objects",
        {
            "format": "slotport-export",
            "version": "1",
            "export": "31",
            "export_version": "4",
            "name": "Summer & <slots>",
            "generated": "2031-05-01T04:00:07Z",
        },
        [],
    )


def test_display_names_are_attributes_and_other_fields_are_left_out() -> None:
    fields = {"slot.title": DisplayName(display_name='<"Titel">'), "slot.groups.name": DisplayName()}

    root = ElementTree.fromstring(written([SLOT], structs.replace(SHAPE, fields=fields)))

    title = root.find(f".//{NAMESPACE}title")
    assert title is not None
    assert title.attrib == {"display_name": '<"Titel">'}
    assert [shown(element)[1] for element in root] == [
        [
            ("_objecttype", "slot"),
            ("_system_object_id", "10"),
            (
                "slot",
                [
                    ("_id", "10"),
                    ("_version", "3"),
                    ("title", "=Harbour walk"),
                    ("groups", [("_id", "12"), ("_standard", "Walks"), ("name", "Walks")]),
                ],
            ),
        ]
    ]


def test_a_link_carries_id_version_and_standard_text_only() -> None:
    links = Table(structs.replace(GROUP, version=8))

    found = dict(dict(parsed(written([SLOT], merging=Merging(links=links)))[0])["slot"])

    assert found["groups"] == [
        ("_id", "12"),
        ("_version", "8"),
        ("_standard", "Walks"),
        ("uuid", str(GROUP.uuid)),
        ("name", "Walks"),
    ]


def test_linked_objects_that_the_search_did_not_find_are_told_of_in_full() -> None:
    links = Table(EVENT, LOCATION, CONVENTION)
    merging = Merging(mode="not_in_main_search", depth=1, links=links, is_main={41, 42}.__contains__)

    assert embedded([TIME_SLOT], merging) == [("timeslot 42", ["location 43", "convention 40"])]


def test_links_are_followed_as_deep_as_the_export_says() -> None:
    event = structs.replace(EVENT, owner_id=8)
    links = Table(event, LOCATION, CONVENTION)

    assert embedded([event], Merging(mode="all", depth=1, links=links)) == [("event 41", ["convention 40"])]
    assert embedded([TIME_SLOT], Merging(mode="all", depth=2, links=links)) == [
        ("timeslot 42", [("event 41", ["convention 40"]), "location 43"])
    ]


def test_what_links_to_an_object_is_within_it_where_the_export_asks_for_the_reverse() -> None:
    links = Table(
        GROUP, SLOT, DAYS, reverse={12: [(ObjectType.SLOT, 10), (ObjectType.SLOT, 11), (ObjectType.SLOT, 99)]}
    )
    merging = Merging(mode="not_in_main_search_and_reverse", links=links, is_main={12, 11}.__contains__)

    found = parsed(written([GROUP], merging=merging))[0]

    assert embedded([GROUP], merging) == [("group 12", ["slot 10"])]
    name, (first, second) = found[-1]
    assert (name, first[0], first[1][:3], second) == (
        "_reverse",
        "slot",
        [("_id", "10"), ("_version", "3"), ("_standard", "=Harbour walk")],
        ("slot", [("_id", "11"), ("_version", "3"), ("_standard", "Fair")]),
    )


def test_an_object_holds_no_more_than_so_many_and_none_twice() -> None:
    ids = range(100, 100 + MOST_EMBEDDED + 500)
    slots = [exported(ObjectType.SLOT, number, slot=WALK) for number in ids]
    links = Table(GROUP, *slots, reverse={12: [(ObjectType.SLOT, one.id) for one in (*slots, slots[0])]})

    root = ElementTree.fromstring(
        written([GROUP], merging=Merging(mode="not_in_main_search_and_reverse", depth=9, links=links))
    )

    assert len(list(objects_within(root[0]))) == MOST_EMBEDDED
    assert len(root.findall(f".//{NAMESPACE}_reverse/*")) == len(ids) + 1


def test_objects_that_link_in_a_circle_end() -> None:
    links = Table(EVENT, CONVENTION, TIME_SLOT, reverse={40: [(ObjectType.EVENT, 41)], 41: [(ObjectType.TIMESLOT, 42)]})

    assert embedded([EVENT], Merging(mode="not_in_main_search_and_reverse", depth=9, links=links)) == [
        ("event 41", ["convention 40", "timeslot 42"])
    ]


def test_a_linked_object_that_is_not_to_be_read_is_known_by_what_the_linking_one_tells() -> None:
    found = dict(dict(parsed(written([TIME_SLOT], merging=Merging(mode="all")))[0])["timeslot"])

    assert links_of(TIME_SLOT)[0] == (ObjectType.EVENT, 41)
    assert found["event"] == [("_id", "41"), ("_version", "5"), ("_standard", "Lantern Making")]


awkward = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@settings(max_examples=200, deadline=None)
@given(title=awkward, note=awkward, name=awkward)
def test_any_text_is_well_formed_without_what_xml_cannot_say(title: str, note: str, name: str) -> None:
    walk = structs.replace(WALK, title=title, description=note)
    shape = structs.replace(SHAPE, fields={n: DisplayName(display_name=name or "x") for n in FIELDS})

    root = ElementTree.fromstring(written([structs.replace(SLOT, slot=walk)], shape))

    found = [root.find(f".//{NAMESPACE}slot/{NAMESPACE}{tag}") for tag in ("title", "description")]
    assert [element.text or "" if element is not None else "" for element in found] == [sayable(title), sayable(note)]
    assert {element.attrib["display_name"] for element in found if element is not None} <= {sayable(name or "x")}


FIELDS = ("slot.title", "slot.description")


def sayable(text: str) -> str:
    """The text without what XML 1.0 has no character for (Char of its section 2.2)."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r" or "\x20" <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign >= "\U00010000"
    )


@settings(max_examples=60, deadline=None)
@given(objects=st.lists(exported_slots(), max_size=3))
def test_slots_of_any_kind_are_well_formed(objects: list[Exported]) -> None:
    assert len(parsed(written(objects))) == len(objects)


def test_memory_does_not_grow_with_the_number_of_objects() -> None:
    def walk(count: int) -> Callable[[], object]:
        def objects() -> Iterator[Exported]:
            return (one for _ in range(count // 100) for one in HUNDRED)

        return lambda: [None for _ in objects_xml.write(objects(), HEAD, SHAPE)]

    assert peak(walk(4000)) < peak(walk(1000)) + 1024 * 1024


HUNDRED = many_slots(100)


@pytest.mark.parametrize(("mode", "depth", "ahead"), [("none", 9, 1), ("not_in_main_search", 1, 2), ("all", 3, 4)])
def test_how_far_ahead_linked_objects_must_be_known(mode: Any, depth: int, ahead: int) -> None:
    assert Merging(mode=mode, depth=depth).links_ahead == ahead
