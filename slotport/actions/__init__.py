"""What a person, a command or a due job can ask for: one function a verb."""
