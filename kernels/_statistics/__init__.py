"""Statistics: named state, begin and step; nothing in here knows an array."""
