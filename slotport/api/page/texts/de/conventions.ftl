convention-sub-overview = Überblick
convention-sub-board = Planungstafel
convention-sub-events = Veranstaltungen
convention-sub-locations = Orte
convention-sub-tags = Merkmale
convention-sub-people = Personen
convention-sub-managers = Leitung
convention-sub-import = Import
convention-sub-settings = Einstellungen

convention-found = Neue Convention
convention-create = Convention anlegen
convention-none = Noch keine Convention. Ist sie angelegt, lassen sich Orte und Veranstaltungen anlegen und auf einer Tafel planen.
convention-no-dates = Noch ohne Datum
convention-public = Öffentliches Programm
convention-to-board = Auf der Tafel planen
convention-title = Titel
convention-slug = Kurzname in Adressen
convention-slug-hint = Entsteht aus dem Titel, wenn er leer bleibt; später nicht änderbar.
convention-first-day = Erster Tag
convention-last-day = Letzter Tag
convention-zone = Zeitzone
convention-zone-hint = Alle Zeiten der Convention werden darin gezeigt.
convention-where = Ort
convention-website = Website
convention-series = Reihe
convention-settings-of = Einstellungen von { $title }
convention-for-programs = Für Programme
convention-keys-hint = Programme nennen die Convention mit dem öffentlichen Schlüssel und unterschreiben mit dem geheimen als die Convention selbst. Den geheimen Schlüssel sonst niemandem geben.
convention-public-key = Öffentlicher Schlüssel
convention-secret-key = Geheimer Schlüssel
convention-show-secret = Zeigen
convention-count-events = { $count ->
    [one] Veranstaltung
   *[other] Veranstaltungen
}
convention-count-unscheduled = ohne Zeit
convention-count-slots = { $count ->
    [one] Termin
   *[other] Termine
}
convention-count-public = im öffentlichen Programm
convention-count-locations = { $count ->
    [one] Ort
   *[other] Orte
}
convention-next = Die nächsten Schritte
convention-next-locations = Orte anlegen
convention-next-events = Veranstaltungen anlegen
convention-next-board = Auf der Tafel planen
convention-next-or = Gibt es schon ein Programm?
convention-next-import = Programmdatei importieren
convention-publish = Veröffentlichen
convention-publish-hint = Das können alle lesen. Es zeigt, was geplant ist, und ändert sich mit der Planung.
convention-file-page = Öffentliche Seite
convention-file-ics = Kalender (ICS)
convention-file-xml = schedule.xml
convention-file-json = schedule.json
convention-copy = Kopieren
convention-copy-of = Adresse kopieren: { $what }
convention-copied = Kopiert

convention-filter = Suchen und filtern
convention-search = Suchen
convention-state = Stand
convention-state-any = Alle außer abgesagten
convention-state-unscheduled = Ohne Zeit
convention-state-scheduled = Mit Zeit
convention-state-cancelled = Abgesagt
convention-status-0 = Eingereicht
convention-status-1 = Mit Anreißer
convention-status-2 = Inhalt bestätigt
convention-status-3 = Ablauf bestätigt
convention-status-4 = Geplant
convention-status-5 = Bestätigt
convention-status-6 = Abgesagt
convention-status-hint = Öffentlich sind geplante und bestätigte Veranstaltungen, die eine Zeit haben.
convention-tag = Merkmal
convention-any = Alle
convention-events-found = { $count ->
    [one] Eine Veranstaltung
   *[other] { $count } Veranstaltungen
}
convention-events-none = Noch keine Veranstaltungen. Für die erste genügen Titel, Anreißer und Dauer.
convention-event-new = Neue Veranstaltung
convention-event-people = Personen und Teilnahme
convention-event-needs = Für das Team
convention-event-cancel = Diese Veranstaltung absagen
convention-event-cancel-hint = Ihre Termine verschwinden aus dem öffentlichen Programm, ihre Orte werden frei.
convention-nothing-found = Nichts gefunden.
convention-show-all = Alle zeigen
convention-minutes = Minuten
convention-slots = Termine
convention-owner = Verantwortlich
convention-owner-me = Ich selbst
convention-owner-same = Wie bisher
convention-contact = Kontakt im Team
convention-nobody = Niemand
convention-teaser = Anreißer
convention-teaser-hint = Ein, zwei Sätze, die neugierig machen.
convention-description = Beschreibung
convention-no-tags = Noch keine Merkmale zur Auswahl. Hier lassen sie sich anlegen:
convention-min = Mindestens … Personen
convention-max = Höchstens … Personen
convention-max-hint = Leer: unbegrenzt
convention-price = Preis
convention-registration = Mit Anmeldung
convention-notes = Hinweise für Teilnehmende
convention-needs-hint = Das sehen nur die Leitung und die verantwortliche Person.
convention-needs = Bedarf
convention-constraints = Mögliche Zeiten
convention-staff-notes = Hinweise für das Team
convention-allow = Trotzdem speichern, obwohl ein Ort dann doppelt belegt ist

