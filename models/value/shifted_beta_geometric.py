r"""Shifted beta-geometric: contracts that are renewed each period, or not.

A customer leaves at the end of each period with probability :math:`\theta \sim Beta(\alpha,
\beta)`, the same in all of them; retention of those who are left rises all the same, as the
restless leave first. Source: Fader and Hardie 2007, "How to project customer retention", Journal of
Interactive Marketing 21.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaln, digamma

from features.errors import RegularsError
from models.spec import BoolArray, FiguresUnfit, FloatArray, IntArray
from models.value.bg_bb import periods_there
from models.value.fitted import Fitted
from models.value.fitting import maximised
from models.value.surface import Likelihood, On

MODEL: Final = "shifted_beta_geometric"
PARAMETERS: Final = ("alpha", "beta")


class NobodyLeft(RegularsError):
    """Contracts that all go on, or all ended at once, do not say how long others will."""


@dataclass(frozen=True, eq=False)
class Contracts:
    """Contracts counted by their length.

    Attributes
    ----------
    periods
        Shape (n,): periods that were paid for, from 1 on for those that ended; renewals that were
        seen, from 0 on, for those that go on.
    has_ended
        Shape (n,): whether the contract was not renewed after the last of them.
    customers
        Shape (n,): how many.
    covariates, names
        Shape (n, c) and their names.
    """

    periods: FloatArray
    has_ended: BoolArray
    customers: FloatArray
    covariates: FloatArray
    names: tuple[str, ...] = ()


def contracts(
    periods: IntArray,
    has_ended: BoolArray,
    customers: FloatArray | None = None,
    covariates: FloatArray | None = None,
    names: tuple[str, ...] = (),
) -> Contracts:
    """Contracts, those alike together.

    Parameters
    ----------
    periods, has_ended
        Shape (m,): see `Contracts`.
    customers
        Shape (m,): how many each row stands for; None: one.
    covariates, names
        Shape (m, c) and their names.

    Raises
    ------
    FiguresUnfit
        When numbers of rows differ, a contract ended that was never paid for, or a row stands for
        no number of customers.
    """
    weight = np.ones(len(periods)) if customers is None else customers
    held = np.empty((len(periods), 0)) if covariates is None else covariates
    if not len(periods) == len(has_ended) == len(weight) == len(held):
        raise FiguresUnfit(
            "periods, has_ended, customers and covariates need a row per contract each, but have "
            f"{len(periods):,}, {len(has_ended):,}, {len(weight):,} and {len(held):,}"
        )
    wrong = (periods < 0) | (has_ended & (periods < 1)) | (periods != np.floor(periods))
    if wrong.any():
        raise FiguresUnfit(
            "periods are whole numbers from 0 on, and from 1 on of contracts that ended, but "
            f"{int(wrong.sum()):,} of {len(periods):,} are not; count the periods paid for"
        )
    odd = ~(np.isfinite(weight) & (weight >= 0))
    if odd.any():
        raise FiguresUnfit(
            "contracts need a number of customers from 0 on in every row, but "
            f"{int(odd.sum()):,} of {len(weight):,} are negative or not finite; count them"
        )
    rows = np.column_stack([periods, has_ended, held])
    found, of = np.unique(rows, axis=0, return_inverse=True)
    counts = np.bincount(of.ravel(), weight, minlength=len(found)).astype(np.float64)
    return Contracts(found[:, 0], found[:, 1] > 0, counts, found[:, 2:], names)


def score(found: Contracts, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Log-likelihood of each row, shape (n,), and its derivatives, shape (2, n).

    .. math:: P(T = t) = \frac{B(\alpha + 1, \beta + t - 1)}{B(\alpha, \beta)}, \quad
              S(t) = \frac{B(\alpha, \beta + t)}{B(\alpha, \beta)}

    Fader and Hardie 2007, equations 5 and 6. Derivatives are with respect to the logarithms.

    Parameters
    ----------
    parameters
        α, β: shape (2, 1) or (2, n).
    """
    alpha, beta = parameters
    lost = found.has_ended.astype(np.float64)
    kept = found.periods - lost
    value = betaln(alpha + lost, beta + kept) - betaln(alpha, beta)
    apart = digamma(alpha + beta) - digamma(alpha + beta + lost + kept)
    of_alpha = digamma(alpha + lost) - digamma(alpha) + apart
    of_beta = digamma(beta + kept) - digamma(beta) + apart
    return value, np.array((alpha * of_alpha, beta * of_beta))


def fit(found: Contracts, on: On | None = None) -> Fitted:
    """The model of greatest likelihood.

    Raises
    ------
    NobodyLeft
        When no contract ended, or none was renewed.
    NotConverged
        See `models.value.fitting.maximised`.
    """
    ended = float(found.customers[found.has_ended].sum())
    kept = float((found.customers * (found.periods - found.has_ended)).sum())
    if not ended or not kept:
        raise NobodyLeft(
            "renewals are learnt from contracts of which some ended and some were renewed, but "
            f"{ended:,.0f} ended and {kept:,.0f} renewals were seen; use contracts of more periods"
        )
    likelihood = Likelihood(
        MODEL,
        PARAMETERS,
        lambda parameters: score(found, parameters),
        np.array([1.0, max(kept / ended, 0.1)]),
        found.customers,
        found.covariates,
        found.names,
        on or {},
    )
    return maximised(likelihood)


def survival(parameters: FloatArray, periods: FloatArray) -> FloatArray:
    """Chance that a contract outlasts so many periods, 0..1, shape (n,)."""
    alpha, beta = parameters
    return np.asarray(np.exp(betaln(alpha, beta + periods) - betaln(alpha, beta)))


def retention(parameters: FloatArray, periods: FloatArray) -> FloatArray:
    r"""Chance to be renewed after the period of this number, if there until then, shape (n,).

    .. math:: r_t = \frac{\beta + t - 1}{\alpha + \beta + t - 1}

    It rises with the age of a contract: Fader and Hardie 2007, equation 8.
    """
    alpha, beta = parameters
    return np.asarray((beta + periods - 1) / (alpha + beta + periods - 1))


def discounted_renewals(
    parameters: FloatArray, renewals: FloatArray, horizon: float, force: float
) -> FloatArray:
    r"""Expected payments to come of contracts with so many renewals, discounted, shape (n,).

    .. math:: E_\theta\left[\sum_{j = 1}^{H} \left((1 - \theta) e^{-\delta}\right)^j\right], \quad
              \theta \sim Beta(\alpha, \beta + n)

    The first payment is the next renewal, one period away and not sure. Fader and Hardie 2010,
    "Customer-base valuation in a contractual setting: the perils of ignoring heterogeneity",
    Marketing Science 29, take the customer just before it and count it undiscounted: theirs with an
    infinite horizon is this times :math:`e^{\delta}`.

    Parameters
    ----------
    parameters
        α, β: shape (2, 1) or (2, n).
    renewals
        Shape (n,): n, renewals so far.
    horizon
        H: periods ahead, also infinite where the force is above 0.
    force
        Of interest for a period.
    """
    alpha, beta = np.broadcast_to(parameters, (2, len(renewals)))
    return periods_there(alpha, beta + renewals, horizon, force)
