"""Time to solution of a search at random that is started anew until it succeeds (Ronnow et al.,
"Defining and detecting quantum speedup", Science 345, 420, 2014)::

    repeats(P) = ln(1 - 0.99) / ln(1 - P),   1 at least

starts find a solution with a probability of 0.99, if one does with P. P is the part of the starts
that did, with Wilson's interval of one sigma (J. Am. Stat. Assoc. 22, 209, 1927), which is sound
near 0 and 1 too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

SURE = 0.99


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """Starts to a solution, and the ends of their interval; None is endless."""

    mean: float | None
    low: float | None
    high: float | None


def repeats(solved: int, starts: int) -> Repeats:
    """Of so many starts that were solved."""
    if not 0 <= solved <= starts or starts < 1:
        raise ValueError(f"{solved} of {starts} starts solved: give 1 start or more")
    p = solved / starts
    middle = (p + 0.5 / starts) / (1 + 1 / starts)
    reach = sqrt(p * (1 - p) / starts + 0.25 / starts**2) / (1 + 1 / starts)
    return Repeats(mean=_needed(p), low=_needed(middle + reach), high=_needed(middle - reach))


def _needed(p: float) -> float | None:
    if p <= 1e-12:
        return None
    return 1.0 if p >= SURE else log(1 - SURE) / log(1 - p)
