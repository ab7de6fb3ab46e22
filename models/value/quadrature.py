r"""Means over a Beta distribution to ten digits, wherever the parameters lie; over time to six.

Textbook formulas of expected purchases hold differences of Gaussian hypergeometric functions that
cancel near whole parameters, overflow for frequent buyers, and have no value in `scipy.special` for
many arguments. The integrals that they stand for have positive integrands and are summed here.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from models.spec import FloatArray

Kernel = Callable[[FloatArray, slice], FloatArray]
"""Of probabilities, shape (rows, nodes), and the rows that they are for: values, same shape."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
"""Of Gauss and Legendre on -1..1."""

_LOG_STEP: Final = 0.35  # error about exp(-pi^2 / step): exp(-c exp(v)) grows pi / 2 off the line
_WIDTH_STEP: Final = 0.65  # of a bell: exp(-2 pi^2 / step^2)
_TAIL: Final = 24.0
_ROWS_AT_ONCE: Final = 4096


def beta_mean(first: FloatArray, second: FloatArray, steep: FloatArray, of: Kernel) -> FloatArray:
    r"""Mean of a function of p ~ Beta(first, second) of each row, shape (n,).

    .. math:: \int_0^1 \frac{p^{a - 1} (1 - p)^{c - 1}}{B(a, c)} f(p)\, dp

    by the trapezoidal rule in the log-odds of p, which converges exponentially where the integrand
    is analytic and falls off on both sides (Trefethen and Weideman 2014, "The exponentially
    convergent trapezoidal rule"). Beyond the ends, where f does not change any more, the sum is
    that of a geometric series.

    Parameters
    ----------
    first, second
        Shape (n,): a and c, above 0.
    steep
        Shape (n,): f is as good as constant where p is far below its inverse.
    of
        The function f: analytic, of one sign.
    """
    parts = [np.empty(0)]
    for begin in range(0, len(first), _ROWS_AT_ONCE):
        rows = slice(begin, begin + _ROWS_AT_ONCE)
        parts.append(_mean(first[rows, None], second[rows, None], steep[rows, None], rows, of))
    return np.concatenate(parts)


def _mean(
    first: FloatArray, second: FloatArray, steep: FloatArray, rows: slice, of: Kernel
) -> FloatArray:
    """Means of some rows; all arrays but the result are columns."""
    width = np.sqrt(1 / first + 1 / second)
    middle = np.log(first) - np.log(second)
    far = _TAIL + np.log1p(steep)
    low = np.maximum(
        middle - 8 * width - far / first - 1, -np.log1p(steep + second + first) - _TAIL
    )
    high = np.minimum(middle + 8 * width + _TAIL / second + 1, np.log1p(first + second) + _TAIL)
    step = np.minimum(_LOG_STEP, _WIDTH_STEP * width)
    count = int(np.ceil((high - low) / step).max()) + 1
    step = (high - low) / (count - 1)
    odds = low + step * np.arange(count)
    density = -first * np.logaddexp(0, -odds) - second * np.logaddexp(0, odds)
    weight = np.exp(density - density.max(axis=1, keepdims=True))
    weight[:, :1] /= -np.expm1(-first * step)
    weight[:, -1:] /= -np.expm1(-second * step)
    values = of(1 / (1 + np.exp(-odds)), rows)
    mean: FloatArray = (weight * values).sum(axis=1) / weight.sum(axis=1)
    return mean


def moments_ahead(horizon: float, force: float, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Moments in time and their weights, both of shape (n, nodes), for discounted integrals.

    .. math:: \int_0^H e^{-\delta t} f(t)\, dt \approx \sum_k w_k f(t_k)

    by Gauss and Legendre in the logarithm of ``1 + t / scale``.

    Parameters
    ----------
    horizon
        H, above 0, also infinite where the force is above 0.
    force
        Of interest: δ, the logarithm of one plus the rate of a unit of time.
    scale
        Shape (n,): time over which f begins to change.
    """
    end = min(horizon, 40 / force) if force > 0 else horizon
    grown = np.log1p(end / scale)[:, None]
    place = grown * (NODES + 1) / 2
    times = scale[:, None] * np.expm1(place)
    weights = WEIGHTS * grown / 2 * (scale[:, None] + times)
    return times, weights * np.exp(-force * times)
