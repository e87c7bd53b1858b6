# Was jede Seite hat.
frame-skip = Zum Inhalt springen
frame-pages = Seiten
frame-calendar = Kalender
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
frame-failed = In Slotport ist etwas schiefgegangen. Was du getippt hast, steht noch da; versuche es noch einmal.

refused-title = Das ging nicht
refused-nothing = Hier ist nichts
refused-broken = In Slotport ist etwas schiefgegangen
refused-home = Zur Startseite

welcome-title = Deine Termine, bei dir zu Hause
welcome-what = Slotport ist dein eigener Server für Termine: Kalender kommen als iCalendar, Outlook-CSV oder Timeslot-JSON herein und gehen vollständig in jedem dieser Formate wieder hinaus.
welcome-signed-in = Du bist angemeldet. Die Seiten für Kalender, Conventions und Exportaufträge entstehen noch; bis dahin sind sie für Programme da.
welcome-calendar = Monat, Woche, Tag und Liste; teile, was du willst, als Feed, dem jedes Kalenderprogramm folgen kann.
welcome-conventions = Plane Veranstaltungen, Orte und Mitwirkende auf einer Tafel, die zeigt, was kollidiert, und veröffentliche das Programm.
welcome-exports = Sammle Daten auf Wunsch oder nach Zeitplan und lass sie liefern; kein Lauf geht je verloren.

note-preferences = Gespeichert.
note-signed-out = Du bist abgemeldet.
note-password = Dein Passwort wurde geändert. Melde dich damit an.
