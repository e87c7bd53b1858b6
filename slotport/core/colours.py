"""The ten colours of groups: ``colour-0`` to ``colour-9`` of the page (web/src/base.css).

A member's colour is stored as any six hexadecimal digits, as programs set it; the page shows the nearest of these.
"""

from slotport.core.group import Group, Membership, Preset

#: the same ten as in web/src/base.css, in that order
COLOURS = ("1d4f91", "8a3b00", "1a6334", "7a1f6b", "a4161a", "00616b", "5a3fa8", "6b5200", "9c2759", "3d4c5c")
UNSET = "000000"  #: nobody has chosen
_DEFAULTS = {Preset.PRIVATE: 0, Preset.PUBLIC: 2}


def colour_of(group: Group, membership: Membership | None) -> int:
    """The number of the colour in which a member sees the group; of who chose none, one that follows from the group."""
    for text in (UNSET if membership is None else membership.color, group.default_color):
        if text != UNSET and (parts := _parts(text)) is not None:
            return min(range(len(COLOURS)), key=lambda number: _distance(parts, COLOURS[number]))
    return _DEFAULTS.get(group.preset, group.uuid.int % len(COLOURS))


def _parts(text: str) -> tuple[int, ...] | None:
    """Red, green and blue; None of what is no colour."""
    try:
        parts = tuple(bytes.fromhex(text))
    except ValueError:
        return None
    return parts if len(parts) == 3 else None  # blanks are skipped


def _distance(parts: tuple[int, ...], colour: str) -> int:
    return sum((one - other) ** 2 for one, other in zip(parts, bytes.fromhex(colour), strict=True))
