"""Where the time of a run went."""

from __future__ import annotations

from time import perf_counter


class Clock:
    """Where the time of a run went, in seconds since `started`."""

    def __init__(self, started: float) -> None:
        self.started = self._lap = started
        self.parts = {"startup": 0.0, "read": 0.0, "kernel": 0.0, "report": 0.0}

    def charge(self, part: str) -> None:
        """Add the time since the last call to `part`."""
        now = perf_counter()
        self.parts[part] += now - self._lap
        self._lap = now

    def move(self, giver: str, taker: str, share: float) -> None:
        """Charge a share of the time of one part to another that ran inside it."""
        seconds = self.parts[giver] * share
        self.parts[giver] -= seconds
        self.parts[taker] += seconds

    def total_ms(self) -> int:
        """Return the whole milliseconds since the start."""
        return round((perf_counter() - self.started) * 1000)

    def __str__(self) -> str:
        return ", ".join(f"{part}={seconds * 1000:.0f}ms" for part, seconds in self.parts.items())
