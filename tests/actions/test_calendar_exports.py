"""What a calendar makes of a series is what other programs read of its export: left out, moved and changed dates."""

import json
import os
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slotport.actions import calendar, files, series
from slotport.actions.files import WriteOptions
from slotport.actions.series import Move
from slotport.core.account import Account
from slotport.core.slot import Slot
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_person, add_slots
from tests.oracles import install

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2031, 3, 1), date(2031, 5, 1)  # clocks change on 30 March
START = datetime(2031, 3, 11, 8, tzinfo=UTC)
SERIES = {
    "a zone's clock": Slot(
        title="Walk", start=START, end=START + HOUR, uid="s", rrule="FREQ=WEEKLY;COUNT=6", zone="Europe/Berlin"
    ),
    "UTC": Slot(title="Walk", start=START, end=START + HOUR, uid="s", rrule="FREQ=WEEKLY;COUNT=6"),
    "whole days": Slot(
        title="Walk", start=date(2031, 3, 11), end=date(2031, 3, 12), uid="s", rrule="FREQ=WEEKLY;COUNT=6"
    ),
    "floating": Slot(title="Walk", start=START, end=START + HOUR, uid="s", rrule="FREQ=WEEKLY;COUNT=6", floating=True),
}


def read_by_ical_js(text: str) -> list[Any]:
    """Start of each occurrence as ical.js reads it: seconds since 1970, or a date or floating time as text."""
    if not install.is_installed():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PEER-MISSING(ical.js)")
    asked = json.dumps({"library": "ical.js", "text": text, "until": datetime(2032, 1, 1, tzinfo=UTC).timestamp()})
    command = [*install.node(), str(install.HERE / "oracle.mjs"), str(install.TARGET)]
    answer = subprocess.run(command, input=asked + "\n", capture_output=True, text=True, check=True).stdout
    return [start for _, start, _, _ in json.loads(answer)["occurrences"]]


def exported(store: Store, person: Account) -> str:
    file = files.export_file(store, person, "ical", group=None, options=WriteOptions())
    return b"".join(file.pieces).decode()


def as_ical_js_says(start: date, *, floating: bool) -> Any:
    if not isinstance(start, datetime) or floating:
        return start.isoformat()
    return int(start.replace(tzinfo=BERLIN).timestamp())


@pytest.mark.parametrize("kind", SERIES)
def test_an_export_says_what_the_calendar_shows(store: Store, kind: str) -> None:
    person, slot = add_person(store), SERIES[kind]
    [number] = add_slots(store, person, [slot])
    is_whole = not isinstance(slot.start, datetime)
    by = Move(days=1) if is_whole else Move(seconds=5_400)
    ids = [one.recurrence_id for one in calendar.shown(store, person, FIRST, LAST, BERLIN).items]
    series.exclude(store, person, number, ids[1], now=NOW)
    series.exclude(store, person, number, ids[4], now=NOW)
    series.move(store, person, number, ids[2], by, zone=BERLIN, with_all=False, now=NOW)
    series.move(store, person, number, ids[3], by, zone=BERLIN, with_all=True, now=NOW)

    shown = calendar.shown(store, person, FIRST, LAST, BERLIN).items

    assert [item.day - date(2031, 3, 11) for item in shown] == [timedelta(days=7 * n + is_whole) for n in (0, 2, 3, 5)]
    starts = [as_ical_js_says(item.start, floating=slot.floating) for item in shown]
    assert read_by_ical_js(exported(store, person)) == starts
