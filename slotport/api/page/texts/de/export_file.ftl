# Eigene Termine als Datei exportieren.
export-title = In eine Datei exportieren
export-what = Nimm deine Termine in jedes andere Programm mit. Was ein Format davon nicht mitnehmen kann, steht hier vor dem Herunterladen.
export-which = Welche Termine
export-everything = Alle
export-own-only = Termine, die du angelegt hast; die der anderen bleiben bei ihnen.
export-show = Zeigen
export-count = { $count ->
    [one] Ein Termin
   *[other] { $count } Termine
 }
export-format-ical = iCalendar (.ics)
export-format-timeslot = Timeslot-JSON (.json)
export-format-outlook = Outlook-CSV (.csv)
export-for-ical = Für Google Kalender, Apple Kalender, Thunderbird, Outlook und fast alles andere.
export-for-timeslot = Für Timeslot und zum Aufheben: Es nimmt am meisten mit.
export-for-outlook = Für Tabellen und ältere Versionen von Outlook. Die Zeiten sind die in { $zone }.
export-loses = Dieses Format nimmt nicht mit:
export-whole = Nimmt alles von diesen Terminen mit
export-download = Herunterladen
export-nothing = Hier gibt es noch nichts zu exportieren.
export-lost-notes = Notizen: { $count ->
    [one] ein Termin hat welche
   *[other] { $count } Termine haben welche
 }
export-lost-media = Bilder und andere Medien: { $count ->
    [one] ein Termin hat welche
   *[other] { $count } Termine haben welche
 }
export-lost-alerts = Erinnerungen: { $count ->
    [one] ein Termin hat welche
   *[other] { $count } Termine haben welche
 }
export-lost-groups = Gruppen: { $count ->
    [one] ein Termin ist in einer
   *[other] { $count } Termine sind in welchen
 }
export-lost-place = mehr von einem Ort als den Namen: { $count ->
    [one] ein Termin hat das
   *[other] { $count } Termine haben das
 }
export-lost-visibility = wer einen Termin sieht: { $count ->
    [one] einer ist auch für andere
   *[other] { $count } sind auch für andere
 }
export-lost-rrule = Wiederholungen: { $count ->
    [one] ein Termin wiederholt sich und wird einmal geschrieben
   *[other] { $count } Termine wiederholen sich und werden einmal geschrieben
 }
export-lost-zone = die Zeitzone, in der ein Termin entstand: { $count ->
    [one] einer hat eine
   *[other] { $count } haben eine
 }
export-lost-floating = Zeiten, die in jeder Zone dieselben sind: { $count ->
    [one] ein Termin hat solche
   *[other] { $count } Termine haben solche
 }
export-lost-icalendar = weitere Zeilen aus iCalendar-Dateien: { $count ->
    [one] ein Termin hat welche
   *[other] { $count } Termine haben welche
 }
export-lost-sequence = die Nummer der Fassung: { $count ->
    [one] ein Termin hat eine
   *[other] { $count } Termine haben eine
 }
export-lost-fraction = Bruchteile von Sekunden: { $count ->
    [one] ein Termin hat welche
   *[other] { $count } Termine haben welche
 }
