# Was eine Weile dauert.
working-sending = Die Datei wird gesendet …
working-progress = Wie weit es ist
working-stop = Anhalten
