# Work that takes its time.
working-sending = The file is being sent …
working-progress = How far it is
working-stop = Stop
