# Refusals as they are raised: conventions, their programme and the board.
refusal-there-is-no-such-convention = there is no such convention
refusal-there-is-no-convention = there is no convention { $slug }
refusal-only-managers-of-the-convention-come-here = only managers of the convention come here
refusal-only-a-manager-of-the-convention-may = only a manager of the convention may do this
refusal-this-is-for-managers-of-the-convention = this is for managers of the convention
refusal-this-is-for-managers-of-the-convention-2 = this is for managers of the convention and for the convention itself
refusal-this-needs-the-token-of-a-user = this needs the token of a user who is signed in
refusal-this-needs-the-token-of-somebody-with = this needs the token of somebody with an account
refusal-this-needs-the-header-convention-with-the = this needs the header `Convention` with the public key of a convention
refusal-the-signature-is-malformed-too-old-or = the signature is malformed, too old or wrong
refusal-must-not-be-a-number-or-the = must not be a number or the word { $word }
refusal-must-be-fit-to-stand-in-an = must be fit to stand in an address
refusal-is-that-of-another-convention = is that of another convention

# Events.
refusal-there-is-no-such-event = there is no such event
refusal-the-convention-has-no-event-of-this = the convention has no event of this id
refusal-is-wrong = is wrong: { $why }
refusal-only-managers-of-the-convention-and-its = only managers of the convention and its owner change an event
refusal-only-a-manager-of-the-convention-names = only a manager of the convention names another owner
refusal-only-a-manager-of-the-convention-tags = only a manager of the convention tags its events
refusal-the-event-is-being-worked-on-only = the event is being worked on: only a manager of the convention changes it now
refusal-only-a-manager-of-the-convention-sets = only a manager of the convention sets { $field }
refusal-is-needed-a-whole-number-of-minutes = is needed: a whole number of minutes, at least 1
refusal-must-be-an-amount-such-as-12 = must be an amount such as 12.50, not { $value }
refusal-is-so-long-that-a-time-slot = is so long that a time slot of the event would never end

# Locations and tags.
refusal-there-is-no-such-location = there is no such location
refusal-names-no-location-of-the-convention = names no location of the convention
refusal-the-location-is-in-use-by-the = the location is in use by the time slots { $numbers }
refusal-another-location-of-the-convention-has-that = another location of the convention has that title
refusal-another-location-of-the-convention-has-the = another location of the convention has the slug { $slug }; give one of its own
refusal-there-is-no-such-tag = there is no such tag
refusal-is-that-of-another-tag = is that of another tag
refusal-names-no-tag-type-of-the-convention = names no tag type of the convention
refusal-another-tag-type-of-the-convention-has = another tag type of the convention has that title
refusal-events-have = events have { $why }: { $numbers }
refusal-a-value-that-is-to-be-removed = a value that is to be removed
refusal-more-than-one-value-of-the-tag = more than one value of the tag type
refusal-the-tag-type = the tag type
refusal-must-be-1-or = must be 1, * or +
refusal-must-be-an-object-of-old-values = must be an object of old values and new ones
refusal-must-be-a-list-of-texts = must be a list of texts
refusal-must-be-a-text-or-a-list = must be a text or a list of texts
refusal-must-give-a-new-value-a-text = must give a new value, a text, for { $value }
refusal-replaces-by-itself = replaces { $value } by itself
refusal-must-be-an-object-of-tag-types = must be an object of tag types and their values
refusal-must-have-at-most-tag-types = must have at most { $most } tag types
refusal-needs-the-title-of-a-tag-type = needs the title of a tag type
refusal-must-be-one-text-this-tag-type = must be one text: this tag type has exactly one value
refusal-leaves-the-event-without-a-value-that = leaves the event without a value that this tag type requires

# People.
refusal-there-is-no-such-manager = there is no such manager
refusal-is-your-own-a-manager-cannot-dismiss = is your own: a manager cannot dismiss oneself
refusal-there-is-no-user-with-that-email = there is no user with that email
refusal-only-a-manager-of-the-convention-may-2 = only a manager of the convention may see other users
refusal-only-a-manager-of-the-convention-and = only a manager of the convention and the convention itself may add users
refusal-names-no-such-user = names no such user
refusal-names-no-such-user-2 = names no such user: { $user }
refusal-must-name-a-user-as-an-object = must name a user as an object with id or email
refusal-must-name-a-user-by-id-or = must name a user by id or by email, not by both
refusal-must-name-a-user-by-id-or-2 = must name a user by id or by email
refusal-must-give-a-users-name-as-text = must give a user's name as text
refusal-must-give-a-users-id-as-a = must give a user's id as a number
refusal-must-give-a-users-email-as-text = must give a user's email as text

# Time slots and the board.
refusal-there-is-no-such-event-in-the = there is no such event in the programme
refusal-there-is-no-such-time-slot-somebody = there is no such time slot; somebody may have taken it off the schedule
refusal-somebody-else-changed-the-time-slot-meanwhile = somebody else changed the time slot meanwhile
refusal-must-be-the-id-of-an-event = must be the id of an event of this convention
refusal-was-cancelled = was cancelled
refusal-must-leave-the-time-slot-within-the = must leave the time slot within the years 1 to 9999
refusal-must-be-a-list-of-slugs-of = must be a list of slugs of locations
refusal-must-be-a-list-of-slugs-of-2 = must be a list of slugs of locations, not { $type }
refusal-must-be-a-list-of-users-each = must be a list of users, each an object with id or email
refusal-must-list-at-least-one-user-or = must list at least one user, or be left out
refusal-would-leave-the-time-slot-without-a = would leave the time slot without a location
refusal-must-list-the-slug-of-at-least = must list the slug of at least one location
refusal-is-of-no-time-slot-that-is = is of no time slot that is scheduled here
refusal-is-of-no-time-slot-that-was = is of no time slot that was cancelled here
refusal-names-no-location-of-this-convention = names no location of this convention: { $slug }
refusal-a-schedule-file-has-no-room-for = a schedule file has no room for a time slot of that length
