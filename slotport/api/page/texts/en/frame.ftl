# What every page has.
frame-skip = Skip to the content
frame-pages = Pages
frame-calendar = Calendar
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
frame-failed = Something went wrong in Slotport. What you typed is still here; try again.

refused-title = That did not work
refused-nothing = There is nothing here
refused-broken = Something went wrong in Slotport
refused-home = To the start

welcome-title = Your time slots, at home
welcome-what = Slotport is a server of your own for time slots: calendars come in as iCalendar, Outlook CSV or Timeslot JSON, and go out again whole, in any of them.
welcome-signed-in = You are signed in. The pages for calendar, conventions and export jobs are being built; until then programs reach them.
welcome-calendar = Month, week, day and list; share what you want as a feed that any calendar program can follow.
welcome-conventions = Plan events, locations and hosts on a board that shows what clashes, and publish the schedule.
welcome-exports = Collect data on demand or on a schedule, and have it delivered; no run is ever lost.

note-preferences = Saved.
note-signed-out = You are signed out.
note-password = Your password was changed. Sign in with it.
