convention-sub-overview = Overview
convention-sub-board = Board
convention-sub-events = Events
convention-sub-locations = Locations
convention-sub-tags = Tags
convention-sub-people = People
convention-sub-managers = Managers
convention-sub-import = Import
convention-sub-settings = Settings

convention-found = New convention
convention-create = Create convention
convention-none = You manage no convention yet. Create one: you can then add locations and events, and plan them on a board.
convention-no-dates = No dates yet
convention-public = Public schedule
convention-to-board = Plan on the board
convention-title = Title
convention-slug = Short name in addresses
convention-slug-hint = Made from the title if left empty; it cannot be changed later.
convention-first-day = First day
convention-last-day = Last day
convention-zone = Time zone
convention-zone-hint = All times of the convention are shown in it.
convention-where = Place
convention-website = Website
convention-series = Series
convention-settings-of = Settings of { $title }
convention-for-programs = For programs
convention-keys-hint = Programs that use the convention interface name the convention by its public key, and sign as the convention itself with the secret one. Give the secret key to nobody else.
convention-public-key = Public key
convention-secret-key = Secret key
convention-show-secret = Show
convention-count-events = { $count ->
    [one] event
   *[other] events
}
convention-count-unscheduled = without a time
convention-count-slots = { $count ->
    [one] time slot
   *[other] time slots
}
convention-count-public = in the public schedule
convention-count-locations = { $count ->
    [one] location
   *[other] locations
}
convention-next = What to do next
convention-next-locations = Add the locations
convention-next-events = Add the events
convention-next-board = Put them on the board
convention-next-or = You have a schedule already?
convention-next-import = Import a schedule file
convention-publish = Publish
convention-publish-hint = Everybody can read these; they show what is scheduled, and change as you plan.
convention-file-page = Public page
convention-file-ics = Calendar (ICS)
convention-file-xml = schedule.xml
convention-file-json = schedule.json
convention-copy = Copy
convention-copy-of = Copy the address: { $what }
convention-copied = Copied

convention-filter = Search and filter
convention-search = Search
convention-state = State
convention-state-any = All but cancelled
convention-state-unscheduled = Without a time
convention-state-scheduled = With a time
convention-state-cancelled = Cancelled
convention-status-0 = Submitted
convention-status-1 = Has a teaser
convention-status-2 = Content approved
convention-status-3 = Logistics approved
convention-status-4 = Scheduled
convention-status-5 = Approved
convention-status-6 = Cancelled
convention-status-hint = The public sees scheduled and approved events that have a time.
convention-tag = Tag
convention-any = Any
convention-events-found = { $count ->
    [one] One event
   *[other] { $count } events
}
convention-events-none = No events yet. Add the first one: it needs a title, a teaser and a duration.
convention-event-new = New event
convention-event-people = People and attendance
convention-event-needs = For the team
convention-event-cancel = Cancel this event
convention-event-cancel-hint = Its times leave the public schedule, and its locations are free again.
convention-nothing-found = Nothing found.
convention-show-all = Show all
convention-minutes = Minutes
convention-slots = Time slots
convention-owner = Owner
convention-owner-me = I am
convention-owner-same = As it is
convention-contact = Contact in the team
convention-nobody = Nobody
convention-teaser = Teaser
convention-teaser-hint = One or two sentences that make people come.
convention-description = Description
convention-no-tags = No tags to choose from yet. Make them here:
convention-min = At least … people
convention-max = At most … people
convention-max-hint = Empty: no limit
convention-price = Price
convention-registration = Needs registration
convention-notes = Notes to attendees
convention-needs-hint = Only managers and the event's owner see these.
convention-needs = Needs
convention-constraints = When it can be scheduled
convention-staff-notes = Notes to the team
convention-allow = Save all the same, although a location is then taken twice

convention-location-new = New location
convention-locations-none = No locations yet. Add the rooms and places where events can be.
convention-location-remove = Remove this location
convention-location-remove-now = Remove { $title } now
convention-capacity = Capacity
convention-capacity-hint = 0: unknown
convention-area = Area
convention-area-hint = Building, floor or part of the site
convention-in-use = { $what } is in use
convention-in-use-slots = These time slots are in it. Move or cancel them first:
convention-in-use-events = These events have it:
convention-remove-anyway = Remove it from them all
convention-more = { $count ->
    [one] and one more
   *[other] and { $count } more
}

convention-tags-hint = Tags sort events: by track, kind or language. In the public schedule people filter by them, and each value of a tag called “Track” has its colour.
convention-tags-none = No tags yet. Begin with one called “Track”.
convention-tag-new = New tag
convention-tag-title-hint = Such as Track, Kind or Language
convention-tag-public = Everybody sees it
convention-tag-private = only managers see it
convention-tag-no-values = no values
convention-tag-values = Values
convention-tag-values-hint = One a line
convention-tag-old = Rename a value
convention-tag-new-name = New name
convention-tag-remove = Remove this tag
convention-tag-remove-now = Remove { $title } now
convention-requirement = An event has
convention-requirement-one = exactly one value
convention-requirement-some = one value or more
convention-requirement-any = any number of values

convention-people-hint = Owners and hosts of events, managers, and whom you add.
convention-person-new = Add somebody
convention-person-hint = Whoever has an account with this address keeps it as it is. For all others an account is made, which they can sign in to once they set a password.
convention-add = Add
convention-name = Name
convention-email = E-mail address
convention-phone = Phone
convention-number = Number
convention-managers-hint = Managers change everything of a convention. The roles are names only: all have the same rights.
convention-role = Role
convention-role-administrator = Administrator
convention-role-manager = Manager
convention-role-cashier = Cashier
convention-role-hint = A name only
convention-appoint = Add a manager
convention-appoint-hint = Of an account that is there
convention-dismiss = Dismiss
convention-dismiss-now = Dismiss { $name } now
convention-yourself = yourself

convention-table-pages = Pages of the table
convention-table-back = Back
convention-table-on = On
convention-table-page = Page { $number } of { $pages }, { $total } in all

convention-import-title = Import a schedule file
convention-import-what = A schedule.xml or schedule.json, as conference programs write them: events, locations, hosts and times come in. What is there already is recognised by its guid, and changed.
convention-import-file = File
convention-import-check = Check only
convention-import-read = Import
convention-import-none = Choose a file first.
convention-import-checked = What an import would do
convention-import-done = What became of it
convention-import-nothing-stored = Nothing was stored yet. Choose Import to store it.
convention-import-stored = The file was imported.
convention-import-created = new
convention-import-updated = changed
convention-import-unchanged = unchanged
convention-import-skipped = skipped
convention-import-rejected = rejected
convention-import-problems = Remarks
convention-import-line = Line
convention-import-why = Remark

note-convention-founded = The convention is there. Add its locations and events now.
note-convention-saved = Saved.
note-convention-event-made = The event is there.
note-convention-event-cancelled = The event was cancelled.
note-convention-location-made = The location is there.
note-convention-location-removed = The location was removed.
note-convention-tag-made = The tag is there.
note-convention-tag-removed = The tag was removed.
note-convention-person-added = The convention knows this person now.
note-convention-manager-appointed = Appointed.
note-convention-manager-dismissed = Dismissed.
