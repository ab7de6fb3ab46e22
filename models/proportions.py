"""Shares of counted customers and their differences, with intervals that hold for few, too."""

from math import sqrt

from models.metrics import Z_95, Estimate


def wilson(part: float, whole: float) -> Estimate:
    r"""The share of a whole with its 95 % interval, all in 0..1; NaN of nobody.

    .. math:: \frac{\hat p + z^2 / 2n \pm z \sqrt{\hat p (1 - \hat p) / n + z^2 / 4n^2}}
              {1 + z^2 / n}

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference",
    JASA 22. Customers count as independent; none or all of a few still leave an interval.
    """
    if whole <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    share = min(max(part / whole, 0.0), 1.0)
    scale = 1 + Z_95**2 / whole
    middle = (share + Z_95**2 / (2 * whole)) / scale
    half = Z_95 / scale * sqrt(share * (1 - share) / whole + (Z_95 / (2 * whole)) ** 2)
    low = middle - half if part > 0 else 0.0
    high = middle + half if part < whole else 1.0
    return Estimate(share, low, high)


def difference(one: Estimate, other: Estimate) -> Estimate:
    r"""One share less another of other customers, -1..1, with the interval that theirs make.

    .. math:: d - \sqrt{(p_1 - l_1)^2 + (u_2 - p_2)^2}, \quad
              d + \sqrt{(u_1 - p_1)^2 + (p_2 - l_2)^2}

    Source: Newcombe 1998, "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, method 10.
    """
    gap = one.value - other.value
    below = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    above = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(gap, gap - below, gap + above)
