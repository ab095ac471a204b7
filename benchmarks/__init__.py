"""Benchmarks against the peers, and the generator of the sample data."""
