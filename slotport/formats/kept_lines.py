"""The lines that a slot keeps of its event, sorted again for writing (docs/formats/icalendar.md, "What is written")."""

from slotport.formats.calendar_lines import FIELDS
from slotport.formats.calendar_parts import boundary

_OUTER = {"VEVENT", "VCALENDAR"}


def sorted_lines(lines: tuple[str, ...]) -> tuple[dict[str, list[str]], list[str]]:
    """The kept lines of fields, by name, and the others; what would break the event's structure is left out."""
    own: dict[str, list[str]] = {}
    others: list[str] = []
    part: list[str] = []  # a component that is still open
    names: list[str] = []
    text = "".join(lines)
    has_breaks = "\n" in text or "\r" in text
    for line in lines:
        head, colon, name = line.partition(":")
        if not colon or (has_breaks and ("\n" in line or "\r" in line)):
            continue
        # every line of every slot comes here: most begin with none of the letters that BEGIN and END have
        word = head.strip().upper() if head[:1] in "BEbe \t" else ""
        if word == "BEGIN":
            part.append(line)
            names.append(name.strip().upper())
        elif word == "END":
            part.append(line)
            if not names or names.pop() != name.strip().upper():
                part.clear()
                names.clear()
            elif not names:
                others += [] if _holds_outer(part) else part
                part.clear()
        elif names:
            part.append(line)
        else:
            name = head.partition(";")[0].strip().upper()
            (own.setdefault(name, []) if name in FIELDS else others).append(line)
    return own, others


def _holds_outer(part: list[str]) -> bool:
    """Whether a component in the part is one that an event cannot hold."""
    text = "\n".join(part).upper()
    return ("VEVENT" in text or "VCALENDAR" in text) and not _OUTER.isdisjoint(
        name for line in part for _, name in [boundary(line) or ("", "")]
    )
