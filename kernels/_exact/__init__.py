"""Exact sums and decimals; nothing in here knows a statistic."""
