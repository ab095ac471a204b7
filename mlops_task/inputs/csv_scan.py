"""CSV text -> values, block by block: by the scanner, and by the careful reader where that stops."""

from __future__ import annotations

import codecs
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels._text import DONE, UNFINISHED, Scanner
from mlops_task.inputs import csv_rules, groups
from mlops_task.inputs.blocks import Block
from mlops_task.inputs.csv_rules import BadLineError, Layout, UnfinishedError
from mlops_task.inputs.order import time_name
from mlops_task.inputs.protocol import Chunk

MOST_STOPS = 32
"""How many rows of a block the scanner may leave to the careful reader before that takes all the rest."""


def parse(block: Block, layout: Layout, *, on_missing: str = "keep") -> Chunk:
    """Read the wanted column of a block, that of its groups, and those of its timestamps if they are wanted.

    Raises
    ------
    BadLineError
        With the first line that is wrong and what stood there.
    UnfinishedError
        Where the block ends inside a quoted field.
    """
    texts = sorted({*layout.times, *([] if layout.group is None else [layout.group])})
    scanner = Scanner(
        len(layout.names),
        [layout.index],
        texts,
        delimiter=ord(layout.delimiter),
        size=block.size,
    )
    try:
        _scan(block, layout, texts, scanner)
        if not scanner.is_ascii:
            codecs.utf_8_decode(block.text(), "strict", True)  # noqa: FBT003 - codecs takes it by position
        if not scanner.is_finite or not (scanner.is_certain or layout.is_settled):
            raise BadLineError(0, "")
    except (BadLineError, UnicodeDecodeError):
        if not (scanner.is_ascii and scanner.is_finite and scanner.is_certain):
            # The first fault may be in a row that the scanner took; a careful look at all finds it.
            deque(csv_rules.rows(block.text(), layout), maxlen=0)
        raise
    (values,) = scanner.values()
    if on_missing == "error" and np.isnan(values).any():
        raise csv_rules.missing(block.text(), layout)
    chunk = Chunk(values)
    if layout.times:
        from mlops_task.inputs.timestamps import joined

        labels = joined([strings(scanner, texts.index(at)) for at in layout.times])
        chunk = chunk._replace(labels=labels, label_name=time_name([layout.names[at] for at in layout.times]))
    if layout.group is None:
        return chunk
    codes, names = scanner.coded(texts.index(layout.group))
    coded = groups.encode(groups.coded(codes, _as_arrow(*names)), layout.names[layout.group])
    if groups.first_blank(coded) is not None:
        raise csv_rules.ungrouped(block.text(), layout, layout.group)
    return chunk._replace(groups=coded, group_name=layout.names[layout.group])


def _scan(block: Block, layout: Layout, texts: list[int], scanner: Scanner) -> None:
    """Have the scanner take all rows in."""
    start = block.address
    at = stops = 0
    is_dressed = layout.form.decimal == "," or not layout.form.has_plain_numbers
    if is_dressed:
        layout.numerals.dress(scanner)
    while True:
        stopped, state = scanner.read(start + at, start + block.size)
        at = stopped - start
        if state == DONE:
            return
        if state == UNFINISHED:
            raise UnfinishedError
        if not is_dressed:
            # Only now, for most files do without.
            is_dressed = True
            layout.numerals.dress(scanner)
            continue
        stops += 1
        begin = at
        try:
            for row in csv_rules.rows(block.text(begin), layout, texts):
                scanner.append([row.value], [text.encode() for text in row.texts])
                at = begin + row.end
                if stops <= MOST_STOPS:
                    break
        except BadLineError as bad:
            before = csv_rules.count_lines(bytes(block.text(0, begin)))
            raise bad.moved(before) from None


def strings(scanner: Scanner, slot: int) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the texts of a column that was scanned as a pyarrow array."""
    return _as_arrow(*scanner.texts(slot))


def _as_arrow(together: npt.NDArray[np.uint8], ends: npt.NDArray[np.int32]) -> Any:  # noqa: ANN401 - likewise
    """Return texts that stand one behind the other as a pyarrow array."""
    import pyarrow as pa

    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(together))
