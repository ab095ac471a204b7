"""The functions beside those of their peers."""
