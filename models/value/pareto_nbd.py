r"""Pareto/NBD: customers buy at a rate of their own until they leave, at any moment.

A customer buys like a Poisson process of rate :math:`\lambda \sim Gamma(r, \alpha)` and leaves at
rate :math:`\mu \sim Gamma(s, \beta)`. Sources: Schmittlein, Morrison and Colombo 1987, "Counting
your customers: who are they and what will they do next?", Management Science 33; Fader and Hardie
2005, "A note on deriving the Pareto/NBD model and related expressions".
"""

from typing import Final

import numpy as np
from scipy.special import digamma, exprel, gammaln

from models.spec import FloatArray, IntArray
from models.value.cells import Cells
from models.value.quadrature import moments_ahead

PARAMETERS: Final = ("r", "alpha", "s", "beta")

_CLASSES: Final = ((1.5, 10), (2.5, 14), (4.5, 24), (9.0, 40), (np.inf, 96))
"""How far the integral reaches, at most, and nodes that it then needs."""
_REACH: Final = 45.0
_CELLS_AT_ONCE: Final = 8192


def score(cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Log-likelihood of each cell, shape (n,), and its derivatives, shape (4, n).

    .. math:: L = \frac{\Gamma(r + x) \alpha^r \beta^s}{\Gamma(r)} \left[
              (\alpha + T)^{-(r + x)} (\beta + T)^{-s} + s \int_{t_x}^{T} (\alpha + u)^{-(r + x)}
              (\beta + u)^{-(s + 1)} du \right]

    The integral, which is over when the customer left, is summed with its derivatives by Gauss and
    Legendre to nine digits and more. Its closed form is a difference of hypergeometric
    functions (Fader and Hardie 2005), which cancel for short times, overflow for frequent buyers,
    and have no simple derivatives. Derivatives are with respect to the logarithms of the
    parameters.

    Parameters
    ----------
    cells
        Customers.
    parameters
        r, α, s, β: shape (4, 1) or (4, n).
    """
    r, alpha, s, beta = parameters
    x, age = cells.repeats, cells.age
    power = r + x
    left, means = _left(cells, parameters)
    both = np.logaddexp(0, left)
    leaves = np.exp(left - both)
    bought, kept = np.log1p(age / alpha), np.log1p(age / beta)
    value = gammaln(power) - gammaln(r) - r * bought - x * np.log(alpha + age) - s * kept + both
    buying, buying_slope, leaving, leaving_slope, there = means
    of_r = digamma(power) - digamma(r) - bought - leaves * buying
    of_alpha = r * age / (alpha * (alpha + age)) - x / (alpha + age) - leaves * power * buying_slope
    of_s = leaves * (1 / s - leaving) - kept
    of_beta = s * age / (beta * (beta + age)) - leaves * (s * leaving_slope + there)
    return value, np.array((r * of_r, alpha * of_alpha, s * of_s, beta * of_beta))


def _left(cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Logarithm of the odds to have left, shape (n,), and means under the integrand, shape (5, n).

    The odds are s times the integral, over the first term. The means are those of
    :math:`\ln\frac{\alpha + u}{\alpha + T}` and of what it falls by with α,
    :math:`\frac{1}{\alpha + u} - \frac{1}{\alpha + T}`; of the same of β; and of
    :math:`\frac{1}{\beta + u}`. Differences from T, as large parameters would drown the rest.
    """
    r, alpha, s, beta = np.broadcast_to(parameters, (4, len(cells)))
    start, power = cells.last_at, r + cells.repeats
    fall = power / (alpha + start) + (s + 1) / (beta + start)
    with np.errstate(over="ignore"):
        buying = (alpha + start) * np.expm1(_REACH / power)
        leaving = (beta + start) * np.expm1(_REACH / (s + 1))
    end = np.minimum(cells.age - start, np.minimum(buying, leaving))
    reach = np.log1p(fall * end)
    value, means = np.full(len(cells), -np.inf), np.zeros((5, len(cells)))
    columns = np.array((alpha, beta, power, s, start - cells.age, cells.age, fall, reach))
    below = 0.0
    for most, nodes in _CLASSES:
        chosen = np.flatnonzero((reach > below) & (reach <= most))
        below = most
        for begin in range(0, len(chosen), _CELLS_AT_ONCE):
            rows: IntArray = chosen[begin : begin + _CELLS_AT_ONCE]
            value[rows], means[:, rows] = _summed(columns[:, rows, None], nodes)
    return value, means


def _summed(columns: FloatArray, nodes: int) -> tuple[FloatArray, FloatArray]:
    """The same of cells that reach about as far, in the logarithm of time past the last purchase.

    The integrand may fall off on two scales of time, one of buying and one of leaving, however far
    apart. In this logarithm it is smooth on both.
    """
    alpha, beta, power, s, start, age, fall, reach = columns
    place, weight = np.polynomial.legendre.leggauss(nodes)
    grown = reach * (place + 1) / 2
    before = start + np.expm1(grown) / fall  # u - T, up to 0
    here, there = 1 / (alpha + age + before), 1 / (beta + age + before)
    buying, leaving = np.log1p(before / (alpha + age)), np.log1p(before / (beta + age))
    size = -power * buying - s * leaving + grown
    top = size.max(axis=1, keepdims=True)
    size = weight * there * np.exp(size - top)
    whole = size.sum(axis=1)
    wanted = (
        buying,
        -before * here / (alpha + age),
        leaving,
        -before * there / (beta + age),
        there,
    )
    means = np.array([np.einsum("nk,nk->n", size, each) / whole for each in wanted])
    scale = (s * reach / (2 * fall))[:, 0]
    return np.log(whole) + np.log(scale) + top[:, 0], means


def alive(cells: Cells, parameters: FloatArray) -> FloatArray:
    """Chance of each cell to be there still at its age, 0..1, shape (n,).

    Schmittlein, Morrison and Colombo 1987, equations 11 to 13.
    """
    left, _ = _left(cells, parameters)
    return np.asarray(np.exp(-np.logaddexp(0, left)), dtype=np.float64)


def ahead(cells: Cells, parameters: FloatArray, horizon: float) -> FloatArray:
    r"""Expected purchases within a horizon of who is there still, shape (n,).

    .. math:: \frac{r + x}{\alpha + T} \frac{\beta + T}{s - 1}
              \left[1 - \left(\frac{\beta + T}{\beta + T + t}\right)^{s - 1}\right]

    Schmittlein, Morrison and Colombo 1987, equation 22; written so that it holds at s = 1 too.
    """
    r, alpha, s, beta = parameters
    time = beta + cells.age
    there = _time_there(s, time, horizon / time)
    return np.asarray((r + cells.repeats) / (alpha + cells.age) * there, dtype=np.float64)


def _time_there(s: FloatArray, time: FloatArray, share: FloatArray) -> FloatArray:
    """Expected time until leaving, within a share of the time so far."""
    grown = np.log1p(share)
    return np.asarray(time * grown * exprel((1 - s) * grown), dtype=np.float64)


def discounted(cells: Cells, parameters: FloatArray, horizon: float, force: float) -> FloatArray:
    r"""The same, discounted at a force of interest.

    .. math:: \frac{r + x}{\alpha + T} \int_0^H e^{-\delta t}
              \left(\frac{\beta + T}{\beta + T + t}\right)^s dt

    With an infinite horizon it is the discounted expected residual transactions of Fader, Hardie
    and Lee 2005, "RFM and CLV: using iso-value curves for customer base analysis", equation 2.
    """
    r, alpha, s, beta = np.broadcast_to(parameters, (4, len(cells)))
    time = beta + cells.age
    times, weights = moments_ahead(horizon, force, time / (s + 1))
    there = np.exp(-s[:, None] * np.log1p(times / time[:, None]))
    return np.asarray(
        (r + cells.repeats) / (alpha + cells.age) * (weights * there).sum(axis=1), dtype=np.float64
    )


def newcomer(parameters: FloatArray, times: FloatArray) -> FloatArray:
    """Expected repeat purchases of a customer within times since the first, shape (n,).

    Schmittlein, Morrison and Colombo 1987, equation 17.
    """
    r, alpha, s, beta = parameters
    return np.asarray(r / alpha * _time_there(s, beta, times / beta), dtype=np.float64)
