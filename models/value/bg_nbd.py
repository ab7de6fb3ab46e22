r"""BG/NBD: customers buy at a rate of their own until they leave, right after a purchase.

A customer buys like a Poisson process of rate :math:`\lambda \sim Gamma(r, \alpha)`, and leaves
after each repeat purchase with probability :math:`p \sim Beta(a, b)`. Nobody leaves right after the
first purchase: who bought once is alive for ever. Source: Fader, Hardie and Lee 2005, "Counting
your customers the easy way: an alternative to the Pareto/NBD model", Marketing Science 24.
"""

from typing import Final

import numpy as np
from scipy.special import digamma, gammaln

from models.spec import FloatArray
from models.value import geometric
from models.value.cells import Cells
from models.value.grid import Grid

PARAMETERS: Final = ("r", "alpha", "a", "b")


def score(cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Log-likelihood of each cell, shape (n,), and its derivatives, shape (4, n).

    .. math:: L = \frac{B(a, b + x)}{B(a, b)} \frac{\Gamma(r + x) \alpha^r}{\Gamma(r)} \left[
              (\alpha + T)^{-(r + x)} + [x > 0] \frac{a}{b + x - 1} (\alpha + t_x)^{-(r + x)}
              \right]

    Fader, Hardie and Lee 2005, equation 6, in logarithms throughout. Derivatives are with respect
    to the logarithms of the parameters.

    Parameters
    ----------
    cells
        Customers.
    parameters
        r, α, a, b: shape (4, 1) or (4, n).
    """
    r, alpha, a, b = parameters
    x = cells.repeats
    here, there = alpha + cells.age, alpha + cells.last_at
    stayed, left = _terms(cells, parameters)
    both = np.logaddexp(stayed, left)
    stays, leaves = np.exp(stayed - both), np.exp(left - both)
    certain, bought, kept, apart = cells.by_level(parameters, _of_repeats)
    of_r = bought + np.log(alpha) - stays * np.log(here) - leaves * np.log(there)
    of_alpha = r / alpha - (r + x) * (stays / here + leaves / there)
    of_b = kept + apart - leaves / np.maximum(b + x - 1, b)
    slopes = (r * of_r, alpha * of_alpha, a * apart + leaves, b * of_b)
    return certain + r * np.log(alpha) + both, np.array(slopes)


def summed(grid: Grid, parameters: FloatArray) -> tuple[float, FloatArray]:
    """The log-likelihood of all customers, and its derivatives, shape (4,): the sums of `score`.

    With one set of parameters for all, logarithms and Gamma functions are those of the different
    repeats and times, and only what mixes all three is computed for each cell.

    Parameters
    ----------
    grid
        Customers.
    parameters
        Shape (4, 1).
    """
    r, alpha, a, b = parameters[:, 0]
    x, here, there = grid.repeats, alpha + grid.age, alpha + grid.last_at
    certain, bought, kept, apart = _of_repeats(x, parameters)
    total = float(grid.with_repeats.sum())
    gap = np.log(here)[grid.age_at] - np.log(there)[grid.last_at_at]
    count, tries = (r + x)[grid.repeats_at], np.maximum(b + x - 1, b)
    odds = count * gap
    odds += (np.log(a) - np.log(tries))[grid.repeats_at]
    both = np.log1p(np.exp(-np.abs(odds)))  # a tenth of the time of logaddexp
    both += np.maximum(odds, 0.0)
    leaving = np.exp(odds - both)
    leaving *= grid.customers
    slower = (1 / here)[grid.age_at] - (1 / there)[grid.last_at_at]
    rates = r * grid.of_age + grid.repeats_of_age
    value = _dot(grid.with_repeats, certain) - _dot(rates, np.log(here))
    value += total * r * np.log(alpha) + _dot(grid.customers, both)
    of_r = _dot(grid.with_repeats, bought) - _dot(grid.of_age, np.log(here)) + _dot(leaving, gap)
    of_alpha = np.einsum("n,n,n->", leaving, count, slower) - _dot(rates, 1 / here)
    of_b = _dot(grid.with_repeats, kept + apart) - _dot(leaving, (1 / tries)[grid.repeats_at])
    slopes = (
        r * (of_r + total * np.log(alpha)),
        alpha * (of_alpha + total * r / alpha),
        a * _dot(grid.with_repeats, apart) + leaving.sum(),
        b * of_b,
    )
    return value, np.array(slopes)


def _dot(first: FloatArray, second: FloatArray) -> float:
    """By einsum and not by BLAS, whose last digit depends on the number of threads."""
    return float(np.einsum("n,n->", first, second))


def _of_repeats(x: FloatArray, parameters: FloatArray) -> FloatArray:
    """What depends on repeats alone, shape (4, n): of the logarithm, and of its derivatives."""
    r, _, a, b = parameters
    counts = gammaln(r + x) - gammaln(r)
    coins = gammaln(b + x) - gammaln(b) + gammaln(a + b) - gammaln(a + b + x)
    bought, kept = digamma(r + x) - digamma(r), digamma(b + x) - digamma(b)
    return np.array((counts + coins, bought, kept, digamma(a + b) - digamma(a + b + x)))


def _terms(cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Logarithms of the two terms in brackets: of who stayed, and of who left at the last one."""
    r, alpha, a, b = parameters
    x = cells.repeats
    stayed = -(r + x) * np.log(alpha + cells.age)
    # Without a repeat there was no coin; the maximum only keeps the logarithm defined.
    left = np.log(a) - np.log(np.maximum(b + x - 1, b)) - (r + x) * np.log(alpha + cells.last_at)
    return stayed, np.where(x > 0, left, -np.inf)


def alive(cells: Cells, parameters: FloatArray) -> FloatArray:
    """Chance of each cell to be there still at its age, 0..1, shape (n,): 1 without a repeat.

    Fader, Hardie and Lee 2005; the formula is that of Fader and Hardie 2008, "Computing P(alive)
    using the BG/NBD model". That of who bought once is no judgement of theirs but of the model:
    see `models.value.forecast.still_there`.
    """
    stayed, left = _terms(cells, parameters)
    return np.exp(stayed - np.logaddexp(stayed, left))


def ahead(cells: Cells, parameters: FloatArray, horizon: float) -> FloatArray:
    """Expected purchases within a horizon of who is there still, shape (n,)."""
    r, alpha, a, b = np.broadcast_to(parameters, (4, len(cells)))
    time = np.full(len(cells), horizon)
    return geometric.ahead(r + cells.repeats, alpha + cells.age, (a, b + cells.repeats), time)


def discounted(cells: Cells, parameters: FloatArray, horizon: float, force: float) -> FloatArray:
    """The same, discounted at a force of interest."""
    r, alpha, a, b = np.broadcast_to(parameters, (4, len(cells)))
    coin = (a, b + cells.repeats)
    return geometric.discounted(r + cells.repeats, alpha + cells.age, coin, horizon, force)


def newcomer(parameters: FloatArray, times: FloatArray) -> FloatArray:
    """Expected repeat purchases of a customer within times since the first, shape (n,).

    Fader, Hardie and Lee 2005, equation 9.

    Parameters
    ----------
    parameters
        Shape (4, 1) or (4, n).
    times
        Shape (n,), from 0 on.
    """
    r, alpha, a, b = np.broadcast_to(parameters, (4, len(times)))
    return geometric.ahead(r, alpha, (a, b), times)
