"""What an event's tags become (docs/api/convention-events.md): adding, removing, and what each type requires."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from slotport.core.convention import Requirement, Tags, TagType
from slotport.core.slot import is_storable
from slotport.errors import Invalid

TITLE_LENGTH = 255  #: of a tag type
VALUE_LENGTH = 255
MOST = 1000  #: tag types, or values of one, in a request

Said = Mapping[str, str | Sequence[str]]  #: by title: one value, or several


class Tagged(Struct, frozen=True, kw_only=True):
    """What is to be stored of an event's tags."""

    values: dict[str, tuple[str, ...]]  #: all values of each type that changes, by its title
    requirements: dict[str, Requirement]  #: of the types that are new


def same(one: str, other: str) -> bool:
    """Whether two spellings are one value."""
    return one.casefold() == other.casefold()


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The values, each in its first spelling only."""
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(value.casefold(), value)
    return tuple(found.values())


def said_tags(value: Any, name: str) -> dict[str, str | tuple[str, ...]]:
    """The tags in a parameter; without empty ones, blanks around texts are cut off. Raises Invalid."""
    if value is None or value == "" or value == []:
        return {}  # PHP spells an empty object ``[]``
    if not isinstance(value, dict):
        raise Invalid.of(name, "must be an object of tag types and their values")
    if len(value) > MOST:
        raise Invalid.of(name, f"must have at most {MOST} tag types")
    found: dict[str, str | tuple[str, ...]] = {}
    for title, given in value.items():
        texts = values_of(given, f"{name}.{title}")
        if texts:
            found[checked_title(title, name)] = texts if isinstance(given, list) else texts[0]
    return found


def values_of(value: Any, name: str) -> tuple[str, ...]:
    """The texts in a text or a list of texts, without empty ones and twins. Raises Invalid."""
    given = value if isinstance(value, list) else [value]
    if len(given) > MOST:
        raise Invalid.of(name, f"must have at most {MOST} values")
    texts = []
    for item in given:
        if item is None:
            continue
        if not isinstance(item, str):
            raise Invalid.of(name, "must be a text or a list of texts")
        if text := item.strip():
            texts.append(_short(text, name, VALUE_LENGTH))
    return distinct(texts)


def checked_title(value: Any, name: str) -> str:
    """The title of a tag type. Raises Invalid."""
    title = value.strip() if isinstance(value, str) else ""
    if not title:
        raise Invalid.of(name, "needs the title of a tag type")
    return _short(title, name, TITLE_LENGTH)


def _short(text: str, name: str, longest: int) -> str:
    if len(text) > longest:
        raise Invalid.of(name, f"must have texts of at most {longest} characters")
    if not is_storable(text):
        raise Invalid.of(name, "holds a character that cannot be stored")
    return text


def retagged(kinds: Iterable[TagType], tags: Iterable[Tags], added: Said, removed: Said) -> Tagged:
    """What the event's tags become when some are added (replaced where one is required), then some removed.

    A type that is new requires one value if a single one was given, else one or more. Raises Invalid for several
    values where one is required, and where less remains than the type requires.
    """
    known = {kind.title: kind.requirement for kind in kinds}
    requirements = {
        title: Requirement.ONE if isinstance(given, str) else Requirement.SOME
        for title, given in added.items()
        if title not in known
    }
    before = {tag.title: tag.values for tag in tags}
    after = dict(before)
    for title, given in added.items():
        after[title] = _with(before.get(title, ()), given, (known | requirements)[title], title)
    for title, given in removed.items():
        left = _without(after.get(title, ()), given)
        if left == after.get(title, ()):
            continue
        if not left and known.get(title, requirements.get(title)) is not Requirement.ANY:
            raise Invalid.of(f"remove-tags.{title}", "leaves the event without a value that this tag type requires")
        after[title] = left
    changed = {title: values for title, values in after.items() if values != before.get(title, ())}
    return Tagged(
        values=changed,
        requirements={title: requirement for title, requirement in requirements.items() if title in changed},
    )


def _with(values: tuple[str, ...], given: str | Sequence[str], requirement: Requirement, title: str) -> tuple[str, ...]:
    if requirement is not Requirement.ONE:
        return distinct((*values, *([given] if isinstance(given, str) else given)))
    if not isinstance(given, str):
        raise Invalid.of(f"tags.{title}", "must be one text: this tag type has exactly one value")
    return values if values and same(values[0], given) else (given,)


def _without(values: tuple[str, ...], given: str | Sequence[str]) -> tuple[str, ...]:
    gone = {text.casefold() for text in ([given] if isinstance(given, str) else given)}
    return tuple(value for value in values if value.casefold() not in gone)
