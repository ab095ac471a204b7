"""Tests of `--inspect`."""
