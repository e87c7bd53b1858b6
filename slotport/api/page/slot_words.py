"""Slots in words: when, how they repeat, what they hold."""

from typing import Any

from slotport.api.page import slot_times
from slotport.api.page.rendering import Page
from slotport.api.page.slot_times import SlotForm
from slotport.core.entry import Entry, MediaEntry
from slotport.core.rrule import WEEKDAYS, Rule, read_rule
from slotport.core.simple_rule import Every, ordinal
from slotport.core.slot import MediaType

_FREQUENCIES = {"YEARLY": "year", "MONTHLY": "month", "WEEKLY": "week", "DAILY": "day"}
_SHOWN_DAYS = 7


def when(page: Page, entry: Entry) -> str:
    """When a slot is, on its own clocks where it has any, else on the viewer's."""
    t, times = page.t, entry.times
    if times.all_day:
        first, last = times.start.date(), (times.end or times.start).date()
        last = max(first, last.fromordinal(max(last.toordinal() - 1, 1)))
        return t.day(first, "full") if first == last else f"{t.day(first, 'full')} – {t.day(last, 'full')}"
    zone = slot_times.FLOATING if times.floating else page.zone.key
    start = slot_times.wall(times.start, zone)
    begins = t.moment(start)
    if times.end is None:
        return t("slots-from", when=begins)
    end = slot_times.wall(times.end, zone)
    return f"{begins} – {t.time(end) if end.date() == start.date() else t.moment(end)}"


def lines(page: Page, entry: Entry) -> list[tuple[str, str]]:
    """What there is to read of a slot: label and text."""
    place = entry.place
    parts = [] if place is None else [place.name, place.thoroughfare, place.postal_code, place.locality, place.country]
    found = [
        (page.t("slots-when"), when(page, entry)),
        (page.t("slots-repeats"), rule(page, entry.rrule)),
        (page.t("slots-place"), ", ".join(part for part in parts if part)),
        (page.t("slots-description"), entry.description),
        (page.t("slots-by"), entry.creator.username),
    ]
    return [(label, text) for label, text in found if text]


def rule(page: Page, text: str) -> str:
    """How a slot repeats, as far as words go; "" if it does not."""
    if not text:
        return ""
    t = page.t
    try:
        found = read_rule(text)
    except ValueError:
        return t("slots-rule-odd", rule=text[:200])
    if found.frequency not in _FREQUENCIES:
        return t("slots-rule-odd", rule=text[:200])
    words = [t("slots-rule", every=_FREQUENCIES[found.frequency], number=found.interval)]
    if found.by_day:
        words.append(", ".join(_weekday(page, number, day) for number, day in found.by_day[:_SHOWN_DAYS]))
    if found.by_month_day:
        words.append(t("slots-rule-days", days=", ".join(str(day) for day in found.by_month_day)))
    if found.by_month:
        months = [t.day(slot_times.MONTHS[number - 1], "MMMM") for number in found.by_month]
        words.append(", ".join(months))
    if found.count is not None:
        words.append(t("slots-rule-count", number=found.count))
    if found.until is not None and (last := slot_times.typed(_dashed(found.until))) is not None:
        words.append(t("slots-rule-until", day=t.day(last.date())))
    if _is_more(found):
        words.append(t("slots-rule-odd", rule=text[:200]))
    return "; ".join(words)


def options(page: Page, form: SlotForm) -> dict[str, list[tuple[str, str]]]:
    """The choices of the form, each as value and text."""
    t = page.t
    start = slot_times.typed(form.start_day)
    every = [(str(one), t(f"slots-every-{one}")) for one in Every]
    if start is not None:
        number, day = ordinal(start.date())
        texts = {
            "month-day": t("slots-every-month-day-of", day=start.day),
            "month-weekday": t("slots-every-month-weekday-of", which=_weekday(page, number, day)),
        }
        every = [(one, texts.get(one, text)) for one, text in every]
    return {
        "every": every,
        "visibility": [(one, t(f"slots-visibility-{one}")) for one in ("private", "friends", "foaf", "public")],
        "weekdays": [(name, t.day(slot_times.MONDAYS[day], "EEEE")) for day, name in enumerate(WEEKDAYS)],
    }


def media(entry: Entry) -> list[tuple[MediaEntry, bool]]:
    """The media of a slot, and whether each may be a picture that can be shown."""
    return [(item, item.media_type is MediaType.IMAGE) for item in entry.media]


def _weekday(page: Page, number: int, day: int) -> str:
    name = page.t.day(slot_times.MONDAYS[day], "EEEE")
    if number == 0:
        return name
    return page.t("slots-which", number=str(number) if number in (1, 2, 3, 4, -1) else "other", day=name, digits=number)


def _dashed(until: str) -> str:
    return f"{until[:4]}-{until[4:6]}-{until[6:8]}"


def _is_more(found: Rule) -> bool:
    more: tuple[Any, ...] = (
        found.by_second,
        found.by_minute,
        found.by_hour,
        found.by_year_day,
        found.by_week,
        found.by_position,
    )
    return any(more) or len(found.by_day) > _SHOWN_DAYS
