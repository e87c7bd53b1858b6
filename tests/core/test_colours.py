"""In which of the ten colours a person sees a group."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from slotport.core.colours import COLOURS, colour_of
from slotport.core.group import Group, Membership, Preset, State

NOW = datetime(2031, 5, 6, tzinfo=UTC)
STYLES = Path(__file__).parents[2] / "web" / "src" / "base.css"


def group(colour: str = "000000", preset: Preset = Preset.NONE, number: int = 7) -> Group:
    return Group(
        id=1,
        uuid=UUID(int=number),
        owner_id=1,
        name="Crew",
        default_color=colour,
        preset=preset,
        created_at=NOW,
        updated_at=NOW,
    )


def member(colour: str) -> Membership:
    return Membership(group_id=1, account_id=1, state=State.ACTIVE, color=colour)


def test_the_colours_are_those_of_the_styles() -> None:
    styles = STYLES.read_text(encoding="utf-8")

    assert tuple(re.findall(r"\.colour-\d \{\s+--colour: #(\w{6});", styles)) == COLOURS


@pytest.mark.parametrize(
    ("seen", "membership", "number"),
    [
        (group(), None, 7),
        (group(number=23), member("000000"), 3),
        (group(preset=Preset.PRIVATE), member("000000"), 0),
        (group(preset=Preset.PUBLIC), None, 2),
        (group("A4161A"), None, 4),
        (group("A4161A"), member("000000"), 4),
        (group("A4161A"), member("1a6335"), 2),
        (group(), member("ff0000"), 4),
        (group(), member("zzzzzz"), 7),
        (group(), member("ab cd "), 7),
        (group(), member("☃☃☃☃☃☃"), 7),
    ],
)
def test_the_members_own_colour_counts_then_the_groups(seen: Group, membership: Membership | None, number: int) -> None:
    assert colour_of(seen, membership) == number
