"""Arrays in, arrays out: how loops walk them; nothing in here knows a statistic by name."""
