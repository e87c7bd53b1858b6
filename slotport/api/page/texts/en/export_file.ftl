# Exporting one's slots as a file.
export-title = Export to a file
export-what = Take your slots along to any other program. What a format cannot carry of them is said before you download.
export-which = Which slots
export-everything = Everything
export-own-only = Slots that you made; those of others stay theirs.
export-show = Show
export-count = { $count ->
    [one] One slot
   *[other] { $count } slots
 }
export-format-ical = iCalendar (.ics)
export-format-timeslot = Timeslot JSON (.json)
export-format-outlook = Outlook CSV (.csv)
export-for-ical = For Google Calendar, Apple Calendar, Thunderbird, Outlook and nearly everything else.
export-for-timeslot = For Timeslot, and to keep: it carries the most.
export-for-outlook = For spreadsheets and older versions of Outlook. Times are those of { $zone }.
export-loses = This format does not carry:
export-whole = Carries everything of these slots
export-download = Download
export-nothing = There is nothing here to export yet.
export-lost-notes = notes, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-media = pictures and other media, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-alerts = alerts, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-groups = groups, which { $count ->
    [one] one slot is in
   *[other] { $count } slots are in
 }
export-lost-place = more of a place than its name, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-visibility = who may see a slot: { $count ->
    [one] one slot is for others too
   *[other] { $count } slots are for others too
 }
export-lost-rrule = repetition: { $count ->
    [one] one slot repeats, and is written once
   *[other] { $count } slots repeat, and are written once
 }
export-lost-zone = the time zone a slot was made in, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-floating = times that are the same in any zone, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-icalendar = further lines of iCalendar files, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-sequence = the number of a slot's version, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
export-lost-fraction = fractions of a second, which { $count ->
    [one] one slot has
   *[other] { $count } slots have
 }
