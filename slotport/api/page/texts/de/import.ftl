# Eine Datei importieren.
import-title = Datei importieren
import-what = Hol einen Kalender aus einem anderen Programm herein. Nichts wird gespeichert, bevor zu sehen war, was sich ändern würde, und jeder Import lässt sich 30 Tage lang rückgängig machen.
import-file = Kalenderdatei
import-file-hint = Datei auswählen oder irgendwo auf diese Seite ziehen: iCalendar (.ics, auch von Google und als ZIP), Outlook-CSV oder Timeslot-JSON, bis { $megabytes } MB.
import-options = Gruppe, Zeichensatz und mehr
import-look = Zeigen, was sich ändern würde
import-gone = Diese Datei ist nicht mehr hier: Dateien warten eine Stunde. Verloren ist nichts, denn gespeichert wurde nichts; wähle sie noch einmal aus.
import-recent = Importe der letzten 30 Tage
import-none-yet = Es gibt noch keine.
import-when = Wann
import-format = Format
import-format-ical = iCalendar
import-format-google = iCalendar
import-format-timeslot = Timeslot-JSON
import-format-outlook = Outlook-CSV
import-undo = Diesen Import rückgängig machen
import-undo-head = Rückgängig
import-undo-hint = Rückgängig heißt: Was neu war, wird entfernt, was geändert wurde, ist wieder wie zuvor. Termine, die seither geändert wurden, bleiben, wie sie sind.
import-undone-at = rückgängig seit { $when }

import-group = Gruppe
import-group-file = Wie die Datei es sagt, sonst „Imports“
import-group-hint = Jeder Termin der Datei kommt hinein.
import-encoding = Zeichensatz
import-encoding-itself = Aus der Datei erkannt
import-encoding-hint = Ändere ihn, wenn Buchstaben wie ä oder é in der Vorschau falsch aussehen.
import-order = Reihenfolge der Daten
import-order-itself = Aus der Datei erkannt
import-order-dmy = Tag vor Monat
import-order-mdy = Monat vor Tag
import-order-asked = Wie sind die Daten in dieser Datei gemeint?
import-order-why = Alle passen zu beiden Lesarten; das weißt nur du.
import-order-sample = „{ $title }“ ist am { $day }
import-strict = Alles oder nichts: Wenn ein Eintrag nicht geht, keinen importieren
import-name = Datei
import-nameless = ohne Namen
import-guessed = (geraten: Die Datei sagt es nicht)
import-read-title = Wie ist diese Datei zu lesen?
import-read-otherwise = Anders lesen oder in eine andere Gruppe
import-drop = Nicht importieren
import-reading = Lesen: { $records } Einträge
import-storing = { $done } von { $records } Einträgen

import-preview-title = Was sich ändern würde
import-kinds = Was die Einträge der Datei sind
import-kind-created = Neu
import-kind-alike = Vielleicht schon da
import-kind-updated = Geändert
import-kind-unchanged = Unverändert
import-kind-skipped = Ausgelassen
import-kind-rejected = Nicht importierbar
import-about-created = Diese Termine kämen in deinen Kalender.
import-about-alike = Einen Termin mit demselben Titel und denselben Zeiten gibt es bei dir schon, aber unter einer anderen Kennung: Der Import macht einen zweiten daraus. Ausgewählt ist davon nur, was du selbst auswählst.
import-about-updated = Dein Kalender hat diese Termine mit anderen Werten: was er jetzt hat, und was die Datei sagt.
import-about-skipped = Einträge, die älter sind als deine, die mehrmals in der Datei stehen oder denen Titel oder Beginn fehlt.
import-about-rejected = Diese Einträge verletzen eine Regel ihres Formats. Alle anderen lassen sich importieren; was von diesen lesbar ist, ist der Anfang eines neuen Termins.
import-no-records = In dieser Datei steht nichts, was sich importieren ließe.
import-all = Alle { $count } auswählen
import-none = Keinen auswählen
import-find = Filtern
import-find-title = Titel enthält
import-found = { $count ->
    [one] Ein Titel enthält das.
   *[other] { $count } Titel enthalten das.
 }