convention-location-new = Neuer Ort
convention-locations-none = Noch keine Orte. Hier die Räume und Plätze anlegen, an denen etwas stattfinden kann.
convention-location-remove = Diesen Ort entfernen
convention-location-remove-now = { $title } jetzt entfernen
convention-capacity = Plätze
convention-capacity-hint = 0: unbekannt
convention-area = Bereich
convention-area-hint = Gebäude, Stockwerk oder Teil des Geländes
convention-in-use = { $what } wird gebraucht
convention-in-use-slots = Diese Termine finden dort statt. Erst verlegen oder absagen:
convention-in-use-events = Diese Veranstaltungen haben es:
convention-remove-anyway = Von allen entfernen
convention-more = { $count ->
    [one] und noch eins
   *[other] und { $count } weitere
}

convention-tags-hint = Merkmale ordnen Veranstaltungen: nach Track, Art oder Sprache. Im öffentlichen Programm lässt sich danach filtern, und jeder Wert eines Merkmals namens „Track“ hat eine Farbe.
convention-tags-none = Noch keine Merkmale. Ein guter Anfang ist eines namens „Track“.
convention-tag-new = Neues Merkmal
convention-tag-title-hint = Etwa Track, Art oder Sprache
convention-tag-public = Für alle sichtbar
convention-tag-private = nur für die Leitung sichtbar
convention-tag-no-values = keine Werte
convention-tag-values = Werte
convention-tag-values-hint = Je Zeile einer
convention-tag-old = Wert umbenennen
convention-tag-new-name = Neuer Name
convention-tag-remove = Dieses Merkmal entfernen
convention-tag-remove-now = { $title } jetzt entfernen
convention-requirement = Eine Veranstaltung hat
convention-requirement-one = genau einen Wert
convention-requirement-some = mindestens einen Wert
convention-requirement-any = beliebig viele Werte

convention-people-hint = Verantwortliche und Gastgebende von Veranstaltungen, die Leitung, und wer hier hinzugefügt wurde.
convention-person-new = Person hinzufügen
convention-person-hint = Ein Konto mit dieser Adresse bleibt, wie es ist. Für alle anderen entsteht eins, zu dem sie sich anmelden können, sobald sie ein Passwort gesetzt haben.
convention-add = Hinzufügen
convention-name = Name
convention-email = E-Mail-Adresse
convention-phone = Telefon
convention-number = Nummer
convention-managers-hint = Die Leitung ändert alles an einer Convention. Rollen sind nur Namen: alle haben dieselben Rechte.
convention-role = Rolle
convention-role-administrator = Administration
convention-role-manager = Leitung
convention-role-cashier = Kasse
convention-role-hint = Nur ein Name
convention-appoint = In die Leitung aufnehmen
convention-appoint-hint = Eines bestehenden Kontos
convention-dismiss = Entlassen
convention-dismiss-now = { $name } jetzt entlassen
convention-yourself = das eigene Konto

convention-table-pages = Seiten der Tabelle
convention-table-back = Zurück
convention-table-on = Weiter
convention-table-page = Seite { $number } von { $pages }, insgesamt { $total }

convention-import-title = Programmdatei importieren
convention-import-what = Eine schedule.xml oder schedule.json, wie Konferenzprogramme sie schreiben: Veranstaltungen, Orte, Gastgebende und Zeiten werden übernommen. Was schon da ist, wird an seiner guid erkannt und geändert.
convention-import-file = Datei
convention-import-check = Nur prüfen
convention-import-read = Importieren
convention-import-none = Erst eine Datei auswählen.
convention-import-checked = Was ein Import täte
convention-import-done = Was daraus wurde
convention-import-nothing-stored = Noch wurde nichts gespeichert. „Importieren“ speichert es.
convention-import-stored = Die Datei wurde importiert.
convention-import-created = neu
convention-import-updated = geändert
convention-import-unchanged = unverändert
convention-import-skipped = übergangen
convention-import-rejected = abgelehnt
convention-import-problems = Anmerkungen
convention-import-line = Zeile
convention-import-why = Anmerkung

note-convention-founded = Die Convention ist angelegt. Jetzt kommen Orte und Veranstaltungen.
note-convention-saved = Gespeichert.
note-convention-event-made = Die Veranstaltung ist angelegt.
note-convention-event-cancelled = Die Veranstaltung wurde abgesagt.
note-convention-location-made = Der Ort ist angelegt.
note-convention-location-removed = Der Ort wurde entfernt.
note-convention-tag-made = Das Merkmal ist angelegt.
note-convention-tag-removed = Das Merkmal wurde entfernt.
note-convention-person-added = Die Person ist nun bekannt.
note-convention-manager-appointed = Aufgenommen.
note-convention-manager-dismissed = Entlassen.
