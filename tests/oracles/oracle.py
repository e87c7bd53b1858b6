"""Reads calendars with other Python libraries: a JSON line in, a JSON line out (run by .cache/oracles' own Python).

In: {"library": "icalendar" or "ical", "text": a calendar}. Out: {"events": [...]} or {"error": text}; an event is
[uid, start, end, summary, description, location], times as seconds since 1970 in UTC or as a date or floating text.
"""

import json
import sys
from datetime import UTC, date, datetime

import icalendar
from ical.calendar_stream import IcsCalendarStream


def shown(value):
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return int(value.astimezone(UTC).timestamp())
    return value.isoformat() if isinstance(value, date) else None


def by_icalendar(text):
    events = []
    for calendar in icalendar.Calendar.from_ical(text, multiple=True):
        for event in calendar.walk("VEVENT"):
            times = [getattr(event.get(name), "dt", None) for name in ("DTSTART", "DTEND")]
            texts = [str(event[name]) if name in event else None for name in ("SUMMARY", "DESCRIPTION", "LOCATION")]
            events.append([str(event["UID"]) if "UID" in event else None, *map(shown, times), *texts])
    return events


def by_ical(text):
    calendar = IcsCalendarStream.calendar_from_ics(text)
    return [
        [event.uid, shown(event.dtstart), shown(event.dtend), event.summary, event.description, event.location]
        for event in calendar.events
    ]


LIBRARIES = {"icalendar": by_icalendar, "ical": by_ical}

for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"events": LIBRARIES[asked["library"]](asked["text"])}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