import-line = Zeile
import-at-line = Zeile { $line }
import-record = Eintrag
import-no-title = (ohne Titel)
import-why = Grund
import-repair = Reparieren
import-by-hand = Von Hand eintragen
import-excerpt = Wie es in der Datei steht
import-alike = Vielleicht doppelt
import-alike-link = Den vorhandenen Termin ansehen
import-changes-of = Änderungen an { $title }
import-field = Feld
import-now = Jetzt
import-then = In der Datei
import-empty-value = leer
import-unlisted = { $count ->
    [one] Einer mehr ist hier nicht aufgeführt.
   *[other] { $count } weitere sind hier nicht aufgeführt.
 }
import-pages = Seiten
import-page = Seite { $page } von { $pages }
import-before = Zurück
import-after = Weiter
import-chosen = ausgewählt
import-chosen-of = { $kind }: { $chosen } von { $count }
import-do = Auswahl importieren
import-as-of = Stand { $when }. Ändert sich dein Kalender vor dem Import, wird noch einmal gezeigt, was sich ändern würde.
import-changed-meanwhile = Dein Kalender hat sich inzwischen geändert, darum wurde nichts importiert. So sähe es jetzt aus; die Auswahl blieb erhalten.
import-refused = { $count ->
    [one] Ein Eintrag lässt sich nicht importieren, und gewünscht war alles oder nichts: Es wird nichts importiert.
   *[other] { $count } Einträge lassen sich nicht importieren, und gewünscht war alles oder nichts: Es wird nichts importiert.
 }
import-nothing-chosen = Nichts ist ausgewählt.

import-field-title = Titel
import-field-start = Beginn
import-field-end = Ende
import-field-zone = Zeitzone
import-field-floating = In jeder Zone
import-field-visibility = Sichtbar für
import-field-description = Beschreibung
import-field-rrule = Wiederholung
import-field-place = Ort
import-field-notes = Notizen
import-field-media = Medien
import-field-alerts = Erinnerungen
import-field-icalendar = Weitere Zeilen
import-field-sequence = Fassung
import-field-modified = Geändert am
import-field-groups = Gruppen
import-field-deleted = Gelöscht
import-deleted-yes = gelöscht
import-deleted-no = wieder da
import-floating-yes = ja
import-floating-no = nein
import-alerts = { $count ->
    [one] eine Erinnerung
   *[other] { $count } Erinnerungen
 }
import-visibility-private = nur dich
import-visibility-friends = Freunde
import-visibility-foaf = Freunde und deren Freunde
import-visibility-public = alle

import-report-title = Die Datei wurde importiert
import-report-stored = { $count ->
    [one] Ein Termin kam hinzu oder wurde geändert.
   *[other] { $count } Termine kamen hinzu oder wurden geändert.
 }
import-report-nothing = Zu ändern war nichts.
import-count-created = Neu
import-count-updated = Geändert
import-count-unchanged = Unverändert
import-count-skipped = Ausgelassen
import-count-rejected = Nicht importiert
import-count-left-out = Nicht ausgewählt
import-to-calendar = Zum Kalender
import-another = Noch eine Datei importieren
import-undone-title = Der Import ist rückgängig gemacht
import-undone-what = Neue Termine entfernt: { $removed }. Geänderte wieder wie zuvor: { $restored }.
import-left-title = Gelassen, wie sie sind
import-left-what = { $count ->
    [one] Ein Termin wurde nach dem Import geändert.
   *[other] { $count } Termine wurden nach dem Import geändert.
 }

import-missing = Wähle zuerst eine Datei aus.
import-empty = Die Datei ist leer.
import-large = Die Datei hat mehr als { $megabytes } MB. Teile sie, oder bitte den Betreiber dieses Servers, mehr zu erlauben.
import-many = In der Datei steht zu viel: Höchstens { $most } Einträge werden angenommen ({ $reason }).
import-unknown = Das ist kein Kalender, den Slotport lesen kann: weder iCalendar (.ics) noch Outlook-CSV noch Timeslot-JSON.
import-bad-text = Das ist kein Text im Zeichensatz { $encoding } (das Byte an Stelle { $offset } gehört nicht dazu). Ist es ein Kalender, wähle unten seinen Zeichensatz; sonst wähle eine andere Datei.
import-broken = Die Datei ist beschädigt, und nichts davon wurde gespeichert: { $reason }.
import-no-encoding = Diesen Zeichensatz gibt es nicht.
import-no-group = Diese Gruppe gibt es nicht mehr.

note-import-dropped = Nichts wurde importiert.
note-import-undone-already = Dieser Import war schon rückgängig gemacht.
