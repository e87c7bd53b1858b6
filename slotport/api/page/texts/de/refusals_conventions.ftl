# Was englische Ablehnungen auf Deutsch heißen: Conventions, ihr Programm und die Tafel.
refusal-there-is-no-such-convention = diese Convention gibt es nicht
refusal-there-is-no-convention = die Convention { $slug } gibt es nicht
refusal-only-managers-of-the-convention-come-here = hier ist nur die Leitung der Convention richtig
refusal-only-a-manager-of-the-convention-may = das darf nur die Leitung der Convention
refusal-this-is-for-managers-of-the-convention = das ist nur für die Leitung der Convention
refusal-this-is-for-managers-of-the-convention-2 = das ist nur für die Leitung der Convention und für die Convention selbst
refusal-this-needs-the-token-of-a-user = das braucht das Token eines Kontos, das angemeldet ist
refusal-this-needs-the-token-of-somebody-with = das braucht das Token eines Kontos
refusal-this-needs-the-header-convention-with-the = das braucht die Kopfzeile `Convention` mit dem öffentlichen Schlüssel einer Convention
refusal-the-signature-is-malformed-too-old-or = die Unterschrift ist falsch geformt, zu alt oder falsch
refusal-must-not-be-a-number-or-the = darf weder eine Zahl noch das Wort { $word } sein
refusal-must-be-fit-to-stand-in-an = muss sich für Adressen eignen
refusal-is-that-of-another-convention = gehört schon zu einer anderen Convention

# Veranstaltungen.
refusal-there-is-no-such-event = diese Veranstaltung gibt es nicht
refusal-the-convention-has-no-event-of-this = die Convention hat keine Veranstaltung mit dieser Nummer
refusal-is-wrong = ist falsch: { $why }
refusal-only-managers-of-the-convention-and-its = eine Veranstaltung ändern nur die Leitung der Convention und die verantwortliche Person
refusal-only-a-manager-of-the-convention-names = eine andere verantwortliche Person bestimmt nur die Leitung der Convention
refusal-only-a-manager-of-the-convention-tags = Merkmale vergibt nur die Leitung der Convention
refusal-the-event-is-being-worked-on-only = die Veranstaltung ist in Arbeit: Jetzt ändert sie nur die Leitung der Convention
refusal-only-a-manager-of-the-convention-sets = { $field } bestimmt nur die Leitung der Convention
refusal-is-needed-a-whole-number-of-minutes = wird gebraucht: eine ganze Zahl von Minuten, mindestens 1
refusal-must-be-an-amount-such-as-12 = muss ein Betrag wie 12.50 sein, nicht { $value }
refusal-is-so-long-that-a-time-slot = ist so lang, dass ein Termin der Veranstaltung nie zu Ende wäre

# Orte und Merkmale.
refusal-there-is-no-such-location = diesen Ort gibt es nicht
refusal-names-no-location-of-the-convention = nennt keinen Ort der Convention
refusal-the-location-is-in-use-by-the = der Ort wird von den Terminen { $numbers } gebraucht
refusal-another-location-of-the-convention-has-that = ein anderer Ort der Convention heißt schon so
refusal-another-location-of-the-convention-has-the = ein anderer Ort der Convention hat schon den Kurznamen { $slug }; gib ihm einen eigenen
refusal-there-is-no-such-tag = dieses Merkmal gibt es nicht
refusal-is-that-of-another-tag = gehört schon zu einem anderen Merkmal
refusal-names-no-tag-type-of-the-convention = nennt kein Merkmal der Convention
refusal-another-tag-type-of-the-convention-has = ein anderes Merkmal der Convention heißt schon so
refusal-events-have = Veranstaltungen haben { $why }: { $numbers }
refusal-a-value-that-is-to-be-removed = einen Wert, der entfernt werden soll
refusal-more-than-one-value-of-the-tag = mehr als einen Wert des Merkmals
refusal-the-tag-type = das Merkmal
refusal-must-be-1-or = muss 1, * oder + sein
refusal-must-be-an-object-of-old-values = muss ein Objekt aus alten und neuen Werten sein
refusal-must-be-a-list-of-texts = muss eine Liste von Texten sein
refusal-must-be-a-text-or-a-list = muss ein Text oder eine Liste von Texten sein
refusal-must-give-a-new-value-a-text = muss für { $value } einen neuen Wert nennen, einen Text
refusal-replaces-by-itself = ersetzt { $value } durch sich selbst
refusal-must-be-an-object-of-tag-types = muss ein Objekt aus Merkmalen und ihren Werten sein
refusal-must-have-at-most-tag-types = darf höchstens { $most } Merkmale haben
refusal-needs-the-title-of-a-tag-type = braucht den Titel eines Merkmals
refusal-must-be-one-text-this-tag-type = muss ein Text sein: Dieses Merkmal hat genau einen Wert
refusal-leaves-the-event-without-a-value-that = ließe die Veranstaltung ohne einen Wert, den dieses Merkmal verlangt

