"""Grids: how the values of a block split into parts whose sums are exact as floats.

Let all values be multiples of ``2**unit`` below ``2**most``, and ``2**places >= max(window, 16)`` (sixteen,
as eight rows at a time add eight changes of two values each). A sum of parts is exact, in any order, if it
has at most 53 bits. In steps of the coarse grid, ``2**most`` is ``2**top``:

- NARROW: one part, the difference from a reference: ``bits(difference) - unit + places <= 53``.
- BROAD, COUNTED: ``top = 53 - places``, so coarse sums are below ``2**53``. The fine part is at most half a
  step, its unit ``2**(unit + top - most)``: ``places - 1 - (unit + top - most) <= 53``, so
  ``most - unit <= 107 - 2 * places``.
- MARKED: ``top = 52 - 2 * places``, so that a sum without a mark of ``2**(53 - places)`` is below half of
  one, one with marks above, and of ``window`` marks at most ``2**53``: ``most - unit <= 105 - 3 * places``
  (106, and one for the sum of marks and values).
- WIDE: ``top`` as BROAD. The middle part is a multiple of ``2**(places - 54)``, at most half a coarse step:
  its sums have 53 bits. The fine part is at most half of a middle step: ``most - unit <= 161 - 3 * places``.
"""

from typing import Any, NamedTuple

from kernels._backend import bits, from_bits, inner

MAGIC = 1.5 * 2.0**52  # adding it rounds to whole numbers below 2**51
ABSOLUTE, INFINITE = 0x7FFFFFFFFFFFFFFF, 0x7FF << 52
LEAST_PLACES = 4
LEAST_UNIT, MOST = -950, 900  # powers of two that scale values, and results back, stay normal floats
NONE, NARROW, BROAD, MARKED, COUNTED, WIDE = range(6)


class Extent(NamedTuple):
    """The smallest and largest finite magnitude but zero, and what else is among the values."""

    low: float
    high: float
    positive: bool
    missing: bool
    infinite: bool


class Grid(NamedTuple):
    """A form; coarse steps per 1; the reference of NARROW; the mark of MARKED; the middle step."""

    form: int
    scale: float
    reference: float
    mark: float
    middle: float


@inner
def power(n: int) -> float:
    """Two to the power of n, of a normal float."""
    return from_bits((n + 1023) << 52)


@inner
def exponent(x: float) -> int:
    """The number n for which ``2**n <= x < 2**(n+1)``."""
    return (bits(x) >> 52) - 1023


@inner
def places_of(window: int) -> int:
    """Bits that a sum has more than its values."""
    places = LEAST_PLACES
    while window > 1 << places:
        places += 1
    return places


@inner
def highest_below(x: Any, limit: int) -> int:
    """The largest bits of magnitudes that are below a limit."""
    high = 0
    for i in range(x.shape[0]):
        size = bits(x[i]) & ABSOLUTE
        high = max(high, size if size < limit else 0)
    return high


@inner
def extent_of(x: Any) -> Extent:
    """What is among the values."""
    low, high, least = ABSOLUTE, 0, ABSOLUTE
    for i in range(x.shape[0]):
        size = bits(x[i]) & ABSOLUTE
        low = min(low, (size - 1) & ABSOLUTE)  # of 0, the largest
        high, least = max(high, size), min(least, bits(x[i]))
    missing = high > INFINITE
    high = highest_below(x, INFINITE + 1) if missing else high
    infinite = high == INFINITE
    high = highest_below(x, INFINITE) if infinite else high
    if high == 0:
        return Extent(1.0, 1.0, False, missing, infinite)
    # infinities leave a block as zeros, which no reference is near to
    return Extent(from_bits(low + 1), from_bits(high), least > 0 and not infinite, missing, infinite)


@inner
def narrow_reference(low: float, high: float, unit: int, places: int) -> float:
    """A reference amid positive values, a multiple of their unit; 0 if no differences from it are short."""
    if not high < 1.9 * low:
        return 0.0
    middle = 0.5 * (low + high)
    reference = middle * (power(places) + 1.0)
    reference -= reference - middle  # so few digits that their product with the window is exact
    furthest = max(high - reference, reference - low, low * 2.0**-60)
    return reference if exponent(furthest) + 1 - unit <= 53 - places else 0.0


@inner
def grid_of(extent: Extent, window: int, all_needed: bool) -> Grid:
    """The quickest grid that holds the values; ``all_needed`` tells that windows with gaps have no result."""
    places = places_of(window)
    most, unit = exponent(extent.high) + 1, exponent(extent.low) - 52
    if unit < LEAST_UNIT or most > MOST:
        return Grid(NONE, 1.0, 0.0, 0.0, 1.0)
    if extent.positive and not extent.missing:
        reference = narrow_reference(extent.low, extent.high, unit, places)
        if reference > 0.0:
            return Grid(NARROW, 1.0, reference, 0.0, 1.0)
    if extent.missing and all_needed and most - unit <= 105 - 3 * places:
        return Grid(MARKED, power(52 - 2 * places - most), 0.0, power(53 - places), 1.0)
    scale = power(53 - places - most)
    if most - unit <= 107 - 2 * places:
        return Grid(COUNTED if extent.missing else BROAD, scale, 0.0, 0.0, 1.0)
    if most - unit <= 161 - 3 * places:
        return Grid(WIDE, scale, 0.0, 0.0, power(places - 54))
    return Grid(NONE, 1.0, 0.0, 0.0, 1.0)
