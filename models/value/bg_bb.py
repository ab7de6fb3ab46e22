r"""BG/BB: customers buy on some of their occasions until they leave, at the start of a period.

For buying that has its occasions: a season, an event, a yearly gift. A customer buys in a period
with probability :math:`p \sim Beta(\alpha, \beta)`, and leaves before it with probability
:math:`\theta \sim Beta(\gamma, \delta)`. Source: Fader, Hardie and Shang 2010, "Customer-base
analysis in a discrete-time noncontractual setting", Marketing Science 29. Cells hold whole numbers
of periods: see `models.value.summary.opportunities`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.special import betaln, digamma

from models.spec import FiguresUnfit, FloatArray, IntArray
from models.value.cells import Cells
from models.value.quadrature import beta_mean

PARAMETERS: Final = ("alpha", "beta", "gamma", "delta")

_ROOM: Final = 1 << 20
"""Terms of cells that are worked out at a time, about."""


def score(cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Log-likelihood of each cell, shape (n,), and its derivatives, shape (4, n).

    .. math:: L = \frac{B(\alpha + x, \beta + n - x)}{B(\alpha, \beta)}
              \frac{B(\gamma, \delta + n)}{B(\gamma, \delta)} + \sum_{i = 0}^{n - t_x - 1}
              \frac{B(\alpha + x, \beta + t_x - x + i)}{B(\alpha, \beta)}
              \frac{B(\gamma + 1, \delta + t_x + i)}{B(\gamma, \delta)}

    Fader, Hardie and Shang 2010. Derivatives are with respect to the logarithms of the
    parameters.

    Parameters
    ----------
    cells
        Customers; repeats, last_at and age are whole numbers of periods.
    parameters
        α, β, γ, δ: shape (4, 1) or (4, n).

    Raises
    ------
    FiguresUnfit
        When times are no whole periods, or there are more purchases than periods.
    """
    _require_periods(cells)
    both, slopes = np.empty(len(cells)), np.empty((len(PARAMETERS), len(cells)))
    for rows, some, of_some in _parts(cells, parameters):
        both[rows], slopes[:, rows] = _score(some, of_some)
    return both, slopes


