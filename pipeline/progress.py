"""A progress bar for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

DELAY_SECONDS = 1


def progress(names: list[str], *, wanted: bool) -> tuple[Callable[[int, int], None], Callable[[], None]]:
    """Return a function to call with the size and rows of each part, and one to call at the end of a series.

    The bar shows after a second, counts files if there are several and else bytes, and is gone at the end.
    """
    if not wanted or sys.stderr is None or not sys.stderr.isatty():
        return (lambda _size, _rows: None), (lambda: None)
    from tqdm import tqdm

    many = len(names) > 1
    plain = not many and Path(names[0]).suffix == ".csv"
    bar = tqdm(
        total=len(names) if many else Path(names[0]).stat().st_size if plain else None,
        unit="file" if many else "B",
        unit_scale=not many,
        file=sys.stderr,
        leave=False,
        delay=DELAY_SECONDS,
    )
    rows_so_far = 0

    def advance(size: int, rows: int) -> None:
        nonlocal rows_so_far
        rows_so_far += rows
        seconds = bar.format_dict["elapsed"]
        speed = f"{rows_so_far / seconds:,.0f} rows/s" if seconds and rows_so_far else ""
        bar.set_postfix_str(speed, refresh=False)
        bar.update(0 if many else size)

    def finish_series() -> None:
        if many:
            bar.update(1)
            if bar.n == len(names):
                bar.close()
        else:
            bar.close()

    return advance, finish_series
