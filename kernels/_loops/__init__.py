"""The hot loops: one dimension, typed, never raising, knowing nothing of options."""