# Personen.
refusal-there-is-no-such-manager = niemanden mit dieser Nummer gibt es in der Leitung
refusal-is-your-own-a-manager-cannot-dismiss = ist deine eigene: Niemand kann sich selbst aus der Leitung entlassen
refusal-there-is-no-user-with-that-email = mit dieser E-Mail-Adresse gibt es kein Konto
refusal-only-a-manager-of-the-convention-may-2 = andere Personen sieht nur die Leitung der Convention
refusal-only-a-manager-of-the-convention-and = Personen fügen nur die Leitung der Convention und die Convention selbst hinzu
refusal-names-no-such-user = nennt niemanden, den es gibt
refusal-names-no-such-user-2 = nennt niemanden, den es gibt: { $user }
refusal-must-name-a-user-as-an-object = muss jemanden als Objekt mit id oder email nennen
refusal-must-name-a-user-by-id-or = muss jemanden mit id oder mit email nennen, nicht mit beidem
refusal-must-name-a-user-by-id-or-2 = muss jemanden mit id oder mit email nennen
refusal-must-give-a-users-name-as-text = muss den Namen als Text nennen
refusal-must-give-a-users-id-as-a = muss die Nummer als Zahl nennen
refusal-must-give-a-users-email-as-text = muss die E-Mail-Adresse als Text nennen

# Termine und die Tafel.
refusal-there-is-no-such-event-in-the = diese Veranstaltung steht nicht im Programm
refusal-there-is-no-such-time-slot-somebody = diesen Termin gibt es nicht; vielleicht hat ihn jemand aus dem Programm genommen
refusal-somebody-else-changed-the-time-slot-meanwhile = jemand anders hat den Termin inzwischen geändert
refusal-must-be-the-id-of-an-event = muss die Nummer einer Veranstaltung dieser Convention sein
refusal-was-cancelled = wurde abgesagt
refusal-must-leave-the-time-slot-within-the = muss den Termin in den Jahren 1 bis 9999 lassen
refusal-must-be-a-list-of-slugs-of = muss eine Liste von Kurznamen von Orten sein
refusal-must-be-a-list-of-slugs-of-2 = muss eine Liste von Kurznamen von Orten sein, nicht { $type }
refusal-must-be-a-list-of-users-each = muss eine Liste von Personen sein, jede ein Objekt mit id oder email
refusal-must-list-at-least-one-user-or = muss mindestens eine Person nennen oder fehlen
refusal-would-leave-the-time-slot-without-a = ließe den Termin ohne Ort
refusal-must-list-the-slug-of-at-least = muss mindestens einen Ort nennen
refusal-is-of-no-time-slot-that-is = gehört zu keinem Termin, der hier im Programm steht
refusal-is-of-no-time-slot-that-was = gehört zu keinem Termin, der hier abgesagt wurde
refusal-names-no-location-of-this-convention = nennt keinen Ort dieser Convention: { $slug }
refusal-a-schedule-file-has-no-room-for = in eine Programmdatei passt kein Termin dieser Länge
