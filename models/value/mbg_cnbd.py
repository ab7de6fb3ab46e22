r"""MBG/CNBD-k: customers buy with some regularity until they leave, right after a purchase.

Times between purchases of a customer are the sum of *k* exponential ones of rate
:math:`\lambda \sim Gamma(r, \alpha)` (Erlang), so that a larger k is a steadier rhythm; after each
purchase, the first too, the customer leaves with probability :math:`p \sim Beta(a, b)`. Sources:
Reutterer, Platzer and Schröder 2021, "Leveraging purchase regularity for predicting customer
behavior the easy way", International Journal of Research in Marketing 38, on regularity as of
Platzer and Reutterer 2016, "Ticking away the moments", Marketing Science 35. With k = 1 it is the
MBG/NBD of Batislam, Denizel and Filiztekin 2007, "Empirical validation and comparison of models for
customer base analysis", International Journal of Research in Marketing 24.
"""

from functools import partial
from typing import Final

import numpy as np
from scipy.special import betainc, digamma, gammaln, logsumexp

from models.spec import FloatArray
from models.value import geometric
from models.value.cells import Cells, together
from models.value.quadrature import beta_mean, moments_ahead

PARAMETERS: Final = ("r", "alpha", "a", "b")

_NEGLIGIBLE: Final = 1e-10
_STEPS: Final = 200
"""Purchases that are summed one by one; of more an integral is quicker."""


