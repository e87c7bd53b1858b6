# What every page has.
frame-skip = Skip to the content
frame-pages = Pages
frame-calendar = Calendar
frame-groups = Groups
frame-share = Share
frame-import = Import
frame-export = Export
frame-conventions = Conventions
frame-exports = Export jobs
frame-account = Account
frame-sign-in = Sign in
frame-sign-up = Sign up
frame-sign-out = Sign out
frame-language = Language
frame-theme = Colours
frame-theme-auto = As the device
frame-theme-light = Light
frame-theme-dark = Dark
frame-zone = Times in { $zone }
frame-apply = Apply
frame-interfaces = Interfaces for programs
frame-licences = Licences
frame-dialog = Details
frame-save = Save
frame-cancel = Cancel
frame-delete = Delete
frame-close = Close
frame-edit = Edit
frame-back = Back
frame-not-built = The scripts and styles of these pages were not built when Slotport was installed, so they look plain, and calendar and board are missing. Install again with access to an npm registry.
frame-offline = Slotport cannot be reached. Nothing was lost: what you typed is still here. Try again when the connection is back.
frame-expired = Your session has ended. What you typed is still here: sign in in another tab, then try again.
frame-large = That is larger than Slotport takes.
frame-busy = Slotport has too much to do at the moment. Try again in a moment.
frame-waiting = One moment …
frame-failed = Something went wrong in Slotport. What you typed is still here; try again.

refused-400 = That was not understood
refused-400-what = The address or what was sent with it is not as Slotport needs it.
refused-401 = Your session has ended
refused-401-what = Sign in in another tab. Then load this page again: what you typed is sent once more.
refused-403 = That is not allowed
refused-403-what = Only others may do that.
refused-404 = There is nothing here
refused-404-what = The address may be mistyped, or what was here is gone, or not yours to see.
refused-405 = There is nothing to look at here
refused-405-what = This address only takes what a form sends. Go back to the page that you came from.
refused-409 = That does not go together
refused-409-what = It was changed elsewhere meanwhile. Look at it again.
refused-413 = That is larger than Slotport takes
refused-413-what = Send less at once, or a smaller file.
refused-429 = That was too often in a short time
refused-429-what = Try again later.
refused-500 = Something went wrong in Slotport
refused-500-what = Nothing was changed. Try again. If it happens again, tell whoever runs this server, with the number below.
refused-503 = Slotport cannot do that at the moment
refused-503-what = Try again in a moment.
refused-again-seconds = { $count ->
    [one] Try again in a second.
   *[other] Try again in { $count } seconds.
}
refused-again-minutes = { $count ->
    [one] Try again in a minute.
   *[other] Try again in { $count } minutes.
}
refused-again-hours = { $count ->
    [one] Try again in an hour.
   *[other] Try again in { $count } hours.
}
refused-in-english = In English:
refused-number = Number:
refused-typed = The Back button of your browser leads back to what you typed.
refused-try = Try again
refused-calendar = To your calendar
refused-home = To the start

welcome-title = Calendars and schedules on your own server
welcome-what = Keep a calendar, plan a convention, export it all. Files come in as iCalendar, Outlook CSV or Timeslot JSON, and go out again whole, in any of them.
welcome-calendar = Month, week, day and list; share what you want as a feed that any calendar program can follow.
welcome-conventions = Plan events, locations and hosts on a board that shows what clashes, and publish the schedule.
welcome-exports = Collect data on demand or on a schedule, and have it delivered; no run is ever lost.

note-preferences = Saved.
note-signed-out = You are signed out.
note-password = Your password was changed. Sign in with it.
