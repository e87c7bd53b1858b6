# Die Planungstafel einer Convention.
board-title = Planungstafel
board-as-board = Tafel
board-as-list = Liste
board-days = Tage
board-count = { $count ->
    [one] 1 Termin
   *[other] { $count } Termine
}
board-go-to = Gehe zu
board-no-locations = Die Tafel hat für jeden Ort eine Spalte. Noch gibt es keinen Ort.
board-to-locations = Orte anlegen
board-no-events = Noch gibt es nichts einzuplanen. Zuerst braucht es Veranstaltungen.
board-to-events = Veranstaltungen anlegen
board-needs-script = Die Tafel braucht ein Skript. Die Liste kommt ohne aus:
board-shown = Was die Tafel zeigt
board-undo = Rückgängig
board-locations = Orte
board-location = Ort
board-all = Alle zeigen
board-none = Alle ausblenden
board-no-area = Anderswo
board-whole-area = Alles in { $area }
board-any = Alle
board-height = Höhe
board-small = niedrig
board-medium = mittel
board-large = hoch
board-whole-day = Alle 24 Stunden
board-tray = Nicht eingeplant
board-search = Titel oder Leitung suchen
board-again = Auch was schon eingeplant ist
board-offers = { $count ->
    [0] Keine Veranstaltungen
    [one] 1 Veranstaltung
   *[other] { $count } Veranstaltungen
}
board-none-left = Hier ist nichts.
board-minutes = { $minutes } min
board-times = { $count ->
    [one] einmal eingeplant
   *[other] { $count }-mal eingeplant
}
board-schedule = Einplanen…
board-schedule-now = Einplanen
board-more-offers = Und { $count } weitere, die sich über die Suche finden.
board-zone = Die Zeiten gelten in { $zone }.
board-keys = Ziehen verschiebt, ebenso Alt mit den Pfeiltasten; mit Umschalt ändert sich die Dauer. Strg+Z macht rückgängig.
board-back = Zurücklegen
board-anyway = Trotzdem einplanen
board-conflicts = { $count ->
    [0] Keine Konflikte
    [one] 1 Konflikt
   *[other] { $count } Konflikte
}
board-conflict = Konflikt
board-hidden = Verborgen
board-hidden-why = Die Öffentlichkeit sieht diesen Termin nicht, und er belegt nichts: Seine Veranstaltung ist weder eingeplant noch bestätigt.
board-when = Wann
board-event = Veranstaltung
board-who = Leitung
board-most = Höchstens Teilnehmende
board-notes = Hinweise für Teilnehmende
board-move = Verschieben…
board-nothing = Hier ist nichts eingeplant.
board-remove = Aus dem Programm nehmen
board-remove-ask = „{ $title }“ aus dem Programm nehmen?
board-remove-what = Die Veranstaltung kommt zu denen zurück, die nicht eingeplant sind. Auf der Tafel lässt sich das rückgängig machen.
board-to-event = Zur Veranstaltung
board-new-title = „{ $title }“ einplanen
board-edit-title = „{ $title }“ ändern
board-day = Tag
board-time = Uhrzeit
board-length = Minuten
board-add-host = Leitung hinzufügen
board-nobody = niemand
board-further = Mehr
board-taken = { $place } ist von { $start } bis { $end } durch „{ $title }“ belegt.
board-more = { $count ->
    [one] Und 1 weitere.
   *[other] Und { $count } weitere.
}
board-host-busy = { $host } leitet „{ $title }“ von { $start } bis { $end }.
board-too-small = { $place } fasst { $holds }, weniger als die { $most }, die erlaubt sind.
board-outside = Das liegt außerhalb der Tage der Convention.
board-fits = { $place }, { $start } bis { $end }: frei.
board-moved = „{ $title }“ ist jetzt in { $place }, { $start } bis { $end }.
board-removed = „{ $title }“ ist nicht mehr im Programm.
board-scheduled = „{ $title }“ ist in { $place } eingeplant, { $start } bis { $end }.
board-undone = Rückgängig gemacht.
board-stale = „{ $title }“ wurde inzwischen von jemand anderem geändert. Die Tafel zeigt nun den jetzigen Stand.
board-stale-now = Dieser Termin wurde inzwischen von jemand anderem geändert. Erneutes Speichern setzt die eigene Fassung durch.
board-odd-host-booked-twice = Jemand von der Leitung hat zu dieser Zeit einen weiteren Termin, vielleicht auf einer anderen Convention.
board-odd-location-too-small = Der Ort ist zu klein für alle, die kommen dürfen.
board-odd-attendees-reversed = Es werden mehr Teilnehmende gewünscht als erlaubt.
board-odd-outside-convention = Das liegt außerhalb der Tage der Convention.
board-undo-moved = Rückgängig: „{ $title }“ verschoben
board-undo-scheduled = Rückgängig: „{ $title }“ eingeplant
board-undo-removed = Rückgängig: „{ $title }“ herausgenommen
board-hosts = mit { $names }
board-at = { $place }, { $start } bis { $end }
board-refused = „{ $title }“ passt dort nicht
board-all-places = Orte: alle { $count }
board-some-places = Orte: { $count } von { $all }
board-kept = Der Rest bleibt, wie er war.

note-board-scheduled = Eingeplant.
note-board-changed = Gespeichert.
note-board-removed = Nicht mehr im Programm.
