"""What the three public documents of the Timeslot data API show, with values of our own."""

import json

#: headers of an answer to an import; the documents' other ones change with each request
IMPORT_HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-XSS-Protection": "1; mode=block",
    "X-Content-Type-Options": "nosniff",
    "Content-Type": "application/json",
    "Vary": "Accept-Encoding, Origin",
    "Cache-Control": "no-cache",
    "Content-Length": "0",
}
#: … to an export, but for type and file name
EXPORT_HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-XSS-Protection": "1; mode=block",
    "X-Content-Type-Options": "nosniff",
    "Content-Transfer-Encoding": "binary",
    "Cache-Control": "private",
    "Vary": "Accept-Encoding, Origin",
}

#: an iCalendar file as its lines, which is how the import document sends it
EVENTS = [
    "BEGIN:VCALENDAR\r\n",
    "VERSION:2.0\r\n",
    "PRODID:icalendar-ruby\r\n",
    "CALSCALE:GREGORIAN\r\n",
    "METHOD:PUBLISH\r\n",
]
for _day in range(5):
    EVENTS += [
        "BEGIN:VEVENT\r\n",
        "DTSTAMP:20180319T195407Z\r\n",
        f"UID:07a45e5b-1d1e-4f41-ad36-4c15ca9150d{_day}\r\n",
        f"DTSTART:2019092{_day}T204402\r\n",
        f"DTEND:2019102{_day}T204402\r\n",
        "CLASS:PUBLIC\r\n",
        "DESCRIPTION:\r\n",
        f"SUMMARY:Slot title {20 + _day}\r\n",
        "END:VEVENT\r\n",
    ]
EVENTS.append("END:VCALENDAR\r\n")


def _media(first: int, position: int) -> list[dict[str, object]]:
    kinds = ["audio", "video", "video", "image", "image", "image"]
    return [
        {
            "public_id": f"dfhjghjkdisudgfds7iy{first - number}",
            "media_type": kind,
            "position": position - number,
            "duration": None,
            "title": f"Title {first - number}",
        }
        for number, kind in enumerate(kinds)
    ]


def _notes(last: int) -> list[dict[str, str]]:
    return [{"title": f"Title for Note {last - number}", "content": "Aller Anfang ist leicht"} for number in range(3)]


def _slot(number: int, group: int | None, *, alerts: bool = False, place: bool = False) -> dict[str, object]:
    groups = [
        {
            "uuid": f"670d5d00-af5d-4458-9f1e-53a4c41e63{group}",
            "name": f"Testgroup {group}",
            "image": "",
            "public": False,
            "description": None,
        }
    ]
    location = {"name": "Acapulco", "country": "", "postalcode": "", "city": "", "address": ""}
    return {
        "uid": f"b07852cb-a1dc-4a6c-9dc4-0ed05997c5{number}",
        "title": f"Slot title {number}",
        "visibility": "public",
        "start": f"2019-09-{number - 53}T17:44:02.000Z",
        "end": f"2019-10-{number - 53}T17:44:02.000Z",
        "media": _media(285 + 6 * (number - 65), 5 + 6 * (number - 64)),
        "notes": _notes(142 + 3 * (number - 65)),
        "settings": [{"alerts": "1010101010"}] if alerts else [],
        "groups": groups if group else [],
        "location": {**location, "latitude": 51.234, "longitude": -11.993} if place else None,
    }


#: the five slots of the export document, ordered by start
RECORDS = [
    _slot(64, None, alerts=True, place=True),
    _slot(65, 91, alerts=True),
    _slot(66, 92),
    _slot(67, 93),
    _slot(68, None),
]
#: … as a Timeslot export writes them
EXPORTED = json.dumps(RECORDS, separators=(",", ":"), ensure_ascii=False)