def score(k: int, cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Log-likelihood of each cell, shape (n,), and its derivatives, shape (4, n).

    .. math:: L = \frac{B(a, b + x + 1)}{B(a, b)} \frac{\Gamma(n) \alpha^r}{\Gamma(r)}
              (\alpha + t_x)^{-n} \left[ \frac{a}{b + x} + \sum_{j < k} \frac{\Gamma(n + j)}
              {\Gamma(n) j!} \frac{(T - t_x)^j (\alpha + t_x)^n}{(\alpha + T)^{n + j}} \right],
              \quad n = r + k x

    with the logarithm of :math:`\Gamma(k)^{-x}` added. What is left out is the product of the times
    between purchases to the power k - 1: `models.value.regularity` adds it, as it is the same for
    all parameters but k. Derivatives are with respect to the logarithms of the parameters.

    Parameters
    ----------
    k
        Regularity, from 1 on.
    cells
        Customers.
    parameters
        r, α, a, b: shape (4, 1) or (4, n).
    """
    r, alpha, a, b = parameters
    x, count = cells.repeats, r + k * cells.repeats
    here, there = alpha + cells.age, alpha + cells.last_at
    waits = _waits(k, cells, parameters)
    both = np.logaddexp(np.log(a) - np.log(b + x), logsumexp(waits, axis=0))
    leaves, waiting = a / (b + x) * np.exp(-both), np.exp(waits - both)
    steps = np.arange(k)[:, None]
    certain, bought, kept, apart, *risen = cells.by_level(parameters, partial(_of_repeats, k))
    value = certain + r * np.log(alpha) - count * np.log(there) + both
    grown = np.array(risen) + np.log(there / here)
    of_r = bought + np.log(alpha) - np.log(there) + (waiting * grown).sum(axis=0)
    moved = (waiting * (count / there - (count + steps) / here)).sum(axis=0)
    of_alpha = r / alpha - count / there + moved
    of_b = kept + apart - leaves / (b + x)
    return value, np.array((r * of_r, alpha * of_alpha, a * apart + leaves, b * of_b))


def _of_repeats(k: int, x: FloatArray, parameters: FloatArray) -> FloatArray:
    """What depends on repeats alone, shape (4 + k, n): of the logarithm, and of derivatives."""
    r, _, a, b = parameters
    count, steps = r + k * x, np.arange(k)[:, None]
    counts = gammaln(count) - gammaln(r) - x * gammaln(k)
    coins = gammaln(b + x + 1) - gammaln(b) + gammaln(a + b) - gammaln(a + b + x + 1)
    bought, kept = digamma(count) - digamma(r), digamma(b + x + 1) - digamma(b)
    apart = digamma(a + b) - digamma(a + b + x + 1)
    return np.vstack((counts + coins, bought, kept, apart, digamma(count + steps) - digamma(count)))


def _waits(k: int, cells: Cells, parameters: FloatArray) -> FloatArray:
    """Logarithms of the terms of the sum, shape (k, n): so many of k parts of a wait are over."""
    r, alpha, *_ = parameters
    count, steps = r + k * cells.repeats, np.arange(k)[:, None]
    here, there = alpha + cells.age, alpha + cells.last_at
    with np.errstate(divide="ignore", invalid="ignore"):
        passed = np.where(steps > 0, steps * np.log((cells.age - cells.last_at) / here), 0.0)
    ways = cells.by_level(parameters, partial(_ways, k))
    return np.asarray(ways + passed + count * np.log(there / here), dtype=np.float64)


def _ways(k: int, x: FloatArray, parameters: FloatArray) -> FloatArray:
    """Logarithms of the factors of the terms, shape (k, n)."""
    count, steps = parameters[0] + k * x, np.arange(k)[:, None]
    return np.asarray(gammaln(count + steps) - gammaln(count) - gammaln(steps + 1))


def alive(k: int, cells: Cells, parameters: FloatArray) -> FloatArray:
    """Chance of each cell to be there still at its age, 0..1, shape (n,)."""
    _, _, a, b = parameters
    stayed = logsumexp(_waits(k, cells, parameters), axis=0)
    left = np.log(a) - np.log(b + cells.repeats)
    return np.asarray(np.exp(stayed - np.logaddexp(stayed, left)), dtype=np.float64)


def ahead(k: int, cells: Cells, parameters: FloatArray, horizon: float) -> FloatArray:
    r"""Expected purchases within a horizon of who is there still, shape (n,).

    .. math:: \sum_{j < k} w_j \sum_{i \ge 1} \frac{B(a, b + x + i)}{B(a, b + x + 1)}\,
              I_{t / (\alpha + T + t)}(i k - j,\; r + k x + j)

    with :math:`w_j` the chance that j of the k parts of the wait are over: an exact sum over the
    purchases to come, where the source approximates. With k = 1 it is the integral of
    `models.value.geometric.ahead`.
    """
    times = np.full((len(cells), 1), horizon)
    return _purchases(k, cells, parameters, times)[:, 0]


def discounted(
    k: int, cells: Cells, parameters: FloatArray, horizon: float, force: float
) -> FloatArray:
    r"""The same, discounted at a force of interest.

    .. math:: e^{-\delta H} E(H) + \delta \int_0^H e^{-\delta t} E(t)\, dt
    """
    r, alpha, a, b = np.broadcast_to(parameters, (4, len(cells)))
    shape, time = r + k * cells.repeats, alpha + cells.age
    if k == 1:
        coin = (a, b + cells.repeats + 1)
        return geometric.discounted(shape, time, coin, horizon, force)
    times, weights = moments_ahead(horizon, force, time / (shape + 1))
    if np.isfinite(horizon):
        times = np.column_stack([times, np.full(len(cells), horizon)])
        weights = np.column_stack([force * weights, np.full(len(cells), np.exp(-force * horizon))])
    else:
        weights = force * weights
    found: FloatArray = (weights * _purchases(k, cells, parameters, times)).sum(axis=1)
    return found


def newcomer(k: int, parameters: FloatArray, times: FloatArray) -> FloatArray:
    """Expected repeat purchases of a customer within times since the first, shape (n,)."""
    count = len(times)
    first = np.zeros(count)
    cells = Cells(first, first, first, np.ones(count), np.arange(count), np.empty((count, 0)))
    _, _, a, b = np.broadcast_to(parameters, (4, count))
    found: FloatArray = b / (a + b) * _purchases(k, cells, parameters, times[:, None])[:, 0]
    return found


def _purchases(k: int, cells: Cells, parameters: FloatArray, times: FloatArray) -> FloatArray:
    """Expected purchases within each of the times of who is there still, shape of the times."""
    waits = _waits(k, cells, parameters)
    chances = np.exp(waits - logsumexp(waits, axis=0))
    r, alpha, a, b = np.broadcast_to(parameters, (4, len(cells)))
    shape, time = r + k * cells.repeats, alpha + cells.age
    if k == 1:
        flat = [np.repeat(each, times.shape[1]) for each in (shape, time, a, b + cells.repeats + 1)]
        found = geometric.ahead(flat[0], flat[1], (flat[2], flat[3]), times.ravel())
        return found.reshape(times.shape)
    # The last purchase only says how much of a wait is over: cells alike but for it are one.
    alike = together([shape, time, a, b, *times.T])
    first = np.empty(int(alike.max(initial=-1)) + 1, dtype=np.int64)
    first[alike] = np.arange(len(alike))
    share = (times / (time[:, None] + times))[first]
    coins = (a[first], (b + cells.repeats + 1)[first])
    total = np.zeros(times.shape)
    for part in range(k):
        found = _summed(k, part, shape[first] + part, share, coins)
        total += chances[part][:, None] * found[alike]
    return total


def _summed(
    k: int, part: int, shape: FloatArray, share: FloatArray, coins: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Expected purchases when a part of the wait is over: a sum, until nothing more comes of it."""
    a, c = (np.repeat(each, share.shape[1]) for each in coins)
    shape, rest = np.repeat(shape, share.shape[1]), share.ravel()
    total, stays, open_rows = np.zeros(len(rest)), np.ones(len(rest)), np.flatnonzero(rest > 0)
    for number in range(1, _STEPS):
        rows = open_rows
        term = stays[rows] * betainc(number * k - part, shape[rows], rest[rows])
        total[rows] += term
        stays[rows] *= (c[rows] + number - 1) / (a[rows] + c[rows] + number - 1)
        open_rows = rows[term > _NEGLIGIBLE * total[rows]]
        if not len(open_rows):
            break
    if len(open_rows):
        reach = rest[open_rows] / (1 - rest[open_rows])
        open_coins = (a[open_rows], c[open_rows])
        total[open_rows] = _integrated(k, part, shape[open_rows], reach, open_coins)
    return total.reshape(share.shape)


def _integrated(
    k: int, part: int, shape: FloatArray, reach: FloatArray, coins: tuple[FloatArray, FloatArray]
) -> FloatArray:
    r"""The same by an integral over the chance to leave, however many purchases, shape (n,).

    .. math:: E_p\left[\frac{s^{(j + 1) / k - 1}}{k} \sum_{m < k} \omega^{m (j + 1)}
              \frac{1 - (1 + z_m t / \tau)^{-n}}{z_m}\right], \quad s = 1 - p, \quad
              \omega = e^{2 \pi i / k}, \quad z_m = 1 - s^{1 / k} \omega^m

    Every k-th term of the exponential series of parts of waits, each purchase kept with chance s,
    is a mean over the roots of unity.
    """

    def purchases(chance: FloatArray, rows: slice) -> FloatArray:
        kept = np.log1p(-np.minimum(chance, 1 - 1e-15))
        total = np.zeros_like(chance)
        for number in range(k):
            turn = np.exp(2j * np.pi * number / k)
            away = -np.expm1(kept / k) if number == 0 else 1 - np.exp(kept / k) * turn
            gone = -np.expm1(-shape[rows, None] * np.log1p(reach[rows, None] * away))
            total += (turn ** (part + 1) * gone / away).real
        found: FloatArray = total / k * np.exp(kept * ((part + 1) / k - 1))
        return found

    return beta_mean(*coins, (1 + shape) * reach, purchases)
