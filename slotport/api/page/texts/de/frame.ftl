# Was jede Seite hat.
frame-skip = Zum Inhalt springen
frame-pages = Seiten
frame-calendar = Kalender
frame-groups = Gruppen
frame-share = Teilen
frame-import = Importieren
frame-export = Exportieren
frame-conventions = Conventions
frame-exports = Exportaufträge
frame-account = Konto
frame-sign-in = Anmelden
frame-sign-up = Registrieren
frame-sign-out = Abmelden
frame-language = Sprache
frame-theme = Farben
frame-theme-auto = Wie das Gerät
frame-theme-light = Hell
frame-theme-dark = Dunkel
frame-zone = Zeiten in { $zone }
frame-apply = Übernehmen
frame-interfaces = Schnittstellen für Programme
frame-licences = Lizenzen
frame-dialog = Einzelheiten
frame-save = Speichern
frame-cancel = Abbrechen
frame-delete = Löschen
frame-close = Schließen
frame-edit = Bearbeiten
frame-back = Zurück
frame-not-built = Die Skripte und Stile dieser Seiten wurden bei der Installation von Slotport nicht gebaut. Darum sehen sie schlicht aus, und Kalender und Tafel fehlen. Installiere Slotport mit Zugang zu einer npm-Registry noch einmal.
frame-offline = Slotport ist nicht erreichbar. Nichts ging verloren: Was du getippt hast, steht noch da. Versuche es wieder, sobald die Verbindung zurück ist.
frame-expired = Deine Sitzung ist zu Ende. Was du getippt hast, steht noch da: Melde dich in einem anderen Tab an und versuche es dann noch einmal.
frame-large = Das ist größer, als Slotport annimmt.
frame-busy = Slotport hat gerade zu viel zu tun. Versuche es gleich noch einmal.
frame-waiting = Einen Moment …
frame-failed = In Slotport ist etwas schiefgegangen. Was du getippt hast, steht noch da; versuche es noch einmal.

refused-400 = Das war nicht zu verstehen
refused-400-what = Die Adresse oder das, was mitgeschickt wurde, ist nicht so, wie Slotport es braucht.
refused-401 = Deine Sitzung ist zu Ende
refused-401-what = Melde dich in einem anderen Tab an. Lade dann diese Seite neu: Was du getippt hast, wird noch einmal gesendet.
refused-403 = Das ist nicht erlaubt
refused-403-what = Das dürfen nur andere.
refused-404 = Hier ist nichts
refused-404-what = Vielleicht ist die Adresse vertippt, oder was hier war, ist weg oder gehört jemand anderem.
refused-405 = Hier gibt es nichts zu sehen
refused-405-what = Diese Adresse nimmt nur an, was ein Formular sendet. Geh zurück zu der Seite, von der du kamst.
refused-409 = Das passt nicht zusammen
refused-409-what = Es wurde inzwischen anderswo geändert. Sieh es dir noch einmal an.
refused-413 = Das ist größer, als Slotport annimmt
refused-413-what = Sende weniger auf einmal oder eine kleinere Datei.
refused-429 = Das war zu oft in kurzer Zeit
refused-429-what = Versuche es später noch einmal.
refused-500 = In Slotport ist etwas schiefgegangen
refused-500-what = Nichts wurde geändert. Versuche es noch einmal. Geschieht es wieder, sage es denen, die diesen Server betreiben, mit der Nummer unten.
refused-503 = Slotport kann das gerade nicht
refused-503-what = Versuche es gleich noch einmal.
refused-again-seconds = { $count ->
    [one] Versuche es in einer Sekunde noch einmal.
   *[other] Versuche es in { $count } Sekunden noch einmal.
}
refused-again-minutes = { $count ->
    [one] Versuche es in einer Minute noch einmal.
   *[other] Versuche es in { $count } Minuten noch einmal.
}
refused-again-hours = { $count ->
    [one] Versuche es in einer Stunde noch einmal.
   *[other] Versuche es in { $count } Stunden noch einmal.
}
refused-in-english = Auf Englisch:
refused-number = Nummer:
refused-typed = Mit der Zurück-Taste des Browsers kommst du zu dem, was du getippt hast.
refused-try = Noch einmal versuchen
refused-calendar = Zu deinem Kalender
refused-home = Zur Startseite

welcome-title = Kalender und Programme auf dem eigenen Server
welcome-what = Führe einen Kalender, plane eine Convention, exportiere alles. Dateien kommen als iCalendar, Outlook-CSV oder Timeslot-JSON herein und gehen vollständig in jedem dieser Formate wieder hinaus.
welcome-calendar = Monat, Woche, Tag und Liste; teile, was du willst, als Feed, dem jedes Kalenderprogramm folgen kann.
welcome-conventions = Plane Veranstaltungen, Orte und Mitwirkende auf einer Tafel, die zeigt, was kollidiert, und veröffentliche das Programm.
welcome-exports = Sammle Daten auf Wunsch oder nach Zeitplan und lass sie liefern; kein Lauf geht je verloren.

note-preferences = Gespeichert.
note-signed-out = Du bist abgemeldet.
note-password = Dein Passwort wurde geändert. Melde dich damit an.
