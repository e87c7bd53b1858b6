# One slot: its form, and what others read of it.
slots-new = New slot
slots-change = Change slot
slots-refused = Something is not right yet. Nothing was saved; see the fields below.
slots-one = This is one date of a series. What you change here is for this date only.
slots-edit-all = Change the whole series instead
slots-title = Title
slots-when = When
slots-all-day = Whole day
slots-start-day = From
slots-start-time = Start time
slots-end-day = To
slots-end-time = End time
slots-open-end = No fixed end
slots-zone = Time zone
slots-floating = The same time everywhere
slots-from = { $when }, no fixed end
slots-repeats = Repeats
slots-how-often = How often
slots-every-never = Never
slots-every-day = Every day
slots-every-week = Every week
slots-every-month-day = Every month, on the same day
slots-every-month-weekday = Every month, on the same weekday
slots-every-month-day-of = Every month, on day { $day }
slots-every-month-weekday-of = Every month, on the { $which }
slots-every-year = Every year
slots-kept = This rule came from a file. It stays as it is unless you choose another.
slots-interval = Every … times
slots-interval-hint = 2 is every other time
slots-ends = Ends
slots-ends-never = Never
slots-ends-until = On a day
slots-ends-count = After some times
slots-until = Last day
slots-count = How many times
slots-weekdays = On
slots-weekdays-hint = None ticked: on the weekday on which it begins.
slots-which = { $number ->
    [1] first { $day }
    [2] second { $day }
    [3] third { $day }
    [4] fourth { $day }
    [-1] last { $day }
   *[other] { $day } ({ $digits })
}
slots-rule = { $every ->
    [day] { $number ->
        [1] every day
       *[other] every { $number } days
    }
    [week] { $number ->
        [1] every week
       *[other] every { $number } weeks
    }
    [month] { $number ->
        [1] every month
       *[other] every { $number } months
    }
   *[year] { $number ->
        [1] every year
       *[other] every { $number } years
    }
}
slots-rule-days = on day { $days }
slots-rule-count = { $number ->
    [1] once
   *[other] { $number } times
}
slots-rule-until = until { $day }
slots-rule-odd = by the rule { $rule }
slots-place = Place
slots-place-more = Address and coordinates
slots-place-name = Name
slots-place-thoroughfare = Street
slots-place-sub-thoroughfare = Number
slots-place-postal-code = Postcode
slots-place-locality = Town
slots-place-sub-locality = District
slots-place-administrative-area = State or region
slots-place-sub-administrative-area = County
slots-place-country = Country
slots-place-iso-country-code = Country code
slots-place-in-land-water = Lake or river
slots-place-ocean = Sea
slots-place-areas-of-interest = Sight
slots-place-latitude = Latitude
slots-place-longitude = Longitude
slots-description = Description
slots-visibility = Who may read it
slots-visibility-private = Only me and the members of its groups
slots-visibility-friends = My friends, too
slots-visibility-foaf = Friends of friends, too
slots-visibility-public = Everybody
slots-visibility-hint = There are no friends on this server yet; for now those two are as private.
slots-groups = Groups
slots-groups-none = You are in no group yet that you may put slots into.
slots-group-public = public
slots-notes = { $number ->
    [0] Notes
   *[other] Notes ({ $number })
}
slots-note = Note
slots-note-title = Title of the note
slots-note-content = Text
slots-note-remove = Remove this note
slots-note-more = One more note
slots-media = { $number ->
    [0] Pictures
   *[other] Pictures and other media ({ $number })
}
slots-media-audio = Sound
slots-media-video = Film
slots-media-image = Picture
slots-media-remove = Remove
slots-picture = Picture { $number }
slots-picture-new = New picture
slots-picture-refused = The picture { $why }.
slots-image = Add a picture
slots-image-hint = JPEG, PNG, GIF or WebP. It is seen by whoever may read the slot, once you save.
slots-alerts = { $number ->
    [0] Alerts
   *[other] Alerts ({ $number })
}
slots-alerts-legend = Alerts that are on
slots-alerts-hint = Slotport keeps ten switches for your calendar program and rings for none of them itself. Which reminder each one is, that program says.
slots-alert = Alert { $number }
slots-by = By
slots-of-others = This slot is { $name }’s. You can read it, not change it.
slots-delete-title = Delete “{ $title }”?
slots-delete-means = It disappears from every calendar and group, with its notes and pictures.
slots-delete-series = All dates of this series disappear, also those that were changed, with notes and pictures.
slots-delete-which = It belongs to a series. Delete this date only, or all dates?
slots-delete-one = Only this date
slots-delete-all = The whole series
note-slots-saved = Saved.
note-slots-deleted = Deleted.