def _score(cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    alpha, beta, gamma, delta = parameters
    terms, until, is_last = _terms(cells, parameters)
    both = np.logaddexp.reduce(terms, axis=0)
    share = np.exp(terms - both)
    x = cells.repeats
    buys = digamma(alpha + x) - digamma(alpha)
    whole = digamma(alpha + beta) - (share * digamma(alpha + beta + until)).sum(axis=0)
    misses = (share * digamma(beta + until - x)).sum(axis=0) - digamma(beta)
    leaves = np.where(is_last, gamma, gamma + 1.0)
    left = (share * digamma(leaves)).sum(axis=0) - digamma(gamma)
    gone = digamma(gamma + delta) - (share * digamma(leaves + delta + until)).sum(axis=0)
    stays = (share * digamma(delta + until)).sum(axis=0) - digamma(delta)
    slopes = (
        alpha * (buys + whole),
        beta * (misses + whole),
        gamma * (left + gone),
        delta * (stays + gone),
    )
    return both, np.array(slopes)


def _parts(cells: Cells, parameters: FloatArray) -> Iterator[tuple[IntArray, Cells, FloatArray]]:
    """Cells with about as many terms each, so few at a time that all their terms have room.

    The row of each cell, the cells, and their parameters.
    """
    terms = cells.age - cells.last_at + 1
    order = np.argsort(terms, kind="stable")
    begin = 0
    while begin < len(order):
        # Terms rise along the order, so that the last of a part says how many each is given.
        ends = np.arange(begin + 1, len(order) + 1)
        fits = int(np.searchsorted((ends - begin) * terms[order[begin:]], _ROOM, side="right"))
        rows = order[begin : begin + max(fits, 1)]
        some = replace(
            cells,
            repeats=cells.repeats[rows],
            last_at=cells.last_at[rows],
            age=cells.age[rows],
            customers=cells.customers[rows],
            covariates=cells.covariates[rows],
        )
        yield rows, some, parameters[:, rows] if parameters.shape[1] > 1 else parameters
        begin += len(rows)


def _terms(cells: Cells, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Logarithms of the terms by how long a customer was there, from ``last_at`` to ``age``.

    All of shape (terms, n): the logarithm, -inf beyond ``age``; periods there; whether it is all of
    them, so that the customer may be there still.
    """
    alpha, beta, gamma, delta = parameters
    x, longest = cells.repeats, int((cells.age - cells.last_at).max(initial=0))
    until = cells.last_at + np.arange(longest + 1)[:, None]
    is_there = until <= cells.age
    until = np.minimum(until, cells.age)
    is_last = is_there & (until == cells.age)
    bought = betaln(alpha + x, beta + until - x) - betaln(alpha, beta)
    stayed = betaln(np.where(is_last, gamma, gamma + 1.0), delta + until) - betaln(gamma, delta)
    return np.where(is_there, bought + stayed, -np.inf), until, is_last


def _require_periods(cells: Cells) -> None:
    """Refuse times that are no whole periods, and more than one purchase in a period."""
    parts = (cells.last_at % 1 > 0) | (cells.age % 1 > 0)
    wrong = parts | (cells.repeats > cells.last_at)
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise FiguresUnfit(
            "BG/BB needs whole periods, bought in once at most, but those of "
            f"{cells.customers[wrong].sum():,.0f} of {cells.total:,.0f} customers are not so, the "
            f"first with repeats={cells.repeats[where]:g}, last_at={cells.last_at[where]:g}, "
            f"age={cells.age[where]:g}; count periods with models.value.summary.opportunities"
        )


def alive(cells: Cells, parameters: FloatArray) -> FloatArray:
    """Chance of each cell to have been there in its last period, 0..1, shape (n,).

    Fader, Hardie and Shang 2010. Whether a customer leaves before the next period is counted in the
    purchases ahead.
    """
    _require_periods(cells)
    found = np.empty(len(cells))
    for rows, some, of_some in _parts(cells, parameters):
        terms, _, is_last = _terms(some, of_some)
        stayed = np.max(np.where(is_last, terms, -np.inf), axis=0)
        found[rows] = np.exp(stayed - np.logaddexp.reduce(terms, axis=0))
    return found


def ahead(cells: Cells, parameters: FloatArray, horizon: float) -> FloatArray:
    """Expected purchases within so many periods of who was there in the last one, shape (n,).

    Fader, Hardie and Shang 2010: the integral that their formula stands for.
    """
    return discounted(cells, parameters, horizon, 0.0)


def discounted(cells: Cells, parameters: FloatArray, horizon: float, force: float) -> FloatArray:
    r"""The same, discounted at a force of interest: the purchase of the first period by one period.

    .. math:: \frac{\alpha + x}{\alpha + \beta + n} E_\theta\left[\sum_{j = 1}^{H}
              \left((1 - \theta) e^{-\delta}\right)^j\right], \quad
              \theta \sim Beta(\gamma, \delta + n)

    With an infinite horizon it is equation 14 of Fader, Hardie and Shang 2010.
    """
    alpha, beta, gamma, delta = np.broadcast_to(parameters, (4, len(cells)))
    rate = (alpha + cells.repeats) / (alpha + beta + cells.age)
    found: FloatArray = rate * periods_there(gamma, delta + cells.age, horizon, force)
    return found


def newcomer(parameters: FloatArray, times: FloatArray) -> FloatArray:
    """Expected purchases within so many periods after the first purchase, shape (n,).

    Fader, Hardie and Shang 2010.
    """
    alpha, beta, gamma, delta = np.broadcast_to(parameters, (4, len(times)))
    there = np.empty(len(times))
    for horizon in np.unique(times):
        rows = times == horizon
        there[rows] = periods_there(gamma[rows], delta[rows], float(horizon), 0.0)
    found: FloatArray = alpha / (alpha + beta) * there
    return found


def periods_there(
    first: FloatArray, second: FloatArray, horizon: float, force: float
) -> FloatArray:
    """Expected discounted periods of H that a customer is there, shape (n,).

    Parameters
    ----------
    first, second
        Shape (n,): of the Beta distribution of the chance to leave before a period.
    horizon
        H, whole, also infinite where the force is above 0.
    force
        Of interest for a period.

    Raises
    ------
    FiguresUnfit
        When the horizon is infinite and the force 0.
    """
    if not np.isfinite(horizon) and not force > 0:
        raise FiguresUnfit(
            "periods of all time are worth something only with interest; give a force above 0, or "
            "a finite horizon"
        )

    def periods(chance: FloatArray, _rows: slice) -> FloatArray:
        with np.errstate(divide="ignore"):
            kept = np.log1p(-np.minimum(chance, 1 - 1e-16)) - force
        if not np.isfinite(horizon):
            found: FloatArray = -np.exp(kept) / np.expm1(kept)
        else:
            found = np.exp(kept) * np.expm1(horizon * kept) / np.expm1(kept)
        return found

    reach = min(horizon, 1 / force if force > 0 else np.inf)
    return beta_mean(first, second, np.full(len(first), 1 + reach), periods)
