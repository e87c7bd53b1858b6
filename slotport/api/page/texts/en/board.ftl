# The schedule board of a convention.
board-title = Schedule board
board-as-board = Board
board-as-list = List
board-days = Days
board-count = { $count ->
    [one] 1 time slot
   *[other] { $count } time slots
}
board-go-to = Go to
board-no-locations = The board has a column for each location. Add the first one.
board-to-locations = Add locations
board-no-events = There is nothing to schedule yet. Add events first.
board-to-events = Add events
board-needs-script = The board needs a script. The list does the same without one:
board-shown = What the board shows
board-undo = Undo
board-locations = Locations
board-location = Location
board-all = Show all
board-none = Hide all
board-no-area = Elsewhere
board-whole-area = All of { $area }
board-any = Any
board-height = Height
board-small = low
board-medium = medium
board-large = high
board-whole-day = All 24 hours
board-tray = Not scheduled
board-search = Search title or host
board-again = Also what is scheduled already
board-offers = { $count ->
    [0] No events
    [one] 1 event
   *[other] { $count } events
}
board-none-left = Nothing here.
board-minutes = { $minutes } min
board-times = { $count ->
    [one] scheduled once
   *[other] scheduled { $count } times
}
board-schedule = Schedule…
board-schedule-now = Schedule
board-more-offers = And { $count } more: search for them.
board-zone = Times are those of { $zone }.
board-keys = Drag to move, or use Alt and the arrow keys; with Shift, the length changes. Ctrl+Z undoes.
board-back = Put it back
board-anyway = Schedule anyway
board-conflicts = { $count ->
    [0] No conflicts
    [one] 1 conflict
   *[other] { $count } conflicts
}
board-conflict = Conflict
board-hidden = Hidden
board-hidden-why = The public does not see this time slot, and it occupies nothing: its event is not scheduled or approved.
board-when = When
board-event = Event
board-who = Hosts
board-most = Most attendees
board-notes = Notes to attendees
board-move = Move…
board-nothing = Nothing is scheduled here.
board-remove = Take off the schedule
board-remove-ask = Take “{ $title }” off the schedule?
board-remove-what = The event goes back to those that are not scheduled. You can undo this on the board.
board-to-event = The event
board-new-title = Schedule “{ $title }”
board-edit-title = Change “{ $title }”
board-day = Day
board-time = Time
board-length = Minutes
board-add-host = Add a host
board-nobody = nobody
board-further = More
board-taken = { $place } is taken by “{ $title }” from { $start } to { $end }.
board-more = { $count ->
    [one] And 1 more.
   *[other] And { $count } more.
}
board-host-busy = { $host } hosts “{ $title }” from { $start } to { $end }.
board-too-small = { $place } holds { $holds }, fewer than the { $most } allowed.
board-outside = This is outside the convention’s days.
board-fits = { $place }, { $start } to { $end }: free.
board-moved = “{ $title }” is now in { $place }, { $start } to { $end }.
board-removed = “{ $title }” is off the schedule.
board-scheduled = “{ $title }” is scheduled in { $place }, { $start } to { $end }.
board-undone = Undone.
board-stale = Somebody else changed “{ $title }” meanwhile. The board now shows it as it is.
board-stale-now = Somebody else changed this time slot meanwhile. Save again to have your version.
board-odd-host-booked-twice = A host has another time slot at that time, perhaps at another convention.
board-odd-location-too-small = The location is too small for all who may come.
board-odd-attendees-reversed = It wants more attendees than it allows.
board-odd-outside-convention = This is outside the convention’s days.
board-undo-moved = Undo: “{ $title }” moved
board-undo-scheduled = Undo: “{ $title }” scheduled
board-undo-removed = Undo: “{ $title }” taken off
board-hosts = with { $names }
board-at = { $place }, { $start } to { $end }
board-refused = “{ $title }” does not fit there
board-all-places = Locations: all { $count }
board-some-places = Locations: { $count } of { $all }
board-kept = The rest stays as it was.

note-board-scheduled = It is scheduled.
note-board-changed = Saved.
note-board-removed = It is off the schedule.
