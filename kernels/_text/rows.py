"""Where a row ends and a field of it lies, told from 64 bytes at a time.

The masks of a row start at its own first byte, so that nothing is carried from row to row and the loops have
the same length in each. All places are addresses; every text ends in a line feed.
"""

from kernels._backend import inlined, inner
from kernels._text.primitives import below, byte_at, equal, odd, ones, put_byte, right, trailing

LF, CR, QUOTE, TAB, SPACE = b'\n\r"\t '
ASCII = 128
OPEN, FAULTY = -1, -2  # in place of an address: the text ends inside quotes, or is not what a row can be


@inlined
def located(splits: int, at: int, passed: int, wanted: int, start: int, split: int) -> tuple[int, int]:
    """Where the wanted field starts and which separator ends it, if these ones, behind so many, tell."""
    if passed < wanted <= passed + ones(splits):
        for _ in range(wanted - passed - 1):
            splits &= splits - 1
        start = at + trailing(splits) + 1
        splits &= splits - 1
        split = at + trailing(splits) if splits else split
    elif passed == wanted and splits:
        split = at + trailing(splits)
    return start, split


@inlined
def plain_row(row: int, end: int, delimiter: int, wanted: int) -> tuple[int, int, int, int, int]:
    """Find a field of a row as if there were no quotes.

    Returns where it starts, the separator behind it, the line feed, the number of fields, and how many bytes
    are odd; a carriage return before the line feed is not. The line feed is ``end`` where there is a lone
    carriage return, which may be one.
    """
    start = split = at = row
    fields = odds = 0
    while True:
        feeds = equal(at, LF)
        here = feeds ^ (feeds - 1)  # all up to the line feed
        splits = (equal(at, delimiter) | feeds) & here
        strange = odd(at) & here & ~splits
        odds += ones(strange)
        start, split = located(splits, at, fields, wanted, start, split)
        fields += ones(splits)
        at += 64
        if feeds:
            break
        if at >= end or (strange and equal(at - 64, CR)):
            return start, split, end, fields, odds
    feed = at - 64 + trailing(feeds)
    return start, split, feed, fields, odds - ((byte_at(feed - 1) == CR) & (feed > row))


@inlined
def quoted_bytes(quotes: int) -> int:
    """The bytes behind an odd number of these quotes, each opening quote itself among them."""
    quotes ^= quotes << 1
    quotes ^= quotes << 2
    quotes ^= quotes << 4
    quotes ^= quotes << 8
    quotes ^= quotes << 16
    return quotes ^ quotes << 32


@inner
def quoted_row(row: int, end: int, delimiter: int, wanted: int) -> tuple[int, int, int, int, int]:
    """Find a field of a row whose fields are either without quotes or in quotes from end to end.

    Returns where it starts, the separator behind it, the line feed, the number of fields, and 0 if all bytes
    are ASCII. The line feed is FAULTY where the row is not of that kind, or OPEN.
    """
    start = split = row
    fields = high = inside = closed = returned = 0
    behind_split = 1
    for at in range(row, end, 64):
        quotes = equal(at, QUOTE)
        within = quoted_bytes(quotes) ^ inside
        feeds, returns = equal(at, LF), equal(at, CR)
        ends = feeds & ~within
        here = ends ^ (ends - 1)
        splits = (equal(at, delimiter) & ~within) | ends
        closing = quotes & ~within
        after_closing = closing << 1 | closed
        # Quotes open behind a separator and close before one, or are doubled, which closes and opens again;
        # a carriage return stands before the last line feed.
        wrong = quotes & within & ~(splits << 1 | behind_split | after_closing)
        wrong |= after_closing & ~(splits | returns | quotes)
        wrong |= (returns << 1 | returned) & ~ends
        wrong |= below(at, SPACE) & ~(feeds | returns | equal(at, TAB))
        wrong &= here
        if wrong and at + trailing(wrong) < end:
            return start, split, FAULTY, fields, 0
        splits &= here
        start, split = located(splits, at, fields, wanted, start, split)
        fields += ones(splits)
        high |= ~below(at, ASCII) & here
        if ends:
            feed = at + trailing(ends)
            return start, split, feed if feed < end else OPEN, fields, high
        inside, closed, returned = within >> 63, right(closing, 63), right(returns, 63)
        behind_split = right(splits, 63)
    return start, split, OPEN, fields, high


@inner
def field_behind(split: int, delimiter: int, skipped: int, quoted: int) -> tuple[int, int]:
    """Find a field behind a separator, so many others in between, of a row that has it.

    Returns where it starts and the separator or line feed behind it.
    """
    start = at = split + 1
    inside = passed = 0
    while True:
        within = inside
        if quoted:
            within ^= quoted_bytes(equal(at, QUOTE))
        splits = (equal(at, delimiter) | equal(at, LF)) & ~within
        start, split = located(splits, at, passed, skipped, start, split)
        passed += ones(splits)
        if passed > skipped:
            return start, split
        inside = within >> 63
        at += 64


@inner
def any_row(row: int, end: int, delimiter: int, wanted: int) -> tuple[int, int, int, int, int]:
    """Find a field of any row, byte by byte, by the rules of Python's `csv`.

    Returns where its text starts and stops, the place behind the row, the number of fields, and less than 128
    if all bytes are ASCII. The place is FAULTY where there is text behind a closing quote, or NUL, or OPEN.
    """
    start = stop = at = row
    fields = high = 0
    while True:
        first = at
        last = -1
        if byte_at(at) == QUOTE:
            at += 1
            while at < end and (byte_at(at) != QUOTE or byte_at(at + 1) == QUOTE):
                at += 1 + (byte_at(at) == QUOTE)
                high |= byte_at(at - 1)
                if byte_at(at - 1) == 0:
                    return start, stop, FAULTY, fields, high
            if at >= end:
                return start, stop, OPEN, fields, high
            first += 1
            last = at
            at += 1
            while is_blank(byte_at(at), delimiter):
                at += 1
        byte = byte_at(at)
        while byte not in (delimiter, LF, CR):
            if last >= 0 or byte == 0:
                return start, stop, FAULTY, fields, high
            high |= byte
            at += 1
            byte = byte_at(at)
        if fields == wanted:
            start, stop = first, at if last < 0 else last
        fields += 1
        at += 1
        if byte != delimiter:
            return start, stop, at + (byte == CR and byte_at(at) == LF), fields, high


@inlined
def is_blank(byte: int, delimiter: int) -> bool:
    """Whether this byte is nothing but space."""
    return byte in (SPACE, TAB) and byte != delimiter


@inner
def unwrapped(begin: int, end: int, to: int) -> int:
    """Put the text of a quoted field to where there is room, with a line feed behind it; return its end."""
    while begin < end:
        byte = byte_at(begin)
        put_byte(to, byte)
        begin += 1 + (byte == QUOTE)  # which is doubled
        to += 1
    put_byte(to, LF)
    return to + 1
