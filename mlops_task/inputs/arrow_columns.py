"""Columns of Arrow: numbers as floats, what tells the order as text, faults as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mlops_task.errors import InputError, because, clipped
from mlops_task.inputs import groups
from mlops_task.inputs.csv_rules import NO_GROUP, to_numpy
from mlops_task.inputs.order import ROWS, Ends, Rows, columns_of_times, time_name
from mlops_task.inputs.protocol import Chunk, Wanted, cannot_be_read

NO_PIPE = "holds Parquet or an Arrow file, which cannot be read from a pipe"


@dataclass(frozen=True)
class Columns:
    """Rows as an Arrow table or record batch, `row` being the number of the first, from 1."""

    reopens: ClassVar[bool] = False
    may_be_cut: ClassVar[bool] = False
    table: Any
    column: str
    times: tuple[str, ...]
    """The columns of timestamps, if they are wanted."""
    telling: tuple[str, ...]
    row: int
    size: int
    grouped_by: str | None = None

    def chunks(self, *, on_missing: str = "keep") -> Iterator[Chunk]:
        """Yield the rows."""
        yield self.chunk(on_missing=on_missing)

    def chunk(self, *, on_missing: str) -> Chunk:
        """Return the rows."""
        with columnar_errors():
            values = _floats(self.table.column(self.column), self.column)
        label = self._labels() if self.times else None
        bad = np.flatnonzero(np.isinf(values))
        if len(bad):
            stood = f"{self.column} is {values[bad[0]]}"
            raise InputError(f"row {self.row + bad[0]}: {stood}, expected a finite number")
        bad = np.flatnonzero(np.isnan(values)) if on_missing == "error" else bad
        if len(bad):
            what = f"{self.column} is missing, and on_missing is 'error'"
            raise InputError(f"row {self.row + bad[0]}: {what}")
        return Chunk(values, label, time_name(self.times), self._groups(), self.grouped_by or "", self)

    def _labels(self) -> Any:  # noqa: ANN401 - pyarrow has no types
        from mlops_task.inputs.timestamps import joined

        with columnar_errors():
            return joined([self.table.column(name) for name in self.times])

    def _groups(self) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Return what the rows are grouped by, None where they are not."""
        if self.grouped_by is None:
            return None
        with columnar_errors():
            coded = groups.encode(self.table.column(self.grouped_by), self.grouped_by)
            blank = groups.first_blank(coded)
        if blank is not None:
            raise InputError(f"row {self.row + blank}: {self.grouped_by}{NO_GROUP}")
        return coded

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        return texts(self.table, self.telling, slice(0, ROWS))

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        return texts(self.table, self.telling, slice(-ROWS, None))

    def where(self, row: int) -> str:
        """Return which row of the file a row of it is."""
        return f"row {self.row + row}"


class columnar_errors:  # noqa: N801 - reads as the statement it is
    """Turn what pyarrow raises for a broken file into a sentence."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Translate."""
        import pyarrow as pa

        if isinstance(error, MemoryError):
            raise cannot_be_read(error) from None
        # Where a flipped bit makes a length, a type or a name of something else, pyarrow raises these too.
        kinds = pa.ArrowException | OSError | ValueError | LookupError | TypeError | OverflowError
        if isinstance(error, kinds):
            reason = because(error) if isinstance(error, OSError) else str(error)
            first = (reason.splitlines() or [type(error).__name__])[0]
            raise InputError(f"is corrupt or cut short: {clipped(first, 160)}") from None


def times_in(first: Rows, wanted: Wanted) -> tuple[str, ...]:
    """Return the columns of timestamps among the columns that tell the order."""
    return columns_of_times(Ends(first), wanted.csv) if wanted.timed else ()


def texts(table: Any, names: tuple[str, ...], rows: slice) -> Rows:  # noqa: ANN401 - pyarrow has no types
    """Return some rows of a table as texts."""
    start, stop, _ = rows.indices(table.num_rows)
    with columnar_errors():
        return {name: as_texts(table.column(name).slice(start, stop - start)) for name in names}


def as_texts(column: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return a short column as text, times in ISO; pyarrow's own ways import pandas or its compute."""
    import pyarrow as pa

    array = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    if not pa.types.is_timestamp(kind):
        values = map(_as_python, array)
        return [f"{v:.0f}" if isinstance(v, float) else "" if v is None else str(v) for v in values]
    return ["" if n is None else as_time(n, kind.unit) for n in array.view("int64").to_pylist()]


def _as_python(scalar: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return a value; a time that Python has no object for as the number that stands for it."""
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes().decode(errors="backslashreplace")
    except (ValueError, OverflowError):
        return scalar.value


def as_time(count: int, unit: str) -> str:
    """Return a timestamp as text."""
    microseconds = count // 1000 if unit == "ns" else count * {"s": 10**6, "ms": 10**3, "us": 1}[unit]
    try:
        return str(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds))
    except OverflowError:
        return str(microseconds)  # no year that Python knows


def _floats(column: Any, name: str) -> npt.NDArray[np.float64]:  # noqa: ANN401 - pyarrow has no types
    """Return a column of numbers as floats, null as NaN.

    Decimals, and what shorter floats print, become the nearest double: the signals are about decimals.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        import pyarrow.compute as pc

        column, kind = pc.cast(column, kind.value_type), kind.value_type
    if pa.types.is_float64(kind):
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        numbers, is_missing = to_numpy(array)
        return np.where(is_missing, np.nan, numbers) if array.null_count else numbers
    # Importing it takes 30 ms, which the most usual type does without.
    import pyarrow.compute as pc

    if pa.types.is_decimal(kind) or pa.types.is_float32(kind):
        column = pc.cast(column, pa.string())
    elif not pa.types.is_integer(kind):
        raise InputError(f"column {name!r} is of type {kind}, expected numbers")
    try:
        column = pc.cast(column, pa.float64())
    except pa.ArrowInvalid as error:
        raise InputError(f"column {name!r} does not fit doubles: {clipped(str(error), 160)}") from None
    floats: npt.NDArray[np.float64] = np.asarray(pc.fill_null(column, float("nan")), np.float64)
    return floats
