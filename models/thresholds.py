"""Shares as exact thresholds of whole numbers, so that no rounding decides what is frequent."""

from fractions import Fraction
from math import ceil, nextafter

from features.errors import RegularsError

_MOST = 2**26
"""Denominator up to which no two fractions have the same number of double precision beside them."""


class ThresholdUnusable(RegularsError):
    """A share that says nothing: no number, not above 0, or above 1."""


def exactly(share: float, name: str) -> Fraction:
    """The share that was meant: .1 is one tenth and 4 / 11 four elevenths, not the nearest binary.

    It is the one fraction with a denominator of at most 2²⁶ that rounds to the number given, so
    that a share computed as count over baskets is reached by that count; where there is none, it is
    the decimal number as written.

    Parameters
    ----------
    share
        Above 0, at most 1.
    name
        What the reader calls it, such as ``support``.

    Raises
    ------
    ThresholdUnusable
        When it is outside.
    """
    _require_share(share, name)
    simple = Fraction(float(share)).limit_denominator(_MOST)
    return simple if float(simple) == share else Fraction(repr(float(share)))


def _require_share(share: float, name: str) -> None:
    if not 0 < share <= 1:
        message = f"{name} is a share above 0 and at most 1, but it is {share}"
        raise ThresholdUnusable(message)


def least_count(share: float, baskets: int, name: str = "support") -> int:
    """Baskets that a share of all means, at least: the smallest count that reaches it, 1 or more.

    A count reaches it when its own share of all, rounded to double precision, does.

    Raises
    ------
    ThresholdUnusable
        See `exactly`.
    """
    _require_share(share, name)
    rounds_to_it = (Fraction(float(share)) + Fraction(nextafter(share, 0.0))) / 2
    return max(1, ceil(rounds_to_it * baskets))


def require_one_basket(share: float, baskets: int, name: str = "support") -> None:
    """Refuse a share that not even one basket falls below, so that it asks for nothing.

    Raises
    ------
    ThresholdUnusable
        When there is no basket, or the share means less than one; and see `exactly`.
    """
    if baskets < 1:
        message = f"{name}={share} needs baskets to be a share of, but there are none"
        raise ThresholdUnusable(message)
    if exactly(share, name) * baskets < 1:
        digits = len(str(baskets)) + 1
        enough = -(-(10**digits) // baskets) / 10**digits
        message = (
            f"{name}={share} of {baskets:,} {'baskets' if baskets > 1 else 'basket'} is less than "
            f"one basket; use {enough:.{digits}f} or more"
        )
        raise ThresholdUnusable(message)
