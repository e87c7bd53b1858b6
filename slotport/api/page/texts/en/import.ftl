# Importing a file.
import-title = Import a file
import-what = Bring in a calendar from any other program. Nothing is stored before you have seen what would change, and every import can be undone for 30 days.
import-file = Calendar file
import-file-hint = Choose a file, or drop it anywhere on this page: iCalendar (.ics, Google's too, also zipped), Outlook CSV or Timeslot JSON, up to { $megabytes } MB.
import-options = Group, encoding and more
import-look = See what would change
import-gone = That file is no longer here: files wait for an hour. Nothing of it is lost, since nothing was stored; choose it again.
import-recent = Imports of the last 30 days
import-none-yet = There are none yet.
import-when = When
import-format = Format
import-format-ical = iCalendar
import-format-google = iCalendar
import-format-timeslot = Timeslot JSON
import-format-outlook = Outlook CSV
import-undo = Undo this import
import-undo-head = Undo
import-undo-hint = Undoing removes what was new and gives back what was changed. Slots that were changed since then stay as they are.
import-undone-at = undone { $when }

import-group = Group
import-group-file = As the file says, else “Imports”
import-group-hint = Every slot of the file is added to it.
import-encoding = Encoding
import-encoding-itself = Found out from the file
import-encoding-hint = Change it if letters such as ä or é look wrong in the preview.
import-order = Order of dates
import-order-itself = Found out from the file
import-order-dmy = Day before month
import-order-mdy = Month before day
import-order-asked = How are the dates of this file meant?
import-order-why = All of them fit both ways, so nobody but you can tell.
import-order-sample = “{ $title }” is on { $day }
import-strict = All or nothing: if one record cannot be imported, import none
import-name = File
import-nameless = without a name
import-guessed = (guessed: the file does not say it)
import-read-title = How is this file to be read?
import-read-otherwise = Read it in another way, or into another group
import-drop = Do not import
import-reading = Reading: { $records } records
import-storing = { $done } of { $records } records

import-preview-title = What would change
import-kinds = What the records of the file are
import-kind-created = New
import-kind-alike = Possibly there already
import-kind-updated = Changed
import-kind-unchanged = Unchanged
import-kind-skipped = Left out
import-kind-rejected = Cannot be imported
import-about-created = These slots would be added to your calendar.
import-about-alike = You have a slot with the same title and times already, but under another identity: importing makes a second one. None of these is selected unless you do it.
import-about-updated = Your calendar has these slots with other values: here is what it has now, and what the file says.
import-about-skipped = Records that are older than what you have, that stand in the file more than once, or that have no title or no start.
import-about-rejected = These records break a rule of their format. All others can be imported; what can be read of these is a beginning for a new slot.
import-no-records = There is nothing in this file that could be imported.
import-all = Select all { $count }
import-none = Select none
import-find = Filter
import-find-title = Title contains
import-found = { $count ->
    [one] One title contains that.
   *[other] { $count } titles contain that.
 }
import-line = Line
import-at-line = line { $line }
import-record = Record
import-no-title = (no title)
import-why = Reason
import-repair = Repair
import-by-hand = Enter by hand
import-excerpt = As it stands in the file
import-alike = Possible duplicate
import-alike-link = Look at the slot that is there
import-changes-of = Changes of { $title }
import-field = Field
import-now = Now
import-then = In the file
import-empty-value = empty
import-unlisted = { $count ->
    [one] One more is not listed here.
   *[other] { $count } more are not listed here.
 }
import-pages = Pages
import-page = Page { $page } of { $pages }
import-before = Back
import-after = Next
import-chosen = selected
import-chosen-of = { $kind }: { $chosen } of { $count }
import-do = Import what is selected
import-as-of = Seen { $when }. If your calendar changes before you import, you are shown anew what would change.
import-changed-meanwhile = Your calendar was changed after you saw this, so nothing was imported. This is what would change now; your selection was kept.
import-refused = { $count ->
    [one] One record cannot be imported, and you asked for all or nothing: nothing is imported.
   *[other] { $count } records cannot be imported, and you asked for all or nothing: nothing is imported.
 }
import-nothing-chosen = Nothing is selected.

import-field-title = Title
import-field-start = Start
import-field-end = End
import-field-zone = Time zone
import-field-floating = In any zone
import-field-visibility = Visible for
import-field-description = Description
import-field-rrule = Repeats
import-field-place = Place
import-field-notes = Notes
import-field-media = Media
import-field-alerts = Alerts
import-field-icalendar = Other lines
import-field-sequence = Version
import-field-modified = Changed at
import-field-groups = Groups
import-field-deleted = Deleted
import-deleted-yes = deleted
import-deleted-no = there again
import-floating-yes = yes
import-floating-no = no
import-alerts = { $count ->
    [one] one alert
   *[other] { $count } alerts
 }
import-visibility-private = only yourself
import-visibility-friends = friends
import-visibility-foaf = friends and their friends
import-visibility-public = everybody

import-report-title = The file was imported
import-report-stored = { $count ->
    [one] One slot was added or changed.
   *[other] { $count } slots were added or changed.
 }
import-report-nothing = Nothing had to be changed.
import-count-created = New
import-count-updated = Changed
import-count-unchanged = Unchanged
import-count-skipped = Left out
import-count-rejected = Not imported
import-count-left-out = Not selected
import-to-calendar = To the calendar
import-another = Import another file
import-undone-title = The import was undone
import-undone-what = New slots removed: { $removed }. Changed slots given back: { $restored }.
import-left-title = Left as they are
import-left-what = { $count ->
    [one] One slot was changed after the import.
   *[other] { $count } slots were changed after the import.
 }

import-missing = Choose a file first.
import-empty = The file is empty.
import-large = The file has more than { $megabytes } MB. Split it, or ask whoever runs this server to allow more.
import-many = The file has too much in it: at most { $most } records are taken ({ $reason }).
import-unknown = This is no calendar that Slotport can read: neither iCalendar (.ics) nor Outlook CSV nor Timeslot JSON.
import-bad-text = This is no text in the encoding { $encoding } (the byte at { $offset } does not belong there). If it is a calendar, choose its encoding below; if not, choose another file.
import-broken = The file is broken, and nothing of it was stored: { $reason }.
import-no-encoding = There is no such encoding.
import-no-group = There is no such group any more.

note-import-dropped = Nothing was imported.
note-import-undone-already = That import was undone already.
