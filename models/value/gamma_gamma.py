r"""Gamma-Gamma: what customers spend per purchase, from what they spent on average so far.

Amounts of a customer are Gamma distributed with shape p and a rate of the customer's own,
:math:`\nu \sim Gamma(q, \gamma)`, and do not depend on how often the customer buys. Source: Fader
and Hardie 2013, "The Gamma-Gamma model of monetary value".
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma, gammaln

from features.errors import RegularsError
from models.metrics import Z_95, Estimate
from models.spec import FiguresUnfit, FloatArray
from models.value.fitted import Fitted
from models.value.fitting import maximised
from models.value.surface import Likelihood, On

MODEL: Final = "gamma_gamma"
PARAMETERS: Final = ("p", "q", "gamma")

_FEWEST: Final = 10
_SURE: Final = 1 - 1e-12  # a correlation of 1 has no logarithm of odds


class SpendUnknown(RegularsError):
    """No mean spend can be told of customers."""


@dataclass(frozen=True, eq=False)
class Spending:
    """What customers spent on average, and how often.

    Attributes
    ----------
    repeats
        Shape (n,), above 0: purchases that the mean is of.
    mean
        Shape (n,), above 0.
    covariates, names
        Shape (n, c) and their names.
    left_out
        Customers without a repeat purchase, or with a mean of 0 or less: no Gamma distribution has
        one.
    """

    repeats: FloatArray
    mean: FloatArray
    covariates: FloatArray
    names: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def correlation(self) -> Estimate:
        """Pearson's correlation of purchases and mean spend, with its 95 % interval.

        By the jackknife in Fisher's transformation (Efron and Stein 1981, "The jackknife estimate
        of variance"). Fisher's own variance is that of normal figures, and far too small where the
        few who buy most spend unlike the others. The model takes the correlation for 0. Fader and
        Hardie call a weak one harmless.
        """
        count = len(self.mean)
        if count <= 3 or not np.ptp(self.mean) or not np.ptp(self.repeats):  # noqa: PLR2004
            return Estimate(np.nan, np.nan, np.nan)
        first, second = ((each - each.mean()) / each.std() for each in (self.repeats, self.mean))
        value = float(np.clip((first * second).mean(), -_SURE, _SURE))
        rest = count - 1
        spread = [(count - each**2) / rest - (each / rest) ** 2 for each in (first, second)]
        shared = (count * value - first * second) / rest - first * second / rest**2
        both = np.sqrt(np.maximum(spread[0] * spread[1], 0.0))
        without = np.divide(shared, both, out=np.full(count, value), where=both > 0)
        moved = np.arctanh(np.clip(without, -_SURE, _SURE))
        middle, half = np.arctanh(value), Z_95 * np.sqrt(rest * moved.var())
        return Estimate(value, float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def spending(
    repeats: FloatArray,
    mean: FloatArray,
    covariates: FloatArray | None = None,
    names: tuple[str, ...] = (),
) -> Spending:
    """Those whose mean spend can be learnt from, and how many cannot.

    Parameters
    ----------
    repeats, mean
        Shape (n,): repeat purchases, and their mean spend; NaN without one.
    covariates, names
        Shape (n, c) and their names.

    Raises
    ------
    FiguresUnfit
        When numbers of rows differ.
    """
    held = np.empty((len(mean), 0)) if covariates is None else covariates
    if not len(repeats) == len(mean) == len(held):
        raise FiguresUnfit(
            f"repeats, mean spend and covariates need a row per customer each, but have "
            f"{len(repeats):,}, {len(mean):,} and {len(held):,}; give the columns of one table"
        )
    kept = (repeats > 0) & np.isfinite(mean) & (np.nan_to_num(mean) > 0)
    return Spending(repeats[kept], mean[kept], held[kept], names, int(len(mean) - kept.sum()))


def score(found: Spending, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Log-likelihood of each customer, shape (n,), and its derivatives, shape (3, n).

    .. math:: L = \frac{\Gamma(p x + q)}{\Gamma(p x) \Gamma(q)}
              \frac{\gamma^q m^{p x - 1} x^{p x}}{(\gamma + m x)^{p x + q}}

    Fader and Hardie 2013. Derivatives are with respect to the logarithms.

    Parameters
    ----------
    parameters
        p, q, γ: shape (3, 1) or (3, n).
    """
    p, q, gamma = parameters
    x, total = found.repeats, found.repeats * found.mean
    shape = p * x
    whole, both = gamma + total, shape + q
    value = gammaln(both) - gammaln(shape) - gammaln(q) + q * np.log(gamma / whole)
    value = value + shape * np.log(total / whole) - np.log(found.mean)
    risen = digamma(both)
    of_shape = risen - digamma(shape) + np.log(total / whole)
    of_q = risen - digamma(q) + np.log(gamma / whole)
    of_gamma = q / gamma - both / whole
    return value, np.array((shape * of_shape, q * of_q, gamma * of_gamma))


def fit(found: Spending, on: On | None = None) -> Fitted:
    """The model of greatest likelihood.

    Parameters
    ----------
    found
        What customers spent.
    on
        By parameter: covariates. Those of ``gamma`` multiply the mean spend.

    Raises
    ------
    SpendUnknown
        When fewer than ten customers bought again, or all spent the same.
    NotConverged
        See `models.value.fitting.maximised`.
    """
    if len(found.mean) < _FEWEST or not np.ptp(found.mean) > 0:
        raise SpendUnknown(
            f"the spend of a purchase is learnt from {_FEWEST} customers or more who bought again "
            f"and spent different amounts, but there are {len(found.mean):,} with "
            f"{len(np.unique(found.mean)):,} amounts ({found.left_out:,} never bought again, or "
            "for nothing); use purchases of a longer time"
        )
    usual = float(np.median(found.mean))
    start = np.array([3.0, 3.0, usual * 2 / 3])
    likelihood = Likelihood(
        MODEL,
        PARAMETERS,
        lambda parameters: score(found, parameters),
        start,
        np.ones(len(found.mean)),
        found.covariates,
        found.names,
        on or {},
    )
    return maximised(likelihood)


def expected_spend(parameters: FloatArray, repeats: FloatArray, mean: FloatArray) -> FloatArray:
    r"""Expected spend of a purchase of each customer to come, shape (n,), in the unit of the mean.

    .. math:: E[Z \mid x, m] = \frac{p (\gamma + x m)}{p x + q - 1}

    Between what the customer spent and what all do: Fader and Hardie 2013, equation 5. Of who never
    bought again it is the mean of all, and infinite where q <= 1: amounts then vary so much between
    customers that they have no mean.

    Parameters
    ----------
    parameters
        p, q, γ: shape (3, 1) or (3, n).
    repeats, mean
        Shape (n,): repeat purchases, and their mean spend; without one, or where the mean
        is not above 0, it does not count.
    """
    p, q, gamma = parameters
    has_own = (repeats > 0) & np.isfinite(mean) & (np.nan_to_num(mean) > 0)
    x = np.where(has_own, repeats, 0.0)
    below = p * x + q - 1
    spent = x * np.where(has_own, mean, 0.0)
    found = np.full(np.broadcast_shapes(below.shape, spent.shape), np.inf)
    spend: FloatArray = np.divide(p * (gamma + spent), below, out=found, where=below > 0)
    return spend


def mean_spend(fitted: Fitted) -> float:
    """Expected spend of a purchase of a customer of whom nothing is known; infinite for q <= 1."""
    none = np.zeros(1)
    parameters = np.exp(fitted.estimates[:3, None])
    return float(expected_spend(parameters, none, none)[0])
