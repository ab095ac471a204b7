"""What a run leaves behind, and what it must not touch on the way."""
