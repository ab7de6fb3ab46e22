"""Shares as exact thresholds of whole numbers, so that no rounding decides what is frequent."""

from fractions import Fraction

from features.errors import RegularsError


class ThresholdUnusable(RegularsError):
    """A share that says nothing: no number, not above 0, or above 1."""


def exactly(share: float, name: str) -> Fraction:
    """The share as it was written: .1 is one tenth, not the binary fraction next to it.

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
    if not 0 < share <= 1:
        message = f"{name} is a share above 0 and at most 1, but it is {share}"
        raise ThresholdUnusable(message)
    return Fraction(repr(float(share)))


def least_count(share: float, baskets: int, name: str = "support") -> int:
    """Baskets that a share of all means, at least: the smallest count that reaches it, 1 or more.

    Raises
    ------
    ThresholdUnusable
        See `exactly`.
    """
    wanted = exactly(share, name) * baskets
    return max(1, -(-wanted.numerator // wanted.denominator))
