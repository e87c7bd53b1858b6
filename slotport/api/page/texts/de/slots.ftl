# Ein Termin: sein Formular, und was andere davon lesen.
slots-new = Neuer Termin
slots-change = Termin ändern
slots-refused = Etwas stimmt noch nicht. Nichts wurde gespeichert; siehe die Felder unten.
slots-one = Dies ist ein einzelner Tag einer Serie. Was hier geändert wird, gilt nur für ihn.
slots-edit-all = Stattdessen die ganze Serie ändern
slots-title = Titel
slots-when = Wann
slots-all-day = Ganztägig
slots-start-day = Von
slots-start-time = Beginn
slots-end-day = Bis
slots-end-time = Ende
slots-open-end = Ohne festes Ende
slots-zone = Zeitzone
slots-floating = Überall dieselbe Uhrzeit
slots-from = { $when }, ohne festes Ende
slots-repeats = Wiederholung
slots-how-often = Wie oft
slots-every-never = Nie
slots-every-day = Täglich
slots-every-week = Wöchentlich
slots-every-month-day = Monatlich am selben Tag
slots-every-month-weekday = Monatlich am selben Wochentag
slots-every-month-day-of = Monatlich am { $day }.
slots-every-month-weekday-of = Monatlich am { $which }
slots-every-year = Jährlich
slots-kept = Diese Regel kam aus einer Datei. Sie bleibt, wie sie ist, bis eine andere gewählt wird.
slots-interval = Jedes … Mal
slots-interval-hint = 2 heißt jedes zweite Mal
slots-ends = Endet
slots-ends-never = Nie
slots-ends-until = An einem Tag
slots-ends-count = Nach einigen Malen
slots-until = Letzter Tag
slots-count = Wie viele Male
slots-weekdays = Am
slots-weekdays-hint = Ohne Auswahl: am Wochentag des Beginns.
slots-which = { $number ->
    [1] ersten { $day }
    [2] zweiten { $day }
    [3] dritten { $day }
    [4] vierten { $day }
    [-1] letzten { $day }
   *[other] { $day } ({ $digits })
}
slots-rule = { $every ->
    [day] { $number ->
        [1] täglich
       *[other] alle { $number } Tage
    }
    [week] { $number ->
        [1] wöchentlich
       *[other] alle { $number } Wochen
    }
    [month] { $number ->
        [1] monatlich
       *[other] alle { $number } Monate
    }
   *[year] { $number ->
        [1] jährlich
       *[other] alle { $number } Jahre
    }
}
slots-rule-days = am { $days }.
slots-rule-count = { $number ->
    [1] einmal
   *[other] { $number }-mal
}
slots-rule-until = bis { $day }
slots-rule-odd = nach der Regel { $rule }
slots-place = Ort
slots-place-more = Anschrift und Koordinaten
slots-place-name = Name
slots-place-thoroughfare = Straße
slots-place-sub-thoroughfare = Hausnummer
slots-place-postal-code = Postleitzahl
slots-place-locality = Stadt
slots-place-sub-locality = Stadtteil
slots-place-administrative-area = Land oder Region
slots-place-sub-administrative-area = Kreis
slots-place-country = Staat
slots-place-iso-country-code = Ländercode
slots-place-in-land-water = See oder Fluss
slots-place-ocean = Meer
slots-place-areas-of-interest = Sehenswürdigkeit
slots-place-latitude = Geografische Breite
slots-place-longitude = Geografische Länge
slots-description = Beschreibung
slots-visibility = Wer es lesen darf
slots-visibility-private = Nur ich und die Mitglieder seiner Gruppen
slots-visibility-friends = Auch meine Freunde
slots-visibility-foaf = Auch Freunde von Freunden
slots-visibility-public = Alle
slots-visibility-hint = Freunde gibt es auf diesem Server noch nicht; beides ist vorerst ebenso privat.
slots-groups = Gruppen
slots-groups-none = Noch gibt es keine Gruppe, in die du Termine setzen darfst.
slots-group-public = öffentlich
slots-notes = { $number ->
    [0] Notizen
   *[other] Notizen ({ $number })
}
slots-note = Notiz
slots-note-title = Titel der Notiz
slots-note-content = Text
slots-note-remove = Diese Notiz entfernen
slots-note-more = Noch eine Notiz
slots-media = { $number ->
    [0] Bilder
   *[other] Bilder und andere Medien ({ $number })
}
slots-media-audio = Ton
slots-media-video = Film
slots-media-image = Bild
slots-media-remove = Entfernen
slots-picture = Bild { $number }
slots-picture-new = Neues Bild
slots-picture-refused = Das Bild ging nicht: { $why }.
slots-image = Bild hinzufügen
slots-image-hint = JPEG, PNG, GIF oder WebP. Nach dem Speichern sehen es alle, die den Termin lesen dürfen.
slots-alerts = { $number ->
    [0] Erinnerungen
   *[other] Erinnerungen ({ $number })
}
slots-alerts-legend = Erinnerungen, die an sind
slots-alerts-hint = Slotport merkt sich zehn Schalter für dein Kalenderprogramm und klingelt selbst nie. Welche Erinnerung jeder ist, sagt jenes Programm.
slots-alert = Erinnerung { $number }
slots-by = Von
slots-of-others = Dieser Termin ist von { $name }. Er lässt sich lesen, nicht ändern.
slots-delete-title = „{ $title }“ löschen?
slots-delete-means = Er verschwindet aus jedem Kalender und jeder Gruppe, mit Notizen und Bildern.
slots-delete-series = Alle Tage dieser Serie verschwinden, auch die geänderten, mit Notizen und Bildern.
slots-delete-which = Er gehört zu einer Serie. Nur diesen Tag löschen oder alle?
slots-delete-one = Nur diesen Tag
slots-delete-all = Die ganze Serie
note-slots-saved = Gespeichert.
note-slots-deleted = Gelöscht.
